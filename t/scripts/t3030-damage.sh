#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Objects that go away or can't be read: what is published is whole and stays so, and damage stops what needs
# it and nothing else.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

make_line xen.git xen 4.17
make_advisory xen 1
push xen staging-4.17
make_line xen.git xen 4.18
make_advisory xen 1
push xen staging-4.18
git -C xen checkout -q staging-4.17
save_scene

verify() { bot_ends "${1-0}" verify; }
packs() { ls xen.git/objects/pack/*.pack; }
# file_of OBJECT: its loose file, writable.
file_of() {
  local f
  f=$(git -C xen.git rev-parse "$1")
  f=xen.git/objects/${f:0:2}/${f:2}
  chmod u+w "$f"
  echo "$f"
}
# unpacked: what is pushed stays in files of its own.
unpacked() { git -C xen.git config receive.unpackLimit 1000; }

# ---- objects that are there and do not stay

test_expect 'what build left in the repository is published once more: it may go' '
  fresh
  run
  fix 2
  packs >before
  xsabot -c xsabot.conf build 4.17
  packs | grep -vxFf before >built
  run
  rm -f $(sed "p; s/pack$/idx/" built)
  test -s built
  sound
'
test_expect '... and what a run left that met a lock' '
  fresh
  run
  fix 2
  packs >before
  touch xen.git/refs/heads/xsa-4.17.lock
  run 75
  rm xen.git/refs/heads/xsa-4.17.lock
  packs | grep -vxFf before >left
  test -s left
  fix 3
  run
  rm -f $(sed "p; s/pack$/idx/" left)
  sound
'
test_expect 'a replacement is on a ref that may go: its objects are published with the branch' '
  fresh
  bad=$(git -C xen rev-parse HEAD)
  git -C xen checkout -q HEAD~1
  commit_file xen xsa1.c "another way\n" "x86: fix 1, here"
  git -C xen push -q origin HEAD:refs/xsabot/fixups/1
  note_on "$bad" "Replaced-by: $(oid)"
  packs >before || :
  run
  same "another way" "$(git -C xen.git show xsa-4.17:xsa1.c)"
  for i in $(packs | grep -vxFf before); do git show-index <"${i%.pack}.idx"; done | grep "$(oid HEAD:xsa1.c)"
'
test_expect 'verify tells a branch that lacks an object' '
  fresh
  unpacked
  run
  verify
  rm "$(file_of xsa-4.17:a.c)"
  verify 1
  says "4.17.*$(oid RELEASE-4.17.0:a.c | cut -c1-12)"
'
test_expect 'a branch with an object that is not there is not published' '
  fresh
  unpacked
  fix 2
  rm "$(file_of RELEASE-4.17.0:version)"
  run 70
  says "4.17.*object $(oid RELEASE-4.17.0:version).* is not in the public repository"
  same none "$(at xsa-4.17)"
  same 1 "$(git -C xen.git log --format=%s RELEASE-4.18.0..xsa-4.18 | wc -l)"
'

test_expect '... be it the release itself' '
  fresh
  unpacked
  git -C xen push -qf origin RELEASE-4.17.0^{commit}:refs/heads/staging-4.17
  rm "$(file_of RELEASE-4.17.0:version)"
  run 70
  says "4.17.*object $(oid RELEASE-4.17.0:version) is not in the repository"
  same none "$(at xsa-4.17)"
'

# ---- objects that can not be read

# others_go_on: 4.17 is not published, 4.18 is.
others_go_on() {
  says "4.17.*$1"
  same none "$(at xsa-4.17)"
  same 1 "$(git -C xen.git log --format=%s RELEASE-4.18.0..xsa-4.18 | wc -l)"
}

for what in 'cut off:truncate -s 60' 'of no bytes:truncate -s 0' 'full of rubbish:cp xen/a.c'; do
  test_expect "a commit that is ${what%%:*} stops its line alone, and is named" '
    fresh
    unpacked
    fix 2
    ${what#*:} "$(file_of staging-4.17)"
    run 70
    others_go_on "object $(oid) is damaged"
  '
  test_expect "... also below the tip, and a tree" '
    fresh
    unpacked
    fix 2
    fix 3
    ${what#*:} "$(file_of staging-4.17~1^{tree})"
    run 70
    others_go_on "object $(oid HEAD~1^{tree}) is damaged"
  '
done
test_expect 'an object that says a length that it has not is damaged' '
  fresh
  unpacked
  fix 2
  f=$(file_of staging-4.17:xsa2.c)
  python3 -c "import sys, zlib; sys.stdout.buffer.write(zlib.compress(b\"blob 4000000000\\0x\"))" >"$f"
  run 70
  others_go_on "object $(oid HEAD:xsa2.c) is damaged"
'
test_expect 'a release whose tag can not be read is no release that is not there' '
  fresh
  unpacked
  git -C xen tag -a -m "Xen 4.17.1" RELEASE-4.17.1
  push xen RELEASE-4.17.1
  fix 2
  truncate -s 0 "$(file_of RELEASE-4.17.1)"
  run 70
  others_go_on "refs/tags/RELEASE-4.17.1.*object $(oid RELEASE-4.17.1) is damaged"
'
test_expect '... nor one whose commit is gone' '
  fresh
  unpacked
  commit_file xen new "new\n" "on a side"
  git -C xen tag -a -m "Xen 4.17.1" RELEASE-4.17.1
  push xen RELEASE-4.17.1
  rm "$(file_of RELEASE-4.17.1^{commit})"
  run 70
  others_go_on "refs/tags/RELEASE-4.17.1.*object $(oid) is not in the repository"
'
test_expect 'an older release is not needed' '
  fresh
  unpacked
  git -C xen tag -a -m "Xen 4.17.1" RELEASE-4.17.1
  push xen RELEASE-4.17.1
  fix 2
  truncate -s 0 "$(file_of RELEASE-4.17.0)"
  run
  same 1 "$(git -C xen.git log --format=%s RELEASE-4.17.1..xsa-4.17 | wc -l)"
'
test_expect 'a notes ref at what are no notes: those that were used last stay in force' '
  fresh
  note_on "$(oid)" "Exclude: not yet"
  run
  fix 2
  git -C xen.git update-ref refs/notes/xsa "$(git -C xen.git rev-parse staging-4.17:a.c)"
  run
  says "refs/notes/xsa is at .* which is a blob"
  same "x86: fix 2" "$(git -C xen.git log --format=%s RELEASE-4.17.0..xsa-4.17)"
  run
  git -C xen.git update-ref -d refs/notes/xsa
  run 1
  says "the notes ref refs/notes/xsa is gone"
'
test_expect 'what the manual says of a damaged object mends it' '
  fresh
  unpacked
  fix 2
  truncate -s 60 "$(file_of staging-4.17)"
  run 70
  id=$(sed -n "s/.*object \([0-9a-f]*\) is damaged.*/\1/p" out err | head -1)
  rm xen.git/objects/${id:0:2}/${id:2}
  git -C xen cat-file "$(git -C xen cat-file -t $id)" $id | git -C xen.git hash-object -t "$(git -C xen cat-file -t $id)" -w --stdin
  run
  verify
  sound
'
done_testing
