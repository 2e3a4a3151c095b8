#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A run killed at its system calls: the next one brings everything to where an
# undisturbed run would have, and leaves nothing behind.
. "$(dirname "$0")/lib.sh"
. "$T_DIR/line-lib.sh"
need strace
# The leak check cannot run under strace; the rest of the sanitizer can.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
strace -o trace true 2>err || skip_all "strace does not work here: $(head -n 1 err)"

# One line that was published, got a new release and a fix since; one that is new; an event that waits.
make_line xen.git xen 4.17
make_advisory xen 1
push xen staging-4.17
printf '[repository]\npath = %s/xen.git\n' "$PWD" >xsabot.conf
xsabot -c xsabot.conf run >/dev/null
xsabot -c xsabot.conf install-hook xen.git >/dev/null
git -C xen tag RELEASE-4.17.1
make_advisory xen 2
push xen staging-4.17 RELEASE-4.17.1
make_line xen.git xen 4.18
make_advisory xen 3
push xen staging-4.18
git -C xen.git pack-refs --all
mkdir tpl
mv xen.git xen.git.xsabot tpl
fresh() { rm -rf xen.git xen.git.xsabot; cp -a tpl/* .; }
refs() { git -C xen.git for-each-ref; }
run() { xsabot -c xsabot.conf run >out 2>&1; }

# traced [option of strace]...: a run under strace; its end as the shell has it in RC.
traced() {
  RC=0
  (exec timeout 60 strace -f -qq -o trace "$@" "$XSABOT" -c xsabot.conf run >killed.out 2>&1) 2>/dev/null || RC=$?
}

# leftovers: files that only a run under way may have.
leftovers() {
  find xen.git xen.git.xsabot \( -name '*.lock' -o -name '*.keep' -o -name 'tmp_*' -o -path '*/spool/tmp/*' \
    -o -path '*/spool/cur/*' -o -path '*/spool/new/*' \) -type f
}

# whole_locks: those of refs with all of a value in them.
whole_locks() { find xen.git/refs -name '*.lock' -size 41c; }

# half_way: after the kill, before any other run, each ref is what it was or what it shall be.
half_way() { refs | sort | comm -23 - <(sort before.refs want.refs | uniq); }

# recovered: the next run does it all; a lock that the killed one left half-written is given up only once
# it is old.
recovered() {
  local rc=0
  whole_locks >whole
  run || rc=$?
  if [ $rc = 75 ]; then
    same "" "$(cat whole)"
    grep -q 'one of them is still locked' out
    find xen.git -name '*.lock' -exec touch -d '1 hour ago' {} +
    rc=0
    run || rc=$?
  fi
  [ $rc = 0 ] || { cat out; return 1; }
  cmp want.refs <(refs)
  same '' "$(leftovers)"
  same '' "$(git -C xen.git fsck --no-progress --no-dangling 2>&1 | grep -v '^notice: HEAD')"
}

fresh
refs >before.refs
traced -e trace=all -c -U calls,name
mv trace counts
refs >want.refs
test_expect 'undisturbed: both lines are published, nothing is left' '
  same "4.17 4.18" "$(git -C xen.git for-each-ref --format="%(refname:strip=3)" refs/xsabot/state | xargs)"
  same 2 "$(git -C xen.git rev-list --no-merges --count RELEASE-4.17.1..xsa-4.17^1 RELEASE-4.18.0..xsa-4.18)"
  same "" "$(leftovers)"
'

# points NAME: which of its calls are tried, about POINTS of them, other ones each time; all of those that move
# refs and files.
POINTS=${KILL_POINTS:-7}
points() {
  local most=$POINTS
  case $1 in link | rename) most=1000 ;; esac
  local n step
  n=$(awk -v c="$1" '$2 == c { print $1 }' counts)
  step=$((${n:-0} / most + 1))
  seq $((1 + RANDOM % step)) $step "${n:-0}"
}

TITLE='killed at its %s: the next run ends as an undisturbed one'
for call in openat write fsync rename link unlink mkdir close newfstatat read getdents64 ftruncate chmod fchmod flock mmap exit_group; do
  [ -n "$(points $call)" ] || continue
  # shellcheck disable=SC2059
  test_expect "$(printf "$TITLE" $call)" '
    for n in $(points $call); do
      echo "call $n"
      echo 1 >>count
      fresh
      traced -e trace=$call -e inject=$call:signal=KILL:when=$n
      same 137 $RC
      grep -q "killed by SIGKILL" trace
      same "" "$(half_way)"
      recovered
    done
  '
done
note "$(awk '{ n += $1 } END { print n + 0 }' count) points"

test_expect 'killed right before it moves a ref: the lock that it leaves is given up at once' '
  for ref in refs/heads/xsa-4.17 refs/heads/xsa-4.18 refs/xsabot/state/4.17 refs/xsabot/state/4.18; do
    echo "$ref"
    fresh
    traced -e trace=rename,link -e inject=rename,link:signal=KILL:when=1 -P "$PWD/xen.git/$ref.lock"
    same 137 $RC
    same "xen.git/$ref.lock" "$(whole_locks)"
    run
    cmp want.refs <(refs)
    same "" "$(leftovers)"
  done
'
test_expect 'killed twice in a row, the second time while it recovers' '
  for n in 1 3 5 7; do
    fresh
    traced -e trace=rename -e inject=rename:signal=KILL:when=$n
    traced -e trace=unlink -e inject=unlink:signal=KILL:when=$n
    recovered
  done
'
test_expect 'writes that fail: no false success, and the next run succeeds' '
  for call in write fsync rename link; do
    for n in $(points $call | head -n 4); do
      echo "$call $n"
      fresh
      traced -e trace=$call -e inject=$call:error=ENOSPC:when=$n+
      [ $RC = 0 ] && cmp want.refs <(refs) || { [ $RC = 75 ] || [ $RC = 70 ]; }
      recovered
    done
  done
'
done_testing
