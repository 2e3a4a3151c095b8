#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The hook killed before each of its system calls, and each of them failing:
# what can be seen in the spool is whole, and the push never notices.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/hook-lib.sh"
need strace
# The leak check cannot run under strace; the rest of the sanitizer can.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
# The sanitizer ends a program whose memory calls fail; the plain build is where ours are tested.
UNTESTED='umask|alarm|getpid|geteuid|exit|munmap|brk'
if grep -q __asan_init "$XSABOT_HOOK"; then
  UNTESTED+='|mmap'
  note 'built with the address sanitizer: mmap is not made to fail'
fi
strace -o trace true 2>err || skip_all "strace does not work here: $(head -n 1 err)"

# traced [option of strace]...: the hook, its own exit status in RC (137: killed).
traced() {
  RC=0
  : >trace
  # strace ends as its child does; the time limit is outside of it, or the fault would hit `timeout`.
  (cd gd && exec timeout 30 strace -qq -o ../trace "$@" "$XSABOT_HOOK" <../in >../hook.out 2>../hook.err) \
    2>/dev/null || RC=$?
}

# The calls of the hook itself, "name n": the n-th call of that name. Those of the loader come before umask.
list_points() {
  awk '/^umask\(/ { own = 1 }
    match($0, /^[a-z0-9_]+\(/) {
      name = substr($0, 1, RLENGTH - 1); n[name]++
      if (own && name != "exit_group") print name, n[name] }' trace
}

# whole: each visible event is complete.
whole() {
  local event
  for event in "$SPOOL"/new/*; do
    [ ! -e "$event" ] || same "$EVENT" "$(<"$event")"
  done
}

# undisturbed: lists the points for the input `in`.
undisturbed() {
  fresh
  traced
  same 0 "$RC"
  queued
  list_points >points
  [ "$(wc -l <points)" -ge 25 ]
}

# has FILE TEXT
has() { [[ $(<"$1") == *"$2"* ]]; }
injected() { has trace "$1" || { echo "nothing injected at $name $n"; return 1; }; }

kill_everywhere() {
  local name n seen=0 lost=0
  undisturbed
  while read -r name n; do
    fresh
    traced -e trace="$name" -e inject="$name:signal=KILL:when=$n"
    same 137 "$RC"
    injected 'killed by SIGKILL'
    whole
    # Only between the two can there be a temporary file; never more than one.
    [ "$(count_files "$SPOOL/tmp")" -le 1 ]
    if [ "$(count_files "$SPOOL/new")" = 1 ]; then seen=$((seen + 1)); else lost=$((lost + 1)); fi
  done <points
  echo "$seen $lost" >counts
  [ $seen -ge 3 ] && [ $lost -ge 15 ] # it died on both sides of the rename
}

# fail_everywhere ERROR [+]: with +, each later call of that name fails too.
fail_everywhere() {
  local name n said=0 done=0
  undisturbed
  while read -r name n; do
    # What cannot fail, and the end of a process: nothing to see there.
    [[ ! $name =~ ^($UNTESTED)$ ]] || continue
    fresh
    traced -e trace="$name" -e inject="$name:error=$1:when=$n${2-}"
    same "0 $name $n" "$RC $name $n"
    injected INJECTED
    whole
    if [ -s hook.err ]; then
      same 'xsabot: event not queued; the next scan will find it' "$(<hook.err)"
      said=$((said + 1))
    elif ! { [ "$name" = write ] && has trace 'write(2'; }; then
      same "1 $name $n" "$(count_files "$SPOOL/new") $name $n"
      done=$((done + 1))
    fi
    # A file that could not be removed either is for the bot to sweep.
    [ "$(count_files "$SPOOL/tmp")" -le 1 ]
  done <points
  echo "$said $done" >counts
  [ $said -ge 5 ] && [ $done -ge 5 ] # the faults mattered, and did not always
}

for shape in 'one ref' 'garbage' 'many refs'; do
  case $shape in
  'one ref') echo "$A $B refs/heads/staging-4.17" >in ;;
  garbage) printf '%s\n' garbage "$A $B refs/heads/x" '' >in ;;
  'many refs') seq -f "$A $B refs/heads/branch-with-a-longer-name-%g" 3000 >in ;;
  esac
  test_expect "$shape: killed before every system call, no partial event" 'kill_everywhere'
  test_expect "$shape: ENOSPC at every system call" 'fail_everywhere ENOSPC'
  test_expect "$shape: EIO at every system call" 'fail_everywhere EIO'
done
echo "$A $B refs/heads/staging-4.17" >in
test_expect 'ENOSPC from every system call on' 'fail_everywhere ENOSPC +'
test_expect 'EIO from every system call on' 'fail_everywhere EIO +'
test_expect 'EMFILE at every system call' 'fail_everywhere EMFILE'
test_expect 'EINTR at every system call' 'fail_everywhere EINTR'

test_expect 'one file and one directory are fsynced, the file before its rename, the directory after' '
  fresh
  traced -e trace=fsync,fdatasync,rename,renameat,renameat2
  same "fsync renameat fsync" "$(sed -n "s/(.*//p" trace | tr "\n" " " | sed "s/ *$//")"
'

done_testing
