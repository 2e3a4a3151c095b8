#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# TAP: a fix is whole: its series, repairs that don't say so, changed definitions,
# claims that aren't facts; and how a line comes to the rules that know them.
. "$(dirname "$0")/../lib/lib.sh"
[ -n "${XSABOT-}" ] || skip_all 'XSABOT names no program'

REPO=$PWD/xen.git W=$PWD/w STEP=60
# One minute, or as STEP says, between two commits.
tick() {
  T_CLOCK=$((T_CLOCK + STEP))
  export GIT_AUTHOR_DATE="$T_CLOCK +0000" GIT_COMMITTER_DATE="$T_CLOCK +0000"
}
# scene LINE [STEP]: a release with some C files, and a branch on which the commits of a scene come.
scene() {
  L=$1 STEP=${2:-60}
  make_line "$REPO" "$W" "$L"
  c_file a.c start fill stop
  c_file b.c open_it close_it
  git -C "$W" add .
  tick
  git -C "$W" commit -qm files
  tick
  git -C "$W" tag -a -m "Xen $L.1" "RELEASE-$L.1"
  push "$W" "staging-$L" "refs/tags/RELEASE-$L.1"
}
# c_file PATH FUNCTION...: each a function of ten lines.
c_file() {
  local path=$1 f i
  shift
  for f; do
    printf 'int %s(int x)\n{\n' "$f"
    for i in 1 2 3 4 5 6 7 8; do printf '    x += %s_%d;\n' "$f" "$i"; done
    printf '    return x;\n}\n\n'
  done >"$W/$path"
}
# edit SCRIPT PATH SUBJECT [BODY]: one commit, by sed.
edit() {
  tick
  sed -i "$1" "$W/$2"
  git -C "$W" commit -qam "$3${4:+

$4}"
}
shown() { push "$W" "staging-$L"; }
plan() { "$XSABOT" plan -q -C "$REPO" "$L" "$@"; }
picks() { plan "$@" --format=json >plan.json || [ $? = 1 ]; jq -r '.lines[0].picks | map(.subject) | join(",")' plan.json; }
# of SUBJECT KEY: that of a pick of the last plan.
of() { jq -r --arg s "$1" ".lines[0].picks[] | select(.subject == \$s) | $2" plan.json; }

# ---- series ----

scene 4.1
edit 's/fill_1/fill_one/' a.c stranger
edit 's/open_it_1/open_it_one/' b.c 'part one'
STEP=1
GIT_AUTHOR_NAME=Other edit 's/stop_1/stop_one/' a.c 'not his, same file'
GIT_AUTHOR_NAME=Other edit 's/close_it_1/close_it_one/' b.c 'not his, other file'
edit 's/start_1/start_one/' a.c fix 'This is XSA-1.'
edit 's/start_8/start_eight/' a.c 'part two'
edit 's/open_it_8/open_it_eight/' b.c 'other work'
shown
test_expect 'what was put on the branch together with a fix comes with it, when it belongs to it' '
  same "part one,not his, same file,fix,part two" "$(picks)"
  same "prerequisite series XSA-1" "$(of "part one" "\"\(.role) \(.evidence[0].kind) \(.advisories[0])\"")"
  same "prerequisite series XSA-1" "$(of "part two" "\"\(.role) \(.evidence[0].kind) \(.advisories[0])\"")"
  same 3 "$(jq ".lines[0].counts.prerequisite_series" plan.json)"'
test_expect '... each says what it was put there with' '
  picks >/dev/null
  id=$(of fix .commit)
  same "$id $id" "$(of "part one" ".needed_by[0]") $(of "part two" ".needed_by[0]")"
  of "part one" .why | grep "${id:0:12}"
  "$XSABOT" build -q -C "$REPO" "$L" >tip
  git -C "$REPO" log --format=%B "$(tail -1 tip)" >log
  same 3 "$(grep -c "^Xsabot-For: $id" log)"'
test_expect '... as the plan of a shorter branch had it' '
  all=$(plan --format=ids)
  for at in $(git -C "$REPO" rev-list --reverse "RELEASE-$L.1..staging-$L"); do
    case $all in "$(plan --tip "$at" --format=ids)"*) ;; *) return 1 ;; esac
  done'
