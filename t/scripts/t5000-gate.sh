#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A gate that is a command: what it lets through, and what not.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
. "$T_DIR/gate-lib.sh"

test_expect 'a candidate that passes is published, in the same run' '
  command_gate "$GOOD" ${GATE_MORE:+"$GATE_MORE"}
  fix 2
  run
  says "^4.17: waits for the gate, with XSA-2"
  says "^4.17: refs/heads/xsa-4.17 is now .* 2 picks"
  tested 1
  branch_has 1 2
  sound
'
test_expect 'one that fails is not: the old tip stays, and a person is told where the log is' '
  command_gate "echo the reason; $GOOD" ${GATE_MORE:+"$GATE_MORE"}
  fix 2 x.c "bad\n"
  run 1
  says "^4.17: refs/heads/xsa-4.17 stays as it is: the gate fails with XSA-2 ([0-9a-f]*): see $PWD/xen.git.xsabot/gate/logs/"
  stays
  file=$(sed -n "s/.*: see \(.*\.log\); .*/\1/p" out)
  grep -x "the reason" "$file"
  grep "^result: fail (status 1) after" "$file"
  same "$(at xsa-4.17)" "$(git -C xen.git show refs/xsabot/state/4.17:state.json | jq -r .published)"
'
test_expect '... what speaks of errors is at the end of the log, too' '
  command_gate "echo cc -Werror x.c; echo x.c:1: error: here; seq 1000; exit 1" ${GATE_MORE:+"$GATE_MORE"}
  fix 2
  run 1
  same "---- what speaks of errors, from the beginning:
x.c:1: error: here" "$(log | tail -n 2)"
'
test_expect 'one that failed is not tested again, and said again' '
  command_gate "$GOOD" ${GATE_MORE:+"$GATE_MORE"}
  fix 2 x.c "bad\n"
  run 1
  tested 1
  run 1
  says "stays as it is: the gate fails with XSA-2"
  tested 0
' 
test_expect '... the recorded plan says that it waits, and why the branch ends there' '
  same waiting "$(git -C xen.git show refs/xsabot/state/4.17:plan.json | jq -r ".lines[0].advisories[] | select(.id == \"XSA-2\").state")"
  same "the gate fails with XSA-2" "$(git -C xen.git show refs/xsabot/state/4.17:state.json | jq -r .stopped)"
  bot_ends 0 verify --strict 4.17
  says "4.17: refs/heads/xsa-4.17: good: .* the first 1 of 2 picks; the gate fails with XSA-2"
  bot_ends 0 explain XSA-2
  says "^4.17: XSA-2 is waiting: the gate fails with XSA-2"
  bot_ends 0 explain XSA-1
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
  command_gate "$GOOD" ${GATE_MORE:+"$GATE_MORE"}
  fix 2 x.c "bad\n"
  run 1
  set_config "[gate]" "command = test -f x.c" ${GATE_MORE:+"$GATE_MORE"}
  run
  tested 1
  branch_has 1 2
'
# A test that is at fault: its script says no to all.
faulty() {
  command_gate "sh $PWD/cache/test" "writable = $PWD/cache" ${GATE_MORE:+"$GATE_MORE"}
  mkdir cache
  printf "exit 1\n" >cache/test
  add 2
  fix 3
  run 1
}
repaired() { printf "exit 0\n" >cache/test; }
test_expect 'a test that was at fault, and is repaired, is repeated by publish --retest: all of it' '
  faulty
  says "; if the test is at fault: xsabot publish 4.17 --retest -c $PWD/xsabot.conf"
  bot_ends 1 status
  says "; if the test is at fault: xsabot publish 4.17 --retest -c $PWD/xsabot.conf"
  repaired
  run 1
  tested 0
  bot_ends 0 publish 4.17 --retest
  tested 1
  branch_has 1 2 3
  run
  tested 0
'
test_expect '... once: what it says then is remembered' '
  faulty
  bot_ends 1 publish 4.17 --retest
  tested 2
  run 1
  tested 0
  repaired
  bot_ends 1 publish 4.17
  stays
'
test_expect '... and there must be a command' '
  fresh
  fix 2
  bot_ends 64 publish 4.17 --retest
  logged "4.17: there is no command that could test again"
  stays
