#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The end of a line, by a person's word: its branch stays for good, all who look see that and why, and nothing
# about it is held. And lines that go away without such a word.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

for l in 4.17 4.18; do
  make_line xen.git xen $l
  make_advisory xen 7
  push xen staging-$l
done
save_scene
base_config '[mail]' 'from = bot@example.org' 'to = a@example.org' 'announce = b@example.org' 'transport = /bin/false'

published() {
  fresh
  run
}
state_of() { git -C xen.git show "refs/xsabot/state/$1:state.json" | jq -r "$2"; }
# mails [TEXT]: how many wait whose subject has that.
mails() { { bot outbox 2>/dev/null || :; } | grep -c -e "${1-given up\|waits}" || :; }
no_mail() { rm -rf xen.git.xsabot/outbox; }

test_expect 'a line that has ended stays as it is' '
  published
  was=$(at xsa-4.17)
  bot retire 4.17 --reason "no more support" >out
  grep "^4.17: refs/heads/xsa-4.17 stays for good: ended at 20.*: no more support" out
  fix_on 4.17 8
  fix_on 4.18 8
  run
  same "$was" "$(at xsa-4.17)"
  has_fix 8 xsa-4.18
  run
'
test_expect '... says so in its state, and in the status' '
  published
  before=$(at refs/xsabot/state/4.17)
  bot retire 4.17 --reason "no more support" >/dev/null
  same "no more support" "$(state_of 4.17 .ended.reason)"
  same "$before" "$(at refs/xsabot/state/4.17~)"
  bot status >out
  grep "^4.17: ended at 20.*; refs/heads/xsa-4.17 stays; no more support" out
  grep "^4.18: up to date" out
  same 4.17 "$(bot status --format=json | jq -r ".ended[].name")"
  same ended "$(bot status --format=json | jq -r ".lines[] | select(.line == \"4.17\") | .state")"
'
test_expect '... is told once, to all who get news' '
  published
  no_mail
  bot retire 4.17 --reason "no more support" >/dev/null
  run
  run
  same 1 "$(mails "RETIRED")"
  same 1 "$(mails)"
  id=$(bot outbox | sed -n "s/^\([0-9a-f]*\)  .*RETIRED.*/\1/p")
  bot outbox show "$id" >out
  grep "^To: b@example.org" out
  grep "^    no more support" out
'
test_expect '... is good for who verifies, with its stable branch and without' '
  published
  fix_on 4.17 8
  bot retire 4.17 --reason "no more support" >/dev/null
  git clone -q --mirror xen.git clone.git
  "$XSABOT" -C clone.git verify 4.17 >out
  grep "^4.17: .*as recorded; it ended at 20.*: no more support" out
  git -C xen.git update-ref -d refs/heads/staging-4.17
  run
  bot verify 4.17
  bot status
'
test_expect '... is held for nothing, and not forgotten' '
  published
  git -C xen.git update-ref -d refs/heads/staging-4.17
  run 1
  grep "^4.17: .*held: refs/heads/staging-4.17 is not there any more; bring it back, or end the line with xsabot retire 4.17 --reason .WHY. -c" out
  bot retire 4.17 --reason "gone" >/dev/null
  run
  bot status
'
test_expect '... what someone does to it since is seen' '
  published
  bot retire 4.17 --reason "gone" >/dev/null
  git -C xen.git update-ref refs/heads/xsa-4.17 staging-4.18
  run 1
  grep "someone moved refs/heads/xsa-4.17" out
  bot adopt 4.17 >/dev/null
  run
'
test_expect 'unretire: it goes on where it was' '
  published
  bot retire 4.17 --reason "no more support" >/dev/null
  fix_on 4.17 8
  run
  no_mail
  bot unretire 4.17 >out
  has_fix 8 xsa-4.17
  same null "$(state_of 4.17 .ended)"
  same 1 "$(mails PUSHED)"
  fix_on 4.17 9
  run
  has_fix 9 xsa-4.17
'
test_expect '... and that is told where nothing else changed' '
  published
  bot retire 4.17 --reason "no more support" >/dev/null
  no_mail
  bot unretire 4.17 >out
  same 1 "$(mails PUSHED)"
  id=$(bot outbox | sed -n "s/^\([0-9a-f]*\)  .*PUSHED.*/\1/p")
  bot outbox show "$id" | grep "kept again"
'
test_expect 'a line that the configuration names no more: said once, and how to end it' '
  published
  no_mail
  set_config "[lines]" "lines = 4.18-"
  run
  grep "^xsabot: 4.17: nothing moves refs/heads/xsa-4.17 any more: .*xsabot retire 4.17" err || bot run 2>run.err
  run
  same 1 "$(mails HELD)"
  exits 1 bot status >out
  grep "wrong: 4.17 was published, and \[lines\] lines does not name it any more" out
  bot retire 4.17 --reason "too old" >out
  grep "^4.17: .* stays for good" out
  bot status >out
  grep "^4.17: ended at" out
  run
  same 1 "$(mails RETIRED)"
  exits 64 bot plan 4.17 2>err
  grep "no line 4.17: \[lines\] lines does not name it" err
'
test_expect '... named again, it goes on' '
  published
  set_config "[lines]" "lines = 4.18-"
  run
  set_config
  no_mail
  fix_on 4.17 8
  run
  has_fix 8 xsa-4.17
  bot status
  same 1 "$(mails RESOLVED)"
'
test_expect 'without a state directory: the end is read from the state' '
  published
  bot retire 4.17 --reason "no more support" >/dev/null
  rm -r xen.git.xsabot
  fix_on 4.17 8
  run
  lacks() { ! has_fix 8 xsa-4.17; }
  lacks
  bot status >out
  grep "^4.17: ended at" out
'
test_expect 'a reason is asked for, and a line that was published' '
  published
  exits 64 bot retire 4.17
  exits 64 bot retire 4.17 --reason "two
lines"
  exits 64 bot retire 5.1 --reason x
  exits 64 bot unretire 5.1
  bot retire 4.17 --reason x --dry-run | grep "^4.17: would end"
  bot status | grep "^4.17: up to date"
'
done_testing
