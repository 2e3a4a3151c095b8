#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# When what is ready is published, and what appears together.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
. "$T_DIR/gate-lib.sh"

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
# pushes HH:MM...: a fix at each of these times of one day, and a look at it.
pushes() {
  local at
  for at; do
    fix $((++FIXES))
    FAKE="2030-01-01 $at:00" run
  done
}
FIXES=1
timed '... but what comes all the time is not put off for ever: for a day, or as long as max says' '
  fresh "[policy]" "publish = quiet 2h max 4h"
  pushes 10:00 11:00 12:30
  says "^4.17: waits until 2030-01-01 14:00 UTC, with XSA-2, XSA-3, XSA-4"
  pushes 13:59
  stays
  FAKE="2030-01-01 14:00:00" run
  branch_has 1 2 3 4 5
  moves 1
  pushes 14:30 15:30
  says "^4.17: waits until 2030-01-01 17:30 UTC, with XSA-6, XSA-7"
  fresh "[policy]" "publish = quiet 2h"
  FIXES=1
  pushes 00:00 01:30 03:00 04:30 06:00 07:30 09:00 10:30 12:00 13:30 15:00 16:30 18:00 19:30 21:00 22:30
  says "^4.17: waits until 2030-01-02 00:00 UTC"
  stays
'
timed '... also where all of what waits changes' '
  fresh "[policy]" "publish = quiet 2h max 4h"
  fix 2
  FAKE="2030-01-01 10:00:00" run
  git -C xen reset -q --hard HEAD~1
  push xen -f HEAD:refs/heads/staging-4.17
  fix 3
  FAKE="2030-01-01 11:30:00" run
  says "^4.17: waits until 2030-01-01 13:30 UTC, with XSA-3"
  git -C xen reset -q --hard HEAD~1
  push xen -f HEAD:refs/heads/staging-4.17
  fix 4
  FAKE="2030-01-01 13:00:00" run
  says "^4.17: waits until 2030-01-01 14:00 UTC, with XSA-4"
  FAKE="2030-01-01 14:00:00" run
  branch_has 1 4
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
  FAKE="2030-01-02 11:01:00" bot_ends 0 publish 4.17 --now
  branch_has 1 2
  fix 3
  FAKE="2030-01-02 11:02:00" run
  branch_has 1 2
'
timed '... but for a gate' '
  fresh "[policy]" "publish = quiet 2h" "[gate]" "command = $GOOD" ${GATE_MORE:+"$GATE_MORE"}
  fix 2 x.c "bad\n"
  bot_ends 1 publish 4.17 --now
  stays
'
timed 'a candidate is tested while it waits for its time, and a failure is told at once' '
  fresh "[policy]" "publish = at Tuesday 12:00 UTC" "[gate]" "command = $GOOD" ${GATE_MORE:+"$GATE_MORE"}
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
  command_gate "$GOOD" ${GATE_MORE:+"$GATE_MORE"} "[rules]" "metadata = $PWD/meta"
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
  FAKE="2030-01-02 12:30:00" bot_ends 0 publish 4.17 --now
  branch_has 1 3
  printf "%s" "{\"XSA\": 4, \"Recipes\": {\"4.18\": {\"Recipes\": {}}}}" >meta/xsa4.meta
  fresh "[rules]" "metadata = $PWD/meta"
  fix 3
  FAKE="2030-01-02 12:30:00" run
  branch_has 1 3
'
test_expect '... without metadata, those that were committed within the quiet period' '
  command_gate "$GOOD" ${GATE_MORE:+"$GATE_MORE"} "[policy]" "publish = quiet 1s"
  add 2
  add 3
  fix 4 x.c "bad\n"
  bot_ends 1 publish 4.17 --now
  branch_has 1 2 3
  command_gate "$GOOD" ${GATE_MORE:+"$GATE_MORE"} "[policy]" "publish = quiet 1h"
  add 2
  T_CLOCK=1600000000
  add 3
  fix 4 x.c "bad\n"
  bot_ends 1 publish 4.17 --now
  branch_has 1 2
'
done_testing
