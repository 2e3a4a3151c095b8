#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A gate's command runs what was pushed: nothing of that gets out of it.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
. "$T_DIR/gate-lib.sh"

# gone: nothing that was marked so is left.
MARK=$((80000 + $$ % 10000)).125
gone() { until_true 30 eval '! pgrep -f "sleep $MARK" >/dev/null' || { pgrep -af "sleep $MARK"; return 1; }; }

expect_sandbox 'what the command left running is gone, daemons as well' '
  command_gate "(setsid sh -c \"(setsid sleep $MARK &)&& sleep $MARK\" &)&& sleep 0.1"
  fix 2
  run
  gone
  branch_has 1 2
'
expect_sandbox '... and what ignores signals and forks, when the time is over' '
  command_gate "trap \"\" TERM INT HUP; for i in 1 2 3 4; do setsid sleep $MARK & done; sleep $MARK" "timeout = 1s"
  fix 2
  run 1
  says "the gate fails"
  gone
'
expect_sandbox 'when the bot is killed the test goes with it, and is tried again later' '
  command_gate "sleep $MARK"
  fix 2
  "$XSABOT" -c xsabot.conf run >out 2>err &
  until_true 20 pgrep -f "sleep $MARK" >/dev/null
  kill -KILL $!
  wait $! || :
  gone
  set_config "[gate]" "command = sleep $MARK"
  run
  says "^4.17: waits for the gate, with XSA-2: it was cut short (1 try; see /.*); next try"
  same 1 "$(count_files xen.git.xsabot/gate/work/4.17)"
  set_config "[gate]" "command = true"
  run
  branch_has 1 2
  same 0 "$(count_files xen.git.xsabot/gate/work/4.17)"
'
expect_sandbox 'a flood of output is cut, its end is kept' '
  command_gate "yes | head -c 30000000; echo the end" "output = 64K"
  fix 2
  run
  [ "$(log | wc -c)" -lt 70000 ]
  log | grep "bytes are left out here"
  log | tail -n 1 | grep -x "the end"
'
expect_sandbox 'it can write to its own directory and to the given ones, and nowhere else' '
  mkdir -p cache
  command_gate "sh ./try" "writable = $PWD/cache"
  mkdir -p cache
  printf "%s\n" "set -ex" "touch f \$HOME/f \$TMPDIR/f $PWD/cache/f" "test ! -e $PWD/xen.git" \
    "for x in $PWD/xen.git/f /usr/f.$$ /etc/f.$$ /; do if touch \$x; then exit 1; fi; done" >xen/try
  git -C xen add try
  fix 2
  run
  branch_has 1 2
  test -f cache/f
  fails test -e xen.git/f -o -e /etc/f.$$ -o -e /usr/f.$$
  same 0 "$(count_files xen.git.xsabot/gate/work/4.17)"
'
expect_sandbox 'it sees nothing of what is hidden, no device, and no process of others' '
  command_gate "test -z \"\$(ls /usr/share/doc)\" && ! test -s /etc/passwd && test ! -e /dev/mem && test ! -e /proc/$$/status" "hide = /usr/share/doc" "hide = /etc/passwd"
  fix 2
  run
  branch_has 1 2
'
expect_sandbox '... nor of keys and passwords, also in a directory that it may write to' '
  command_gate "sh ./try" "writable = $PWD/cache/in/side" "writable = $PWD/cache" "hide = $PWD/cache/in"
  printf "%s\n" "[mirror near]" "url = https://127.0.0.1:9/x" "key = $PWD/cache/mirror" "[mail]" "from = a@example.org" \
    "to = b@example.org" "transport = smtp://127.0.0.1:9" "user = u" "secret = $PWD/cache/mail" >>xsabot.conf
  mkdir -p cache/in/side cache/in/more
  echo secret >cache/mail
  echo secret:secret >cache/mirror
  chmod 600 cache/mail cache/mirror
  printf "%s\n" "set -ex" "cd $PWD/cache" "touch f in/side/f" "test ! -e in/more" "test ! -s mail" "test ! -s mirror" >xen/try
  git -C xen add try
  fix 2
  "$XSABOT" -c xsabot.conf run >out 2>err || : # there is neither mirror nor mail
  branch_has 1 2 || { cat out err; log; false; }
  test -f cache/in/side/f -a -f cache/f