test_expect '... not without discovery, nor by text alone, nor by the first rules' '
  for o in --no-discover --no-meaning --rules-version=1; do same fix "$(picks $o)"; done'

scene 4.2 0
edit 's/open_it_1/open_it_one/' b.c 'other work'
edit 's/start_1/start_one/' a.c fix 'This is XSA-1.'
shown
test_expect 'where all dates are the same, they say nothing' '
  same fix "$(picks)"'

scene 4.3
STEP=1
for i in $(seq 60); do edit "s/open_it_1.*;/open_it_1; \/\/ $i/" b.c "import $i"; done
edit 's/start_1/start_one/' a.c fix 'This is XSA-1.'
shown
test_expect 'a mass import is no series' '
  same fix "$(picks)"'

scene 4.4
edit 's/start_1/start_one/' a.c 'first part' 'This is part of XSA-1.'
edit 's/stop_1/stop_one/' a.c 'between'
edit 's/open_it_1/open_it_one/' b.c 'other work'
edit 's/start_8/start_eight/' a.c 'second part' 'This is part of XSA-1.'
shown
test_expect 'what its author put between two parts of an advisory, in its files' '
  same "first part,between,second part" "$(picks)"'

scene 4.12
edit 's/fill_1/fill_one/' a.c stranger
edit 's/open_it_1/open_it_one/' b.c 'same request (#7)'
STEP=1
edit 's/close_it_1/close_it_one/' b.c 'other request (#8)'
edit 's/stop_1/stop_one/' a.c 'no request'
edit 's/start_1/start_one/' a.c 'fix (#7)' 'This is XSA-1.'
shown
test_expect 'where a forge names pull requests, a series is one of these' '
  same "same request (#7),fix (#7)" "$(picks)"'

# ---- repairs ----

scene 4.5
edit 's/start_4;/start_4;\n    check_it(x);\n    note_it(x);/' a.c fix 'This is XSA-1.'
edit 's/stop_4/stop_four/' a.c 'other work'
edit 's/check_it(x)/check_it(x + 1)/' a.c 'start: count from one'
edit 's/check_it(x + 1)/check_it(x + 2)/; s/fill_4/fill_four/; s/fill_5/fill_five/' a.c 'mostly other work'
shown
test_expect 'what changes mostly lines that a pick added repairs it' '
  same "fix,start: count from one" "$(picks)"
  same "follow-up lines XSA-1" "$(of "start: count from one" "\"\(.role) \(.evidence[0].kind) \(.advisories[0])\"")"
  same "$(of fix .commit)" "$(of "start: count from one" ".fixes[0]")"
  same 1 "$(jq ".lines[0].counts.follow_up_lines" plan.json)"
  same fix "$(picks --no-follow-ups)"
  same fix "$(picks --rules-version=1)"'

scene 4.41
printf '%s\n' 'compiler = 1.19.8' 'name = a' >"$W/deps"
git -C "$W" add deps
edit 's/1.19.8/1.19.9/' deps 'deps: the compiler that has the fix' 'This is XSA-1.'
edit 's/1.19.9/1.19.10/' deps 'deps: the next compiler'
edit 's/start_4/start_four/' a.c 'fix' 'This is XSA-2.'
shown
test_expect 'who raises a version repairs nothing' '
  same "deps: the compiler that has the fix,fix" "$(picks)"'

# release: what the branch has so far is released as well.
release() {
  tick
  git -C "$W" tag -a -m "Xen $L.2" "RELEASE-$L.2"
  push "$W" "staging-$L" "refs/tags/RELEASE-$L.2"
}
BACKPORT='This is XSA-1.

