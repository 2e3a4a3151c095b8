#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A run, with all that it starts, disturbed at its system calls: killed, as a whole or one process of it, or told
# that the disk is full, broken, not for it, or that there are no descriptors. No ref stands half way, the
# next run brings all to where an undisturbed one would have, and each mail is sent. SWEEP_POINTS is how many
# points of each kind are tried, of how many there are is printed; SWEEP_SEED chooses them, SWEEP_MODES the kinds.
INJECT=$(realpath "$1")
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/sweep-lib.sh"
sweep_scene
test_expect 'undisturbed: refs moved, mail was sent' '
  fails cmp -s "$SANDBOX/before.refs" "$SANDBOX/want.refs"
  same "$TOLD" "$(told)"
'

MODES=${SWEEP_MODES:-kill kill-all ENOSPC ENOSPC+ EIO EIO+ EDQUOT+ EACCES EINTR ENOMEM EMFILE short}
count_points() { all_points "$2" >/dev/null; }
swept() { disturbed "$2" "$3"; }
sweep first-run
none_lost
test_expect 'which branch a work tree is on could not be read for a moment: that branch is not moved under it' '
  fresh
  was=$(git -C xen.git rev-parse xsa-4.17)
  git -C xen.git worktree add -q "$PWD/tree" xsa-4.17
  export INJECT_AT="open $PWD/xen.git/worktrees/tree/HEAD"
  inject EMFILE+ 1
  no_crash "EMFILE+" || false
  [ "$(cat "$SANDBOX/points")" -gt 0 ]
  same "$was" "$(git -C xen.git rev-parse xsa-4.17)"
  same "" "$(git -C tree status --short)"
'
test_expect 'the git that is asked does not see the objects for a moment: what it makes of that is believed by nobody' '
  export INJECT_AT="open */xsabot-merge.*/objects/info/alternates"
  n=$(all_points EMFILE)
  [ "$n" -gt 0 ]
  for ((point = 1; point <= n; point++)); do disturbed EMFILE $point; done
'
done_testing
