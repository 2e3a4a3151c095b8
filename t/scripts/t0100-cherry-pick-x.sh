#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The messages of derived commits are those of `git cherry-pick -x`, byte for
# byte, but for our own trailers.
#   t0100-cherry-pick-x.sh <derive-tool>; SHAPES: made-up messages to compare (default 200)
tool=$(realpath "$1")
. "$(dirname "$0")/../lib/lib.sh"
shapes=${SHAPES:-200}

git init -q . && commit_file . base 'base\n' base
base=$(git rev-parse HEAD)
printf 'change\n' >change && git add change
tree=$(git write-tree)

# same_message: standard input as a commit's message gives what git gives.
same_message() {
  local id
  {
    printf 'tree %s\nparent %s\n' "$tree" "$base"
    printf 'author A <a@b> 1500000000 +0100\ncommitter C <c@d> 1500000001 +0200\n\n'
    cat
  } >raw
  id=$(git hash-object -t commit -w --stdin <raw)
  git reset -q --hard "$base"
  git cherry-pick -x --allow-empty-message "$id" >/dev/null
  git cat-file commit HEAD | sed '1,/^$/d' >want
  "$tool" "$id" <raw | sed '1,/^$/d' | sed '/^Xsabot-/d' >got
  cmp want got || { diff want got; echo "of:"; cat -A raw; return 1; }
}

expect_same() { # title message, as for printf %b
  test_expect "$1" "printf %b '$2' | same_message"
}

expect_same 'a subject alone gets a blank line' 'a: b\n'
expect_same 'so it does without a line end' 'a: b'
expect_same 'an empty message' ''
expect_same 'a message of blank lines' '\n \n\t\n'
expect_same 'a body without trailers' 'a: b\n\nbody\n'
expect_same 'a block of trailers is continued' 'a: b\n\nbody\n\nSigned-off-by: A <a@b>\n'
expect_same 'a subject that looks like a trailer' 'a: b\nSigned-off-by: A <a@b>\n'
expect_same 'an older cherry-picked line' 'a: b\n\n(cherry picked from commit 1234567890123456789012345678901234567890)\n'
expect_same 'a block with prose in it' 'a: b\n\nReported-by: A <a@b>\nprose\n'
expect_same 'a quarter of trailers, one by git' 'a: b\n\nSigned-off-by: A <a@b>\nmaster commit: 1\nmaster date: 2\nx\n'
expect_same 'less than a quarter' 'a: b\n\nSigned-off-by: A <a@b>\nx\nx\nx\nx\n'
expect_same 'folded trailers' 'a: b\n\nKey: value\n more\nKey: value\n'
expect_same 'comments stay, and end a block' 'a: b\n\n# body\n\nSigned-off-by: A <a@b>\n# comment\n'
expect_same 'an old block of conflicts' 'a: b\n\nSigned-off-by: A <a@b>\n\nConflicts:\n\tfile\n'
expect_same 'scissors' 'a: b\n\nKey: x\n# ------------------------ >8 ------------------------\ndiff\n'
expect_same 'white space is cleaned up' '\n\na: b  \n\n\n\nbody\t\n\n\nKey: x \n\n\n'
expect_same 'carriage returns' 'a: b\r\n\r\nbody\r\n\r\nKey: x\r\n'
expect_same 'a divider is prose' 'a: b\n\nKey: x\n---\n file | 1 +\n'

test_expect "$shapes made-up messages" '
  for seed in $(seq $shapes); do
    "$tool" --message $seed >made-up
    same_message <made-up || { echo "seed $seed"; exit 1; }
  done
'

test_expect 'the author line and the date are the source'"'"'s' '
  printf "a: b\n" | same_message
  id=$(git hash-object -t commit --stdin <raw)
  "$tool" "$id" <raw >derived
  grep -q "^author A <a@b> 1500000000 +0100$" derived
  grep -q "^committer Bot <bot@example.org> 1500000001 +0200$" derived
  git fsck --strict --no-dangling "$(git hash-object -t commit -w --stdin <derived)"
'

done_testing
