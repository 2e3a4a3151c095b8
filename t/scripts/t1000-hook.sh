#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The hook alone: what it writes, and that nothing makes it fail.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/hook-lib.sh"

test_expect 'a push becomes one event, whatever was pushed' '
  fresh
  echo "$A $B refs/heads/staging-4.17" | run_hook
  quiet
  queued
'
for what in 'no input at all' 'garbage' 'an escape in a ref' 'a last line without LF' '100,001 lines'; do
  test_expect "... $what" '
    fresh
    case $what in
      no*) : ;;
      garb*) head -c 300000 /dev/urandom ;;
      an*) printf "%s %s refs/heads/\033[31m\n" "$A" "$B" ;;
      a*) printf "%s %s refs/heads/x" "$A" "$B" ;;
      *) seq -f "$A $B refs/heads/%g" 100001 ;;
    esac | run_hook
    quiet
    queued
  '
done

test_expect 'an event can be read by its group and by nobody else' '
  fresh
  echo "$A $B refs/heads/x" | run_hook
  same 640 "$(stat -c %a "$(one_event)")"
'

test_expect 'events of two pushes stand side by side' '
  fresh
  echo "$A $B refs/heads/x" | run_hook
  echo "$B $A refs/heads/x" | run_hook
  same 2 "$(count_files "$SPOOL/new")"
'

test_expect 'closed standard descriptors are no trouble' '
  fresh
  (cd gd && exec "$XSABOT_HOOK" <&- >&- 2>&-)
  queued
'

# ---- where the spool is ----

test_expect 'XSABOT_SPOOL comes first' '
  fresh
  new_spool other
  ln -s nowhere gd/xsabot-spool
  echo "$A $B refs/heads/x" | XSABOT_SPOOL=$PWD/other run_hook
  quiet
  same 1 "$(count_files other/new)"
  same 0 "$(count_files "$SPOOL/new")"
'

test_expect 'then the link xsabot-spool in the git directory' '
  fresh
  new_spool linked
  ln -s ../linked gd/xsabot-spool
  echo "$A $B refs/heads/x" | run_hook
  quiet
  same 1 "$(count_files linked/new)"
  same 0 "$(count_files "$SPOOL/new")"
'

test_expect 'or a directory of that name' '
  fresh
  new_spool gd/xsabot-spool
  echo "$A $B refs/heads/x" | run_hook
  quiet
  same 1 "$(count_files gd/xsabot-spool/new)"
'

test_expect 'the default goes by the real path of the git directory' '
  fresh
  ln -s gd alias
  echo "$A $B refs/heads/x" | (GD=$PWD/alias && run_hook)
  quiet
  queued
'

test_expect 'a dangling xsabot-spool is no reason to write elsewhere' '
  fresh
  ln -s nowhere gd/xsabot-spool
  echo "$A $B refs/heads/x" | run_hook
  not_queued
  same 0 "$(count_files "$SPOOL/new")"
'

# ---- a spool that cannot take it ----

test_expect 'no spool: one line, no failure' '
  fresh
  rm -r gd.xsabot
  echo "$A $B refs/heads/x" | run_hook
  not_queued
'

for sub in tmp new; do
  test_expect "no $sub/ in the spool: one line, no failure" '
    fresh
    rmdir "$SPOOL/$sub"
    echo "$A $B refs/heads/x" | run_hook
    not_queued
  '
  test_expect "$sub/ is a link: not followed" '
    fresh
    mkdir elsewhere-$sub
    rmdir "$SPOOL/$sub"
    ln -s "$PWD/elsewhere-$sub" "$SPOOL/$sub"
    echo "$A $B refs/heads/x" | run_hook
    not_queued
    same 0 "$(count_files elsewhere-$sub)"
  '
done

test_expect 'the spool is a file' '
  fresh
  rm -r "$SPOOL"
  echo >"$SPOOL"
  echo "$A $B refs/heads/x" | run_hook
  not_queued
'

if [ "$(id -u)" != 0 ]; then
  test_expect 'a read-only spool: one line, no failure' '
    fresh
    chmod 550 "$SPOOL/tmp" "$SPOOL/new"
    echo "$A $B refs/heads/x" | run_hook
    not_queued
    same 0 "$(count_files "$SPOOL/new")"
  '
  skip 'a spool of another user' 'needs root'
  skip 'a full disk' 'needs root'
  skip 'a read-only file system' 'needs root'
