#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A fix that was published and is taken back: it stays away, and so does what needs it.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

make_line xen.git xen 4.17 1
TEN='one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n'
# made N PATH CONTENT: a commit for XSA-N; sets C.
made() { make_advisory xen "$@"; C=$(oid); }

test_expect 'a note takes a fix out of the plan, by every version of the rules' '
  begin
  made 1 a.c "${TEN/two/TWO}"
  bad=$C
  made 2 b.c "b\n"
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
  set_config "[picks]" "$bad = Withdrawn: it panics"
  planned
  same "withdrawn by a configuration: it panics" "$(line ".left_out[0].why")"
'
test_expect 'of an advisory of two commits one is taken back: it is there in part' '
  begin
  made 1 a.c "${TEN/two/TWO}"
  bad=$C
  made 1 b.c "b\n"
  note_on "$bad" "Withdrawn: it deadlocks"
  planned
  picks_are "$C"
  same partial "$(state_of XSA-1)"
'
test_expect 'what repairs it is not taken either' '
  begin
  made 1 a.c "${TEN/two/TWO}"
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
  line ".blocked[0].why" | grep "$1"
  xsabot -C xen.git explain XSA-2 4.17 | grep "git notes --ref=xsa edit ${bad:0:12}"
}
test_expect 'what conflicts without it blocks' '
  begin
  made 1 a.c "${TEN/two/TWO}"
  bad=$C
  made 2 a.c "${TEN/two/2}"
  needed "${C:0:12} conflicts in a.c"
'
USE='#include <xen/lib.h>\nint old(void)\n{\n    return LIB_OLD;\n}\n' LIB='#define LIB_OLD 1\n'
test_expect 'what uses a macro that it brings blocks' '
  begin
  commit_file xen use.c "$USE" "x86: begin"
  commit_file xen include/xen/lib.h "$LIB" "x86: a header"
  git -C xen tag RELEASE-4.17.2
  git -C xen push -qf origin RELEASE-4.17.2
  made 1 include/xen/lib.h "$LIB#define HELP 1\n"
  bad=$C
  made 2 use.c "${USE/LIB/HELP + LIB}"
  needed "${C:0:12} needs ${bad:0:12}, which was withdrawn: it deadlocks"
'
git -C xen.git update-ref -d refs/tags/RELEASE-4.17.2
test_expect 'and what declares that it needs it' '
  begin
  made 1 a.c "${TEN/two/TWO}"
  bad=$C
  made 2 b.c "b\n"
  note_on "$bad" "Prerequisite-of: XSA-2"
  needed "${C:0:12} needs ${bad:0:12}, which was withdrawn: it deadlocks"
'
test_expect 'a name that a later commit brings as well is no need of it' '
  begin
  commit_file xen use.c "$USE" "x86: begin"
  commit_file xen include/xen/lib.h "$LIB" "x86: a header"
  made 1 include/xen/lib.h "$LIB#define HELP 1\n"
  note_on "$C" "Withdrawn: it deadlocks"
  commit_file xen include/xen/lib.h "$LIB" "x86: Revert it"
  commit_file xen include/xen/lib.h "$LIB#define HELP 1\n" "x86: anew"
  made 2 use.c "${USE/LIB/HELP + LIB}"
  planned
  same applied "$(state_of XSA-2)"
'

# published: XSA-1, which is bad, and XSA-2 are on the branch; sets BAD and GOOD.
published() {
  begin
  rm -rf xen.git.xsabot clone
  git -C xen.git for-each-ref --format="delete %(refname)" refs/heads/xsa-4.17 refs/xsabot | git -C xen.git update-ref --stdin
  made 1 a.c "${TEN/two/TWO}"
  BAD=$C
  made 2 "${1-b.c}" "${2-b\n}"
  GOOD=$C
  git -C xen push -qf origin HEAD:refs/heads/staging-4.17
  set_config "${@:3}"
  xsabot -c "$CONF" run >/dev/null
  was=$(at xsa-4.17)
}
has() { git -C xen.git grep -q "$1" xsa-4.17 -- "$2"; }
notes() { git -C xen.git notes --ref=xsa show "$1"; }

test_expect 'withdraw: a word, and it is gone for all who pull; the rest stays' '
  published
  bot withdraw XSA-1 4.17 --reason "it deadlocks" >out
  grep -qx "4.17: takes back ${BAD:0:12} x86: fix 1" out
  grep -q "is now .* 1 pick, stitched" out
  fails has TWO a.c
  has b b.c
  git -C xen.git merge-base --is-ancestor "$was" xsa-4.17
  same "Withdrawn: it deadlocks" "$(notes "$BAD")"
  bot run
  bot verify
  make_advisory xen 3
  git -C xen push -q origin HEAD:refs/heads/staging-4.17
  bot run
  fails has TWO a.c
  has fixed xsa3.c
'
test_expect '... also where git was cut short before, once the lock that it left is old' '
  published
  mkdir -p xen.git/refs/notes
  oid >xen.git/refs/notes/xsa.lock
  exits 70 bot withdraw XSA-1 4.17 --reason "it deadlocks" >out 2>err
  grep "left alone because it is young" err
  touch -d "1 hour ago" xen.git/refs/notes/xsa.lock
  bot withdraw XSA-1 4.17 --reason "it deadlocks" >out
  says "refs/heads/xsa-4.17 is now"
