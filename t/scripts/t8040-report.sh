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
  same "line,base,tip,commits,security,share,advisories,prerequisites,follow_ups,picks,blocked" "$(sed -n 1p out)"
  same "4.17,RELEASE-4.17.0,RELEASE-4.17.1,3,1,33.3,1,0,0,1,0" "$(sed -n 2p out)"
  same "4.17,RELEASE-4.17.1,refs/heads/staging-4.17,3,1,33.3,1,1,1,3,0" "$(sed -n 3p out)"
  same "4.18,RELEASE-4.18.0,refs/heads/staging-4.18,1,0,0.0,0,0,0,0,0" "$(sed -n 4p out)"
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
done_testing
