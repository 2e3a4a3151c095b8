#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# TAP: rules, branches and tags that match nothing are told, and so is what looks like a fix and is none.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/history-lib.sh"

# rule PATTERN: this one alone makes a fix.
rule() { sed -i "s/^security = .*/security = $1/" conf; }
notices() { says '.notices | join("; ")'; }
check() { "$XSABOT" -c conf check-config >out 2>&1; }
# troubles: what status calls wrong after a run, by its kinds.
troubles() {
  "$XSABOT" -q -c conf run >run.out 2>&1 || [ $? = 1 ]
  "$XSABOT" -c conf status --format=json >status.json || [ $? = 1 ]
  jq -r '[.troubles[] | .kind] | unique | join(" ")' status.json
}

test_expect 'a commit that names an advisory as a fix does, and is none by the rules' '
  begin
  rule "\\\\(CVE-\\\\d+-\\\\d+\\\\)"
  commit base
  g tag v1.0.0
  commit "one fix (CVE-2024-1)" f "1\n"
  commit "two (CVE-2024-2, CVE-2024-3)" o "o\n"
  x=$(g rev-parse --short=12 HEAD)
  planned 2>err
  same "one fix (CVE-2024-1)" "$(picked)"
  same "$x names CVE-2024-2, CVE-2024-3, and is not taken as a fix: two (CVE-2024-2, CVE-2024-3)" "$(notices)"
  grep "1.0: $x names CVE-2024-2" err
  same notice "$(troubles)"
  exits 1 check
  grep "$x names CVE-2024-2, and security does not match: two" out
  rule "CVE-\\\\d+-\\\\d+"
  planned
  same "" "$(notices)"
  same "" "$(troubles)"
  check
  cat out
  grep "2 of the 3 commits of these lines are fixes, 0 more name an advisory" out'
test_expect '... but not prose, quotations, reverts, and what another commit fixes' '
  begin
  rule "^Fixes: CVE-\\\\d+-\\\\d+"
  commit base
  g tag v1.0.0
  commit "a fix

Fixes: CVE-2024-1" f "1\n"
  commit "follows CVE-2024-1" f "2\n"
  commit "tests

These were broken since the fix of CVE-2024-2, which is elsewhere.
> CVE-2024-3"
  commit "Revert \"a fix (CVE-2024-4)\""
  planned
  same "" "$(notices)"
  commit "fix

  * CVE-2024-5: overflow"
  planned
  notices | grep "names CVE-2024-5, "'
test_expect 'an annotation settles it, in either way' '
  begin
  rule "no such text"
  commit base
  g tag v1.0.0
  commit "CVE-2024-1" f "1\n"
  g notes --ref=xsa add -m "Security: CVE-2024-1"
  commit "CVE-2024-2" f "2\n"
  g notes --ref=xsa add -m "Exclude: elsewhere"
  planned
  same CVE-2024-1 "$(picked)"
  same "" "$(notices)"'
test_expect 'a changelog that tells of more than the commits do' '
  begin
  echo "changelog = NEWS doc/changes-*" >>conf
  mkdir -p r/doc
  commit base NEWS "CVE-2023-1\n" doc/changes-1 "CVE-2023-2\n"
  g tag v1.0.0
  commit "fix CVE-2024-1" f "1\n"
  commit more NEWS "fixed CVE-2024-1, CVE-2024-2\nCVE-2023-1\n" doc/changes-1 "CVE-2023-2\n" doc/changes-2 "CVE-2024-3 CVE-2024-2\n" doc/other "CVE-2024-4\n"
  planned
  same "fix CVE-2024-1" "$(picked)"
  same "NEWS tells of CVE-2024-2, and no commit is taken as its fix; doc/changes-2 tells of CVE-2024-3, and no commit is taken as its fix" "$(notices)"
  same notice "$(troubles)"
  commit late NEWS "fixed\nCVE-2023-1\n" doc/changes-2 ""
  same "" "$(troubles)"'
test_expect 'no line: which spelling would find one' '
  begin
  commit base
  g tag v1.0.0
  g branch -m 1-0-stable
  sed -i "s,^staging.*,staging = refs/heads/{line}-stable," conf
  exits 1 check
  grep "no line: .*; refs/heads/1-0-stable would be one with staging = refs/heads/{line:-}-stable" out
  exits 1 "$XSABOT" -c conf run
  same no-line "$(troubles)"'
test_expect 'no release' '
  begin
  commit base
  g tag 1.0-rc1
  exits 1 check
  grep "1.0: refs/heads/1.0 contains no release: no tag like refs/tags/v{line}.{n}" out
  exits 1 "$XSABOT" -c conf plan 1.0
  exits 1 "$XSABOT" -c conf run
  same no-release "$(troubles)"
  g tag v1.0.0
  commit "fix CVE-2024-1"
  check
  same "" "$(troubles)"'
test_expect '... of one line among others, which is no trouble unless it is named' '
  begin
  commit "fix CVE-2023-1"
  g tag v1.0.0
  g branch 1.1
  same "" "$(troubles)"
  exits 1 check
  sed -i "s/^staging.*/&\nlines = 1.0 1.1/" conf
  same no-release "$(troubles)"'
test_expect 'no commit that matches' '
  begin
  rule "no such text"
  commit base
  g tag v1.0.0
  commit "other"
  exits 1 check
  grep "no commit of these lines matches security: nothing will be picked" out'
test_expect 'a newer release that is passed over' '
  begin
  commit "fix CVE-2023-1"
  g branch 1.1
  g tag v1.0.0
  g checkout -q 1.1
  commit more
  g tag v1.0.1
  g tag v1.1.0
  g checkout -q 1.0
  exits 1 "$XSABOT" -c conf run
  exits 1 "$XSABOT" -c conf plan 1.0
  same notice "$(troubles)"
  "$XSABOT" -c conf status >out || :
  grep "v1.0.1 is higher than its release and passed over" out'
done_testing
