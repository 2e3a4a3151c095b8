#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Objects are read from packs of every shape that git makes, and from damaged
# ones without harm. The first argument is read-tool.
TOOL=$(realpath "$1")
. "$(dirname "$0")/../lib/lib.sh"

# A history whose files and trees grow deltas of many lengths, with files that
# are empty, large, and such as deflate can't shrink.
make_history() {
  git init -q --bare source.git
  seq 1 100000 | gzip -n >noise
  {
    for i in $(seq 1 60); do
      echo "commit refs/heads/main"
      echo "committer C <c@example.com> $((1700000000 + i)) +0000"
      echo "data <<END"
      echo "change $i"
      echo "END"
      echo "M 644 inline dir/sub/file"
      echo "data <<END"
      seq "$i" $((i + 3000))
      echo "END"
      echo "M 644 inline dir/f$i"
      echo "data <<END"
      echo "$i"
      echo "END"
    done
    echo "M 644 inline empty"
    echo "data 0"
    echo
    echo "M 644 inline noise"
    echo "data $(stat -c %s noise)"
    cat noise
    echo
    echo "tag v1"
    echo "from refs/heads/main"
    echo "tagger T <t@example.com> 1700000100 +0000"
    echo "data 3"
    echo "one"
  } >stream
  git -C source.git fast-import --quiet <stream 2>/dev/null
}

# pack NAME OPTION...: a repository whose objects are in one pack made with the options.
pack() {
  local name=$1
  shift
  git init -q --bare "$name.git"
  git -C source.git rev-list --all --objects --no-object-names |
    git -C source.git pack-objects -q --no-reuse-delta --no-reuse-object "$@" \
      "$PWD/$name.git/objects/pack/pack" >/dev/null
}

# same NAME [WAY]: all objects are read as git reads them, by the WAY.
same() {
  git -C "$1.git" cat-file --batch-all-objects --batch-check | sed "s/\$/ ${2-pack}/" >expected
  [ "$(wc -l <expected)" -gt 200 ]
  cut -d' ' -f1 expected | "$TOOL" "$1.git" >actual
  diff expected actual
}

make_history

pack plain
test_expect 'a pack as git gc makes it' '
  same plain
'

pack deep --window=100 --depth=250 --delta-base-offset
test_expect 'long chains of deltas, bases by their offsets' '
  git verify-pack -sv deep.git/objects/pack/pack-*.idx >chains
  grep -q "chain length = [1-9][0-9]" chains
  same deep
'

pack names --window=100 --depth=40
test_expect 'bases by their ids' '
  same names
'

pack whole --window=0 --compression=0
test_expect 'no deltas, and nothing compressed' '
  same whole
'

pack far --index-version=2,0x100
test_expect 'an index with offsets of 64 bits' '
  same far
'

pack old --index-version=1
test_expect 'an index of version 1 is left to libgit2' '
  same old odb
'

git clone -q --bare --no-hardlinks source.git mixed.git
rm mixed.git/objects/pack/*
git init -q --bare mixed.git
(cd mixed.git && git unpack-objects -q <../plain.git/objects/pack/pack-*.pack)
test_expect 'loose objects are left to libgit2' '
  same mixed odb
'

git init -q --bare second.git
echo ../../plain.git/objects >second.git/objects/info/alternates
git init -q --bare third.git
echo "$PWD/second.git/objects" >third.git/objects/info/alternates
test_expect 'objects that are borrowed, also through another repository' '
  same second
  same third
'

test_expect 'an object that is nowhere' '
  echo 0123456789012345678901234567890123456789 | "$TOOL" plain.git >actual
  grep -qx "0123456789012345678901234567890123456789 missing" actual
'

test_expect 'an object above the limit is not read, whole or delta' '
  git -C deep.git cat-file --batch-all-objects --batch-check >all
  awk "{ if (\$3 > 1000) print \$1, \"large\"; else print \$0, \"pack\" }" all >expected
  cut -d" " -f1 all | "$TOOL" deep.git 1000 >actual
  diff expected actual
  [ "$(grep -c large expected)" -gt 60 ]
'

test_expect 'damaged packs give errors, and spoil no more than what they spoil' '
  cp -r deep.git damaged.git
  chmod -R u+w damaged.git
  good=$(echo deep.git/objects/pack/*.pack)
  bad=damaged.git/objects/pack/${good##*/}
  git -C deep.git cat-file --batch-all-objects --batch-check="%(objectname)" >ids
  size=$(stat -c %s "$good")
  for i in $(seq 1 40); do
    cp "$good" "$bad"
    printf "\\$(printf %o $((i * 37 % 256)))" |
      dd of="$bad" bs=1 seek=$(((i * 7919 + 12) % size)) conv=notrunc status=none
    "$TOOL" damaged.git <ids >actual 2>/dev/null
    [ "$(wc -l <actual)" = "$(wc -l <ids)" ]
    cat actual >>all-damaged
  done
  grep -q "error$" all-damaged
  [ "$(grep -c pack all-damaged)" -gt $((30 * $(wc -l <ids))) ]
'

test_expect 'indexes that lie, and cut files, do no harm' '
  cp -r deep.git liar.git
  chmod -R u+w liar.git
  good=$(echo deep.git/objects/pack/*.idx)
  bad=liar.git/objects/pack/${good##*/}
  git -C deep.git cat-file --batch-all-objects --batch-check="%(objectname)" >ids
  size=$(stat -c %s "$good")
  for i in $(seq 1 40); do
    cp "$good" "$bad"
    printf "\377\200" | dd of="$bad" bs=1 seek=$(((i * 104729 + 8) % size)) conv=notrunc status=none
    "$TOOL" liar.git <ids >actual 2>/dev/null
    [ "$(wc -l <actual)" = "$(wc -l <ids)" ]
  done
  cp "$good" "$bad"
  for part in 3 2; do
    truncate -s $((size / part)) "$bad"
    "$TOOL" liar.git <ids >actual 2>/dev/null
    [ "$(wc -l <actual)" = "$(wc -l <ids)" ]
  done
'

done_testing