'
test_expect 'reinstate undoes it; what else the note says stays' '
  published
  note_on "$BAD" "Reviewed: yes"
  bot withdraw "$BAD" 4.17 --reason "it deadlocks"
  same "Reviewed: yes Withdrawn: it deadlocks" "$(notes "$BAD" | xargs)"
  bot withdraw "$BAD" 4.17 --reason "it panics"
  same "Reviewed: yes Withdrawn: it panics" "$(notes "$BAD" | xargs)"
  bot reinstate XSA-1 4.17 >out
  grep -q "is now .* 2 picks" out
  has TWO a.c
  same "Reviewed: yes" "$(notes "$BAD")"
  exits 64 bot reinstate XSA-1 4.17
'
test_expect 'a commit of the branch may be named in place of its source' '
  published
  bot withdraw "$was^" 4.17 --reason "it deadlocks"
  same "Withdrawn: it deadlocks" "$(notes "$BAD")"
'
test_expect '--dry-run says what would be done, and what would be blocked, and writes nothing' '
  published a.c "${TEN/two/2}"
  git -C xen.git for-each-ref >refs
  bot withdraw XSA-1 4.17 --reason "it deadlocks" --dry-run >out
  grep -qx "4.17: takes back ${BAD:0:12} x86: fix 1" out
  grep -qx "4.17: without it goes ${GOOD:0:12} x86: fix 2" out
  grep -q "^4.17: blocked then: ${GOOD:0:12} conflicts in a.c" out
  git -C xen.git for-each-ref | diff refs -
  bot reinstate XSA-1 4.17 --dry-run >out 2>&1 || same 64 $?
  git -C xen.git for-each-ref | diff refs -
'
test_expect 'what blocks then stays until a person says so, with the command that was named' '
  published a.c "${TEN/two/2}"
  exits 1 bot withdraw XSA-1 4.17 --reason "it deadlocks" >out
  same "$was" "$(at xsa-4.17)"
  sh -c "$(sed -n "s,^    xsabot,$XSABOT,p" out | head -1)" >/dev/null || same 1 $?
  fails has TWO a.c
'
test_expect 'what cannot be withdrawn: without a reason, of another line, against the configuration' '
  published
  exits 64 bot withdraw XSA-1 4.17
  exits 64 bot withdraw XSA-1 4.17 --reason "$(printf "two\nlines")"
  exits 64 bot withdraw XSA-7 4.17 --reason no
  exits 64 bot withdraw nothing 4.17 --reason no
  exits 64 bot withdraw XSA-1 4.16 --reason no
  printf "%s\n" "[picks]" "$BAD = Security: XSA-1" >>"$CONF"
  exits 78 bot withdraw XSA-1 4.17 --reason no
  fails notes "$BAD"
'
if [ "$(id -u)" = 0 ]; then
  skip 'it is for the account that runs the bot' 'root may all'
else
  test_expect 'it is for the account that runs the bot' '
    published
    chmod 555 xen.git.xsabot
    exits 64 bot withdraw XSA-1 4.17 --reason no 2>err || { chmod 755 xen.git.xsabot; false; }
    chmod 755 xen.git.xsabot
    grep -q "for the account that runs the bot" err
    fails notes "$BAD"
  '
fi
test_expect 'someone set the branch back: that and a withdrawal are one and the same' '
  published
  git -C xen.git update-ref refs/heads/xsa-4.17 "RELEASE-4.17.1^{commit}"
  exits 1 bot run >/dev/null
  bot withdraw XSA-1 4.17 --reason "it deadlocks"
  bot run
  fails has TWO a.c
  has b b.c
  git -C xen.git merge-base --is-ancestor "$was" xsa-4.17
  bot verify
'
test_expect 'adopt says that the next run moves it on, and how to keep away what was bad' '
  published
  git -C xen.git update-ref refs/heads/xsa-4.17 "RELEASE-4.17.1^{commit}"
  bot adopt 4.17 >out
  grep -q "the next run makes it again what the plan says" out
  grep -q "^    xsabot withdraw WHAT 4.17 --reason .WHY. -c" out
  bot withdraw XSA-1 4.17 --reason "it deadlocks"
  fails has TWO a.c
  has b b.c
'
test_expect 'so are a branch that someone deleted, and a note that a maintainer pushed' '
  published
  git -C xen.git update-ref -d refs/heads/xsa-4.17
  exits 1 bot run >/dev/null
  git clone -q xen.git clone
  git -C clone notes --ref=xsa append -m "Withdrawn: it deadlocks" "$BAD"
  git -C clone push -q origin refs/notes/xsa
  bot run
  fails has TWO a.c
  git -C xen.git merge-base --is-ancestor "$was" xsa-4.17
'
test_expect 'a branch that is somewhere else stays there, whatever was withdrawn' '
  published
  git -C xen.git update-ref refs/heads/xsa-4.17 "$BAD"
  exits 1 bot withdraw XSA-1 4.17 --reason "it deadlocks"
  same "$BAD" "$(at xsa-4.17)"
'
test_expect 'with an upstream it is said there, with the commands that are named' '
  published
  git clone -q --mirror xen.git own.git
  git clone -q xen.git clone
  printf "%s\n" "[repository]" "path = $PWD/own.git" "upstream = $PWD/xen.git" >own.conf
  exits 1 xsabot -c own.conf withdraw XSA-1 4.17 --reason "it deadlocks" >out
  sed -n "s/^    //p" out >commands
  (cd clone && sh -e ../commands) >/dev/null
  same "Withdrawn: it deadlocks" "$(notes "$BAD")"
'
done_testing
