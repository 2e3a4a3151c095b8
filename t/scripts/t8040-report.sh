#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The numbers of what such a branch takes, from each release to the next.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

# Two releases and what came since: a fix and another commit; then a fix, what it needs, and its repair.
make_line xen.git xen 4.17
commit_file xen a.c 'x\n' 'x86: one

This is XSA-1.'
commit_file xen b.c "$(edited)" 'common: more'
git -C xen tag RELEASE-4.17.1
commit_file xen b.c "$(edited 1=prepared)" 'common: prepare'
commit_file xen b.c "$(edited 1=fixed)" 'x86: two

This is XSA-2.'
FIX=$(oid)
commit_file xen c.c 'x\n' "x86: repair

Fixes: ${FIX:0:12} (\"x86: two\")"
push xen staging-4.17 RELEASE-4.17.1
make_line xen.git other 4.18

test_expect 'each window has its numbers' '
  xsabot -C xen.git report --format=csv >out
  same "line,base,tip,commits,security,share,advisories,prerequisites,follow_ups,picks,blocked,alone,definitions,mixtures" "$(sed -n 1p out)"
  same "4.17,RELEASE-4.17.0,RELEASE-4.17.1,3,1,33.3,1,0,0,1,0,1,0,0" "$(sed -n 2p out)"
  same "4.17,RELEASE-4.17.1,refs/heads/staging-4.17,3,1,33.3,1,1,1,3,0,0,0,0" "$(sed -n 3p out)"
  same "4.18,RELEASE-4.18.0,refs/heads/staging-4.18,1,0,0.0,0,0,0,0,0,0,0,0" "$(sed -n 4p out)"
'
test_expect 'as text, with the sums' '
  xsabot -C xen.git report 4.17 >out
  grep "^windows: 2; commits: 6, of them security fixes: 2 (33 %); windows with fewer than half: 2$" out
  grep "^prerequisites: 1, for 2 advisories (0.50 each); windows with at most 6: 2$" out
  grep "^follow-ups: 1; windows that end in a block: 0$" out
'
test_expect 'without a search, what it needs is not there' '
  xsabot -C xen.git report 4.17 --no-discover --format=csv >out
  same "0,1" "$(sed -n 3p out | cut -d, -f8,11)"
'
test_expect 'by year, and what the numbers say to what is said of them' '
  xsabot -C xen.git report 4.17 >out
  grep "^2017 *2 *33% *1 *2 *0 *2 *1 *1.0$" out
  grep "^Less than half of a point release is security: holds, for 2 of 2 windows; of all commits 33 % are.$" out
  grep "^Who has the release can take an advisory as it is: does not hold, for 1 of 2 (50 %)" out
  grep "^Each line that is supported costs: an advisory was fixed on 1.0 lines, with 1.0 commits a line and 1.0 more" out
  grep "issued again.*is not known without" out
'
test_expect '... also with what is known beside: dates, batches, issues' '
  mkdir meta
  jq -n "[{xsas: [{xsa: 1, public_time: \"2017-07-04 12:00\", version: 2, version_time: \"2017-07-04 12:00\"},
    {xsa: 2, public_time: \"2017-07-12 12:00\", version: 3, version_time: \"2017-08-01 12:00\"}]}]" >meta/xsa.json
  printf "%s\n" "[repository]" "path = $PWD/xen.git" "[rules]" "metadata = $PWD/meta" >c.conf
  xsabot -c c.conf report 4.17 >out
  grep "2 advisories came on 2 dates, .* the longest has 8; 2 dates had one advisory alone" out
  grep "^Told each second Tuesday instead: 2 dates, 3.0 days later on average, 6 at most; the largest batch has 1 adv" out
  grep "^Told on the first of the next month instead: 1 dates, 24.0 days later on average, 28 at most; the largest batch has 2" out
  grep "^Told on the second Tuesday of a month instead: 2 dates, 17.0 days later on average, 27 at most" out
  grep "^Advisories change after they are public: 1 of 2 (50 %) were issued again.$" out
  grep "^From public to a stable branch: half within [0-9]* days, the longest 9;" out
'
done_testing
