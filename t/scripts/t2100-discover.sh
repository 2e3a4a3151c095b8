#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# TAP: prerequisites that are found by text. Each scene is a line of its own;
# commits are named by their subjects.
. "$(dirname "$0")/../lib/lib.sh"
[ -n "${XSABOT-}" ] || skip_all 'XSABOT names no program'

REPO=$PWD/xen.git W=$PWD/w

# edit SCRIPT NAME [PATH]: one commit, by sed, of a.c; NAME "XSA-…" makes it a fix.
edit() {
  local path=${3:-a.c} tag=
  case $2 in XSA-*) tag=$'\n\nThis is '${2%% *}. ;; esac
  tick
  sed -i "$1" "$W/$path"
  git -C "$W" commit -qam "$2$tag"
}
# scene LINE: a release and a branch, on which the commits of a scene come.
scene() {
  L=$1
  make_line "$REPO" "$W" "$L"
}
shown() { push "$W" "staging-$L"; }
id() { git -C "$REPO" log -1 --format=%H --grep="^$2\$" "staging-$1"; }
# What text alone finds: the rules of version 1, which later ones add to.
plan() { "$XSABOT" plan -q -C "$REPO" --rules-version=1 "$@"; }
# picks LINE [OPTION]...: the subjects of what is picked, in order, with commas.
picks() {
  plan "$@" --format=ids >ids || [ $? = 1 ]
  git -C "$REPO" log --no-walk=unsorted --stdin --format=%s <ids | paste -sd,
}
json() { plan "$@" --format=json || [ $? = 1 ]; }
# field LINE COMMIT KEY: that key of the pick, on one line.
field() {
  json "$1" | tr -d '\n' | sed 's/{ *"commit": "/\n&/g' | grep "^{ *\"commit\": \"$(id "$1" "$2")\"" |
    grep -o "\"$3\": \(\"[^\"]*\"\|\[[^]]*\]\)" | tr -d ' ' | head -1
}

scene 4.1 # the same line
edit 's/two/TWO/' other
edit 's/five/FIVE/' need
edit 's/FIVE/fixed/' XSA-1
shown

scene 4.2 # a line that went, beside the place
edit '/five/d' need
edit 's/four/fixed/' XSA-1
shown

scene 4.3 # lines that moved away from the place
edit '/^two$/d; /^three$/d; $a two\nthree' need
edit '/one/a fixed' XSA-1
shown

scene 4.4 # under another name
edit 's/five/FIVE/' need
tick
git -C "$W" mv a.c b.c
git -C "$W" commit -qm rename
edit 's/FIVE/fixed/' XSA-1 b.c
shown

scene 4.5 # the file is not there
commit_file "$W" new.c 'alpha\nbeta\ngamma\ndelta\n' need
edit 's/delta/DELTA/' other new.c
edit 's/alpha/fixed/' XSA-1 new.c
shown

scene 4.6 # the file is not there, under its new name
commit_file "$W" new.c 'alpha\nbeta\ngamma\ndelta\n' need
tick
git -C "$W" mv new.c newer.c
git -C "$W" commit -qm rename
edit 's/alpha/fixed/' XSA-1 newer.c
shown

scene 4.7 # a need of a need
edit 's/five/FIVE/' first
edit 's/nine/NINE/' other
edit 's/FIVE/5/' second
edit 's/5/fixed/' XSA-1
shown

scene 4.8 # suspects that are not needed
edit '/six/a tmp' come
edit 's/five/FIVE/' need
edit '/tmp/d' go
edit 's/FIVE/fixed/' XSA-1
shown

scene 4.9 # changed, changed back, changed
edit 's/five/FIVE/' forth
edit 's/FIVE/five/' back
edit 's/five/5/' need
edit 's/5/fixed/' XSA-1
shown

scene 4.10 # a revert
edit '/six/a new' made
tick
git -C "$W" revert --no-edit HEAD >/dev/null
edit 's/six/SIX/' need
edit 's/SIX/fixed/' XSA-1
shown

scene 4.11 # two fixes need the same, and one needs the other
edit 's/two/TWO/; s/five/FIVE/' need
edit 's/FIVE/fixed/' XSA-1
edit 's/TWO/fixed2/; s/^fixed$/more/' XSA-2
shown

