#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What keeps a candidate back: a gate's command, a test system, a time.
. "$(dirname "$0")/lib.sh"
. "$T_DIR/line-lib.sh"

make_line xen.git xen 4.17
make_advisory xen 1
push xen staging-4.17
xsabot -C xen.git run >/dev/null
git -C xen.git config core.logAllRefUpdates always
mkdir tpl meta
cp -a xen xen.git xen.git.xsabot tpl

# fresh [LINE]...: a line whose first fix is published, and a configuration with these lines more.
fresh() {
  rm -rf xen xen.git xen.git.xsabot cache
  cp -a tpl/* .
  config "$@"
  OLD=$(at xsa-4.17)
}
config() { printf '%s\n' '[repository]' "path = $PWD/xen.git" "$@" >xsabot.conf; }
# command CMD [LINE]...: the same with this command as the gate.
command_gate() {
  local cmd=$1
  shift
  fresh '[gate]' "command = $cmd" "$@"
}
xb() { exits "$1" env ${FAKE:+FAKETIME_DONT_FAKE_MONOTONIC=1 faketime -f "@$FAKE"} "$XSABOT" -c xsabot.conf -v "${@:2}" >out 2>err || { cat out err; return 1; }; }
run() { xb "${1-0}" run; }
says() { grep -q -e "$1" out || { echo "not said: $1"; cat out err; return 1; }; }
quiet_about() { ! grep -e "$1" out err || return 1; }
logged() { grep -q -e "$1" err || { echo "not logged: $1"; cat out err; return 1; }; }
# tested N: the gate's command ran so often in the last run.
tested() { same "$1" "$(grep -c '^xsabot: gate 4.17: [0-9a-f]*: .* after' err)"; }
# fix N [FILE CONTENT]: a fix on staging; pushed where it is the last.
add() { make_advisory xen "$@"; }
fix() { add "$@"; push xen HEAD:refs/heads/staging-4.17; }
# branch_has N...: the fixes of the derived branch are just these.
branch_has() { same "$*" "$(git -C xen.git log --reverse --first-parent --no-merges --format='%(trailers:key=Xsabot-Advisory,valueonly,separator=)' RELEASE-4.17.0..xsa-4.17 | sed s/XSA-// | uniq | xargs)"; }
stays() { same "$OLD" "$(at xsa-4.17)"; }
# moves N: how often the derived branch moved since it was made fresh.
moves() { same "$1" "$(git -C xen.git reflog show refs/heads/xsa-4.17 2>/dev/null | wc -l)"; }
candidate() { at refs/xsabot/candidate/4.17; }
passed() { git -C xen.git update-ref refs/xsabot/tested/4.17 "$1"; }
failed() { git -C xen.git notes --ref=xsabot-tested add -f -m "Gate-Failed: $2" "$1"; }
log() { cat xen.git.xsabot/gate/logs/*.log; }
sound() { same '' "$(git -C xen.git fsck --no-progress --no-dangling 2>&1 | grep -v '^notice: HEAD')"; }

# Bad is what has the word in it.
GOOD='! grep -rw bad .'

# ---- can there be a sandbox at all?

SANDBOX_OK=
if unshare -Urnpm --fork true 2>/dev/null || [ "$(id -u)" = 0 ]; then SANDBOX_OK=1; fi
expect_sandbox() {
  if [ -n "$SANDBOX_OK" ]; then test_expect "$@"; else skip "$1" 'no namespaces here'; fi
}
[ -n "$SANDBOX_OK" ] || GATE_MORE='sandbox = no'

# ---- the gate's command


test_expect 'a candidate that passes is published, in the same run' '
  command_gate "$GOOD" ${GATE_MORE-}
  fix 2
  run
  says "^4.17: waits for the gate, with XSA-2"
  says "^4.17: refs/heads/xsa-4.17 is now .* 2 picks"
  tested 1
  branch_has 1 2
  sound
'
test_expect 'one that fails is not: the old tip stays, and a person is told where the log is' '
  command_gate "echo the reason; $GOOD" ${GATE_MORE-}
  fix 2 x.c "bad\n"
  run 1
  says "^4.17: refs/heads/xsa-4.17 stays as it is: the gate fails with XSA-2 ([0-9a-f]*): see $PWD/xen.git.xsabot/gate/logs/"
  stays
  file=$(sed -n "s/.*: see //p" out)
  grep -x "the reason" "$file"
  grep "^result: fail (status 1) after" "$file"
  same "$(at xsa-4.17)" "$(git -C xen.git show refs/xsabot/state/4.17:state.json | jq -r .published)"
'
test_expect '... it is not tested again, and said again' '
  run 1
  says "stays as it is: the gate fails with XSA-2"
  tested 0
' 
test_expect '... the recorded plan says that it waits, and why the branch ends there' '
  same waiting "$(git -C xen.git show refs/xsabot/state/4.17:plan.json | jq -r ".lines[0].advisories[] | select(.id == \"XSA-2\").state")"
  same "the gate fails with XSA-2" "$(git -C xen.git show refs/xsabot/state/4.17:state.json | jq -r .stopped)"
  xb 0 verify --strict 4.17
  says "4.17: refs/heads/xsa-4.17: good: .* the first 1 of 2 picks; the gate fails with XSA-2"
  xb 0 explain XSA-2
  says "^4.17: XSA-2 is waiting: the gate fails with XSA-2"
  xb 0 explain XSA-1
  says "^4.17: XSA-1 is applied"
'
test_expect '... with a repair, all of it is published' '
  commit_file xen x.c "good\n" "x: repair

Fixes: $(oid) (\"x86: fix 2\")"
  push xen HEAD:refs/heads/staging-4.17
  run
  tested 1
  branch_has 1 2
  same good "$(git -C xen.git show xsa-4.17:x.c)"
'
test_expect '... or, with another command, tested again' '
  command_gate "$GOOD" ${GATE_MORE-}
  fix 2 x.c "bad\n"
  run 1
  config "[gate]" "command = test -f x.c" ${GATE_MORE-}
  run
  tested 1
  branch_has 1 2
'
test_expect 'one bad fix of ten: those before it are published, and it is named' '
  command_gate "$GOOD" ${GATE_MORE-}
  for i in 2 3 4 5 6; do add $i; done
  add 7 x.c "bad\n"
  for i in 8 9 10 11; do add $i; done
  push xen HEAD:refs/heads/staging-4.17
  run 1
  says "the gate fails with XSA-7 ("
  branch_has 1 2 3 4 5 6
  [ "$(grep -c "gate 4.17: .*: .* after" err)" -le 5 ]
  same 1 "$(grep -c "stays as it is\|is now" out)"
  moves 1
'
test_expect '... never a part of an advisory' '
  command_gate "$GOOD" ${GATE_MORE-}
  add 2
  add 3 y.c "one\n"
  commit_file xen x.c "bad\n" "x86: more

This is part of XSA-3."
  push xen HEAD:refs/heads/staging-4.17
  run 1
  says "the gate fails with XSA-3"
  branch_has 1 2
'
test_expect '... and none when it is the first' '
  command_gate "$GOOD" ${GATE_MORE-}
  add 2 x.c "bad\n"
  fix 3
  run 1
  stays
'
test_expect 'what is published is never taken back, though a later gate fails it' '
  fresh "[gate]" "command = false" ${GATE_MORE-}
  run
  says "is up to date"
  stays
'
test_expect 'a release alone needs no gate, a new one neither where nothing is lost' '
  command_gate false ${GATE_MORE-}
  git -C xen.git update-ref -d refs/heads/xsa-4.17
  git -C xen.git update-ref -d refs/xsabot/state/4.17
  run 1
  same "$(at RELEASE-4.17.0)" "$(at xsa-4.17)"
  says "the gate fails with XSA-1"
  git -C xen tag -a -m "Xen 4.17.1" RELEASE-4.17.1
  push xen refs/tags/RELEASE-4.17.1
  run
  git -C xen.git merge-base --is-ancestor RELEASE-4.17.1 xsa-4.17
'
test_expect 'a line may have a gate of its own, or none' '
  fresh "[gate]" "command = false" ${GATE_MORE-} "[line 4.17]" "gate = none"
  fix 2
  run
  branch_has 1 2
  config "[gate]" ${GATE_MORE-} "[line 4.17]" "gate = false"
  fix 3
  run 1
  branch_has 1 2
'
test_expect 'a command that takes too long fails' '
  command_gate "trap : TERM; sleep 100; sleep 100" "timeout = 1s" ${GATE_MORE-}
  fix 2
  run 1
  says "the gate fails"
  log | grep "^result: fail .*out of time"
'

# ---- can't tell

if command -v faketime >/dev/null; then
  timed() { test_expect "$@"; }
else
  timed() { skip "$1" 'faketime is not installed'; }
fi
timed 'status 125: it waits, and is tried again after a while, and then after a longer one' '
  command_gate "exit 125" "retry = 10m" ${GATE_MORE-}
  fix 2
  FAKE="2030-01-01 10:00:00" run
  tested 1
  says "^4.17: waits for the gate, with XSA-2: it could not tell (1 try; see /.*); next try 2030-01-01 10:10 UTC"
  stays
  FAKE="2030-01-01 10:09:00" run
  tested 0
  says "^4.17: waits for the gate"
  FAKE="2030-01-01 10:11:00" run
  tested 1
  says "(2 tries; see /.*); next try 2030-01-01 10:31 UTC"
  FAKE="2030-01-01 10:30:00" run
  tested 0
'
timed '... until it can' '
  command_gate "test -d $PWD/cache || exit 125" "retry = 10m" "writable = $PWD/cache" ${GATE_MORE-}
  fix 2
  FAKE="2030-01-01 10:00:00" run
  mkdir cache
  FAKE="2030-01-01 10:20:00" run
  branch_has 1 2
  same 0 "$(count_files xen.git.xsabot/gate/retry)"
'
timed 'a command that is not there can'"'"'t tell' '
  command_gate "no-such-program" ${GATE_MORE-}
  fix 2
  run
  says "could not tell"
  log | grep "no-such-program: "
'
timed 'a new candidate is tested at once, whatever the old one waits for' '
  command_gate "test -f xsa3.c || exit 125" ${GATE_MORE-}
  fix 2
  FAKE="2030-01-01 10:00:00" run
  fix 3
  FAKE="2030-01-01 10:01:00" run
  branch_has 1 2 3
'

# ---- a hostile gate

# gone: nothing that was marked so is left.
MARK=$((80000 + $$ % 10000)).125
gone() { until_true 10 eval '! pgrep -f "sleep $MARK" >/dev/null' || { pgrep -af "sleep $MARK"; return 1; }; }

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
  config "[gate]" "command = sleep $MARK"
  run
  says "^4.17: waits for the gate, with XSA-2: it was cut short (1 try); next try"
  same 1 "$(count_files xen.git.xsabot/gate/work/4.17)"
  config "[gate]" "command = true"
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
  printf "%s\n" "set -ex" "touch f \$HOME/f \$TMPDIR/f $PWD/cache/f" "! touch $PWD/xen.git/f" "! touch /usr/f" \
    "! touch /etc/f" "! touch /" "test ! -e $PWD/xen.git" >xen/try
  git -C xen add try
  fix 2
  run
  branch_has 1 2
  test -f cache/f
  fails test -e xen.git/f -o -e /etc/f -o -e /usr/f
  same 0 "$(count_files xen.git.xsabot/gate/work/4.17)"
'
expect_sandbox 'it sees nothing of what is hidden, no device, and no process of others' '
  command_gate "test -z \"\$(ls /usr/share/doc)\" && ! test -s /etc/passwd && test ! -e /dev/mem && test ! -e /proc/$$/status" "hide = /usr/share/doc" "hide = /etc/passwd"
  fix 2
  run
  branch_has 1 2
'
expect_sandbox 'it has no network but its own loopback, unless it is allowed one' '
  command_gate "test \$(grep -c : /proc/net/dev) = 1 && grep -q lo: /proc/net/dev"
  fix 2
  run
  branch_has 1 2
  n=$(grep -c : /proc/net/dev)
  config "[gate]" "command = test \$(grep -c : /proc/net/dev) = $n" "network = yes"
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
  config "[gate]" "command = head -c 200000000 /dev/zero | tail -n 1 >/dev/null" "memory = 2G"
  run
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
  says "could not tell"
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
  says "could not tell"
  stays
  exits 1 no_namespaces "$XSABOT" -c xsabot.conf check-config >out 2>err
  logged "gate: there can be no sandbox here: cannot make namespaces"
'
expect_sandbox 'check-config says whether there can be a sandbox' '
  command_gate true
  xb 0 check-config
  says "^gate: in a sandbox"
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

# ---- a test system elsewhere

EXTERNAL='external = yes'
test_expect 'a candidate waits for the test system, in a ref of its own' '
  fresh "[gate]" "$EXTERNAL"
  fix 2
  run
  says "^4.17: waits for the test system, refs/xsabot/tested/4.17 to be at [0-9a-f]*, with XSA-2"
  stays
  same "$(at xsa-4.17)" "$(git -C xen.git rev-parse "$(candidate)^")"
  git -C xen.git show "$(candidate):xsa2.c"
  sound
  run
  stays
'
test_expect '... and is published, just that commit, when it passed' '
  passed "$(candidate)"
  run
  same "$(candidate)" "$(at xsa-4.17)"
  branch_has 1 2
  run
  says "is up to date"
'
test_expect 'one that failed is held, with what the note says' '
  fresh "[gate]" "$EXTERNAL"
  fix 2
  run
  failed "$(candidate)" https://tests.example/42
  run 1
  says "stays as it is: the test system fails XSA-2 ([0-9a-f]*): https://tests.example/42"
  stays
'
test_expect '... until it is tested again and passes' '
  passed "$(candidate)"
  run
  branch_has 1 2
'
test_expect 'an answer that comes after a new candidate publishes nothing' '
  fresh "[gate]" "$EXTERNAL"
  fix 2
  run
  first=$(candidate)
  fix 3
  run
  second=$(candidate)
  fails same "$first" "$second"
  passed "$first"
  run
  stays
  says "waits for the test system"
  passed "$second"
  run
  branch_has 1 2 3
'
test_expect '... nor does a failure of the old one hold the new' '
  fresh "[gate]" "$EXTERNAL"
  fix 2
  run
  failed "$(candidate)" old
  fix 3
  git -C xen.git update-ref refs/xsabot/candidate/4.17 "$OLD"
  run
  says "waits for the test system"
'
test_expect 'an answer for a commit that never was a candidate counts for nothing' '
  fresh "[gate]" "$EXTERNAL"
  fix 2
  passed "$(at staging-4.17)"
  run
  run
  stays
'
test_expect 'when the whole fails, parts of it are offered' '
  fresh "[gate]" "$EXTERNAL"
  add 2
  fix 3
  run
  whole=$(candidate)
  failed "$whole" "breaks"
  run 1
  says "with XSA-2, XSA-3; all of it fails: breaks"
  same "$(git -C xen.git rev-parse "$whole^")" "$(candidate)"
  stays
  passed "$(candidate)"
  run 1
  branch_has 1 2
  says "fails XSA-3"
  same "$whole" "$(candidate)"
'
test_expect 'both gates: the test system sees what the command passed, and both must pass' '
  fresh "[gate]" "command = $GOOD" "$EXTERNAL" ${GATE_MORE-}
  fix 2 x.c "bad\n"
  run 1
  same none "$(candidate)"
  commit_file xen x.c "good\n" "x: repair

Fixes: $(oid) (\"x86: fix 2\")"
  push xen HEAD:refs/heads/staging-4.17
  run
  says "waits for the test system"
  stays
  passed "$(candidate)"
  run
  branch_has 1 2
'
test_expect 'the refs of test systems are no lines, and are never written' '
  fresh "[gate]" "$EXTERNAL"
  fix 2
  run
  passed "$(candidate)"
  git -C xen.git for-each-ref refs/xsabot/tested refs/notes >before
  run
  git -C xen.git for-each-ref refs/xsabot/tested refs/notes | cmp before -
'

# ---- the time

timed 'quiet: nothing is published until nothing came for so long, and then at once' '
  fresh "[policy]" "publish = quiet 2h"
  fix 2
  FAKE="2030-01-01 10:00:00" run
  says "^4.17: waits until 2030-01-01 12:00 UTC, with XSA-2"
  fix 3
  FAKE="2030-01-01 11:30:00" run
  says "^4.17: waits until 2030-01-01 13:30 UTC, with XSA-2, XSA-3"
  FAKE="2030-01-01 13:29:00" run
  stays
  FAKE="2030-01-01 13:31:00" run
  branch_has 1 2 3
  moves 1
'
timed '... what changes nothing does not put it off' '
  fresh "[policy]" "publish = quiet 2h"
  fix 2
  FAKE="2030-01-01 10:00:00" run
  commit_file xen other.c "other\n" "no fix"
  push xen HEAD:refs/heads/staging-4.17
  FAKE="2030-01-01 11:30:00" run
  FAKE="2030-01-01 12:01:00" run
  branch_has 1 2
'
timed '... and a clock that is set back does no harm' '
  fresh "[policy]" "publish = quiet 2h"
  fix 2
  FAKE="2031-01-01 10:00:00" run
  FAKE="2030-01-01 10:00:00" run
  says "waits until 2030-01-01 12:00 UTC"
'
timed 'at a time of the week: what was there by then' '
  fresh "[policy]" "publish = at Tuesday 12:00 UTC"
  fix 2
  FAKE="2030-01-01 11:00:00" run # a Tuesday
  says "^4.17: waits until 2030-01-01 12:00 UTC, with XSA-2"
  FAKE="2030-01-01 12:00:00" run
  branch_has 1 2
  fix 3
  FAKE="2030-01-01 12:01:00" run
  says "^4.17: waits until 2030-01-08 12:00 UTC, with XSA-3"
  FAKE="2030-01-08 11:59:00" run
  branch_has 1 2
  FAKE="2030-01-09 00:00:00" run
  branch_has 1 2 3
'
timed '... what came later waits for the next time, without holding the rest' '
  fresh "[policy]" "publish = at Tuesday 12:00 UTC"
  fix 2
  FAKE="2030-01-01 11:00:00" run
  fix 3
  FAKE="2030-01-01 12:30:00" run
  branch_has 1 2
  says "^4.17: waits until 2030-01-08 12:00 UTC, with XSA-3"
'
timed 'publish --now waits for nothing, once' '
  fresh "[policy]" "publish = at Tuesday 12:00 UTC"
  fix 2
  FAKE="2030-01-02 11:00:00" run
  FAKE="2030-01-02 11:01:00" xb 0 publish 4.17 --now
  branch_has 1 2
  fix 3
  FAKE="2030-01-02 11:02:00" run
  branch_has 1 2
'
timed '... but for a gate' '
  fresh "[policy]" "publish = quiet 2h" "[gate]" "command = $GOOD" ${GATE_MORE-}
  fix 2 x.c "bad\n"
  xb 1 publish 4.17 --now
  stays
'
timed 'a candidate is tested while it waits for its time, and a failure is told at once' '
  fresh "[policy]" "publish = at Tuesday 12:00 UTC" "[gate]" "command = $GOOD" ${GATE_MORE-}
  fix 2
  FAKE="2030-01-02 11:00:00" run
  tested 1
  stays
  FAKE="2030-01-08 12:00:00" run
  tested 0
  branch_has 1 2
  fix 3 x.c "bad\n"
  FAKE="2030-01-09 12:00:00" run 1
  says "the gate fails with XSA-3"
'
test_expect 'the advisories of one disclosure appear together or not at all' '
  printf "%s" "[{\"xsas\": [{\"xsa\": \"2\", \"public_time\": \"2030-01-01 11:00\"}, {\"xsa\": \"3\", \"public_time\": \"2030-01-02 12:00\"}, {\"xsa\": \"4\", \"public_time\": \"2030-01-02 12:00\"}]}]" >meta/xsa.json
  command_gate "$GOOD" ${GATE_MORE-} "[rules]" "metadata = $PWD/meta"
  add 2
  add 3
  fix 4 x.c "bad\n"
  run 1
  branch_has 1 2
  says "the gate fails with XSA-3, XSA-4"
'
timed '... what is still missing is waited for, a day at most' '
  fresh "[rules]" "metadata = $PWD/meta"
  printf "%s" "{\"XSA\": 4, \"Recipes\": {\"4.17\": {\"Recipes\": {}}}}" >meta/xsa4.meta
  add 2
  fix 3
  FAKE="2030-01-02 12:30:00" run
  says "^4.17: waits for XSA-4, which was disclosed together with XSA-3, or until 2030-01-03 12:00 UTC, with XSA-3"
  branch_has 1 2
  fix 4
  FAKE="2030-01-02 12:40:00" run
  branch_has 1 2 3 4
  fresh "[rules]" "metadata = $PWD/meta"
  fix 3
  FAKE="2030-01-02 12:30:00" run
  branch_has 1
  FAKE="2030-01-03 12:01:00" run
  branch_has 1 3
'
timed '... where the line needs it, and not with --now' '
  fresh "[rules]" "metadata = $PWD/meta"
  fix 3
  FAKE="2030-01-02 12:30:00" xb 0 publish 4.17 --now
  branch_has 1 3
  printf "%s" "{\"XSA\": 4, \"Recipes\": {\"4.18\": {\"Recipes\": {}}}}" >meta/xsa4.meta
  fresh "[rules]" "metadata = $PWD/meta"
  fix 3
  FAKE="2030-01-02 12:30:00" run
  branch_has 1 3
'
test_expect '... without metadata, those that were committed within the quiet period' '
  command_gate "$GOOD" ${GATE_MORE-} "[policy]" "publish = quiet 1s"
  add 2
  add 3
  fix 4 x.c "bad\n"
  xb 1 publish 4.17 --now
  branch_has 1 2 3
  command_gate "$GOOD" ${GATE_MORE-} "[policy]" "publish = quiet 1h"
  add 2
  T_CLOCK=1600000000
  add 3
  fix 4 x.c "bad\n"
  xb 1 publish 4.17 --now
  branch_has 1 2
'
done_testing
