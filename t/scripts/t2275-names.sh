#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# TAP: how other projects name their branches, releases and advisories.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/history-lib.sh"

# named BRANCH SETTING...: an empty repository whose branch is so called, and a configuration with these settings of [lines].
named() {
  begin
  git -C r symbolic-ref HEAD "refs/heads/$1"
  shift
  printf '%s\n' '[repository]' "path = $PWD/r/.git" '[lines]' 'derived = refs/heads/sec/{line}' "$@" \
    '[rules]' 'security = CVE-\d+-\d+' 'advisory = CVE-{n}' >conf
}
planned_line() { "$XSABOT" -c conf plan "$1" --format=json >plan.json || [ $? = 1 ]; }
# base LINE: the tag that its plan stands on.
base() { planned_line "$1" && says .base.tag; }
lines() { "$XSABOT" -c conf check-config 2>&1 | sed -n 's/: refs.*//p'; }

test_expect 'a branch spells the numbers of its line otherwise; new lines are noticed' '
  named 7-0-stable "staging = refs/heads/{line:-}-stable" "release = refs/tags/v{line}.{n}"
  commit base
  g tag v7.0.0
  g tag v7.0.0-rc1
  commit "fix CVE-2024-1" f "1\n"
  same 7.0 "$(lines)"
  same v7.0.0 "$(base 7.0)"
  g branch 7-1-stable
  g tag v7.1.0
  same "7.0 7.1" "$(lines | xargs)"
  "$XSABOT" -c conf run
  g rev-parse refs/heads/sec/7.0
  g rev-parse refs/xsabot/state/7.1'
test_expect 'the branch and the tag both spell them otherwise' '
  named REL_15_STABLE "staging = refs/heads/REL_{line:_}_STABLE" "release = refs/tags/REL_{line:_}_{n:_}"
  commit base
  g tag REL_15_9
  commit more
  g tag REL_15_10
  commit beta
  g tag REL_15_11_RC1
  g tag REL_15_BETA1
  same REL_15_10 "$(base 15)"'
test_expect 'a first release without a point, until there is one with it' '
  named stable/8.1 "staging = refs/heads/stable/{line}" "release = refs/tags/frr-{line}[.{n}]"
  commit rc
  g tag frr-8.1-rc1
  same null "$(base 8.1)"
  g tag frr-8.1
  commit "fix CVE-2024-1" f "1\n"
  same frr-8.1 "$(base 8.1)"
  same "fix CVE-2024-1" "$(picked)"
  same 8.1 "$(says .release)"
  g tag frr-8.1.1
  same frr-8.1.1 "$(base 8.1)"'
test_expect '... which is kept, and found by its name' '
  named stable/8.1 "staging = refs/heads/stable/{line}" "release = refs/tags/frr-{line}[.{n}]" "releases = all"
  commit base
  g tag frr-8.1
  commit "fix CVE-2024-1" f "1\n"
  g tag frr-8.1.1
  "$XSABOT" -c conf run
  g show refs/heads/sec/8.1.0:f
  same frr-8.1 "$(base 8.1.0)"'
test_expect 'letters after the number of a release, in their order' '
  named OpenSSL_1_0_2-stable "staging = refs/heads/OpenSSL_{line:_}-stable" "release = refs/tags/OpenSSL_{line:_}[{n:a}]" "releases = 2"
  commit base
  g tag OpenSSL_1_0_2-beta1
  for tag in OpenSSL_1_0_2 OpenSSL_1_0_2y OpenSSL_1_0_2z OpenSSL_1_0_2za; do
    commit $tag
    g tag $tag
  done
  commit "fix CVE-2024-1" f "1\n"
  same OpenSSL_1_0_2za "$(base 1.0.2)"
  same 1.0.2za "$(says .release)"
  "$XSABOT" -c conf run
  g show refs/heads/sec/1.0.2.z:f
  same OpenSSL_1_0_2z "$(base 1.0.2z)"
  same "1.0.2 1.0.2z 1.0.2za" "$(lines | xargs)"
  "$XSABOT" -c conf verify'
test_expect '... and a patch level after it' '
  named V_9_3 "staging = refs/heads/V_{line:_}" "release = refs/tags/V_{line:_}_{n:a}"
  for tag in V_9_3_P9 V_9_3_P10; do
    commit $tag
    g tag $tag
  done
  same V_9_3_P10 "$(base 9.3)"
  sed -i "s/_{n:a}/_P{n}/" conf
  same V_9_3_P10 "$(base 9.3)"'
test_expect 'derived-release must have room for the letters' '
  named 1.0 "staging = refs/heads/{line}" "release = refs/tags/v{line}{n:a}" "derived-release = refs/heads/sec/{line}.{n}"
  exits 78 "$XSABOT" -c conf check-config 2>err
  grep "derived-release.*{n:a}" err'
test_expect 'one branch for many series of releases' '
  named master "[line curl]" "staging = refs/heads/master" "release = refs/tags/curl-{n:_}"
  for tag in curl-7_88_1 curl-8_9_0 curl-8_9_1 curl-8_10_0 rc-8_11_0-1; do
    commit $tag
    g tag $tag
  done
  commit "fix CVE-2024-1" f "1\n"
  same curl-8_10_0 "$(base curl)"
  same "fix CVE-2024-1" "$(picked)"'
test_expect 'ids of advisories with letters: tags, aliases, explain, annotations, trailers' '
  begin
  sed -i "s/^security.*/security = (?i)GHSA(?:-[0-9a-z]{4}){3}|CVE-\\\\d+-\\\\d+/; s/^advisory.*/advisory = CVE-{n}\nalias = GHSA-{id}/" conf
  commit base f "1\n2\n3\n4\n5\n6\n7\n"
  g tag v1.0.0
  commit "needed" o "o\n"
  need=$(g rev-parse HEAD)
  commit "Merge ghsa-C9cp-9c75-9v8c" f "1\n2\n3 fix\n4\n5\n6\n7\n"
  commit "fix CVE-2024-1 (GHSA-2222-3333-4444)" p "p\n"
  commit "also" q "q\n"
  g notes --ref=security add -m "Security: GHSA-2222-3333-4444" HEAD
  g notes --ref=security add -m "Prerequisite-of: GHSA-c9cp-9c75-9v8c" "$need"
  echo "notes = refs/notes/security" >>conf
  planned
  same "needed,Merge ghsa-C9cp-9c75-9v8c,fix CVE-2024-1 (GHSA-2222-3333-4444),also" "$(picked)"
  says .advisories
  same "GHSA-c9cp-9c75-9v8c CVE-2024-1 GHSA-2222-3333-4444" "$(says "[.advisories[].id] | join(\" \")")"
  same GHSA-2222-3333-4444 "$(says ".advisories[1].aliases[]")"
  "$XSABOT" -c conf explain GHSA-C9CP-9c75-9v8c 1.0 >out
  grep "GHSA-c9cp-9c75-9v8c is applied" out
  "$XSABOT" -c conf run
  g log --format=%B -1 sec/1.0~2 >out
  grep "^Xsabot-Advisory: GHSA-c9cp-9c75-9v8c" out'
done_testing
