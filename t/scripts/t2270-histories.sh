#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# TAP: histories in which a change comes twice, by merges, or beside the branch.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/history-lib.sh"

test_expect 'the release, made on a side branch, has the same change under another id' '
  begin
  commit base f "1\n2\n3\n" o "o\n"
  g tag v1.0.0
  g checkout -qb side
  commit "fix CVE-2024-1" f "1\n2 fix\n3\n"
  commit "repair that" f "1\n2 fix, mended\n3\n"
  g tag v1.0.1
  g checkout -q 1.0
  commit "fix CVE-2024-1" f "1\n2 fix\n3\n"
  merge -X theirs -m "merge the release" side
  commit "fix CVE-2024-2" o "o fixed\n"
  planned
  same "fix CVE-2024-2" "$(picked)"
  same "in-base: fix CVE-2024-1" "$(left)"
  same "CVE-2024-1 applied-in-base, CVE-2024-2 applied" "$(states)"'
test_expect '... which counts only while it stands there' '
  begin
  commit base f "1\n2\n3\n" o "o\n"
  g tag v1.0.0
  g checkout -qb side
  commit "fix CVE-2024-1" f "1\n2 fix\n3\n"
  g revert --no-edit HEAD >/dev/null
  g tag v1.0.1
  g checkout -q 1.0
  commit "fix CVE-2024-1" f "1\n2 fix\n3\n"
  merge -s ours -m "merge the release" side
  planned
  same "fix CVE-2024-1" "$(picked)"
  same "CVE-2024-1 applied" "$(states)"'
test_expect '... and only where subject and author, or the origin, are the same' '
  begin
  commit base f "1\n2\n3\n"
  g tag v1.0.0
  g checkout -qb side
  commit "another change" f "1\n2 fix\n3\n"
  commit "and back" f "1\n2\n3\n"
  g tag v1.0.1
  g checkout -q 1.0
  commit "fix CVE-2024-1" f "1\n2 fix\n3\n"
  merge -s ours -m "merge the release" side
  planned
  same "fix CVE-2024-1" "$(picked)"'
test_expect 'a fix that is reverted and put there again counts' '
  begin
  commit base f "1\n2\n3\n"
  g tag v1.0.0
  commit "fix CVE-2024-1" f "1\n2 fix\n3\n"
  first=$(g rev-parse HEAD)
  tick
  g revert --no-edit HEAD >/dev/null
  tick
  g cherry-pick -x "$first" >/dev/null
  planned
  same 3 "$(says ".picks | length")"
  same "CVE-2024-1 applied" "$(states)"'
test_expect 'the same fix put there twice is picked once' '
  begin
  commit base f "1\n2\n3\n" o "1\n"
  g tag v1.0.0
  commit "fix CVE-2024-1" f "1\n2 fix\n3\n"
  commit "back, for now" f "1\n2\n3\n" o "2\n"
  commit "fix CVE-2024-1" f "1\n2 fix\n3\n"
  planned --no-follow-ups
  same "fix CVE-2024-1" "$(picked)"
  same "already-picked: fix CVE-2024-1" "$(left)"
  same "CVE-2024-1 applied" "$(states)"'

test_expect 'a merge that names what its parts fix is not picked over them' '
  begin
  commit base f "1\n2\n3\n" v "1\n"
  g tag v1.0.0
  g checkout -qb private
  commit "fix CVE-2024-1" f "1\n2 fix\n3\n"
  commit "version" v "2\n"
  g checkout -q 1.0
  commit "other work" o "o\n"
  merge -m "merge the fix of CVE-2024-1" private
  planned
  same "fix CVE-2024-1" "$(picked)"
  same "merge: merge the fix of CVE-2024-1" "$(left)"
  same "CVE-2024-1 applied" "$(states)"'
test_expect '... where the merge alone is tagged, it is picked as a whole' '
  begin
  commit base f "1\n2\n3\n" v "1\n"
  g tag v1.0.0
  g checkout -qb private
  commit "bound it" f "1\n2 fix\n3\n"
  g checkout -q 1.0
  commit "other work" o "o\n"
  merge -m "merge the fix of CVE-2024-1" private
  planned
  same "merge the fix of CVE-2024-1" "$(picked)"'
test_expect 'a merge of the release brings nothing that the release lacks' '
  begin
  commit base f "1\n2\n3\n" v "1\n"
  g tag v1.0.0
  commit "back to development" v "1+\n"
  g checkout -qb private HEAD~1
  commit "fix CVE-2024-1" f "1\n2 fix\n3\n"
  commit "version" v "2\n"
  g tag v1.0.1
  commit "back to development" v "2+\n"
  g checkout -q 1.0
  merge -X theirs -m "merge v1.0.1, with CVE-2024-1" private
  commit "fix CVE-2024-2" f "1\n2 fix\n3 fix\n"
  planned
  same "fix CVE-2024-2" "$(picked)"
  same "in-base: merge v1.0.1, with CVE-2024-1" "$(left)"'
test_expect 'a revert of a merge reverts what the merge brought' '
  begin
  commit base f "1\n2\n3\n" o "o\n"
  g tag v1.0.0
  g checkout -qb pr
  commit "fix CVE-2024-1" f "1\n2 fix\n3\n"
  g checkout -q 1.0
  commit "other work" o "oo\n"
  merge -m "merge pr" pr
  tick
  g revert --no-edit -m 1 HEAD >/dev/null
  planned
  same "fix CVE-2024-1,Revert \"merge pr\"" "$(picked)"
  same "CVE-2024-1 reverted" "$(states)"'