scene 4.12 # two needs of one fix, in two files
commit_file "$W" b.c 'one\ntwo\nthree\n' 'XSA-9

This is XSA-9.'
edit 's/two/TWO/' 'need b' b.c
edit 's/five/FIVE/' 'need a'
tick
sed -i 's/FIVE/fixed/' "$W/a.c"
sed -i 's/TWO/fixed/' "$W/b.c"
git -C "$W" commit -qam 'XSA-1

This is XSA-1.'
shown

scene 4.13 # bytes, not lines
commit_file "$W" bin 'a\0b\n' 'XSA-9

This is XSA-9.'
commit_file "$W" bin 'a\0c\n' need
commit_file "$W" bin 'a\0d\n' 'XSA-1

This is XSA-1.'
shown

scene 4.14 # on a side branch
git -C "$W" checkout -qb side
edit 's/five/FIVE/' need
git -C "$W" checkout -q "staging-$L"
commit_file "$W" else x other
tick
git -C "$W" merge -q --no-ff --no-edit -m merge side
git -C "$W" branch -qD side
edit 's/FIVE/fixed/' XSA-1
shown

scene 4.15 # a need that must not be picked
edit 's/five/FIVE/' need
edit 's/nine/NINE/' other
edit 's/FIVE/fixed/' XSA-1
shown

scene 4.16 # a need that is repaired before the fix comes
edit 's/five/FIVE/' need
edit 's/eight/EIGHT/' "repair

Fixes: $(git -C "$W" rev-parse HEAD) (\"need\")"
edit 's/FIVE/fixed/' XSA-1
shown

scene 4.17 # seven steps to one place
for k in 1 2 3 4 5 6 7; do
  edit "5s/.*/step $k/" "step $k"
done
edit '5s/.*/fixed/' XSA-1
shown

test_expect 'a line that another commit changed before: that commit, and no other' '
  same need,XSA-1 "$(picks 4.1)"'
test_expect '... by its full id, before the fix' '
  same "$(id 4.1 need) $(id 4.1 XSA-1)" "$(plan 4.1 --format=ids | paste -sd" ")"'
test_expect 'a line beside the place that another commit deleted' '
  same need,XSA-1 "$(picks 4.2)"'
test_expect 'lines that another commit moved away from the place' '
  same need,XSA-1 "$(picks 4.3)"'
test_expect 'a file that was renamed since: the need, but not the rename' '
  same need,XSA-1 "$(picks 4.4)"'
test_expect 'a file that is not there: the commit that made it, and no other' '
  same need,XSA-1 "$(picks 4.5)"'
test_expect 'a file that is not there and was renamed' '
  same need,XSA-1 "$(picks 4.6)"'
test_expect 'a need of a need' '
  same first,second,XSA-1 "$(picks 4.7)"'
test_expect 'suspects that are not needed go again' '
  same need,XSA-1 "$(picks 4.8)"'
test_expect 'what was changed back is not taken' '
  same need,XSA-1 "$(picks 4.9)"'
test_expect 'neither a revert nor what it reverts' '
  same need,XSA-1 "$(picks 4.10)"
  same need,XSA-1 "$(picks 4.10 --no-follow-ups)"'
test_expect 'a need that is picked already is not searched again' '
  same need,XSA-1,XSA-2 "$(picks 4.11)"
  same "\"needed_by\":[\"$(id 4.11 XSA-1)\"]" "$(field 4.11 need needed_by)"'
test_expect 'needs in two files' '
  same "XSA-9,need b,need a,XSA-1" "$(picks 4.12)"'
test_expect 'a binary file' '
  same XSA-9,need,XSA-1 "$(picks 4.13)"'
test_expect 'a need on a side branch' '
  same need,XSA-1 "$(picks 4.14)"'
test_expect 'a long chain' '
  same "step 1,step 2,step 3,step 4,step 5,step 6,step 7,XSA-1" "$(picks 4.17)"'
test_expect 'a repair of a need comes with it' '
  same need,repair,XSA-1 "$(picks 4.16)"
  same need,XSA-1 "$(picks 4.16 --no-follow-ups)"'

test_expect 'a declared need and its revert come together' '
  printf "[repository]\npath = %s\n[picks]\n%s = Prerequisite-of: XSA-1\n" "$REPO" "$(id 4.10 made)" >conf
  "$XSABOT" -c conf plan -q 4.10 --format=ids >ids
  same "made,Revert \"made\",need,XSA-1" "$(git -C "$REPO" log --no-walk=unsorted --stdin --format=%s <ids | paste -sd,)"'
test_expect 'without discovery it blocks, and names the commits that may settle it' '
  exits 1 plan 4.1 --no-discover --format=json >out
  same "\"candidates\": [ \"$(id 4.1 need)\", \"$(id 4.1 other)\" ]" \
    "$(tr -s " \n" " " <out | grep -o "\"candidates\": [^]]*]")"'
