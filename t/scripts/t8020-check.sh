#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Do outstanding advisories apply: results for people and for test systems.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
need python3

make_line xen.git xen 4.17
commit_file xen a.c "$(edited)" 'common: more'
git -C xen tag RELEASE-4.17.1
commit_file xen a.c "$(edited 1=prepared)" 'common: <prepare> #1'
NEED=$(oid)
commit_file xen a.c "$(edited 1=fixed)" 'x86: fix

This is XSA-1.'
commit_file xen d.c 'x\n' 'x86: not wanted

This is XSA-2.'
git -C xen.git notes --ref=xsa add -m 'Exclude: # no <such> "device" & more' "$(push xen staging-4.17; oid)"
push xen staging-4.17 RELEASE-4.17.0 RELEASE-4.17.1
make_line xen.git old 4.16

check() { xsabot -C xen.git check "$@"; }

test_expect 'what applies is ok, with what it needs; what is excluded is skipped' '
  check 4.17 >out
  same "4.17: XSA-1: ok" "$(sed -n 1p out)"
  grep "^    with ${NEED:0:12} common: <prepare> #1" out
  grep "^4.17: XSA-2: skipped" out
'
test_expect 'a line without any is ok' '
  check 4.16 >out
  grep "^4.16: RELEASE-4.16.0: ok" out
'
test_expect 'TAP: a plan, numbers, and no directive that the text made' '
  check 4.17 --format=tap >out
  same "TAP version 13 1..2" "$(head -n 2 out | xargs)"
  same "ok 1 - 4.17: XSA-1" "$(sed -n 3p out)"
  same "1" "$(sed -n 4p out | grep -o "#" | wc -l)"
  grep "^ok 2 - 4.17: XSA-2 # SKIP" out
'
test_expect 'JUnit: XML, whatever the text' '
  check --format=junit >out.xml
  python3 - >out <<END
import xml.etree.ElementTree as x
for s in x.parse("out.xml").getroot():
    print(s.get("name"), s.get("tests"), s.get("failures"), s.get("skipped"), [t.text for c in s for t in c])
END
  grep "^4.16 1 0 0" out
  grep "^4.17 2 0 1.*<such> .device. & more" out
'
test_expect 'what does not apply is a failure, status 1, with the reason' '
  git -C xen.git notes --ref=xsa add -m "Exclude: never" "$NEED"
  exits 1 xsabot -C xen.git check --format=tap >out
  grep "^not ok 2 - 4.17: XSA-1" out
  grep "^# blocked: .*a.c" out
  exits 1 xsabot -C xen.git check 4.17 --format=junit >out
  grep "failures=\"1\"" out
'
test_expect 'a line that is not there is a failure, too' '
  exits 64 xsabot -C xen.git check 4.15
  exits 64 xsabot -C xen.git check --format=ids
'
test_expect 'the job for a CI does that' '
  script=$T_SRC/conf/ci-script.example
  git -C xen.git notes --ref=xsa remove "$NEED" 2>/dev/null
  PATH=$(dirname "$XSABOT"):$PATH sh "$script" xen.git staging-4.17 >out
  grep "^ok 1 - 4.17: XSA-1" out
  git clone -q xen.git ci
  cd ci
  CI_COMMIT_BRANCH=staging-4.17 CI_PROJECT_DIR=$PWD
  eval "$(sed -n "s/^    - \(git fetch\|xsabot\)/\1/p" "$T_SRC/conf/ci-gitlab.yml.example" | sed "s,^xsabot,$XSABOT,")"
  grep -c "testcase" xsa-apply.xml
'
done_testing
