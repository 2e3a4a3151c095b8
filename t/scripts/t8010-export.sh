#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Patches and packagers' files: they apply without fuzz, give the branch's tree, and stay the same.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
need patch tar

make_line xen.git xen 4.17
printf '%b' 'a\0b\n' >xen/blob.bin
printf 'old\n' >'xen/with space.c'
printf 'run\n' >xen/tool
printf 'no end' >xen/tail
printf 'dos\r\nlines\r\n' >xen/dos.txt
ln -s a.c xen/link
git -C xen add -A
commit old.c "$(edited)" 'common: more files' >/dev/null
git -C xen tag RELEASE-4.17.1

# fix N SUBJECT: what is in the index is a fix of advisory N; prints the commit.
fix() {
  tick
  git -C xen add -A
  git -C xen commit -qm "$2

This is XSA-$1${3:+

$3}"
  oid
}
commit_file xen s.c 'x\n' 'common: aside'
ASIDE=$(oid)
commit_file xen old.c "$(edited 1=one)" 'x86: apart

This is XSA-1 / CVE-2020-1.'
commit_file xen n.c "$(edited)" 'common: prepare'
commit_file xen n.c "$(edited 10=ten 18=more)" 'domctl: lock

This is XSA-2.'
printf '%b' 'a\0c\n\0' >xen/blob.bin
chmod +x xen/tool
printf 'new\n' >'xen/with space.c'
printf 'no end, yet' >xen/tail
printf 'dos\r\nother\r\n' >xen/dos.txt
ln -snf old.c xen/link
BINARY=$(GIT_AUTHOR_NAME='Jürgen Müller' fix 3 'Alle Dateien: ä, ö und noch viele mehr, so daß eine Zeile nicht reicht für den Betreff')
git -C xen rm -q a.c
printf '' >xen/empty
rm xen/tail
ln -s old.c xen/tail
rm xen/link
printf 'no link\n' >xen/link
printf 'x\n' >"xen/tab	and\"quote"
fix 4 'x86: a message that looks like a patch' "
--- a/old.c
+++ b/old.c
@@ -1,1 +1,1 @@
-one
+evil

    --- a/old.c
    +++ b/old.c
    @@ -1,1 +1,1 @@
    -one
    +evil
1d
From me Mon Sep 17 00:00:00 2001
---
Index: old.c" >/dev/null
push xen staging-4.17 RELEASE-4.17.0 RELEASE-4.17.1
set_config '[committer]' 'name = The Bot' 'email = bot@example.org'
xsabot -c "$CONF" -q run >/dev/null
DERIVED=$(at xsa-4.17)

# export DIR [OPTION]...: of line 4.17.
export_to() { xsabot -c "$CONF" -q export 4.17 "$@"; }
# unpack DIR: the release's files, as a tarball has them, in a repository of their own.
unpack() {
  git init -q "$1"
  git -C xen.git archive RELEASE-4.17.1 | tar -x -C "$1"
  git -C "$1" add -Af .
  git -C "$1" commit -qm release
}
# tree_of DIR: of its files.
tree_of() { git -C "$1" add -Af . && git -C "$1" write-tree; }

test_expect 'the branch has all four, and the files' '
  export_to out
  same "$(grep -v "^#" out/series | sort)" "$(ls out | grep -v series)"
  same 5 "$(grep -vc "^#" out/series)"
'
test_expect 'git am gives the tree of the branch, the authors and the subjects' '
  export_to out
  unpack am
  git -C am am -q --keep-cr $(sed "1d; s|^|../out/|" out/series)
  same "$(git -C xen.git rev-parse "xsa-4.17^{tree}")" "$(tree_of am)"
  same "$(git -C xen.git log --format="%an %ae %ad %s" RELEASE-4.17.1..xsa-4.17)" "$(git -C am log --format="%an %ae %ad %s" HEAD~5..)"
  same "$(git -C xen.git log -1 --format=%B xsa-4.17~2)" "$(git -C am log -1 --format=%B HEAD~2)"
'
test_expect 'a message that looks like a patch is none' '
  export_to out
  unpack msg
  last=$(tail -n 1 out/series)
  git -C msg am -q --keep-cr $(sed "1d; \$d; s|^|../out/|" out/series)
  git -C msg apply --numstat "../out/$last" >out.stat
  fails grep old.c out.stat
  patch -d msg -p1 --fuzz=0 -i "../out/$last" >out.stat
  fails grep old.c out.stat
