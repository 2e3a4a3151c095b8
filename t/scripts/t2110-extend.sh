#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# TAP: a bot that stays goes on from its last plan. What it gets is, to the last
# word, the plan from the start, at every commit on the way.
TOOL=$(realpath "$1")
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
NL="
"

# steps LINE BASE TIP EVERY: both plans on the way, in "N DIFFERENT TRIALS-FROM-THE-START TRIALS-GOING-ON".
steps() { "$TOOL" "$PWD/xen.git" "$@" >got; }
# equal N: N steps, all the same; and going on tried less.
equal() {
  read -r n different start on <got
  same "$1 steps, 0 different" "$n steps, $different different"
  [ "$on" -lt "$start" ] || { echo "$on trials, and $start from the start"; return 1; }
}

make_line xen.git xen 4.17
commit a.c "$(edited)" "a file" >/dev/null
commit b.c "$(edited)" "another" >/dev/null
git -C xen tag -a -m "Xen 4.17.1" RELEASE-4.17.1
push xen RELEASE-4.17.1
START=RELEASE-4.17.1

test_expect 'fixes, what they need, what repairs them, what is excluded or reverted' '
  begin
  commit a.c "$(edited 3=need)" "a need" >/dev/null
  fix=$(commit a.c "$(edited 3=fixed)" "a fix${NL}${NL}This is XSA-1.")
  commit b.c "$(edited 5=other)" "another" >/dev/null
  excluded=$(commit b.c "$(edited 5=other 9=no)" "not this one${NL}${NL}This is XSA-2.")
  commit c.c "$(edited)" "a new file" >/dev/null
  commit a.c "$(edited 3=fixed 4=repaired)" "a repair${NL}${NL}Fixes: ${fix:0:12} (\"a fix\")" >/dev/null
  commit c.c "$(edited 1=fixed)" "a fix of the new file${NL}${NL}This is XSA-3." >/dev/null
  git -C xen revert --no-edit HEAD >/dev/null
  commit a.c "$(edited 3=fixed 4=repaired 20=end)" "the last${NL}${NL}This is part of XSA-1." >/dev/null
  git -C xen push -qf origin HEAD:refs/heads/staging-4.17
  note_on "$excluded" "Exclude: not ours"
  steps 4.17 "$START" staging-4.17 1
  equal 9
  plan 4.17
  same applied "$(state_of XSA-1)"
  same excluded "$(state_of XSA-2)"
'
test_expect 'a merge on the way' '
  begin
  commit a.c "$(edited 3=fixed)" "a fix${NL}${NL}This is XSA-1." >/dev/null
  git -C xen checkout -qb side RELEASE-4.17.1
  commit b.c "$(edited 3=fixed)" "aside${NL}${NL}This is XSA-2." >/dev/null
  git -C xen checkout -q staging-4.17
  git -C xen merge -q --no-edit side
  git -C xen branch -D side
  commit c.c "$(edited)" "a new file" >/dev/null
  commit c.c "$(edited 1=fixed)" "a fix of it${NL}${NL}This is XSA-3." >/dev/null
  git -C xen push -qf origin HEAD:refs/heads/staging-4.17
  steps 4.17 "$START" staging-4.17 1
  equal 4
'
test_expect 'a fix that does not apply, and what comes after it' '
  begin
  commit a.c "$(edited 3=fixed)" "a fix${NL}${NL}This is XSA-1." >/dev/null
  commit a.c "$(edited 3=other)" "between${NL}${NL}This is XSA-2." >/dev/null
  commit a.c "$(edited 3=more)" "blocked${NL}${NL}This is XSA-3." >/dev/null
  commit b.c "$(edited)" "later${NL}${NL}This is XSA-4." >/dev/null
  git -C xen push -qf origin HEAD:refs/heads/staging-4.17
  note_on "$(oid HEAD~2)" "Exclude: not ours"
  steps 4.17 "$START" staging-4.17 1
  equal 4
  plan 4.17
  same "pending blocked" "$(state_of XSA-4) $(state_of XSA-3)"
'
test_expect 'what notes say of a commit that was looked at before' '
  begin
  early=$(commit b.c "$(edited 5=early)" "needed later")
  late=$(commit b.c "$(edited 5=early 15=late)" "needed, too")
  commit a.c "$(edited 3=fixed)" "a fix${NL}${NL}This is XSA-1." >/dev/null
  commit a.c "$(edited 3=fixed 9=fixed)" "a fix${NL}${NL}This is XSA-2." >/dev/null
  git -C xen push -qf origin HEAD:refs/heads/staging-4.17
  note_on "$early" "Prerequisite-of: XSA-2"
  note_on "$late" "Prerequisite-of: XSA-1"
  MALLOC_PERTURB_=85 steps 4.17 "$START" staging-4.17 1
  equal 4
'

CORPUS=${XSABOT_CORPUS:-$T_SRC/../shared/corpus}
for window in RELEASE-4.13.4..RELEASE-4.13.5 RELEASE-4.17.0..RELEASE-4.17.1 RELEASE-4.20.0..RELEASE-4.20.1; do
  line=${window#RELEASE-} line=${line%.*..*}
  title="$window, at every eighth commit"
  if [ ! -e "$CORPUS/xen-$line.bundle" ]; then
    skip "$title" "no histories in $CORPUS (XSABOT_CORPUS names another place)"
    continue
  fi
  # shellcheck disable=SC2016
  test_expect "$title" '
    rm -rf xen.git
    git clone -q --bare "$CORPUS/xen-$line.bundle" xen.git
    steps "$line" "${window%..*}" "${window#*..}" 8
    equal "$(($(git -C xen.git rev-list --count --first-parent "$window") / 8 + 1))"
  '
done
done_testing
