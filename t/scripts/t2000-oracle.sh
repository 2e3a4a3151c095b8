#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whole windows of real lines, their texts taken out, against real git: the same
# verdict and the same tree for every pick. git merge-tree, made to do the merge
# of a cherry-pick, checks all of them; a real cherry-pick in a work tree checks
# one window of each line, and merge-tree with it.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

CORPUS=${XSABOT_CORPUS:-$T_SRC/../shared/corpus}
[ -e "$CORPUS/xen-4.17.bundle" ] || skip_all "no histories in $CORPUS (XSABOT_CORPUS names another place)"
git merge-tree --write-tree HEAD HEAD 2>&1 | grep -q usage && skip_all 'git merge-tree --write-tree needs git 2.38'

for bundle in "$CORPUS"/xen-*.bundle; do
  line=$(basename "$bundle" .bundle)
  git clone -q --bare "$bundle" "${line#xen-}.git"
done
printf '[policy]\non-block = skip\n' >skip.conf
WINDOWS=$(grep -v '^#' "$CORPUS/expected.txt" | cut -d' ' -f1)

# plan_of WINDOW [OPTION]...: its plan in plan.json; GIT_DIR is its repository from here on.
plan_of() {
  local window=$1 line
  shift
  line=${window#RELEASE-} line=${line%.*..*}
  export GIT_DIR=$PWD/$line.git
  BASE=${window%..*} TIP=${window#*..}
  rc=0
  xsabot -c skip.conf -C "$GIT_DIR" plan "$line" --base "$BASE" --tip "$TIP" --format=json "$@" >plan.json || rc=$?
  [ $rc -le 1 ]
}

# staging_order: base..tip, first parents in order, what a merge brings just before it.
staging_order() {
  local c
  git rev-list --first-parent --reverse "$BASE..$TIP" | while read -r c; do
    git rev-list --topo-order --reverse "$c" "^$c^1" "^$BASE"
  done
}

# merge_of TREE COMMIT: what the cherry-pick of COMMIT onto TREE gives: a tree, or "conflict". The merge base
# of two commits that have COMMIT's parent as theirs is that parent.
merge_of() {
  local onto rc=0 out
  onto=$(git commit-tree -p "$2^1" -m onto "$1")
  out=$(git merge-tree --write-tree --name-only --no-messages "$onto" "$(flat "$2")") || rc=$?
  case $rc in
  0) echo "$out" ;;
  1) echo conflict ;;
  *) return 1 ;;
  esac
}

# flat COMMIT: itself, or for a merge what cherry-pick -m 1 takes for it.
flat() {
  if git rev-parse -q --verify "$1^2" >/dev/null; then
    git commit-tree -p "$1^1" -m flat "$1^{tree}"
  else
    echo "$1"
  fi
}

# walk: what a person does by hand: the fixes in order; one that conflicts waits, and is tried again whenever
# another went in. "COMMIT TREE" for each that went in, "COMMIT waits" or "COMMIT empty" for the others.
walk() {
  local tip c again waiting=() left
  tip=$(git rev-parse "$BASE^{tree}")
  while read -r c; do
    try "$c" || { waiting+=("$c"); continue; }
    again=yes
    while [ -n "$again" ]; do
      again='' left=()
      for c in ${waiting[@]+"${waiting[@]}"}; do
        if [ -z "$again" ] && try "$c"; then again=yes; else left+=("$c"); fi
      done
      waiting=(${left[@]+"${left[@]}"})
    done
  done
  for c in ${waiting[@]+"${waiting[@]}"}; do echo "$c waits"; done
}

try() { # onto $tip, which goes on
  local tree
  echo x >>tries
  tree=$(merge_of "$tip" "$1")
  [ "$tree" != conflict ] || return 1
  [ "$tree" = "$tip" ] && echo "$1 empty" || echo "$1 $tree"
  tip=$tree
}

# ours: the plan in the form of walk.
ours() {
  jq -r '.lines[0] | (.picks[] | "\(.commit) \(.tree)"),
    (.left_out[] | select(.reason == "empty") | "\(.commit) empty"),
    (.left_out[] | select(.reason == "pending") | "\(.commit) waits")' plan.json
}

# tagged: the window's fixes as the plan has them, in staging order.
tagged() {
  jq -r '.lines[0] | (.picks + .left_out + .blocked)[].commit' plan.json | sort >fixes
  staging_order | grep -xFf fixes
}

# window_agrees WINDOW: each fix of it, picked or set aside, as git would.
window_agrees() {
  : >tries
  plan_of "$1" --no-discover --no-follow-ups
  tagged >order
  same "$(grep -F "$1 " "$CORPUS/expected.txt" | cut -d' ' -f3)" "$(wc -l <order)"
  walk <order | sort >git.list
  ours | sort >our.list
  diff git.list our.list
  fails grep -q "can't be decided" plan.json
}

# replay_agrees WINDOW: the ids of the plan with all its parts, picked one after another by git.
replay_agrees() {
  local tip c want
  plan_of "$1"
  tip=$(git rev-parse "$BASE^{tree}")
  jq -r '.lines[0].picks[] | "\(.commit) \(.tree)"' plan.json >want
  while read -r c want; do
    same "$(merge_of "$tip" "$c")" "$want"
    tip=$want
  done <want
}

for window in $WINDOWS; do
  test_expect "$window: each fix has git's verdict and tree" '
    window_agrees $window
    wc -l <order >>compared
    wc -l <tries >>tried
    grep -c waits our.list >>waiting || :
  '
done
for window in $WINDOWS; do
  test_expect "$window: the plan with all its parts gives git's trees" '
    replay_agrees $window
    wc -l <want >>replayed
  '
done

# cherry_picks WINDOW: in a work tree, with the command itself.
cherry_picks() {
  local c rc
  plan_of "$1" --no-discover --no-follow-ups
  tagged >order
  xsabot -c skip.conf -C "$GIT_DIR" plan "${BASE:8:4}" --base "$BASE" --tip "$TIP" --format=ids >ids || :
  export GIT_WORK_TREE=$PWD/tree GIT_INDEX_FILE=$PWD/index
  mkdir -p tree
  git checkout -qf --detach "$BASE"
  while read -r c want; do
    git cherry-pick -x --keep-redundant-commits "$c" >/dev/null 2>&1
    same "$(git rev-parse "HEAD^{tree}")" "$want"
  done < <(ours | grep -v -e waits -e empty)
  for c in $(ours | sed -n 's/ waits//p'); do
    fails git cherry-pick "$c" >/dev/null 2>&1
    git reset -q --hard
  done
  ours | grep -c . >>picked
}

for window in RELEASE-4.13.1..RELEASE-4.13.2 RELEASE-4.17.5..RELEASE-4.17.6 RELEASE-4.20.3..RELEASE-4.20.4; do
  test_expect "$window: so does git cherry-pick itself" '
    cherry_picks $window
  '
done

total() { awk '{ n += $1 } END { print n + 0 }' "$1" 2>/dev/null || echo 0; }
note "$(total compared) fixes compared, $(total waiting) of them set aside, by $(total tried) merges;" \
  "$(total replayed) picks of whole plans; $(total picked) by git cherry-pick"
done_testing
