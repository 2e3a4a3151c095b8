#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Picks of the engine against git's own merges.
#   t0210-pick-oracle.sh PICK-TOOL
# PICK_CASES: the number of generated ones (default 2500; a million takes an hour or two), PICK_SEED: of the generator.
# PICK_REPOS: a directory in which every repository is looked at as well, such as what git's own merge tests
# leave behind: `make -C t GIT_TEST_OPTS=-d T="$(echo t64*.sh)"` in git's source leaves t/trash directories.
TOOL=$(realpath "$1")
. "$(dirname "$0")/../lib/lib.sh"
need git
export GIT_CONFIG_GLOBAL=/dev/null

# compared ARG...: the tool finds no difference; what it says is in the file out.
compared() { "$TOOL" "$@" >out || { cat out; return 1; }; }

# trees REPO: "BASE OURS THEIRS" for up to 150 pairs of a commit that has one parent and another commit.
trees() {
  git -C "$1" log --all --format='%H %T %P' | awk 'NF == 3 || NF == 2' >commits
  awk 'NR == FNR { tree[$1] = $2; id[++n] = $1; next }
    NF == 3 && tree[$3] != "" { for (i = 1; i <= n && k < 150; i++)
      if (id[i] != $3 && id[i] != $1) { k++; print tree[$3], tree[id[i]], $2 } }' commits commits
}

git init -q --bare empty
rc=0
"$TOOL" gen 1 1 empty >out 2>&1 || rc=$?
[ $rc != 77 ] || skip_all "$(sed -n 's/^1..0 # SKIP //p' out)"
test_expect 'generated picks: one tree, or a conflict for both, or left to git' '
  compared gen "${PICK_SEED:-1}" "${PICK_CASES:-2500}" empty
'
sed 's/^/# /' out

mkdir bin
printf '%s\n' '#!/bin/sh' "[ \"\$1\" = merge-tree ] || exec $(command -v git) \"\$@\"" \
  "while read -r l; do printf '1\\0004b825dc642cb6eb9a060e54bf8d69288fbee4904\\0\\0'; done" >bin/git
chmod +x bin/git
test_expect 'a difference is seen: with a git that makes another tree' '
  PATH=$PWD/bin:$PATH fails compared gen 1 100 empty
  grep "^DIFFER" out >/dev/null
'

[ -z "${PICK_REPOS-}" ] || while read -r head; do
  repo=${head%/.git/HEAD}
  trees "$repo" >pairs 2>/dev/null && [ -s pairs ] || continue
  test_expect "pairs of $repo" 'compared pairs "$repo" <pairs'
done < <(find "$PICK_REPOS" -name HEAD -path '*/.git/HEAD' | sort)
done_testing