else
  test_expect 'a read-only spool: one line, no failure' '
    fresh
    chmod 755 "$SANDBOX" && chmod -R a+rX .
    chmod 555 "$SPOOL" "$SPOOL/tmp" "$SPOOL/new"
    cp "$XSABOT_HOOK" hook-copy && chmod 755 hook-copy
    echo "$A $B refs/heads/x" | (cd gd && exec setpriv --reuid 65534 --regid 65534 --clear-groups ../hook-copy) \
      >hook.out 2>&1
    not_queued
    same 0 "$(count_files "$SPOOL/new")"
  '
  test_expect 'a member of the group can write, and the event is of the group' '
    fresh
    chmod 755 "$SANDBOX" && chmod a+rX . gd gd.xsabot
    chgrp -R 65533 "$SPOOL" && chmod 2770 "$SPOOL" "$SPOOL"/*
    cp "$XSABOT_HOOK" hook-copy && chmod 755 hook-copy
    echo "$A $B refs/heads/x" | (cd gd && exec setpriv --reuid 65534 --regid 65534 --groups 65533 ../hook-copy) \
      >hook.out 2>&1
    quiet
    same "65534:65533 640" "$(stat -c "%u:%g %a" "$(one_event)")"
  '

  # In a mount namespace of its own, so that nothing is left mounted whatever happens.
  full_disk() {
    echo "$A $B refs/heads/x" >line
    unshare -m sh -c '
      mount -t tmpfs -o size=64k,nr_inodes=64 none gd.xsabot && mkdir -p gd.xsabot/spool/tmp gd.xsabot/spool/new &&
      { head -c 1000000 /dev/zero >gd.xsabot/fill || :; } 2>/dev/null &&
      (cd gd && "$XSABOT_HOOK" <../line >../hook.out 2>&1; echo $? >../rc) &&
      find gd.xsabot/spool -type f >left
    '
  }
  if unshare -m mount -t tmpfs none /mnt 2>/dev/null; then
    test_expect 'a full disk: one line, no failure, nothing left behind' '
      fresh
      full_disk
      not_queued
      same 0 "$(cat rc)"
      same "" "$(cat left)"
    '
    test_expect 'a read-only file system: one line, no failure' '
      fresh
      echo "$A $B refs/heads/x" >line
      unshare -m sh -c "mount --bind gd.xsabot gd.xsabot && mount -o remount,ro,bind gd.xsabot &&
        cd gd && exec \"\$XSABOT_HOOK\" <../line" >hook.out 2>&1
      not_queued
    '
  else
    skip 'a full disk' 'cannot mount here'
    skip 'a read-only file system' 'cannot mount here'
  fi
fi

test_expect 'more than 10,000 events: one fixed file for each user, over and over' '
  fresh
  (cd "$SPOOL/new" && seq -f "e%g" 10001 | xargs touch)
  echo "$A $B refs/heads/x" | run_hook
  quiet
  same 10002 "$(count_files "$SPOOL/new")"
  same "$EVENT" "$(cat "$SPOOL/new/rescan.$(id -u)")"
  echo "$A $B refs/heads/y" | run_hook
  same 10002 "$(count_files "$SPOOL/new")"
'

test_expect 'just 10,000 events: one more is written' '
  fresh
  (cd "$SPOOL/new" && seq -f "e%g" 10000 | xargs touch)
  echo "$A $B refs/heads/x" | run_hook
  same 10001 "$(count_files "$SPOOL/new")"
  fails test -e "$SPOOL/new/rescan.$(id -u)"
'

# ---- chained hooks ----

# chain NAME <<script: an executable in post-receive.d
chain() {
  mkdir -p "$GD/hooks/post-receive.d"
  cat >"$GD/hooks/post-receive.d/$1"
  chmod 755 "$GD/hooks/post-receive.d/$1"
}

test_expect 'chained hooks get the same input, the same place, and run in byte order' '
  fresh
  printf "%s\n" "$A $B refs/heads/x" "garbage" "$B $A refs/heads/y" >in
  printf "no end of line" >>in
  for i in 10-b 9-c 10-B; do
    chain $i <<\END
#!/bin/sh
n=$(basename "$0")
cat >in.$n; echo "$n $(pwd -P) $GIT_DIR $MARK" >>order
END
  done
  MARK=kept run_hook <in
  quiet
  for i in 10-b 9-c 10-B; do cmp in gd/in.$i; done
  printf "%s $(pwd -P)/gd . kept\n" 10-B 10-b 9-c >want
  cmp want gd/order
'

test_expect 'the event is there before the first chained hook runs' '
  fresh
  chain 1 <<\END
#!/bin/sh
ls ../gd.xsabot/spool/new >seen
END
  echo "$A $B refs/heads/x" | run_hook
  same "$(basename "$(one_event)")" "$(cat gd/seen)"
'

test_expect 'a chained hook that fails, crashes or is missing its interpreter stops nothing' '
  fresh
  printf "#!/bin/sh\nexit 3\n" | chain 1
  printf "#!/bin/sh\nkill -SEGV \$\$\n" | chain 2
  printf "#!/nonexistent/interpreter\n" | chain 3
  printf "\001\002" | chain 4
  printf "#!/bin/sh\necho ran >ran\n" | chain 5
  echo "$A $B refs/heads/x" | (cd gd && exec "$XSABOT_HOOK") >hook.out 2>&1
  same ran "$(cat gd/ran)"
  queued
'

test_expect 'a chained hook that reads nothing, or writes to its input, harms no other' '
  fresh
  printf "#!/bin/sh\nexit 0\n" | chain 1
  printf "#!/bin/sh\necho bad >&0; echo bad 1<>/proc/self/fd/0; head -c 5 >/dev/null\n" | chain 2
  printf "#!/bin/sh\ncat >got\n" | chain 3
  echo "$A $B refs/heads/x" | tee in | (cd gd && exec "$XSABOT_HOOK") >hook.out 2>&1
  cmp in gd/got
'

test_expect 'a script without #! runs as git would run it' '
  fresh
  printf "cat >got\n" | chain 1
  echo "$A $B refs/heads/x" | tee in | run_hook
  cmp in gd/got
'

test_expect 'backups, hidden and non-executable files are left out' '
  fresh
  for i in "a~" .b c d; do printf "#!/bin/sh\necho \${0##*/} >>ran\n" | chain "$i"; done
  chmod 644 gd/hooks/post-receive.d/c
  mkdir gd/hooks/post-receive.d/dir
  echo "$A $B refs/heads/x" | run_hook
  same d "$(cat gd/ran)"