'
test_expect 'one bad fix of ten: those before it are published, and it is named' '
  command_gate "$GOOD" ${GATE_MORE:+"$GATE_MORE"}
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
  command_gate "$GOOD" ${GATE_MORE:+"$GATE_MORE"}
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
  command_gate "$GOOD" ${GATE_MORE:+"$GATE_MORE"}
  add 2 x.c "bad\n"
  fix 3
  run 1
  stays
'
test_expect 'what is published is never taken back, though a later gate fails it' '
  fresh "[gate]" "command = false" ${GATE_MORE:+"$GATE_MORE"}
  run
  says "is up to date"
  stays
'
test_expect 'a release alone needs no gate, a new one neither where nothing is lost' '
  command_gate false ${GATE_MORE:+"$GATE_MORE"}
  git -C xen.git update-ref -d refs/heads/xsa-4.17
  git -C xen.git update-ref -d refs/xsabot/state/4.17
  rm -r xen.git.xsabot/published
  run 1
  same "$(at RELEASE-4.17.0)" "$(at xsa-4.17)"
  says "the gate fails with XSA-1"
  git -C xen tag -a -m "Xen 4.17.1" RELEASE-4.17.1
  push xen refs/tags/RELEASE-4.17.1
  run
  git -C xen.git merge-base --is-ancestor RELEASE-4.17.1 xsa-4.17
'
test_expect 'a chain that is other than before must pass, too; till then the old one stays' '
  command_gate "$GOOD" ${GATE_MORE:+"$GATE_MORE"}
  fix 2
  run
  was=$(at xsa-4.17)
  note_on "$(at staging-4.17~1)" "Exclude: no need"
  set_config "[gate]" "command = test -f xsa1.c" ${GATE_MORE:+"$GATE_MORE"}
  run 1
  says "stays as it is: the gate fails with XSA-2"
  same "$was" "$(at xsa-4.17)"
  set_config "[gate]" "command = test ! -f xsa1.c" ${GATE_MORE:+"$GATE_MORE"}
  run
  says "stitched"
  branch_has 2
  git -C xen.git merge-base --is-ancestor "$was" xsa-4.17
'
test_expect 'a kept release has its own candidate' '
  fresh "[lines]" "releases = all" "[gate]" "command = $GOOD" ${GATE_MORE:+"$GATE_MORE"}
  git -C xen tag -a -m "Xen 4.17.1" RELEASE-4.17.1
  push xen refs/tags/RELEASE-4.17.1
  fix 2 x.c "bad\n"
  run 1
  same "$(at RELEASE-4.17.1)" "$(git -C xen.git rev-parse xsa-4.17^)"
  says "^4.17.0: .*the gate fails with XSA-2"
  git -C xen.git show xsa-4.17.0:xsa1.c
'
test_expect 'a line of any name that is allowed' '
  fresh "[gate]" "command = test -f xsa1.c" ${GATE_MORE:+"$GATE_MORE"} "[line a+b_c-d]" "staging = refs/heads/staging-4.17" \
    "release = refs/tags/RELEASE-4.17.{n}" "[lines]" "lines = a+b_c-d"
  run
  same "$(git -C xen.git rev-parse "xsa-4.17^{tree}")" "$(git -C xen.git rev-parse "xsa-a+b_c-d^{tree}")"
  run
'
test_expect 'a line may have a gate of its own, or none' '
  fresh "[gate]" "command = false" ${GATE_MORE:+"$GATE_MORE"} "[line 4.17]" "gate = none"
  fix 2
  run
  branch_has 1 2
  set_config "[gate]" ${GATE_MORE:+"$GATE_MORE"} "[line 4.17]" "gate = false"
  fix 3
  run 1
  branch_has 1 2
'
test_expect 'a command that takes too long fails' '
  command_gate "trap : TERM; sleep 100; sleep 100" "timeout = 1s" ${GATE_MORE:+"$GATE_MORE"}
  fix 2
  run 1
  says "the gate fails"
  log | grep "^result: fail .*out of time"
'

test_expect 'the log is there while the command runs, with what it wrote so far' '
  command_gate "echo one; until test -e $PWD/cache/go; do sleep 0.05; done; echo two" "writable = $PWD/cache" \
    ${GATE_MORE:+"$GATE_MORE"}
  mkdir cache
  fix 2
  "$XSABOT" -c xsabot.conf -v run >out1 2>err1 &
  until_true 20 eval "log | grep -q ^one"
  log | grep "^result: none so far"
  same "$(ls "$PWD"/xen.git.xsabot/gate/logs/*.log)" "$(sed -n "s/.*the test begins; its log is //p" err1)"
  touch cache/go
  wait $!
  log | grep "^result: pass"
  same "one two" "$(log | tail -n 2 | xargs)"
