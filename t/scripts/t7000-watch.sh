#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The bot that stays: what wakes it, what it leaves alone, and how it ends.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

mkfifo "$SANDBOX/nothing"
# lines SCENE LINE...: repositories with these lines, for fresh.
lines() {
  local l dir=$1
  shift
  for l; do make_line xen.git xen "$l"; done
  xsabot install-hook xen.git >/dev/null
  SCENE=$dir save_scene
  rm -rf xen xen.git xen.git.xsabot
}
TEN=$(seq -f '4.%g' 10 19)
lines first 4.12 4.13 4.14
# shellcheck disable=SC2086
lines ten $TEN

at_fresh stop_watch
# watch: the bot, once it sleeps for the first time; its process in WATCH.
watch() {
  start_watch -v
  WATCH=$(cat watch.pid)
  until_true 30 asleep
}
# asleep: what it began it has done.
asleep() { grep ' looked' watch.err | tail -n 1 | grep -q 'ms$' && [ "$(grep -c 'spool: ' watch.err)" = "$(grep -c ' looked' watch.err)" ]; }
at_exit stop_watch
# ended SECONDS: it ends by itself.
ended() { until_true "$1" eval "! kill -0 $WATCH"; }
soon() { until_true 30 "$@"; }
said() { grep -q -e "$1" watch.err; }
derived() { git -C xen.git for-each-ref refs/heads/xsa-\*; }
# looks: how often it looked because of events; moves: how often a branch moved.
looks() { grep -c 'spool: [1-9]' watch.err || :; }
moves() { grep -c ' is now ' watch.out || :; }

test_expect 'at its start it brings every line up to date' '
  fresh
  watch
  same 3 "$(derived | wc -l)"
'
test_expect 'a push through the hook moves the derived branch, and no other' '
  fresh
  watch
  derived | grep -v xsa-4.12 >before
  fix_on 4.12 7
  soon has_fix 7 xsa-4.12
  derived | grep -v xsa-4.12 | cmp before -
  soon eval "[ \$(count_files xen.git.xsabot/spool/cur) = 0 ]"
  same 0 "$(count_files xen.git.xsabot/spool/new)"
'
test_expect 'only what a push concerns is looked at' '
  fresh
  watch
  : >watch.out
  fix_on 4.12 7
  soon has_fix 7 xsa-4.12
  fix_on 4.13 8
  soon has_fix 8 xsa-4.13
  soon grep -q "^4.13" watch.out
  same "4.12: 4.13: " "$(cut -d" " -f1 watch.out | tr "\n" " ")"
'
test_expect 'a mail that was sent is no reason to look, an event is' '
  fresh "[mail]" "from = xsabot@example.org" "to = a@example.org" "announce = b@example.org" "transport = /bin/true"
  watch
  soon eval "same 0 \$(count_files xen.git.xsabot/outbox/new)"
  before=$(grep -c " looked" watch.err)
  for n in 6 7 8; do
    fix_on 4.12 $n
    soon grep -q "mail: to b@.*XSA-$n" watch.err
    soon asleep
  done
  same $((before + 3)) "$(grep -c " looked" watch.err)"
'
test_expect 'an event of an earlier version wakes it' '
  fresh
  xsabot -c xsabot.conf run >/dev/null
  watch
  rm xen.git/hooks/post-receive
  fix_on 4.12 7
  id=$(at staging-4.12)
  printf "xsabot-event 1\nref $id $id refs/heads/staging-4.12\nend 1 0\n" >xen.git.xsabot/spool/tmp/x
  mv xen.git.xsabot/spool/tmp/x xen.git.xsabot/spool/new/x
  soon has_fix 7 xsa-4.12
  soon eval "same 0 \$(count_files xen.git.xsabot/spool/cur)"
'
test_expect 'a note concerns all lines' '
  fresh
  fix_on 4.12 7
  watch
  has_fix 7 xsa-4.12
  note_on "$(at staging-4.12)" "Exclude: not ours"
  echo "0000000000000000000000000000000000000000 $(at staging-4.12) refs/notes/xsa" |
    (cd xen.git && GIT_DIR=. hooks/post-receive)
  soon lacks_fix 7 xsa-4.12
'
test_expect 'where all have work, that which was pushed to comes first' '
  fresh
  fix_on 4.12 6
  fix_on 4.13 6
  watch
  rm xen.git/hooks/post-receive
  : >watch.out
  for l in 4.12 4.13; do note_on "$(at staging-$l)" "Exclude: not ours"; done
  fix_on 4.14 7
  printf "xsabot-event 1\nrescan\nend 0 0\n" >xen.git.xsabot/spool/tmp/x
  mv xen.git.xsabot/spool/tmp/x xen.git.xsabot/spool/new/x
  soon grep "^4.13: .* is now" watch.out
  same "4.14: 4.12: 4.13: " "$(cut -d" " -f1 watch.out | tr "\n" " ")"