test_expect 'an excluded need is not picked: it blocks, and is named first' '
  printf "[repository]\npath = %s\n[picks]\n%s = Exclude: it is bad\n" "$REPO" "$(id 4.15 need)" >conf
  exits 1 "$XSABOT" -c conf plan -q 4.15 --format=json >out
  grep -q "\"blocked\": 1" out
  same "\"candidates\": [ \"$(id 4.15 need)\"" "$(tr -s " \n" " " <out | grep -o "\"candidates\": \[[^],]*")"'

test_expect 'the pick says what needs it, and where it conflicts without' '
  same "\"role\":\"prerequisite\"" "$(field 4.7 second role)"
  same "\"needed_by\":[\"$(id 4.7 XSA-1)\"]" "$(field 4.7 second needed_by)"
  same "\"needed_by\":[\"$(id 4.7 second)\"]" "$(field 4.7 first needed_by)"
  same "\"advisories\":[\"XSA-1\"]" "$(field 4.7 first advisories)"
  same "\"evidence\":[{\"kind\":\"text\",\"need\":\"$(id 4.7 XSA-1)\",\"path\":\"a.c\",\"line\":5,\"name\":null}]" \
    "$(field 4.7 second evidence)"
  json 4.7 | grep -c "\"why\": \"without it $(id 4.7 XSA-1 | cut -c1-12) conflicts in a.c near line 5\""'
test_expect 'all picks that need it are named' '
  same "\"needed_by\":[\"$(id 4.17 "step 2")\"]" "$(field 4.17 "step 1" needed_by)"
  json 4.17 | grep -c "\"prerequisite_text\": 7"'
test_expect 'no pick is without a why' '
  for k in $(seq 17); do json 4.$k; done >out
  fails grep -q "\"why\": \(null\|\"\"\|\"needed\"\)" out'
if [ -n "${XSABOT_SMALL_BUDGET-}" ]; then
  test_expect 'past its budget, the search ends in a block that says so' '
    exits 1 "$XSABOT_SMALL_BUDGET" plan -q -C "$REPO" 4.17 --format=json >out
    grep -q "\"why\": .*the search for what it needs was given up after 6 trial picks" out
    same need,XSA-1 "$(XSABOT=$XSABOT_SMALL_BUDGET picks 4.1)"'
else
  skip 'past its budget, the search ends in a block that says so' 'no program with a small budget'
fi
test_expect 'as staging grows, the plan grows at its end' '
  for k in $(seq 17); do
    last=
    for at in $(git -C "$REPO" rev-list --reverse --first-parent "RELEASE-4.$k.0..staging-4.$k"); do
      now=$(plan 4.$k --tip "$at" --format=ids)
      case $now in "$last"*) ;; *) echo "4.$k $at"; exit 1 ;; esac
      last=$now
    done
  done'
test_expect 'git cherry-pick of the ids gives the trees' '
  for k in $(seq 17); do
    git -C "$W" checkout -q "RELEASE-4.$k.0"
    git -C "$W" cherry-pick $(plan 4.$k --format=ids) >/dev/null
    want=$(json 4.$k | sed -n "s/.*\"tree\": \"\(.*\)\".*/\1/p" | tail -1)
    same "$want" "$(git -C "$W" rev-parse HEAD^{tree})"
  done'
done_testing