'
test_expect 'patch without fuzz gives it too, but for what is binary' '
  export_to out
  unpack patch
  for p in $(grep -v "^#" out/series); do
    patch -s -d patch -p1 --fuzz=0 --no-backup-if-mismatch -i "../out/$p" || [[ $p = xsa3-* ]]
  done
  git -C xen.git show xsa-4.17:blob.bin >patch/blob.bin
  same "$(git -C xen.git rev-parse "xsa-4.17^{tree}")" "$(tree_of patch)"
'
test_expect 'another export is the same, byte for byte, also from a clone' '
  export_to out
  export_to again
  diff -r out again
  git clone -q xen.git clone
  git -C clone fetch -q origin "refs/xsabot/state/*:refs/xsabot/state/*"
  xsabot -c "$CONF" -C clone -q export 4.17 cloned
  diff -r out cloned
'
test_expect 'the hashes are those of the table' '
  export_to out --for=list
  xsabot -c "$CONF" advisories 4.17 --format=json >table.json
  for p in $(grep -v "^#" out/series); do
    same "$(sha256sum <"out/$p" | cut -d" " -f1)" "$(jq -r ".lines[0].picks[] | select(.file == \"$p\") | .sha256" table.json)"
    grep "^$p.*$(sha256sum <"out/$p" | cut -d" " -f1)" out/list
  done
'
test_expect 'alpine: the parts are shell, and the sums right' '
  export_to alpine --for=alpine --revision=3
  source="" sha512sums=""
  (. ./alpine/APKBUILD.part; cd alpine; [ $pkgrel = 3 ]; for s in $source; do [ -f $s ]; done; grep . <<<"$sha512sums" | sha512sum -c --quiet)
  grep "^#   4.17.1-r3:" alpine/APKBUILD.part
  grep "^#     - CVE-2020-1 XSA-1" alpine/APKBUILD.part
  grep "^#     - XSA-2" alpine/APKBUILD.part