test_expect '... and a repair that names a merge repairs what it brought' '
  begin
  commit base f "1\n2\n3\n" o "o\n"
  g tag v1.0.0
  g checkout -qb pr
  commit "fix CVE-2024-1" f "1\n2 fix\n3\n"
  g checkout -q 1.0
  commit "other work" o "oo\n"
  merge -m "merge pr" pr
  id=$(g rev-parse HEAD)
  commit "mend that

Fixes: ${id:0:12} (\"merge pr\")" x "x\n"
  planned
  same "fix CVE-2024-1,mend that" "$(picked)"'

test_expect 'a changelog in which every commit writes drags none of them in' '
  begin
  commit base f "1\n2\n3\n" CHANGES "old\n"
  g tag v1.0.0
  commit "other work" CHANGES "other\nold\n" o "o\n"
  commit "fix CVE-2024-1" CHANGES "fix\nother\nold\n" f "1\n2 fix\n3\n"
  planned
  same "other work,fix CVE-2024-1" "$(picked)"
  echo "bookkeeping = CHANGES doc/*.txt" >>conf
  planned
  same "fix CVE-2024-1 CHANGES" "$(picked) $(says ".picks[0].kept[0]")"
  "$XSABOT" -q -c conf run
  same "old 2 fix" "$(g show sec/1.0:CHANGES) $(g show sec/1.0:f | sed -n 2p)"
  g log -1 --format=%B sec/1.0 | grep -x "Xsabot-Kept: CHANGES"
  "$XSABOT" -c conf verify 1.0 | grep good
  sed -i "s/^bookkeeping.*/bookkeeping = \/CHANGES/" conf
  exits 78 "$XSABOT" -c conf check-config'

test_expect 'a release that is tagged beside the branch is its base' '
  begin
  commit base f "1\n2\n3\n"
  g checkout -q --detach
  commit "release 1.0.0" VERSION "1.0.0\n"
  g tag v1.0.0
  g checkout -q 1.0
  commit "fix CVE-2024-1" f "1\n2 fix\n3\n"
  "$XSABOT" -q -c conf run
  same "2 fix 1.0.0" "$(g show sec/1.0:f | sed -n 2p) $(g show sec/1.0:VERSION)"
  g merge-base --is-ancestor v1.0.0 sec/1.0
  "$XSABOT" -c conf verify 1.0
  "$XSABOT" -c conf check-config | grep "on v1.0.0"
  g checkout -q --detach
  commit "release 1.0.1" VERSION "1.0.1\n"
  g tag v1.0.1
  g checkout -q 1.0
  commit "fix CVE-2024-2" f "1\n2 fix\n3 fix\n"
  "$XSABOT" -q -c conf run
  same "3 fix 1.0.1" "$(g show sec/1.0:f | sed -n 3p) $(g show sec/1.0:VERSION)"
  same "fix CVE-2024-2" "$("$XSABOT" -c conf plan 1.0 --format=json | jq -r ".lines[0].picks | map(.subject) | join(\",\")")"
  planned --base v1.0.0 --tip 1.0
  same "fix CVE-2024-1,fix CVE-2024-2" "$(picked)"'
test_expect '... but not one at the wrong place, which is told' '
  begin
  commit base f "1\n2\n3\n"
  g tag v1.0.0
  g checkout -qb 1.1
  commit "other line" VERSION "1.1\n"
  g tag v1.0.7
  commit "more of it" VERSION "1.1+\n"
  g checkout -q 1.0
  commit "fix CVE-2024-1" f "1\n2 fix\n3\n"
  planned 2>err
  same v1.0.0 "$(says .base.tag)"
  grep -q "v1.0.7 is higher than its release and passed over: it is on the branch of another line" err
  exits 1 "$XSABOT" -c conf check-config >out 2>&1
  grep -q "v1.0.7, which is higher, is passed over" out
  g checkout -q --orphan alien
  commit alien z "z\n"
  g tag -f v1.0.7 >/dev/null
  g checkout -q 1.0
  g branch -qD alien
  planned 2>err
  same v1.0.0 "$(says .base.tag)"
  grep -q "no history in common" err'
test_expect '... in one file, and then in another that the release lacks' '
  begin
  commit base f "1\n2\n3\n" CHANGES "old\n" notes-current "old\n" extra "line 0 of it\nline 1 of it\nline 2 of it\nline 3 of it\nline 4 of it\nline 5 of it\nline 6 of it\nline 7 of it\nanother 0\nanother 1\nanother 2\n"
  g mv notes-current notes-1.0.0
  commit "release" version "1.0.0\n"
  g tag v1.0.0
  g mv extra other # for the release, the other way round: perhaps it renamed the notes to it
  commit "another name"
  commit "back" notes-current "line 0 of it\nline 1 of it\nline 2 of it\nline 3 of it\nline 4 of it\nline 5 of it\nline 6 of it\nline 7 of it\nline 8 of it\nline 9 of it\n" CHANGES "other\nold\n"
  commit "fix CVE-2024-1" f "1\n2 fix\n3\n" CHANGES "fix\nother\nold\n" notes-current "line 0 of it\nline 1 of it\nline 2 of it\nline 3 of it\nline 4 of it\nline 5 of it\nline 6 of it\nline 7 of it\nline 8 of it\nline 9 of it\nfix\n"
  echo "bookkeeping = CHANGES notes-*" >>conf
  planned
  same "fix CVE-2024-1" "$(picked)"
  same "CHANGES notes-current" "$(says ".picks[0].kept | join(\" \")")"
  "$XSABOT" -c conf run
  same "1 2 fix 3" "$(g show sec/1.0:f | xargs)"
  same old "$(g show sec/1.0:CHANGES)"'
done_testing
