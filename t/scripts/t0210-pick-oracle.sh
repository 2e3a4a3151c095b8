#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Picks of the engine against git's own merges.
#   t0210-pick-oracle.sh PICK-TOOL
# PICK_CASES: the number of generated ones (default 4000; a million takes an hour or two), PICK_SEED: of the generator.
# PICK_REPOS: a directory in which every repository is looked at as well, such as what git's own merge tests
# leave behind: `make -C t GIT_TEST_OPTS=-d T="$(echo t64*.sh)"` in git's source leaves t/trash directories.
set -eu
tool=$(realpath "$1")
# Thousands of small files are made: not on a disk, where that can be helped.
if [ -z "${TMPDIR-}" ] && [ -w /dev/shm ]; then
  export TMPDIR=/dev/shm
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/xsabot-pick-oracle.XXXXXX")
trap 'rm -rf "$work"' EXIT
for v in $(env | sed -n 's/^\(GIT_[A-Z_]*\)=.*/\1/p'); do unset "$v"; done
export HOME="$work" TZ=UTC LC_ALL=C GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
n=0 bad=0

# compared TITLE COMMAND...: one line of TAP for it.
compared() {
  title=$1 rc=0
  shift
  n=$((n + 1))
  "$@" >"$work/out" 2>&1 || rc=$?
  if [ $rc = 77 ]; then
    cat "$work/out"
    exit 0
  fi
  sed 's/^/# /' "$work/out"
  if [ $rc = 0 ]; then
    echo "ok $n - $title"
  else
    echo "not ok $n - $title (status $rc)"
    bad=1
  fi
}

# trees REPO: "BASE OURS THEIRS" for up to 150 pairs of a commit that has one parent and another commit.
trees() {
  git -C "$1" log --all --format='%H %T %P' | awk 'NF == 3 || NF == 2' >"$work/commits"
  awk 'NR == FNR { tree[$1] = $2; id[++n] = $1; next }
    NF == 3 && tree[$3] != "" { for (i = 1; i <= n && k < 150; i++)
      if (id[i] != $3 && id[i] != $1) { k++; print tree[$3], tree[id[i]], $2 } }' "$work/commits" "$work/commits"
}

git init -q --bare "$work/empty"
compared "generated picks: one tree, or a conflict for both, or left to git" \
  "$tool" gen "${PICK_SEED:-1}" "${PICK_CASES:-4000}" "$work/empty"

# A difference has to be seen: with a git that makes another tree.
mkdir "$work/bin"
cat >"$work/bin/git" <<EOF
#!/bin/sh
[ "\$1" = merge-tree ] || exec $(command -v git) "\$@"
while read -r l; do printf '1\\0004b825dc642cb6eb9a060e54bf8d69288fbee4904\\0\\0'; done
EOF
chmod +x "$work/bin/git"
n=$((n + 1))
if PATH="$work/bin:$PATH" "$tool" gen 1 100 "$work/empty" | grep -q '^DIFFER'; then
  echo "ok $n - a difference is seen"
else
  echo "not ok $n - a difference is seen"
  bad=1
fi

if [ -n "${PICK_REPOS-}" ]; then
  find "$PICK_REPOS" -name HEAD -path '*/.git/HEAD' | sort | while read -r head; do echo "${head%/.git/HEAD}"; done >"$work/repos"
  while read -r repo; do
    trees "$repo" >"$work/pairs" 2>/dev/null || continue
    [ -s "$work/pairs" ] || continue
    compared "pairs of $repo" "$tool" pairs "$repo" <"$work/pairs"
  done <"$work/repos"
fi
echo "1..$n"
exit $bad