'
test_expect 'gentoo: one archive, and its line of the Manifest' '
  export_to gentoo --for=gentoo --revision=2
  cd gentoo
  tar -tf xen-upstream-patches-4.17.1-patchset-2.tar | grep "/0001-xsa1-4.17-01"
  tar -xf xen-upstream-patches-4.17.1-patchset-2.tar
  for p in */*.patch; do cmp "$p" "../out/$(basename "$p" | cut -c6-)"; done
  read -r _ name size _ blake _ sha <Manifest
  same "$size $blake $sha" "$(stat -c %s "$name") $(b2sum <"$name" | cut -d" " -f1) $(sha512sum <"$name" | cut -d" " -f1)"
'
test_expect 'debian: a stanza that its tools read, and the command for the original' '
  export_to debian --for=debian
  v="4.17.1+5-g$(git -C xen.git rev-parse xsa-4.17 | cut -c1-10)"
  sed -n 1p debian/changelog | grep -F "xen ($v-1) UNRELEASED"
  grep -A1 "no title is known" debian/changelog | grep "XSA-1 CVE-2020-1"
  ! command -v dpkg-parsechangelog || same "$v-1" "$(dpkg-parsechangelog -l debian/changelog -S Version 2>err)"
  [ ! -s err ]
  grep "git archive --prefix=xen-$v/ $DERIVED" debian/orig-command
'
test_expect 'nix: patches in their order' '
  export_to nix --for=nix
  same "$(grep -v "^#" nix/series)" "$(sed -n "s|^    ./||p" nix/patches.nix)"
'
cat >form.py <<'END'
# The files in the order of their names, without what git says of each; its sum, for each patch of patches.nix.
import base64, hashlib, re, sys
for name in re.findall('name = "(.*)";', open(sys.argv[1] + '/patches.nix').read()):
    parts = open(sys.argv[1] + '/' + name, 'rb').read().split(b'diff --git ')[1:]
    bodies = [p[p.index(b'\n--- ') + 1:] for p in parts]
    lines = {b: b.split(b'\n') for b in bodies}
    bodies.sort(key=lambda b: lines[b][1 if lines[b][0] == b'--- /dev/null' else 0][4:])
    print('sha256-' + base64.b64encode(hashlib.sha256(b''.join(bodies)).digest()).decode())
END
test_expect '... or, where they will be on the web, with the hash of what fetchpatch makes of each' '
  { cat "$CONF"; printf "%s\n" "[pages]" "url = https://pages.example.org/x"; } >web.conf
  xsabot -c web.conf export 4.17 nixweb --for=nix >/dev/null
  same "$(grep -v "^#" nixweb/series)" "$(sed -n "s|^      url = \"https://pages.example.org/x/patches/4.17/\(.*\)\";|\1|p; s|^    ./||p" nixweb/patches.nix)"
  same 4 "$(grep -c fetchpatch nixweb/patches.nix)" # in its head, and three: two patches it would read otherwise
  python3 form.py nixweb >want
  sed -n "s|^      hash = \"\(.*\)\";|\1|p" nixweb/patches.nix | diff want -
'
test_expect 'what is carried already is left out, by the id of its commit' '
  git -C xen.git rev-parse staging-4.17 | cut -c1-12 >carried
  export_to rest --skip=carried
  same 4 "$(grep -vc "^#" rest/series)"
  fails grep xsa4 rest/series
'
test_expect 'a directory with patches of others stays as it is' '
  mkdir mine
  echo my.patch >mine/series
  exits 64 xsabot -c "$CONF" export 4.17 mine
  same "my.patch" "$(cat mine/series)"
'
test_expect 'there is no such kind, and no such line' '
  exits 64 xsabot -c "$CONF" export 4.17 out --for=floppy
  exits 64 xsabot -c "$CONF" export 4.16 out
'

# ---- the branch grows, and something goes before what was there

rpm_numbers() { sed -n 's/^Patch\([0-9]*\): /\1 /p' rpm/patches.spec; }
export_to rpm --for=rpm
rpm_numbers >before
commit_file xen z.c 'x\n' 'x86: five

This is XSA-5.'
push xen staging-4.17
xsabot -c "$CONF" -q run >/dev/null

test_expect 'rpm: numbers ascend from the first, and the first are as they were' '
  same "1000 1001 1002 1003 1004" "$(cut -d" " -f1 before | xargs)"
  export_to rpm --for=rpm
  same "$(cat before; echo "1005 xsa5-4.17-01-x86-five.patch")" "$(rpm_numbers)"
  grep "^# - Fix for XSA-1 CVE-2020-1$" rpm/patches.spec
  same "$(rpm_numbers | cut -d" " -f1)" "$(sed -n "s/^#%patch -P \([0-9]*\) -p1/\1/p" rpm/patches.spec)"
'
test_expect '... also where a new one goes before them: it gets the next number, and the order is told' '
  git -C xen.git notes --ref=xsa append -m "Prerequisite-of: XSA-1" "$ASIDE"
  xsabot -c "$CONF" -q run >/dev/null
  rpm_numbers | sort >before
  export_to rpm --for=rpm
  same "xsa1-4.17-pre-${ASIDE:0:12}.patch" "$(sed -n 2p rpm/series)"
  same "1006 xsa1-4.17-pre-${ASIDE:0:12}.patch" "$(rpm_numbers | sort | comm -13 before -)"
  same "1006 1000 1001" "$(sed -n "s/^#%patch -P \([0-9]*\) -p1/\1/p" rpm/patches.spec | head -n 3 | xargs)"
  grep "not %autosetup" rpm/patches.spec
'
test_expect 'with --since, only what is new' '
  export_to new --since="$DERIVED"
  grep xsa5 new/series
  fails grep "xsa3" new/series
'
test_expect 'a patch of a file of many megabytes is none, and is told; the branch has it all the same' '
  head -c 17000000 /dev/zero | tr "\0" x | fold -w 99 >xen/large
  git -C xen add large
  git -C xen commit -qm "large: begin"
  echo more >>xen/large
  fix 6 "large: more" >/dev/null
  push xen staging-4.17
  xsabot -c "$CONF" -q run
  git -C xen.git diff --quiet staging-4.17 xsa-4.17 -- large
  exits 70 export_to large 2>err
  grep "has 17171722 bytes, and 32 MiB are taken of a file" err
  xsabot -c "$CONF" advisories 4.17 --format=json >table
  same null "$(jq -r ".lines[0].picks[] | select(.file | contains(\"xsa6\")) | .sha256" table | tail -n 1)"
'
done_testing
