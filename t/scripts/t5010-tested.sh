#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A gate that is a test system elsewhere, which answers by a push.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
. "$T_DIR/gate-lib.sh"

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
test_expect 'a candidate that is not wanted any more goes to what is published, and its answer counts for nothing' '
  fresh "[gate]" "$EXTERNAL"
  fix 2
  run
  first=$(candidate)
  note_on "$(at staging-4.17)" "Exclude: not here"
  run
  says "is up to date"
  same "$(at xsa-4.17)" "$(candidate)"
  passed "$first"
  run
  stays
  same "$OLD" "$(candidate)"
  fix 3
  run
  fails same "$OLD" "$(candidate)"
  passed "$(candidate)"
  run
  branch_has 1 3
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
  fresh "[gate]" "command = $GOOD" "$EXTERNAL" ${GATE_MORE:+"$GATE_MORE"}
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
done_testing