'
test_expect 'a new line, and a new release, need no restart' '
  fresh
  watch
  make_line xen.git xen 4.20
  soon eval "[ \$(derived | wc -l) = 4 ]"
  fix_on 4.20 7
  soon has_fix 7 xsa-4.20
  git -C xen tag -a -m "Xen 4.20.1" RELEASE-4.20.1
  push xen RELEASE-4.20.1
  soon grep -q "4.20.*RELEASE-4.20.1" watch.out
'
test_expect 'what it remembers of a line gives way to a note, a release, a rewound branch' '
  fresh
  watch
  for n in 6 7 8; do fix_on 4.12 $n; soon has_fix $n xsa-4.12; done
  note_on "$(at staging-4.12~1)" "Exclude: not ours"
  echo "0000000000000000000000000000000000000000 $(at refs/notes/xsa) refs/notes/xsa" |
    (cd xen.git && GIT_DIR=. hooks/post-receive)
  soon lacks_fix 7 xsa-4.12
  fix_on 4.12 9
  soon has_fix 9 xsa-4.12
  lacks_fix 7 xsa-4.12
  xsabot -c xsabot.conf verify 4.12
  git -C xen tag -a -m "Xen 4.12.1" RELEASE-4.12.1 staging-4.12~1
  push xen RELEASE-4.12.1
  fix_on 4.12 10
  soon eval "same 2 \$(git -C xen.git rev-list --count --first-parent --no-merges RELEASE-4.12.1..xsa-4.12)"
  xsabot -c xsabot.conf verify 4.12
  git -C xen checkout -q staging-4.12
  git -C xen commit -q --amend -m "rewritten" -m "This is XSA-11."
  git -C xen push -qf origin staging-4.12
  soon grep -q "^4.12.*held: it would lose XSA-10" watch.out
