#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The table of advisories: states and why, picks and their file names, what is new to a packager.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

# Two releases: 4.17.1 has XSA-100, which came from the main branch; XSA-1 to 4 follow.
ORIGIN=$(printf '1%.0s' {1..40})
make_line xen.git xen 4.17
BASE_FIX=$(commit old.c "$(edited)" "x86: an old fix

This is XSA-100 / CVE-2019-1.

master commit: $ORIGIN")
git -C xen tag RELEASE-4.17.1
ONE=$(commit a.c "$(edited 1=one)" "x86/mm: check the bound

This is part of XSA-1 / CVE-2020-1.

master commit: 2${ORIGIN:1}")
NEED=$(commit n.c "$(edited)" "common: prepare")
TWO=$(commit n.c "$(edited 10=two)" "domctl: \"lock\" it

This is XSA-2.")
ONE_B=$(commit b.c "x\n" "x86/mm: and the other

This is part of XSA-1.")
REPAIR=$(commit b.c "y\n" "x86/mm: fix the other

Fixes: ${ONE_B:0:12} (\"x86/mm: and the other\")")
FOUR=$(commit d.c "x\n" "tools: no

This is XSA-4.")
push xen staging-4.17 RELEASE-4.17.1
git -C xen.git notes --ref=xsa append -m 'Exclude: not for us' "$FOUR"
mkdir meta
printf '%s' '[{"xsas": [
 {"xsa": "1", "title": "a bound", "cve": ["CVE-2020-1", "CVE-2020-11"], "public_time": "2020-01-01 12:00", "version": 3},
 {"xsa": "2", "title": "a lock"}, {"xsa": "3", "title": "not here yet"}, {"xsa": 4}, {"xsa": "5", "title": "elsewhere"}]}]' >meta/xsa.json
printf '%s' '{"XSA": 3, "Recipes": {"4.17": {"Recipes": {"xen": {"Prereqs": null}}}}}' >meta/xsa3.meta
printf '%s' '{"XSA": 5, "Recipes": {"4.16": {"Recipes": {"xen": {"Prereqs": [1]}}}}}' >meta/xsa5.meta

# table [OPTION]...: of line 4.17, in table.json.
table() {
  local rc=0
  xsabot -C xen.git ${CONF:+-c "$CONF"} advisories 4.17 --format=json "$@" >table.json || rc=$?
  [ $rc -le 1 ] || { echo "advisories: status $rc"; return 1; }
}
# row ID FILTER, pick COMMIT FILTER: what jq finds there.
row() { jq -r ".lines[0].advisories[] | select(.id == \"$1\") | $2" table.json; }
pick() { jq -r ".lines[0].picks[] | select(.staging == \"$1\") | $2" table.json; }

test_expect 'each advisory has its state, its commits and its other names' '
  table
  same "applied $ONE $ONE_B CVE-2020-1" "$(row XSA-1 "[.state, .commits[], .aliases[]] | join(\" \")")"
  same "applied" "$(row XSA-2 .state)"
  same "excluded" "$(row XSA-4 .state)"
  row XSA-4 .why | grep "not for us"
'
test_expect '... also those that the release has' '
  table
  same "applied-in-base $BASE_FIX CVE-2019-1" "$(row XSA-100 "[.state, .commits[], .aliases[]] | join(\" \")")"
  same "RELEASE-4.17.1 has it" "$(row XSA-100 .why)"
'
test_expect 'picks have the ids here, on staging and on the main branch, and for whom they are' '
  table
  plan 4.17
  same "$(line ".picks[] | [.derived, .commit] | join(\" \")")" "$(jq -r ".lines[0].picks[] | [.derived, .staging] | join(\" \")" table.json)"
  same "2${ORIGIN:1} security XSA-1" "$(pick "$ONE" "[.origin, .role, .advisories[]] | join(\" \")")"
  same "null prerequisite $TWO" "$(pick "$NEED" "[(.origin | tostring), .role, .for[]] | join(\" \")")"
  same "follow-up" "$(pick "$REPAIR" .role)"
'
test_expect 'files are named by advisory and part, and what comes with one by its commit' '
  table
  same xsa1-4.17-01-x86-mm-check-the-bound.patch "$(pick "$ONE" .file)"
  same xsa1-4.17-02-x86-mm-and-the-other.patch "$(pick "$ONE_B" .file)"
  same xsa2-4.17-01-domctl-lock-it.patch "$(pick "$TWO" .file)"
  same "xsa2-4.17-pre-${NEED:0:12}.patch" "$(pick "$NEED" .file)"
  same "xsa1-4.17-fix-${REPAIR:0:12}.patch" "$(pick "$REPAIR" .file)"
  same "$(jq -r ".lines[0].picks[].file" table.json | sort)" "$(jq -r ".lines[0].advisories[].files[]" table.json | sort -u)"
'
test_expect '... or by the commit of the main branch' '
  table --names=origin
  same backport-211111111111.patch "$(pick "$ONE" .file)"
  same "backport-${TWO:0:12}.patch" "$(pick "$TWO" .file)"
  exits 64 xsabot -C xen.git advisories --names=mine
'
test_expect 'titles, CVEs and times are those of the list' '
  set_config "[rules]" "metadata = $PWD/meta"
  table
  same "a bound, 2020-01-01 12:00, 3, CVE-2020-1 CVE-2020-11" "$(row XSA-1 "[.title, .public_time, .issue, (.aliases | join(\" \"))] | join(\", \")")"
  rm xsabot.conf; CONF=
'
test_expect 'what the line should have by its metadata and has not is missing; other lines do not count' '
  set_config "[rules]" "metadata = $PWD/meta"
  exits 1 xsabot -c "$CONF" advisories 4.17 --format=json >table.json
  same missing "$(row XSA-3 .state)"
  same not-here "$(row XSA-5 .state)"
  xsabot -c "$CONF" advisories 4.17 2>err >out || :
  grep "missing .*XSA-3: not here yet" out
  rm xsabot.conf
'
# planned ID FILTER: what jq finds at an advisory of the plan.
planned() { jq -r --arg id "$1" ".lines[0].advisories[] | select(.id == \$id) | $2" plan.json; }
test_expect 'the plan says so, too, and what the release has' '
  xsabot -C xen.git plan 4.17 --format=json >plan.json || :
  same "applied-in-base $BASE_FIX CVE-2019-1" "$(planned XSA-100 "[.state, .commits[], .aliases[]] | join(\" \")")"
  same "" "$(planned XSA-3 .state)"
  set_config "[rules]" "metadata = $PWD/meta"
  xsabot -c "$CONF" plan 4.17 --format=json >plan.json 2>err || :
  same "missing not-here" "$(planned XSA-3 .state) $(planned XSA-5 .state)"
  jq -r ".lines[0].warnings[]" plan.json | grep "^XSA-3 is missing: its metadata has a fix for 4.17"
  grep "4.17: XSA-3 is missing" err
  rm xsabot.conf
'
test_expect 'explain tells apart what is missing, not for the line, not said, and not known' '
  set_config "[rules]" "metadata = $PWD/meta"
  exits 1 xsabot -c "$CONF" explain XSA-3 4.17 >out
  grep "^4.17: XSA-3 is missing: its metadata has a fix for 4.17" out
  xsabot -c "$CONF" explain XSA-5 4.17 >out
  grep "^4.17: XSA-5 is not-here: its metadata has no fix for 4.17" out
  sed -i "s/{\"xsa\": 4}/{\"xsa\": 4}, {\"xsa\": 6, \"title\": \"a third\"}/" meta/xsa.json
  xsabot -c "$CONF" explain XSA-6 4.17 >out
  grep "XSA-6 is in no window .*xsa.json has it (\"a third\"), and no .meta file says" out
  xsabot -c "$CONF" explain XSA-99 4.17 >out
  grep "XSA-99 is in no window .*xsa.json doesn.t have it" out
  xsabot -C xen.git explain XSA-99 4.17 >out
  grep "Whether it concerns them, only metadata tells" out
  rm xsabot.conf
'
test_expect 'metadata that is none is told, and the rest is there' '
  set_config "[rules]" "metadata = $PWD/bad"
  mkdir bad
  echo "[{" >bad/xsa.json
  xsabot -c "$CONF" advisories 4.17 --format=json 2>err >table.json
  grep "bad/xsa.json:.*no JSON" err
  same applied "$(row XSA-2 .state)"
  rm -r xsabot.conf bad
'

# ---- in the state

set_config
xsabot -c "$CONF" -q run >/dev/null
# stored FILTER: what jq finds in the table that the state has.
stored() { git -C xen.git cat-file -p refs/xsabot/state/4.17:advisories.json | jq -r ".lines[0] | $1"; }

test_expect 'the state has the table, without what is known beside the repository' '
  table
  stored "del(.tip)" >stored
  jq ".lines[0] | del(.tip)" table.json | diff - stored
  set_config "[rules]" "metadata = $PWD/meta"
  xsabot -c "$CONF" -q run >/dev/null || :
  same null "$(stored ".advisories[0].title")"
  same 0 "$(stored "[.advisories[] | select(.state == \"missing\")] | length")"
  rm xsabot.conf
'
test_expect 'status says what the metadata finds missing' '
  set_config "[rules]" "metadata = $PWD/meta"
  xsabot -c "$CONF" -q run >/dev/null || :
  exits 1 xsabot -c "$CONF" status >out
  grep "4.17: XSA-3 is missing: its metadata has a fix for 4.17" out
  rm -r xsabot.conf
  set_config
  xsabot -c "$CONF" -q run >/dev/null || :
  xsabot -c "$CONF" status >out || :
  fails grep "XSA-3" out
  rm xsabot.conf
'
test_expect '... the same object as long as no advisory and no pick changes' '
  old=$(git -C xen.git rev-parse refs/xsabot/state/4.17:advisories.json)
  state=$(git -C xen.git rev-parse refs/xsabot/state/4.17)
  commit unrelated.c "x\n" "nothing" >/dev/null
  push xen staging-4.17
  set_config
  xsabot -c "$CONF" -q run >/dev/null
  [ "$state" != "$(git -C xen.git rev-parse refs/xsabot/state/4.17)" ]
  same "$old" "$(git -C xen.git rev-parse refs/xsabot/state/4.17:advisories.json)"
'
test_expect '... and a state of an earlier version, which has none, gets one; the branch stays' '
  branch=$(at xsa-4.17)
  state=$(git -C xen.git rev-parse refs/xsabot/state/4.17)
  tree=$(git -C xen.git ls-tree "$state" | grep -v advisories.json | git -C xen.git mktree)
  old=$(git -C xen.git commit-tree -m "xsabot: state of 4.17" "$tree")
  git -C xen.git update-ref refs/xsabot/state/4.17 "$old"
  rm -rf xen.git.xsabot # as where the bot moved to a new host
  set_config
  xsabot -c "$CONF" -q run >/dev/null
  same "$branch" "$(at xsa-4.17)"
  same 5 "$(stored ".picks | length")"
  same "$old" "$(git -C xen.git rev-parse refs/xsabot/state/4.17^)"
'

# ---- what is new

set_config
xsabot -c "$CONF" -q run >/dev/null
rm xsabot.conf
CONF=
PACKAGED=$(at xsa-4.17)
git -C xen checkout -q staging-4.17
LATER=$(commit a.c "$(edited 1=one 20=more)" "x86/mm: once more

This is the third part of XSA-1.")
SIX=$(commit e.c "x\n" "x86: six

This is XSA-6.")
push xen staging-4.17

# new_since REV: the ids of advisories that have something new.
new_since() {
  table --since="$1"
  jq -r '[.lines[0].advisories[] | select(.new) | .id] | join(" ")' table.json
}

test_expect 'what is new to who packaged a commit of the branch: a new part, and a new advisory' '
  [ "$PACKAGED" != none ]
  same "XSA-1 XSA-6" "$(new_since "$PACKAGED")"
  same "$LATER $SIX" "$(jq -r "[.lines[0].picks[] | select(.new) | .staging] | join(\" \")" table.json)"
  xsabot -C xen.git advisories 4.17 --new-since="$PACKAGED" >out
  fails grep XSA-2 out
  grep -c "xsa1-4.17-03" out
  fails grep "xsa1-4.17-01" out
'
test_expect '... to who packaged a release, or the stable branch' '
  same "XSA-1 XSA-2 XSA-6" "$(new_since RELEASE-4.17.1)"
  same "" "$(new_since staging-4.17)"
'
test_expect '... across a new release' '
  git -C xen tag RELEASE-4.17.2
  push xen RELEASE-4.17.2
  table --since="$PACKAGED"
  same "XSA-1 XSA-4 XSA-6" "$(jq -r "[.lines[0].advisories[] | select(.new) | .id] | sort | join(\" \")" table.json)"
  same applied-in-base "$(row XSA-6 .state)"
'
test_expect '... and a commit that is not there is an error' '
  exits 64 xsabot -C xen.git advisories 4.17 --since=nothing
'

# ---- across lines, and what was issued again

test_expect 'what was issued again after its last commit came is told' '
  mkdir again
  jq ".[0].xsas[0].version_time = \"2030-01-01 12:00\" | .[0].xsas[1].version_time = \"2010-01-01 12:00\"" meta/xsa.json >again/xsa.json
  set_config "[rules]" "metadata = $PWD/again"
  xsabot -C xen.git -c "$CONF" advisories 4.17 --base=RELEASE-4.17.1 >out 2>&1 || :
  grep "4.17: XSA-1 was issued again (version 3, 2030-01-01 12:00) after the last of its commits came" out
  same 1 "$(grep -c "issued again" out)"
'
test_expect 'an advisory that an older and a newer line have, and none between them, is told, until the metadata settles it' '
  for line in 4.18 4.19 4.20; do make_line xen.git xen $line; done
  git -C xen checkout -q staging-4.20
  make_advisory xen 1
  make_advisory xen 77
  push xen staging-4.20
  git -C xen checkout -q staging-4.18
  make_advisory xen 1
  push xen staging-4.18
  xsabot -C xen.git advisories >out 2>&1 || :
  same "xsabot: XSA-1 has commits on 4.18 and on 4.20, and none on 4.19" "$(grep "and none on" out)"
  echo "{\"XSA\": 1, \"Recipes\": {\"4.18\": {\"Recipes\": {}}, \"4.20\": {\"Recipes\": {}}, \"4.17\": {}}}" >meta/xsa1.meta
  set_config "[rules]" "metadata = $PWD/meta"
  xsabot -C xen.git -c "$CONF" advisories >out 2>&1 || :
  fails grep "and none on" out
'
done_testing
