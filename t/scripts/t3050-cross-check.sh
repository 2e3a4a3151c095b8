#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is new is computed again by git before anybody sees it.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

make_line xen.git xen 4.17
make_advisory xen 1
push xen staging-4.17
make_line xen.git xen 4.18
make_advisory xen 2
push xen staging-4.18
git -C xen checkout -q staging-4.17
save_scene
GIT=$(command -v git)
git() { "$GIT" "$@"; } # ours, whatever the bot finds

# with_git SCRIPT: what follows finds this as git; "real" is the real one.
with_git() {
  mkdir -p fake
  printf '#!/bin/sh\nreal() { exec %s "$@"; }\n%s\n' "$GIT" "$1" >fake/git
  chmod +x fake/git
  PATH=$PWD/fake:$PATH
}
# counted: the questions that git was asked are counted in asked.
counted() { : >asked; with_git '[ "$1" = merge-tree ] || real "$@"; tee -a '"$PWD"'/asked | real "$@"'; }
# another: a git of another version, that makes another tree of everything.
another() { with_git 'case $1 in version) echo git version 2.99.1;; *) while read -r l; do printf "1\0%s\0\0" '"$1"'; done;; esac'; }
OTHER=4b825dc642cb6eb9a060e54bf8d69288fbee4904

test_expect 'each new pick is checked once, whatever comes after' '
  fresh
  counted
  run
  same 2 "$(wc -l <asked)"
  run
  same 2 "$(wc -l <asked)"
  fix 3
  run
  same 3 "$(wc -l <asked)"
'
test_expect '... also one that waits for a gate, or whose ref could not move' '
  fresh "[gate]" "external = yes"
  counted
  run
  same 2 "$(wc -l <asked)"
  touch xen.git/refs/xsabot/candidate/4.18.lock
  fix 3
  run
  same 3 "$(wc -l <asked)"
  run
  same 3 "$(wc -l <asked)"
'
test_expect 'a difference holds the line, names all, and goes with its cause' '
  fresh
  another $OTHER
  run 1
  c=$(git -C xen.git rev-parse staging-4.17)
  tree=$(xsabot -C xen.git plan 4.17 --format=json | jq -r ".lines[0].picks[0].tree")
  says "^4.17: .*held: xsabot and git differ about $c: onto the tree $(git -C xen.git rev-parse "RELEASE-4.17.0^{tree}")"
  says "makes the tree $tree, and git 2.99.1 the tree $OTHER"
  same none "$(at xsa-4.17)"
  same none "$(at xsa-4.18)"
  rm fake/git
  run
  same "$tree" "$(git -C xen.git rev-parse "xsa-4.17^{tree}")"
'
test_expect 'what is published already is not held again' '
  fresh
  run
  another $OTHER
  run
  fix 3
  run 1
  says "^4.17: .*differ"
  says "^4.18: .*up to date"
'
test_expect 'cross-check = no asks nobody' '
  fresh "[policy]" "cross-check = no"
  another $OTHER
  run
  says "^4.17: .*is now"
'
test_expect 'without git it is published, and said' '
  fresh
  mkdir none
  exits 1 env PATH="$PWD/none" "$XSABOT" -c xsabot.conf run >out 2>&1
  says "^4.17: refs/heads/xsa-4.17 is now"
  says "^4.17: git could not check the new picks: there is no git"
  env PATH="$PWD/none" "$XSABOT" -c xsabot.conf run >out 2>&1 || { cat out; false; }
'
test_expect 'so with one that is too old' '
  fresh
  with_git "echo git version 2.38.9"
  run 1
  says "^4.17: .*is now"
  says "^4.17: git could not check the new picks: git is older than 2.39: 2.38.9"
'
test_expect 'a git that dies is no verdict: the next run goes on' '
  fresh
  with_git "[ \"\$1\" = merge-tree ] || real \"\$@\"; kill -9 \$\$"
  run 75
  same none "$(at xsa-4.17)"
  rm fake/git
  run
'
test_expect 'verify --with-git checks all of a branch' '
  fresh
  fix 3
  run
  xsabot -C xen.git verify 4.17 --with-git >out
  says "good: .*; git makes all 2 of them the same"
  another $OTHER
  exits 1 xsabot -C xen.git verify 4.17 --with-git >out
  says "DIFFERS: git differs about"
  PATH=$PWD/none "$XSABOT" -C xen.git verify 4.17 --with-git >out
  says "t tell: git can.t be asked"
'

# by_git: a fix that only git can decide.
by_git() {
  git -C xen checkout -qfB staging-4.17 RELEASE-4.17.0
  seq 1 20 >xen/old
  echo 'old merge=union' >xen/.gitattributes
  git -C xen add .
  git -C xen commit -qm 'a file'
  git -C xen tag -f RELEASE-4.17.0 >/dev/null
  sed -i '20d' xen/old
  git -C xen commit -qam 'the last line goes'
  sed -i '19s/$/ fixed/' xen/old
  git -C xen commit -qam 'old: bound it

This is XSA-9.'
  push xen -f staging-4.17 RELEASE-4.17.0
}
test_expect 'what git decided says so, and its version stays in the state' '
  fresh
  by_git
  run
  same git "$(xsabot -C xen.git plan 4.17 --format=json | jq -r ".lines[0].picks[].decided_by")"
  git -C xen.git show refs/xsabot/state/4.17:state.json | jq -r .git >version
  same "$("$GIT" version | cut -d" " -f3)" "$(cat version)"
  state=$(at refs/xsabot/state/4.17)
  run
  same "$state" "$(at refs/xsabot/state/4.17)"
  xsabot -C xen.git verify 4.17 --strict
'
test_expect '... and under a git that decides otherwise, or none, verify can'"'"'t tell' '
  fresh
  by_git
  run
  another "$(git -C xen.git rev-parse "staging-4.17^{tree}")"
  xsabot -C xen.git verify 4.17 >out
  says "4.17: refs/heads/xsa-4.17: can.t tell: picks that git [0-9.]* decided .* with git 2.99.1; verify where git"
  exits 1 xsabot -C xen.git verify 4.17 --strict >out
  with_git "echo git version 2.38.9"
  xsabot -C xen.git verify 4.17 >out
  says "can.t tell: picks that git .* with git is older"
'
done_testing