'
test_expect '200 pushes to ten lines: one state in the end, the one that a single run gives' '
  mkdir mails
  printf "%s\n" "#!/bin/sh" "exec cat >\"\$(mktemp $PWD/mails/XXXXXX)\"" >sendmail
  chmod +x sendmail
  SCENE=ten fresh "[mail]" "from = xsabot@example.org" "to = maintainers@example.org" \
    "announce = users@example.org" "transport = $PWD/sendmail"
  for l in $TEN; do
    git clone -q --shared -b "staging-$l" xen.git "push-$l"
    for i in {1..20}; do make_advisory "push-$l" "$i"; done
  done
  watch
  : >watch.out
  rm -f mails/*
  for l in $TEN; do
    (for i in {19..0}; do git -C "push-$l" push -q origin "HEAD~$i:refs/heads/staging-$l"; done) &
    echo $!
  done >pids
  for p in $(cat pids); do wait "$p"; done
  for l in $TEN; do soon has_fix 20 "xsa-$l"; done
  cp -a "$SCENES/ten/xen.git" twin.git
  git -C twin.git fetch -q ../xen.git "refs/heads/staging-*:refs/heads/staging-*"
  xsabot -C twin.git run >/dev/null
  cmp <(derived) <(git -C twin.git for-each-ref refs/heads/xsa-\*)
  sleeping() { [ "$(count_files xen.git.xsabot/spool/new)" = 0 ] && [ "$(count_files xen.git.xsabot/spool/cur)" = 0 ]; }
  soon sleeping
  sed -n "s/.*spool: \([0-9]*\) events.*/\1/p" watch.err | awk "{ n += \$1 } END { print n }" >events
  soon eval "same 0 \$(count_files xen.git.xsabot/outbox/new)"
  echo "200 pushes: $(cat events) events, $(looks) looks, $(moves) moves of refs, $(count_files mails) mails" >counts
  same 200 "$(cat events)"
  [ "$(looks)" -le 100 ]
  [ "$(moves)" -lt 200 ]
  [ "$(count_files mails)" -le "$(moves)" ]
  [ "$(count_files mails)" -ge 1 ]
  fails grep -l "HELD" mails/*
'
note "$(cat counts)"
rm -rf push-4.* twin.git*
test_expect 'a ref that moved without the hook is found in time' '
  fresh "rescan = 1s"
  watch
  rm xen.git/hooks/post-receive
  fix_on 4.12 7
  soon has_fix 7 xsa-4.12
'
test_expect 'someone who moves a derived branch is reported, once' '
  fresh "rescan = 1s"
  watch
  git -C xen.git update-ref refs/heads/xsa-4.12 staging-4.13
  soon grep -q "^4.12: refs/heads/xsa-4.12 stays as it is: someone moved" watch.out
  fix_on 4.13 7
  soon has_fix 7 xsa-4.13
  same 1 "$(grep -c "someone moved" watch.out)"
'
test_expect 'a spool that was moved away is made again' '
  fresh "rescan = 1s"
  watch
  mv xen.git.xsabot/spool old
  soon [ -d xen.git.xsabot/spool/new ]
  mv xsabot.conf slow.conf
  grep -v rescan slow.conf >xsabot.conf
  kill -HUP $WATCH
  soon said "read again"
  fix_on 4.12 7
  soon has_fix 7 xsa-4.12
'
test_expect 'nothing to do: it sleeps, and nothing wakes it' '
  fresh
  watch
  switches() { awk "/ctxt_switches/ { n += \$2 } END { print n }" "/proc/$WATCH/status"; }
  soon eval "a=\$(switches); read -rt 0.2 _ <>\$SANDBOX/nothing || :; [ \$a = \$(switches) ]"
  before=$(switches)
  read -rt 3 _ <>"$SANDBOX/nothing" || :
  same "$before" "$(switches)"
'
test_expect 'SIGTERM ends it, as a success' '
  fresh
  watch
  kill -TERM $WATCH
  rc=0
  wait $WATCH || rc=$?
  same 0 $rc
'
test_expect 'SIGHUP takes a new configuration over' '
  fresh
  watch
  printf "%s\n" "[lines]" "lines = 4.12" >>xsabot.conf
  kill -HUP $WATCH
  soon said "the configuration was read again"
  fix_on 4.13 8
  fix_on 4.12 7
  soon has_fix 7 xsa-4.12
  lacks_fix 8 xsa-4.13
'
test_expect '... and keeps the old one when the new one is wrong' '
  fresh
  watch
  cp xsabot.conf good.conf
  printf "%s\n" "[lines]" "lines = 4.12" "deirved = refs/heads/safe-{line}" >>xsabot.conf
  kill -HUP $WATCH
  soon said "the old one stays in force"
  said "deirved: unknown key"
  fix_on 4.13 7
  soon has_fix 7 xsa-4.13
  mv good.conf xsabot.conf
  kill -HUP $WATCH
  soon said "the configuration was read again"
'
test_expect '... and is woken from another spool, where that names one' '
  fresh
  watch
  sed -i "s|^path = .*|&\nspool = $PWD/other.spool|" xsabot.conf
  kill -HUP $WATCH
  soon said "the configuration was read again"
  soon test -d other.spool/new
  soon asleep
  printf "xsabot-event 1\nrescan\nend 0 0\n" >other.spool/tmp/x
  mv other.spool/tmp/x other.spool/new/x
  soon said "spool: 1 events"
  soon test ! -e other.spool/new/x
'
test_expect '... and does not move to another repository' '
  fresh
  watch
  sed -i "s/xen.git/ten\/xen.git/" xsabot.conf
  kill -HUP $WATCH
  soon said "needs a restart"
  fix_on 4.13 7
  soon has_fix 7 xsa-4.13
  same "" "$(git -C ten/xen.git for-each-ref refs/xsabot)"
'
test_expect 'a second one, and run, say which process is there' '
  fresh
  watch
  exits 75 xsabot -c xsabot.conf watch 2>err
  grep -q "another instance (pid $WATCH) holds" err
  exits 75 xsabot -c xsabot.conf run 2>err
  grep -q "another instance (pid $WATCH) holds" err
'
test_expect 'publish and adopt work beside it, and it knows what they did' '
  fresh
  fix_on 4.12 7
  fix_on 4.13 8
  watch
  has_fix 7 xsa-4.12
  git -C xen push -qf origin "staging-4.12~1:staging-4.12"
  soon grep -q "publish 4.12 --accept-removal" watch.out
  xsabot -c xsabot.conf publish 4.12 --accept-removal >out
  grep -q "^4.12: refs/heads/xsa-4.12 is now" out
  soon eval "xsabot -c xsabot.conf status 4.12 | grep up.to.date"
  git -C xen.git update-ref refs/heads/xsa-4.13 staging-4.13
  xsabot -c xsabot.conf adopt 4.13
  soon eval "xsabot -c xsabot.conf status 4.13 | grep up.to.date"
  fails grep -q "someone moved" watch.out
'
test_expect 'killed at any time, the next one goes on' '
  fresh
  for i in 1 2 3 4 5 6; do
    watch
    fix_on 4.12 "1$i"
    fix_on 4.13 "1$i"
    stop_watch
  done
  find xen.git -name "*.lock" -exec touch -d "1 hour ago" {} + # or it waits until they are old
  watch
  soon has_fix 16 xsa-4.12
  soon has_fix 16 xsa-4.13
  same "" "$(git -C xen.git fsck --no-progress --no-dangling 2>&1 | grep -v "^notice: HEAD")"
  same "" "$(find xen.git -name "*.keep" -o -name "*.lock")"
'
test_expect 'a line that fails does not keep the others, and is tried again' '
  fresh
  watch
  touch xen.git/refs/heads/xsa-4.12.lock
  fix_on 4.12 7
  fix_on 4.13 8
  soon has_fix 8 xsa-4.13
  lacks_fix 7 xsa-4.12
  rm xen.git/refs/heads/xsa-4.12.lock
  soon has_fix 7 xsa-4.12
'
# gate_runs: the command is there.
NAP=9000$$ # of this test alone
gate_runs() { grep -qszx "${NAP%?}[${NAP: -1}]" /proc/[0-9]*/cmdline; }
test_expect 'a slow gate of one line does not delay another, and ends with the bot' '
  fresh "[gate]" "sandbox = try" "jobs = 2" "[line 4.12]" "gate = exec sleep $NAP" "[line 4.13]" "gate = test -f a.c"
  watch
  fix_on 4.12 7
  soon gate_runs
  fix_on 4.14 7
  soon has_fix 7 xsa-4.14
  fix_on 4.13 7
  soon has_fix 7 xsa-4.13
  lacks_fix 7 xsa-4.12
  gate_runs
  kill -TERM $WATCH
  rc=0
  wait $WATCH || rc=$?
  same 0 $rc
  soon eval "! gate_runs"
