#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Deltas and packs against git, on generated cases: what we make of a delta, git makes of it, and what git refuses
# we refuse; git reads our packs and gives them the same index; and we read git's. The argument is delta-tool.
# PACK_CASES: how many deltas (default 1,500; a tenth of that with a fault); PACK_SEED: where the generator starts.
TOOL=$(realpath "$1")
. "$(dirname "$0")/../lib/lib.sh"
CASES=${PACK_CASES:-1500} SEED=${PACK_SEED:-${XSABOT_TEST_SEED:-$RANDOM}} BATCH=3000
note "seed $SEED, $CASES deltas"

# agree SEED COUNT: git, asked about a batch of sound ones.
agree() {
  rm -rf git.git own.git made again
  mkdir made again
  git init -q --bare git.git
  git init -q --bare own.git
  "$TOOL" good "$1" "$2" made >ids
  same $((2 * $2)) "$(wc -l <ids)"
  git -C git.git index-pack --stdin --fix-thin <made/good.pack >/dev/null
  fails grep missing <(git -C git.git cat-file --batch-check <ids)
  # Ours: its index is the one that git makes, and git has all of it.
  git index-pack -o again/idx made/pack-*.pack >/dev/null
  cmp again/idx made/pack-*.idx
  mv made/pack-* own.git/objects/pack
  git -C own.git cat-file --batch-check <ids >checked
  fails grep missing checked
  # Read by us: both, and one that git made of all that.
  "$TOOL" read git.git/objects <ids
  "$TOOL" read own.git/objects <ids
  git -C git.git pack-objects -q --window=10 --depth=50 "$PWD/again/pack" <ids >/dev/null
  rm -rf own.git/objects/pack/*
  mv again/pack-* own.git/objects/pack
  "$TOOL" read own.git/objects <ids
}
test_expect 'sound deltas and packs: git and we read and make the same' '
  for ((n = 0; n < CASES; n += BATCH)); do
    echo "seed $((SEED + n))"
    agree $((SEED + n)) $((CASES - n < BATCH ? CASES - n : BATCH))
  done
'
test_expect 'deltas with a fault: refused by git and by us, or taken by both, for the same' '
  mkdir bad
  git init -q --bare bad.git
  "$TOOL" bad "$SEED" $((CASES / 10)) bad >said
  while read -r n what; do
    if git -C bad.git index-pack --stdin <bad/$n >/dev/null 2>&1; then
      [ "$what" != bad ] || { echo "seed $SEED, $n: refused, and git takes it"; false; }
      git -C bad.git cat-file -e "$what" || { echo "seed $SEED, $n: git makes another"; false; }
    else
      [ "$what" = bad ] || { echo "seed $SEED, $n: taken, and git refuses it"; false; }
    fi
  done <said
  note "$(grep -c bad said) of $(wc -l <said) are bad" >&2
  grep -v bad said >taken
  test -s taken
'
done_testing