'

test_expect 'chained hooks run when the event cannot be queued' '
  fresh
  rm -r gd.xsabot
  printf "#!/bin/sh\ncat >got\n" | chain 1
  echo "$A $B refs/heads/x" | tee in | run_hook
  not_queued
  cmp in gd/got
'

test_expect 'chained hooks have default signals, our umask and our output' '
  fresh
  chain 1 <<\END
#!/bin/sh
grep ^SigIgn /proc/self/status >ign
umask >umask
echo to-out; echo to-err >&2
END
  echo "$A $B refs/heads/x" | (umask 007; trap "" PIPE; run_hook)
  same "SigIgn: 0000000000000000" "$(tr -s "\t" " " <gd/ign)"
  same 0007 "$(cat gd/umask)"
  same "to-out to-err" "$(tr "\n" " " <hook.out | sed "s/ *$//")"
'

test_expect 'no descriptor of ours is left open in a chained hook' '
  fresh
  printf "#!/bin/sh\nexec ls /proc/self/fd >fds\n" | chain 1
  echo "$A $B refs/heads/x" >in
  (cd gd && exec hooks/post-receive.d/1 <../in >../hook.out 2>&1)
  mv gd/fds want
  run_hook <in
  cmp want gd/fds
'

test_expect 'a copy of the hook among the chained ones ends' '
  fresh
  chain 1 <"$XSABOT_HOOK"
  chain 2 <"$XSABOT_HOOK"
  echo "$A $B refs/heads/x" | run_hook
  same 31 "$(count_files "$SPOOL/new")" # 1 + 2 + 4 + 8 + 16
'

# ---- time ----

test_expect 'input that never ends holds the push for seconds only' '
  fresh
  printf "#!/bin/sh\ncat >got\n" | chain 1
  mkfifo pipe
  exec 7<>pipe
  echo "$A $B refs/heads/x" >&7
  start=$SECONDS
  run_hook <pipe
  [ $((SECONDS - start)) -le 20 ] # 10 on a machine that is not busy
  grep -q "chained hooks not run" hook.out
  queued
  fails test -e gd/got
'

test_expect 'a flood that never ends neither' '
  fresh
  start=$SECONDS
  (set +o pipefail; yes "$A $B refs/heads/x" | run_hook)
  [ $((SECONDS - start)) -le 20 ] # 10 on a machine that is not busy
  queued
'

test_expect 'signals that a lost connection brings do not stop it' '
  fresh
  mkfifo pipe
  (cd gd && exec "$XSABOT_HOOK" <../pipe >../hook.out 2>&1) &
  pid=$!
  exec 7>pipe
  ignores_term() { grep -qE "^SigIgn:.*[4567cdef]...$" /proc/$pid/status; }
  until_true 20 ignores_term
  for sig in HUP INT QUIT TERM PIPE; do kill -$sig $pid; done
  echo "$A $B refs/heads/x" >&7
  exec 7>&-
  exits 0 wait $pid
  queued
'

done_testing