'
test_expect 'run: a gate that passes is part of the run' '
  fresh "[gate]" "sandbox = try" "command = test -f a.c"
  fix_on 4.12 7
  xsabot -c xsabot.conf run >out
  has_fix 7 xsa-4.12
'
test_expect 'run: while a gate lasts, pushes to other lines are served' '
  fresh "[gate]" "sandbox = try" "[line 4.12]" "gate = exec sleep $NAP"
  fix_on 4.12 7
  "$XSABOT" -c xsabot.conf run >out 2>err &
  echo $! >watch.pid
  soon gate_runs
  fix_on 4.14 7
  soon has_fix 7 xsa-4.14
  lacks_fix 7 xsa-4.12
  stop_watch
  soon eval "! gate_runs"
'
test_expect 'a mirror gets what a push brings, and status says how it stands' '
  git init -q --bare mirror.git
  fresh "[mirror near]" "url = $PWD/mirror.git"
  watch
  fix_on 4.12 7
  soon git -C mirror.git cat-file -e xsa-4.12:xsa7.c
  state() { xsabot -c xsabot.conf status --format=json | jq -r ".mirrors[].state"; }
  soon eval "[ \$(state) = good ]"
  xsabot -c xsabot.conf status >out
  grep -q "^mirror near: " out
'
test_expect 'a wrong configuration is mailed when it stays so' '
  printf "%s\n" "#!/bin/sh" "cat >>$PWD/sent" >sendmail
  chmod +x sendmail
  fresh "rescan = 1s" "[mail]" "from = bot@example.org" "to = keeper@example.org" "failing = 1s" \
    "transport = $PWD/sendmail"
  watch
  cp xsabot.conf good.conf
  echo "wrong = 1" >>xsabot.conf
  kill -HUP $WATCH
  soon grep -q "wrong: unknown key" sent
  cp good.conf xsabot.conf
  kill -HUP $WATCH
  soon grep -q "^Subject: .*RESOLVED" sent
'
test_expect 'status: each line, from the file that it keeps' '
  fresh
  fix_on 4.12 7
  watch
  xsabot -c xsabot.conf status >out
  same 3 "$(grep -c "up to date" out)"
  grep -q "^4.12: .*RELEASE-4.12.0, 1 pick" out
  git -C xen.git update-ref refs/heads/xsa-4.13 staging-4.13
  fix_on 4.13 7
  soon eval "[ \$(xsabot -c xsabot.conf status --format=json | jq -r \".lines[] | select(.line == \\\"4.13\\\") | .state\") = held ]"
  exits 1 xsabot -c xsabot.conf status 4.13 >out
  grep -q "^4.13: held since .*someone moved" out
  exits 64 xsabot -c xsabot.conf status 5.1
'
test_expect '... and whether a bot is at work' '
  fresh
  watch
  soon eval "xsabot -c xsabot.conf status >out"
  grep -q "^bot: process $WATCH is at work; the last change was seen at 20" out
  same "$WATCH" "$(xsabot -c xsabot.conf status --format=json | jq .bot)"
  stop_watch
  wait $WATCH || :
  xsabot -c xsabot.conf status >out
  grep -q "^bot: none is at work; the last change was seen at 20" out
  same null "$(xsabot -c xsabot.conf status --format=json | jq .bot)"
'
done_testing