'
expect_sandbox 'it has no network but its own loopback, unless it is allowed one' '
  command_gate "test \$(grep -c : /proc/net/dev) = 1 && grep -q lo: /proc/net/dev"
  fix 2
  run
  branch_has 1 2
  n=$(grep -c : /proc/net/dev)
  set_config "[gate]" "command = test \$(grep -c : /proc/net/dev) = $n" "network = yes"
  fix 3
  run
  branch_has 1 2 3
'
expect_sandbox 'it has no privileges, and can get none' '
  command_gate "grep -q \"^CapEff:.0*\$\" /proc/self/status && grep -q \"^NoNewPrivs:.1\" /proc/self/status && ! mount -t tmpfs none /tmp && ! unshare -U true"
  fix 2
  run
  branch_has 1 2
'
expect_sandbox 'its memory is limited' '
  command_gate "head -c 200000000 /dev/zero | tail -n 1 >/dev/null" "memory = 64M"
  fix 2
  run 1
  log | grep "memory exhausted"
  set_config "[gate]" "command = head -c 200000000 /dev/zero | tail -n 1 >/dev/null" "memory = 2G"
  run
'
# hog N: so many megabytes, for some seconds.
hog() { echo "(head -c ${1}000000 /dev/zero; sleep 3) | tail -n 1 >/dev/null"; }
test_expect '... and that of all its processes together' '
  command_gate "for i in 1 2 3 4 5 6; do ($(hog 60)) & done; wait" "memory = 1G" "memory-total = 200M" ${GATE_MORE:+"$GATE_MORE"}
  fix 2
  run 1
  says "the gate fails with XSA-2"
  log | grep "^result: fail .*, its processes together had more memory than memory-total allows"
  command_gate "for i in 1 2; do ($(hog 60)) & done; wait" "memory-total = 200M" ${GATE_MORE:+"$GATE_MORE"}
  fix 2
  run
'
test_expect '... in which what they share is counted once' '
  command_gate "perl -e \"\\\$x = q(x) x 8e7; for (1 .. 4) { fork or last } sleep 1\"" "memory-total = 250M" ${GATE_MORE:+"$GATE_MORE"}
  fix 2
  run
'

# delegated COMMAND...: in a cgroup that is its own to divide.
if [ "$(id -u)" = 0 ] && grep -qx 0::/ /proc/self/cgroup && grep -qw memory /sys/fs/cgroup/cgroup.controllers 2>/dev/null; then
  delegated() { "$@"; }
else
  delegated() { systemd-run "$([ "$(id -u)" = 0 ] && echo --system || echo --user)" --scope --quiet -p 'Delegate=memory pids' "$@"; }
fi
# shellcheck disable=SC2016
if delegated sh -c 'g=$(sed -n s/^0:://p /proc/self/cgroup) && grep -qw memory "/sys/fs/cgroup$g/cgroup.controllers"' 2>/dev/null; then
  expect_group() { test_expect "$@"; }
else
  expect_group() { skip "$1" 'no cgroup of version 2 is to be had here'; }
fi
expect_group 'where a cgroup is delegated, the kernel bounds that memory, files in memory included' '
  command_gate "head -c 150000000 /dev/zero >/dev/shm/f; sleep 3" "memory-total = 64M" ${GATE_MORE:+"$GATE_MORE"}
  fix 2
  exits 1 delegated "$XSABOT" -c xsabot.conf -v run >out 2>err
  never_says "its memory is watched"
  says "the gate fails with XSA-2"
  log | grep "^result: fail (status 137, its processes together had more memory than memory-total allows"
  same "" "$(find /sys/fs/cgroup -name "gate-4.17")"
'
expect_group '... and what is left of it is gone' '
  command_gate "for i in 1 2 3 4; do setsid sleep $MARK & done; sleep 0.1" ${GATE_MORE:+"$GATE_MORE"}
  fix 2
  exits 0 delegated "$XSABOT" -c xsabot.conf -v run >out 2>err
  branch_has 1 2
  never_says "its memory is watched"
  gone
  same "" "$(find /sys/fs/cgroup -name "gate-4.17")"
'