(cherry picked from commit 1111111111111111111111111111111111111111)'
scene 4.40
edit 's/start_4;/start_4;\n    check_it(x);\n    note_it(x);/' a.c fix "$BACKPORT"
edit 's/stop_4;/stop_4;\n    look_at(x);/' a.c 'fixed before the line was' 'This is XSA-2.'
edit 's/open_it_4;/open_it_4;\n    once(x);\n    twice(x);/' b.c 'fix two' "$BACKPORT"
release
edit 's/check_it(x)/check_it(x + 1)/' a.c 'start: count from one'
edit 's/look_at(x)/look_at(x + 1)/' a.c 'stop: look further'
edit 's/note_it(x)/note_it(x, 2)/; s/fill_4/fill_four/; s/fill_5/fill_five/' a.c 'mostly other work'
edit 's/open_it_4;/open_it_four;/' b.c 'needed below'
edit 's/once(x)/once(x, 3)/' b.c 'open: once is three'
shown
test_expect 'what changes mostly lines of a backported fix that the release has repairs it, where it needs nothing else' '
  same "start: count from one" "$(picks)"
  same "follow-up lines XSA-1" "$(of "start: count from one" "\"\(.role) \(.evidence[0].kind) \(.advisories[0])\"")"
  same "$(git -C "$W" log --format=%H --grep=^fix$)" "$(of "start: count from one" ".fixes[0]")"
  of "start: count from one" .why | grep "which the release has: 1 of the 1 lines"
  jq -r ".lines[0].warnings[]" plan.json >said
  grep "seems to belong to what was picked, but is left out: it repairs lines of a fix that the release has" said
  same "" "$(picks --no-follow-ups)"
  same "" "$(picks --rules-version=1)"'

scene 4.6
edit 's/start_4;/start_4;\n    check_it(x);/' a.c fix 'This is XSA-1.'
edit 's/fill_4/fill_four/' a.c 'fill: fix the XSA-1 fix'
edit 's/fill_5/fill_five/' a.c 'fill: work (XSA-1 was a fix)'
edit 's/fill_6/fill_six/' a.c 'fill: prepare for XSA-1'
edit 's/fill_7/fill_seven/' a.c 'fill: fix XSA-2 fallout'
shown
test_expect 'a subject that says so: "fix the XSA-1 fix"' '
  same "fix,fill: fix the XSA-1 fix" "$(picks)"
  same "follow-up words XSA-1" "$(of "fill: fix the XSA-1 fix" "\"\(.role) \(.evidence[0].kind) \(.advisories[0])\"")"'

scene 4.7
edit 's/start_4;/start_4;\n    check_it(x);/' a.c fix 'This is XSA-1.'
fix=$(git -C "$W" rev-parse HEAD)
edit 's/close_it_4/close_it_four/' b.c claim "This reverts commit $fix."
shown
test_expect 'a revert that reverts nothing is a mention' '
  same fix "$(picks)"
  same applied "$(jq -r ".lines[0].advisories[0].state" plan.json)"
  jq -r ".lines[0].warnings[]" plan.json | grep "reverts $fix, but restores none"
  picks --rules-version=1 >/dev/null
  same applied "$(jq -r ".lines[0].advisories[0].state" plan.json)"'
scene 4.8
edit 's/start_4;/start_4;\n    check_it(x);\n    note_it(x);/' a.c fix 'This is XSA-1.'
fix=$(git -C "$W" rev-parse HEAD)
edit '/check_it/d' a.c 'half of it' "This reverts commit $fix."
shown
test_expect 'one that reverts a part counts, and is told' '
  same "fix,half of it" "$(picks)"
  same reverted "$(jq -r ".lines[0].advisories[0].state" plan.json)"
  jq -r ".lines[0].warnings[]" plan.json | grep "reverts $fix, but restores a part"'

# ---- definitions ----

scene 4.9
edit 's/open_it_4;/open_it_4;\n    if (x < 0) return -2;/' b.c 'open: say what failed'
edit 's/close_it_4/close_it_four/' b.c 'other work'
edit 's/start_4;/start_4;\n    if (open_it(x) == -2) return 1;/' a.c fix 'This is XSA-1.'
shown
test_expect 'an earlier commit changed the function that a fix newly calls' '
  same "open: say what failed,fix" "$(picks)"
  same "prerequisite definition open_it" "$(of "open: say what failed" "\"\(.role) \(.evidence[0].kind) \(.evidence[0].name)\"")"
  same fix "$(picks --rules-version=1)"'

scene 4.10
edit 's/start_2/start_two/' a.c 'start: two'
edit 's/stop_2/stop_two/' a.c 'other work'
edit 's/start_8/start_eight/' a.c fix 'This is XSA-1.'
shown
test_expect 'a function that would be as the stable branch never had it' '
  same "start: two,fix" "$(picks)"
  of "start: two" .why | grep "start in a.c"
  same 0 "$(jq ".lines[0].residue | length" plan.json)"'
