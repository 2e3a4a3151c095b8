#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Patches that are not public yet: do they apply, and with which commits; and they are stored nowhere.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
export TMPDIR=$SANDBOX/tmp # what is left there is ours
mkdir "$TMPDIR"

# 4.17: a release, and a commit since that the patch of XSA-9 needs. 4.16: the patch applies as it is.
make_line xen.git old 4.16
commit_file old a.c "$(edited 1=prepared)" 'common: more'
git -C old tag RELEASE-4.16.1
push old staging-4.16 RELEASE-4.16.1
make_line xen.git xen 4.17
commit_file xen a.c "$(edited)" 'common: more'
commit_file xen b.c "$(edited)" 'common: more still'
git -C xen tag RELEASE-4.17.1
commit_file xen a.c "$(edited 1=prepared)" 'common: prepare'
NEED=$(oid)
commit_file xen c.c 'x\n' 'x86: one

This is XSA-1.'
push xen staging-4.17 RELEASE-4.17.1

# patch_of NAME: what is in the work tree, as NAME, which is not committed.
patch_of() {
  git -C xen diff >"$1"
  git -C xen checkout -q .
}
printf '%b' "$(edited 1=fixed)" >xen/a.c
patch_of xsa9-1.patch
printf '%b' "$(edited 20=end)" >xen/b.c
patch_of xsa9-2.patch
sed '/^diff/d; /^index/d' xsa9-2.patch >plain.patch
printf '%b' "$(edited 1=elsewhere 2=too)" >xen/a.c
git -C xen diff | sed 's/line 3$/line three/' >xsa8.patch
git -C xen checkout -q .
git -C xen show HEAD~1 >there.patch
mkdir meta
cp xsa9-1.patch xsa9-2.patch meta/
printf '%s' '{"XSA": 9, "Recipes": {"4.17": {"Recipes": {"xen": {"Prereqs": [1, 7], "Patches": ["xsa9-?.patch"]}}}}}' >meta/xsa9.meta

check_advisory() { xsabot -C xen.git check-advisory "$@"; }
find xen.git -type f | sort >files

test_expect 'patches that need an earlier commit: it is found, with its reason' '
  check_advisory --line=4.17 xsa9-1.patch xsa9-2.patch >out
  grep "^4.17: XSA-9 applies to RELEASE-4.17.1: skipped" out
  grep "^    xsa9-1.patch: .*a.c:1" out
  grep "^4.17: XSA-9 applies to refs/heads/staging-4.17: ok" out
  grep "^4.17: XSA-9 can be picked: ok" out
  grep "^    with $NEED common: prepare" out
'
test_expect 'nothing of them is in the repository' '
  find xen.git -type f | sort | diff files -
'
test_expect 'each line has its own answer' '
  check_advisory xsa9-1.patch >out
  grep "^4.16: XSA-9 applies to RELEASE-4.16.1: ok" out
  check_advisory --line=4.16,4.17 xsa9-1.patch >out
  same "4.16 4.17" "$(sed -n "s/: .*picked: ok//p" out | xargs)"
'
test_expect 'a patch without git in it will do' '
  check_advisory --line=4.17 plain.patch >out
  grep "applies to RELEASE-4.17.1: ok" out
'
test_expect 'what does not apply to the stable branch is a failure, and says where' '
  exits 1 xsabot -C xen.git check-advisory --line=4.17 xsa8.patch --format=tap >out
  grep "^not ok .*XSA-8 applies to refs/heads/staging-4.17" out
  grep "^# xsa8.patch: .*a.c" out
'
test_expect 'what is there already is told' '
  check_advisory --line=4.17 there.patch >out
  grep -A1 "applies to refs/heads/staging-4.17: skipped" out | grep "there already"
'
test_expect 'metadata: its lines, its files, and what it wants before it' '
  check_advisory meta/xsa9.meta >out
  grep "^4.17: XSA-9 can be picked: ok" out
  grep "^4.17: XSA-9 has XSA-1 before it: ok" out
  grep -A1 "^4.17: XSA-9 has XSA-7 before it: skipped" out | grep "no commit of the line names it"
  grep -A1 "^4.16: XSA-9 has patches for it: skipped" out
'
test_expect '... and no files from elsewhere' '
  sed "s,xsa9-?,../xsa9-?," meta/xsa9.meta >meta/bad.meta
  exits 64 xsabot -C xen.git check-advisory meta/bad.meta 2>err
  grep "below its directory" err
'
test_expect 'a file that is none of these is an error' '
  echo nothing >junk.patch
  exits 64 xsabot -C xen.git check-advisory --line=4.17 junk.patch
  echo nothing >junk.meta
  exits 64 xsabot -C xen.git check-advisory --line=4.17 junk.meta
  exits 70 xsabot -C xen.git check-advisory --line=4.17 none.patch
'
test_expect 'nothing of all that is in the repository, or left elsewhere' '
  find xen.git -type f | sort | diff files -
  same "" "$(ls "$TMPDIR")"
'
done_testing