'
test_expect 'a person who does not wait for the bot shares its test' '
  command_gate "sleep 2.00$$" ${GATE_MORE:+"$GATE_MORE"}
  fix 2
  "$XSABOT" -c xsabot.conf run >out1 2>err1 &
  until_true 20 pgrep -f "sleep 2.00$$" >/dev/null
  bot_ends 0 publish 4.17
  wait $!
  same 1 "$(cat err err1 | grep -c "gate 4.17: .*: pass, after")"
  branch_has 1 2
'

# ---- can't tell

timed 'status 125: it waits, and is tried again after a while, and then after a longer one' '
  command_gate "exit 125" "retry = 10m" ${GATE_MORE:+"$GATE_MORE"}
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
  command_gate "test -f $PWD/cache/ready || exit 125" "retry = 10m" "writable = $PWD/cache" ${GATE_MORE:+"$GATE_MORE"}
  mkdir cache
  fix 2
  FAKE="2030-01-01 10:00:00" run
  stays
  touch cache/ready
  FAKE="2030-01-01 10:20:00" run
  branch_has 1 2
  same 0 "$(count_files xen.git.xsabot/gate/retry)"
'
timed '... or a person asks at once' '
  command_gate "test -f $PWD/cache/ready || exit 125" "retry = 10m" "writable = $PWD/cache" ${GATE_MORE:+"$GATE_MORE"}
  mkdir cache
  fix 2
  FAKE="2030-01-01 10:00:00" run
  stays
  touch cache/ready
  FAKE="2030-01-01 10:00:10" bot_ends 0 publish 4.17
  tested 0
  FAKE="2030-01-01 10:00:20" bot_ends 0 publish 4.17 --retest
  tested 1
  branch_has 1 2
'
timed 'a command that is not there can'"'"'t tell, and that is said: in the log, as the result, in the status' '
  command_gate "no-such-program" ${GATE_MORE:+"$GATE_MORE"}
  fix 2
  FAKE="2030-01-01 10:00:00" run
  why="the gate.s command could not be started: .*no-such-program: not found, status 127"
  says "^4.17: waits for the gate, with XSA-2: $why (1 try; see /.*); next try 2030-01-01 10:10 UTC"
  logged "^xsabot: gate 4.17: $why\$"
  log | grep "no-such-program: "
  bot_ends 0 status 4.17
  says "$why"
  stays
'
timed '... nor can one that is not executable' '
  command_gate "/etc/passwd" ${GATE_MORE:+"$GATE_MORE"}
  fix 2
  FAKE="2030-01-01 10:00:00" run
  says "the gate.s command could not be started: .*/etc/passwd: Permission denied, status 126 (1 try"
'
test_expect 'check-config says so before' '
  command_gate "/usr/bin/no-such-gate -x" ${GATE_MORE:+"$GATE_MORE"}
  bot_ends 1 check-config
  logged "^xsabot: gate: the command could not be started: /usr/bin/no-such-gate is not there"
  set_config "[gate]" "command = /etc/passwd; make" ${GATE_MORE:+"$GATE_MORE"}
  bot_ends 1 check-config
  logged "/etc/passwd is not there.*, or not executable"
  set_config "[gate]" "command = true" ${GATE_MORE:+"$GATE_MORE"} "[line 4.17]" "gate = sh /etc/no-such-gate arg"
  bot_ends 1 check-config
  logged "^xsabot: gate of line 4.17: the command could not be started: /etc/no-such-gate is not there.*, or not readable"
  set_config "[gate]" "command = no-such-make" ${GATE_MORE:+"$GATE_MORE"}
  bot_ends 1 check-config
  logged "no-such-make is not there"
  for good in "/bin/sh -c true" "! false" "./in-the-tree" "sh ./in-the-tree" "A=b true" "cd sub && make" "if true; then true; fi"; do
    set_config "[gate]" "command = $good" ${GATE_MORE:+"$GATE_MORE"}
    bot_ends 0 check-config
  done
'
timed 'a new candidate is tested at once, whatever the old one waits for' '
  command_gate "test -f xsa3.c || exit 125" ${GATE_MORE:+"$GATE_MORE"}
  fix 2
  FAKE="2030-01-01 10:00:00" run
  fix 3
  FAKE="2030-01-01 10:01:00" run
  branch_has 1 2 3
'
done_testing