test_expect '... is told where the commit that makes the difference is not picked' '
  picks --rules-version=1 >/dev/null
  same "a.c function start XSA-1 $(git -C "$W" log --format=%H --grep="^start: two" -1)" \
    "$(jq -r ".lines[0].residue[] | \"\(.path) \(.kind) \(.name) \(.advisories[0]) \(.by[0])\"" plan.json)"
  same "1 0" "$(jq -r ".lines[0].counts | \"\(.definitions) \(.definitions_tested)\"" plan.json)"'

test_expect '... by --left-out first, and by explain' '
  id=$(git -C "$W" log --format=%H --grep="^start: two" -1)
  plan --rules-version=1 --left-out >out
  same "! ${id:0:12} start: two" "$(sed -n "/not in the branch/,\$p" out | grep -v "^4" | head -1)"
  grep -q "without it untested: start in a.c (XSA-1)" out
  "$XSABOT" explain -C "$REPO" XSA-1 "$L" --rules-version=1 >out
  grep -q "untested: function start in a.c .* without ${id:0:12}" out'

scene 4.11
edit 's/start_1;/start_1;\n    one(x);/' a.c stranger
edit 's/one(x)/two(x)/; s/open_it_1/open_it_one/' a.c 'part one'
STEP=1
edit 's/stop_1/stop_one/' a.c fix 'This is XSA-1.'
shown
test_expect 'a part that can not be picked is told, and its advisory is not called whole' '
  printf "[repository]\npath = %s\n[picks]\n%s = Exclude: not here\n" "$REPO" \
    "$(git -C "$W" log --format=%H --grep="^stranger" -1)" >conf
  "$XSABOT" -c conf plan 4.11 --format=json >plan.json 2>err
  same "fix partial" "$(jq -r ".lines[0] | .picks[0].subject + \" \" + .advisories[0].state" plan.json)"
  grep -q "seems to be a part of" err'

# ---- which rules ----

scene 5.0
edit 's/start_2/start_two/' a.c 'start: two'
edit 's/start_8/start_eight/' a.c fix 'This is XSA-1.'
shown
version() { git -C "$REPO" show "refs/xsabot/state/$L:state.json" | jq .rules_version; }
derived() { git -C "$REPO" log --reverse --no-merges --first-parent --format=%s "RELEASE-$L.$1..xsa-$L" | paste -sd,; }
printf '[repository]\npath = %s\n[lines]\nlines = 5.0\n' "$REPO" >conf
{ cat conf; printf '[rules]\nversion = 1\n'; } >conf.1
test_expect 'a line keeps the rules that it was made by until its next release' '
  "$XSABOT" -q -c conf.1 run
  same "1 fix" "$(version) $(derived 1)"
  "$XSABOT" -q -c conf run
  same "1 fix" "$(version) $(derived 1)"
  same fix "$("$XSABOT" -c conf plan "$L" --format=json | jq -r ".lines[0].picks | map(.subject) | join(\",\")")"
  "$XSABOT" -c conf verify "$L"
  edit "s/open_it_2/open_it_two/" b.c "open: two"
  tick
  git -C "$W" tag -a -m r "RELEASE-$L.2"
  edit "s/open_it_8/open_it_eight/" b.c "next fix" "This is XSA-2."
  push "$W" "staging-$L" "refs/tags/RELEASE-$L.2"
  "$XSABOT" -q -c conf run
  same "2 next fix" "$(version) $(derived 2)"
  "$XSABOT" -c conf verify "$L"'
test_expect '... or until the configuration says so; an unknown version is refused' '
  L=4.10
  printf "[repository]\npath = %s\n[lines]\nlines = 4.10\n[rules]\nversion = 1\n" "$REPO" >conf
  "$XSABOT" -q -c conf run
  same "1 fix" "$(version) $(derived 1)"
  sed -i "s/^version.*/version = 2/" conf
  old=$(git -C "$REPO" rev-parse xsa-4.10)
  "$XSABOT" -q -c conf run
  same "2 start: two,fix" "$(version) $(derived 1)"
  git -C "$REPO" merge-base --is-ancestor "$old" xsa-4.10
  exits 64 "$XSABOT" plan -C "$REPO" 4.10 --rules-version=3 2>err
  grep -q "rules-version" err
  exits 64 "$XSABOT" plan -C "$REPO" 4.10 --rules-version= 2>err'
done_testing