# On a small file system, in namespaces where we may mount one.
small() { unshare -Urm sh -ec 'mkdir -p xen.git.xsabot; mount -t tmpfs -o size=40m,mode=0700 none xen.git.xsabot; rc=0; "$@" || rc=$?; cat xen.git.xsabot/gate/logs/* >log; exit $rc' sh "$@"; }
if unshare -Urm sh -c 'mount -t tmpfs none /mnt && unshare -Um true' 2>/dev/null; then
  expect_small() { test_expect "$@"; }
else
  expect_small() { skip "$1" 'no namespaces here'; }
fi
expect_small 'the disk is not filled: one that goes on writing is ended, and can'"'"'t tell' '
  command_gate "while sleep 0.02&& head -c 200000 /dev/zero >>f; do :; done" "timeout = 60s"
  rm -rf xen.git.xsabot
  git -C xen.git update-ref -d refs/heads/xsa-4.17
  git -C xen.git update-ref -d refs/xsabot/state/4.17
  exits 0 small "$XSABOT" -c xsabot.conf run >out 2>err
  says "the gate.s command left too little room on the disk (1 try; see"
  grep "can.t tell (status 137, it left too little room on the disk)" log
'
expect_sandbox 'its environment is clean, its directories are always the same' '
  command_gate "env | cut -d= -f1 | sort | xargs >\$TMPDIR/e; grep -x \"HOME LC_ALL PATH PWD TMPDIR TZ\" \$TMPDIR/e && test \$PWD = /tmp/xsabot/tree"
  fix 2
  run
  branch_has 1 2
'
expect_sandbox 'a checkout that a killed test left is removed by the next' '
  command_gate true
  mkdir -p xen.git.xsabot/gate/work/4.17/xsabot-left/tree
  fix 2
  run
  same 0 "$(count_files xen.git.xsabot/gate/work/4.17)"
  same 0 "$(count_files xen.git.xsabot/gate/objects/4.17)"
'
expect_sandbox '... and one with directories nested without end' '
  command_gate "i=0; while test \$i -lt 700&& mkdir d&& cd d; do i=\$((i+1)); done; chmod 0 ."
  fix 2
  run
  branch_has 1 2
  same 0 "$(count_files xen.git.xsabot/gate/work/4.17)"
'

# Where no namespaces are to be had: in one that allows no more of them.
no_namespaces() { unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all --inh-caps=-all "$@"' sh "$@"; }
if no_namespaces true 2>/dev/null; then
  expect_bare() { test_expect "$@"; }
else
  expect_bare() { skip "$1" 'namespaces cannot be forbidden here'; }
fi
expect_bare 'without namespaces the command does not run, and the message says what to do' '
  command_gate true
  fix 2
  exits 75 no_namespaces "$XSABOT" -c xsabot.conf run >out 2>err
  grep "cannot make namespaces: .*; where the gate.s command is trusted, see sandbox in xsabot.conf(5)" err
  says "waits for the gate, with XSA-2: there is no sandbox: cannot make namespaces"
  stays
  exits 1 no_namespaces "$XSABOT" -c xsabot.conf check-config >out 2>err
  logged "gate: there can be no sandbox here: cannot make namespaces"
  same 1 "$(grep -c "no sandbox" err)"
'
expect_sandbox 'check-config says whether there can be a sandbox' '
  command_gate true
  bot_ends 0 check-config
  says "^gate: in a sandbox"
  set_config "[gate]" "command = sh $PWD/xen.git/test"
  echo "exit 0" >xen.git/test
  bot_ends 1 check-config
  logged "gate: the command could not be started: $PWD/xen.git/test is not there in the sandbox"
'
expect_bare '... or runs with a warning, where that is allowed, and its daemons are gone all the same' '
  command_gate "(setsid sh -c \"(setsid sleep $MARK &)&& sleep $MARK\" &)&& sleep 0.1" "sandbox = try"
  fix 2
  exits 0 no_namespaces "$XSABOT" -c xsabot.conf run >out 2>err
  logged "gate 4.17: without a sandbox, as this system allows none"
  branch_has 1 2
  gone
'
test_expect '... or is meant to run without' '
  command_gate "test \$PWD != /tmp/xsabot/tree && (setsid sleep $MARK &)&& sleep 0.1" "sandbox = no"
  fix 2
  run
  branch_has 1 2
  gone
'
done_testing
