#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# TAP: from a repository that nobody described to its first plan in two commands.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/history-lib.sh"

# series BRANCH TAG...: the branch, on the one that is checked out, with commits that have these tags.
series() {
  local tag
  g checkout -qb "$1" 2>/dev/null || g checkout -q --orphan "$1"
  shift
  for tag; do
    commit "release $tag" version "$tag\n"
    g tag "$tag"
  done
}
# suggest: the configuration for r, with its state elsewhere.
suggest() {
  rm -rf state
  "$XSABOT" suggest-config r >suggested
  sed "s,^path = .*,&\nstate = $PWD/state," suggested >conf
}
key() { sed -n "s/^$1 = //p" suggested | paste -sd' '; }
planned() { "$XSABOT" -c conf plan --format=json >plan.json; }
fix() { commit "fix a hole (CVE-2024-$1)" "f$1" "$1\n"; }

test_expect 'branches 7.0, tags 7.0.1: what it says is a configuration, and gives a plan' '
  begin
  series 6.0 6.0.0 6.0.1-rc1 6.0.1
  fix 1
  series 7.0 7.0.0 7.0.1
  fix 2
  g branch -D 1.0 2>/dev/null || :
  suggest
  cat suggested
  same "refs/heads/{line}" "$(key staging)"
  same "refs/tags/{line}.{n}" "$(key release)"
  same "CVE-\\d+-\\d+" "$(key security)"
  grep "^#   7.0      on 7.0.1" suggested
  "$XSABOT" -c conf check-config
  planned
  same "1 1" "$(jq -r "[.lines[].picks | length] | join(\" \")" plan.json)"'
test_expect 'dashes, and a v before the number' '
  begin
  series 7-0-stable v7.0.0 v7.0.1
  series 7-1-stable v7.1.0
  fix 1
  suggest
  same "refs/heads/{line:-}-stable" "$(key staging)"
  same "refs/tags/v{line}.{n}" "$(key release)"
  planned
  same "7.0 7.1" "$(jq -r "[.lines[].line] | join(\" \")" plan.json)"'
test_expect 'a first release without a point; candidates are none' '
  begin
  series stable/8.1 frr-8.1-rc1 frr-8.1 frr-8.1.1
  g tag frr-7.5-2 frr-8.1
  series stable/8.2 frr-8.2
  series rc/8.1.1
  series rc/8.2
  g checkout -q stable/8.2
  fix 1
  suggest
  same "refs/heads/stable/{line}" "$(key staging)"
  same "refs/tags/frr-{line}[.{n}]" "$(key release)"
  planned
  same "frr-8.1.1 frr-8.2" "$(jq -r "[.lines[].base.tag] | join(\" \")" plan.json)"'
test_expect 'letters and underscores' '
  begin
  series OpenSSL_1_0_2-stable OpenSSL_1_0_2-beta1 OpenSSL_1_0_2 OpenSSL_1_0_2a OpenSSL_1_0_2b
  fix 1
  suggest
  same "refs/heads/OpenSSL_{line:_}-stable" "$(key staging)"
  same "refs/tags/OpenSSL_{line:_}[{n:a}]" "$(key release)"
  planned
  same OpenSSL_1_0_2b "$(says .base.tag)"
  begin
  series V_9_3 V_9_3_P1 V_9_3_P2
  fix 1
  suggest
  planned
  same V_9_3_P2 "$(says .base.tag)"'
test_expect 'a branch that is named like its first release alone' '
  begin
  series stable-2.0 2.0.0 2.1.0 2.11.8
  fix 1
  suggest
  grep -A1 "^\[line 2.0\]" suggested
  planned
  same 2.11.8 "$(says .base.tag)"'
test_expect 'no stable branches: one line' '
  begin
  series master curl-8_9_0 curl-8_9_1 curl-8_10_0
  fix 1
  suggest
  grep "Unsure: no branch has" suggested
  planned
  same curl-8_10_0 "$(says .base.tag)"
  same 1 "$(says ".picks | length")"'
test_expect 'lines that are long over are left out' '
  begin
  series 6.0 6.0.0
  T_CLOCK=$((T_CLOCK + 3 * 366 * 24 * 3600))
  series 7.0 7.0.0
  series 7.1 7.1.0
  suggest
  same 7.0- "$(key lines)"'
test_expect 'which advisories are named, and how' '
  begin
  series 1.1 v1.1.0
  for i in 1 2 3; do
    commit "overflow

Fixes: GHSA-aaaa-bbbb-000$i
Fixes: CVE-2024-$i" f $i
  done
  commit "CI

It was red since CVE-2024-9."
  suggest
  grep "CVE-{n}: 3 commits name one where fixes do, 1 in prose alone" suggested
  same CVE-{n} "$(key advisory)"
  same GHSA-{id} "$(key alias)"
  planned
  same "CVE-2024-1 CVE-2024-2 CVE-2024-3 CVE-2024-9" "$(says "[.advisories[].id] | join(\" \")")"
  same GHSA-aaaa-bbbb-0001 "$(says ".advisories[0].aliases[0]")"'
test_expect 'files in which many commits write, and files that tell of fixes' '
  begin
  series 1.1 v1.1.0
  for i in 1 2 3 4 5 6 7 8 9; do
    commit "change $i" CHANGES "$i CVE-2024-$i\n" "src$i" "$i\n" busy.c "$i\n"
  done
  suggest
  same CHANGES "$(key bookkeeping)"
  same CHANGES "$(key changelog)"
  grep "busy.c: 9 (unsure: perhaps bookkeeping)" suggested'
test_expect 'what can not be: no tag, no repository, a clone; and it writes nothing' '
  begin
  commit base
  exits 64 "$XSABOT" suggest-config r 2>err
  grep "no tag with a number" err
  exits 64 "$XSABOT" suggest-config nothing 2>err
  series 1.1 v1.1.0
  g branch 1.2
  git clone -q r clone
  exits 64 "$XSABOT" suggest-config clone 2>err
  grep "git clone --mirror" err
  g for-each-ref >before
  chmod -R a-w r/.git
  suggest
  chmod -R u+w r/.git
  g for-each-ref | diff before -'
done_testing
