#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Do the checks of the sweep and of the power cuts see what they are for? A run is made wrong from outside: a sync
# that isn't made, a rename that comes too late, a write that fails and of which nobody hears. The checks must
# say so; and say nothing of a run that isn't disturbed. With SWEEP_POINTS=all the sync of each file is left out in turn.
INJECT=$(realpath "$1")
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/sweep-lib.sh"
sweep_scene
export INJECT_LOG=$SANDBOX/calls

test_expect 'nothing is wrong: the checks say nothing' '
  disturbed count 0
  in_order
  test -s "$INJECT_LOG"
'

# unseen NAME LEAST: which of the syncs whose path ends so, LEAST or more, can be left out without a complaint.
unseen() {
  local n point
  export INJECT_AT="fsync $PWD/xen.git*/$1"
  n=$(all_points lie)
  [ "$n" -ge "$2" ] || echo "there are only $n"
  for point in $(some_of "$n"); do
    fresh
    inject lie "$point"
    same 0 $RC
    ! in_order >/dev/null || echo "the sync $point of $n"
  done
}
test_expect 'a file that is not synced before it gets its name is seen' '
  same "" "$(unseen "*@(tmp-*|.lock)" 25)"
'
for dir in xen.git/objects/pack xen.git/refs/heads xen.git.xsabot xen.git.xsabot/intent xen.git.xsabot/published \
  xen.git.xsabot/outbox/new; do
  test_expect "a directory that is not synced is seen: $dir" '
    export INJECT_AT="fsync $PWD/$dir"
    fresh
    inject lie+ 1
    fails in_order
  '
done

# caught PATTERN-OF-THE-COMPLAINT MODE POINT: the checks of a disturbed run complain, of that.
caught() {
  local text=$1
  shift
  fails disturbed "$@" >"$SANDBOX/complaint" 2>&1 || { echo "not seen"; return 1; }
  grep -e "$text" "$SANDBOX/complaint" || { cat "$SANDBOX/complaint"; return 1; }
}
test_expect 'a ref that moves before it is written down that it will is seen, if the run ends between the two' '
  export INJECT_AT="rename * $PWD/xen.git.xsabot/intent/4.18*" INJECT_UNTIL="link * $PWD/xen.git/refs/heads/xsa-4.18"
  caught "the refs" late-kill 1
'
test_expect 'a pack that is not yet in its place: the run sees it, and moves no ref' '
  export INJECT_AT="rename * $PWD/xen.git/objects/pack/*.pack" INJECT_UNTIL="link * $PWD/xen.git/refs/heads/xsa-4.18"
  disturbed late 3
  same 70 $RC
'
test_expect 'a mail that is in its place only after it counts as told is seen, if the run ends between the two' '
  export INJECT_AT="rename * $PWD/xen.git.xsabot/outbox/new/*" INJECT_UNTIL="rename * $PWD/xen.git.xsabot/mail-known.json"
  caught "the mails" late-kill 1
'
for what in "write $PWD/xen.git.xsabot/pack/tmp-pack*" "write $PWD/xen.git/refs/heads/*.lock" "write $PWD/xen.git.xsabot/outbox/new/*"; do
  test_expect "an error of which nobody hears is seen: ${what##*/}" '
    export INJECT_AT="$what"
    caught . lie+ 1
  '
done
done_testing
