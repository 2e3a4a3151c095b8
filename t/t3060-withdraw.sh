#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# TAP: a fix that was published and is taken back: it stays away, and so does what needs it.
. "$(dirname "$0")/lib.sh"
. "$T_DIR/line-lib.sh"

make_line xen.git xen 4.17 1
TEN='one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n'
# fix N PATH CONTENT: a commit for XSA-N; sets C.
fix() { commit_file xen "$2" "$3" "x86: fix $1

This is XSA-$1."; C=$(oid); }

test_expect 'a note takes a fix out of the plan, by every version of the rules' '
  begin
  fix 1 a.c "${TEN/two/TWO}"
  bad=$C
  fix 2 b.c "b\n"
  planned
  picks_are "$bad" "$C"
  note_on "$bad" "Withdrawn: it deadlocks"
  for v in 1 2; do
    planned --rules-version=$v
    picks_are "$C"
    same withdrawn "$(role_of "$bad")"
    same withdrawn "$(state_of XSA-1)"
    same "withdrawn by a note: it deadlocks" "$(line ".left_out[0].why")"
    same applied "$(state_of XSA-2)"
  done
'
test_expect 'so do a trailer, and the configuration; it beats the other words of its level' '
  begin
  commit_file xen a.c "${TEN/two/TWO}" "x86: fix 1

This is XSA-1.

Withdrawn: too slow"
  bad=$(oid)
  planned
  same withdrawn "$(role_of "$bad")"
  note_on "$bad" "Security: XSA-1"
  planned
  same security "$(role_of "$bad")"
  note_on "$bad" "Withdrawn: after all
Exclude: not here"
  planned
  same "withdrawn by a note: after all" "$(line ".left_out[0].why")"
  conf "[picks]" "$bad = Withdrawn: it panics"
  planned
  same "withdrawn by a configuration: it panics" "$(line ".left_out[0].why")"
'
test_expect 'of an advisory of two commits one is taken back: it is there in part' '
  begin
  fix 1 a.c "${TEN/two/TWO}"
  bad=$C
  fix 1 b.c "b\n"
  note_on "$bad" "Withdrawn: it deadlocks"
  planned
  picks_are "$C"
  same partial "$(state_of XSA-1)"
'
test_expect 'what repairs it is not taken either' '
  begin
  fix 1 a.c "${TEN/two/TWO}"
  bad=$C
  commit_file xen a.c "${TEN/two/TWO!}" "x86: mend it

Fixes: ${bad:0:12} (\"x86: fix 1\")"
  planned
  same 2 "$(line ".picks | length")"
  note_on "$bad" "Withdrawn: it deadlocks"
  planned
  same 0 "$(line ".picks | length")"
'
# needed WHY: XSA-2 blocks, as $bad is withdrawn, and that is among what may settle it.
needed() {
  planned
  same "$bad $C" "$(line ".picks[].commit" | xargs)"
  note_on "$bad" "Withdrawn: it deadlocks"
  planned
  same blocked "$(state_of XSA-2)"
  same "$bad" "$(line ".blocked[0].candidates[]")"
  line ".blocked[0].why" | grep -q "$1"
  xsabot -C xen.git explain XSA-2 4.17 | grep -q "git notes --ref=xsa edit ${bad:0:12}"
}
test_expect 'what conflicts without it blocks' '
  begin
  fix 1 a.c "${TEN/two/TWO}"
  bad=$C
  fix 2 a.c "${TEN/two/2}"
  needed "${C:0:12} conflicts in a.c"
'
USE='#include <xen/lib.h>\nint old(void)\n{\n    return LIB_OLD;\n}\n' LIB='#define LIB_OLD 1\n'
test_expect 'what uses a macro that it brings blocks' '
  begin
  commit_file xen use.c "$USE" "x86: begin"
  commit_file xen include/xen/lib.h "$LIB" "x86: a header"
  git -C xen tag RELEASE-4.17.2
  git -C xen push -qf origin RELEASE-4.17.2
  fix 1 include/xen/lib.h "$LIB#define HELP 1\n"
  bad=$C
  fix 2 use.c "${USE/LIB/HELP + LIB}"
  needed "${C:0:12} needs ${bad:0:12}, which was withdrawn: it deadlocks"
'
git -C xen.git update-ref -d refs/tags/RELEASE-4.17.2
test_expect 'and what declares that it needs it' '
  begin
  fix 1 a.c "${TEN/two/TWO}"
  bad=$C
  fix 2 b.c "b\n"
  note_on "$bad" "Prerequisite-of: XSA-2"
  needed "${C:0:12} needs ${bad:0:12}, which was withdrawn: it deadlocks"
'
test_expect 'a name that a later commit brings as well is no need of it' '
  begin
  commit_file xen use.c "$USE" "x86: begin"
  commit_file xen include/xen/lib.h "$LIB" "x86: a header"
  fix 1 include/xen/lib.h "$LIB#define HELP 1\n"
  note_on "$C" "Withdrawn: it deadlocks"
  commit_file xen include/xen/lib.h "$LIB" "x86: Revert it"
  commit_file xen include/xen/lib.h "$LIB#define HELP 1\n" "x86: anew"
  fix 2 use.c "${USE/LIB/HELP + LIB}"
  planned
  same applied "$(state_of XSA-2)"
'
done_testing
