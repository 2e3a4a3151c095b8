#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# import-advisories: what patches and databases say, as notes for a person.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

REPO=$PWD/xen.git W=$PWD/w
make_line "$REPO" "$W" 4.17
edit() { # SCRIPT SUBJECT [BODY]
  tick
  sed -i "$1" "$W/a.c"
  git -C "$W" commit -qam "$2${3:+

$3}"
  git -C "$W" rev-parse HEAD
}
# These calls are no subshells of $(...), whose clocks would stand still.
edit 's/one/ONE/; s/two/TWO/' 'common: prepare' >id.1
edit 's/five/FIVE/; s/six/SIX/' 'common: bound it' 'This is XSA-1.' >id.2
edit 's/SIX/Six/; s/seven/Seven/' 'common: mend' 'master commit: 1234567890123456789012345678901234567890' >id.3
edit 's/nine/NINE/; s/ten/TEN/' 'common: unheard of' >id.4
push "$W" staging-4.17
id() { cat "id.$1"; }
set_config
import() { bot import-advisories "$@" >out; }
note() { git -C "$REPO" notes --ref="$2" show "$(id "$1")" 2>/dev/null; }
patch_of() { git -C "$REPO" format-patch --stdout -1 "$(id "$1")" | sed '/^From [0-9a-f]* /d'; }

mkdir set
patch_of 1 | sed 's/^Subject: .*/Subject: [PATCH 1 of 3] another title/' >set/xsa1-4.17-1.patch
patch_of 2 >set/xsa1-4.17-2.patch
{ printf 'Subject: [PATCH] common: mend\n\nmaster commit: 1234567890123456789012345678901234567890\n---\n'; } >set/xsa1-4.17-3.patch
patch_of 4 | sed 's/^+NINE/+Nine/' >set/xsa7.patch
patch_of 4 >set/README.patch
printf 'Subject: [PATCH] nowhere\n\n--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-a\n+b\n' >set/xsa9.patch
echo text >set/notes.txt

test_expect 'a directory of patches: by lines, by id, by title; what is tagged needs nothing' '
  import set --dry-run
  grep -qx "4.17 $(id 1 | cut -c1-12) Prerequisite-of: XSA-1, by patch of xsa1-4.17-1.patch: common: prepare" out
  grep -qx "4.17 $(id 2 | cut -c1-12) tagged: XSA-1, by patch of xsa1-4.17-2.patch: common: bound it" out
  grep -qx "4.17 $(id 3 | cut -c1-12) Follow-up-to: XSA-1, by id of xsa1-4.17-3.patch: common: mend" out
  grep -qx "4.17 $(id 4 | cut -c1-12) Security: XSA-7, by title of xsa7.patch: common: unheard of" out
  grep -qx "unmatched: set/xsa9.patch (XSA-9): nowhere" out
  grep -q "ignored: set/README.patch: its name is not that of an advisory" out
  grep -q "ignored: set/notes.txt" out
  grep -qx "5 records, 4 matches, 1 of them tagged already, 3 commits to be noted, 1 records unmatched" out
  fails git -C "$REPO" rev-parse -q --verify refs/notes/xsabot-import'
test_expect 'names as distributions have them: the advisory is a word of the name' '
  mkdir as-shipped
  patch_of 1 >as-shipped/patch-xsa1-0001-common-prepare.patch
  patch_of 2 >as-shipped/0002-XSA-1.common_bound.patch
  patch_of 4 >as-shipped/notxsa7.patch
  import as-shipped --dry-run
  grep "^4.17 $(id 1 | cut -c1-12) Prerequisite-of: XSA-1, by patch" out
  grep "^4.17 $(id 2 | cut -c1-12) tagged: XSA-1, by patch" out
  grep "ignored: as-shipped/notxsa7.patch" out
'
test_expect 'it is written to a ref of its own, and the commands that it names take it over' '
  import set
  same "Prerequisite-of: XSA-1" "$(note 1 xsabot-import | head -1)"
  note 1 xsabot-import | grep -x "Imported-from: xsa1-4.17-1.patch, by patch"
  fails git -C "$REPO" rev-parse -q --verify refs/notes/xsa
  sed -n "s/^    \(git .*\)/\1/p" out >commands
  same 3 "$(wc -l <commands)"
  here=$PWD
  (cd "$REPO" && sh -ec "$(head -2 "$here/commands")") >/dev/null
  bot plan 4.17 --format=ids >ids
  same "$(id 1) $(id 2) $(id 3) $(id 4)" "$(paste -sd" " ids)"
  bot plan 4.17 --format=json >plan.json
  same 0 "$(jq ".lines[0].warnings | length" plan.json)"'
test_expect 'twice is as once, and what people wrote stays' '
  git -C "$REPO" notes --ref=xsabot-import append -m "Reviewed: yes" "$(id 1)"
  old=$(git -C "$REPO" rev-parse refs/notes/xsabot-import)
  import set
  grep -q "has all of it already" out
  same "$old" "$(git -C "$REPO" rev-parse refs/notes/xsabot-import)"'
test_expect '--apply writes to the configured ref' '
  set_config "[rules]" "notes = refs/notes/other"
  import set --apply
  same "Follow-up-to: XSA-1" "$(note 3 other | head -1)"
  bot plan 4.17 --format=ids >ids
  same 4 "$(wc -l <ids)"
  set_config "[rules]" "notes = none"
  exits 78 bot import-advisories set >out 2>&1
  set_config
'
test_expect 'metadata with its patches beside it' '
  mkdir meta
  cp set/xsa7.patch meta/fix-1.patch
  printf "{\"XSA\":7,\"Recipes\":{\"4.17\":{\"Recipes\":{\"xen\":{\"Patches\":[\"fix-*.patch\",\"../set/*\",\"/etc/*\"]}}}}}" >meta/xsa7.meta
  import meta/xsa7.meta --dry-run
  grep -qx "4.17 $(id 4 | cut -c1-12) Security: XSA-7, by title of fix-1.patch: common: unheard of" out
  same 1 "$(grep -c "^4.17" out)"
  printf "[{\"xsas\":[{\"xsa\":7,\"files\":[{\"name\":\"fix-1.patch\"},{\"name\":\"advisory-7.txt\"}]}]}]" >meta/xsa.json
  import meta/xsa.json --dry-run
  same 1 "$(grep -c "^4.17" out)"'
test_expect 'records of OSV and CVE: commits by their ids' '
  printf "{\"id\":\"OSV-1\",\"aliases\":[\"XSA-7\"],\"affected\":[{\"ranges\":[{\"type\":\"GIT\",\"events\":[{\"introduced\":\"0\"},{\"fixed\":\"%s\"}]}]}]}" "$(id 4)" >osv.json
  import osv.json --dry-run
  grep -q "^4.17 $(id 4 | cut -c1-12) Security: XSA-7, by id of osv.json" out
  printf "{\"cveMetadata\":{\"cveId\":\"CVE-2024-5\"},\"containers\":{\"cna\":{\"references\":[{\"url\":\"https://example.org/x.git/commit/?id=%s\"}]}}}" "$(id 4)" >cve.json
  import cve.json --dry-run
  grep -q "^4.17 $(id 4 | cut -c1-12) Security: CVE-2024-5, by id of cve.json" out
  echo nonsense >bad.json
  import bad.json --dry-run
  grep -q "ignored: bad.json: it is no JSON" out
  exits 64 bot import-advisories nowhere.json 2>err
  grep -q nowhere.json err'
done_testing
