#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Which commits are picked, as what, in which order and why, on small histories.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

# The release 4.17.1 has a fix, which came from another commit, and its text.
make_line xen.git xen 4.17
ORIGIN=$(printf '1%.0s' {1..40})
BASE_FIX=$(commit old.c "$(edited)" "x86: an old fix

This is XSA-100.

master commit: $ORIGIN")
git -C xen tag RELEASE-4.17.1
push xen staging-4.17 RELEASE-4.17.1

# ---- tags

# says MESSAGE: a commit with it; prints its id.
says() {
  another
  commit "f$ANOTHER" 'x\n' "subject

$1"
}

# fixes ADVISORIES MESSAGE: a message that makes the commit a fix of these.
fixes() {
  WANT=$1 MESSAGE=$2
  test_expect "a fix of $1: \"${2//$'\n'/ / }\"" '
    begin
    fix=$(says "$MESSAGE")
    planned
    same "security" "$(role_of "$fix")"
    same "$WANT" "$(pick_of "$fix" ".advisories | join(\" \")")"
  '
}

fixes XSA-1 'This is XSA-1.'
fixes XSA-1 'This is part of XSA-1.'
fixes XSA-1 'This is a part of XSA-1'
fixes XSA-1 'This is another part of XSA-1.'
fixes XSA-1 'This is the second part of XSA-1.'
fixes XSA-1 'This is XSA-1 / CVE-2020-1234.'
fixes XSA-1 'This is CVE-2020-1234 / XSA-1.'
fixes XSA-1 'This is CVE-2020-1234 / part of XSA-1.'
fixes XSA-1 'Everything together is XSA-1.'
fixes 'XSA-1 XSA-2' 'This is part of XSA-1.
This is part of XSA-2.'

# no_fix MESSAGE: a message that only mentions one.
no_fix() {
  MESSAGE=$1
  test_expect "no fix: \"$1\"" '
    begin
    fix=$(says "$MESSAGE")
    planned
    same "" "$(role_of "$fix")"
    same 0 "$(line .counts.security)"
  '
}

no_fix 'This is (not really) XSA-1.'
no_fix 'This documents, but does not fix, XSA-1.'
no_fix 'The regression came in with XSA-1.'
no_fix 'This is a followup to XSA-1.'

test_expect 'a CVE beside an XSA is its other name' '
  begin
  says "This is XSA-1 / CVE-2020-1234." >/dev/null
  planned
  same CVE-2020-1234 "$(line ".advisories[0].aliases | join(\" \")")"
'
test_expect 'trailers of derived commits are not read' '
  begin
  fix=$(says "Xsabot-Role: security
Xsabot-Advisory: XSA-1")
  planned
  picks_are
'

# ---- repairs

test_expect 'a repair names the fix by its id, abbreviated' '
  begin
  fix=$(says "This is XSA-1.")
  repair=$(says "Fixes: ${fix:0:12} (\"subject\")")
  planned
  picks_are "$fix" "$repair"
  same "follow-up $fix" "$(pick_of "$repair" ".role + \" \" + .fixes[0]")"
  same fixes "$(pick_of "$repair" ".evidence[0].kind")"
'
test_expect '... by the id that the fix had on the main branch' '
  begin
  fix=$(says "This is XSA-1.

master commit: 2222222222222222222222222222222222222222")
  repair=$(says "Fixes: 222222222222 (\"whatever\")")
  planned
  same follow-up "$(role_of "$repair")"
  same "$fix" "$(pick_of "$repair" ".fixes[0]")"
'
test_expect '... by the id after "cherry picked from commit"' '
  begin
  fix=$(says "This is XSA-1.

(cherry picked from commit 3333333333333333333333333333333333333333)")
  repair=$(says "Fixes: 333333333333 (\"whatever\")")
  planned
  same "$fix" "$(pick_of "$repair" ".fixes[0]")"
'
test_expect '... by its subject: the newest of that name' '
  begin
  first=$(commit b.c "1\n" "x86: twice

This is XSA-1.")
  second=$(commit c.c "1\n" "x86: twice

This is XSA-2.")
  repair=$(says "Fixes: 444444444444 (\"x86: twice\")")
  planned
  same "$second" "$(pick_of "$repair" ".fixes[0]")"
  pick_of "$repair" .why | grep -c "found by its subject"
'
test_expect 'a repair of a fix that the release has is picked' '
  begin
  repair=$(says "Fixes: ${BASE_FIX:0:12} (\"x86: an old fix\")")
  planned
  same follow-up "$(role_of "$repair")"
  pick_of "$repair" .why | grep -c "which the release has"
'
test_expect '... also when it names it by its origin' '
  begin
  repair=$(says "Fixes: ${ORIGIN:0:12} (\"x86: an old fix\")")
  planned
  same "follow-up $BASE_FIX" "$(role_of "$repair") $(pick_of "$repair" ".fixes[0]")"
'
test_expect 'a repair of what is not in the branch is not picked' '
  begin
  other=$(says "no fix")
  repair=$(says "Fixes: ${other:0:12} (\"subject\")")
  base=$(says "Fixes: $(oid RELEASE-4.17.0 | cut -c1-12) (\"common: begin\")")
  planned
  picks_are
'
test_expect 'a repair of a repair is picked' '
  begin
  fix=$(says "This is XSA-1.")
  repair=$(says "Fixes: ${fix:0:12} (\"subject\")")
  again=$(says "Fixes: ${repair:0:12} (\"subject\")")
  planned
  picks_are "$fix" "$repair" "$again"
'
test_expect 'a repair that came before the commit was needed comes with it' '
  begin
  need=$(says "no fix")
  repair=$(says "Fixes: ${need:0:12} (\"subject\")")
  other=$(says "nothing")
  fix=$(says "This is XSA-1.")
  note_on "$need" "Prerequisite-of: $fix"
  planned
  picks_are "$need" "$repair" "$fix"
'
test_expect 'a follow-up by its own words, to an advisory of the window or of the release' '
  begin
  absent=$(says "This is a followup to XSA-1.")
  fix=$(says "This is XSA-1.")
  one=$(says "This is a followup to XSA-1.")
  two=$(says "This is a followup to XSA-100.")
  planned
  picks_are "$fix" "$one" "$two"
  same "follow-up XSA-100" "$(pick_of "$two" ".role + \" \" + .advisories[0]")"
'
test_expect '--no-follow-ups leaves repairs out' '
  begin
  fix=$(says "This is XSA-1.")
  repair=$(says "Fixes: ${fix:0:12} (\"subject\")")
  planned --no-follow-ups
  picks_are "$fix"
  set_config "[rules]" "follow-ups = no"
  planned
  picks_are "$fix"
'

# ---- reverts

# revert COMMIT: git revert of it; prints the id.
revert() {
  tick
  git -C xen revert --no-edit "$1" >/dev/null
  oid
}
test_expect 'a revert of a fix is picked, and the advisory is reverted' '
  begin
  fix=$(says "This is XSA-1.")
  revert=$(revert HEAD)
  planned
  picks_are "$fix" "$revert"
  same "follow-up revert" "$(pick_of "$revert" ".role + \" \" + .evidence[0].kind")"
  same reverted "$(state_of XSA-1)"
'
test_expect '... and re-applied' '
  begin
  fix=$(says "This is XSA-1.")
  revert=$(revert HEAD)
  again=$(revert HEAD)
  planned
  picks_are "$fix" "$revert" "$again"
  same applied "$(state_of XSA-1)"
'
test_expect 'a revert of a fix of the release is picked' '
  begin
  revert=$(revert "$BASE_FIX")
  planned
  picks_are "$revert"
'
test_expect 'a revert of what is not in the branch is not' '
  begin
  says "no fix" >/dev/null
  revert HEAD >/dev/null
  planned
  picks_are
'

# ---- order

test_expect 'a merge: first parents in order, the other side just before it' '
  begin
  one=$(says "This is XSA-1.")
  git -C xen checkout -q -b side
  two=$(says "This is XSA-2.")
  three=$(says "This is XSA-3.")
  git -C xen checkout -q staging-4.17
  four=$(says "This is XSA-4.")
  git -C xen merge -q --no-ff -m merge side
  git -C xen branch -qD side
  five=$(says "This is XSA-5.")
  planned
  picks_are "$one" "$four" "$two" "$three" "$five"
'
test_expect 'a merge that is a fix is picked against its first parent' '
  begin
  git -C xen checkout -q -b side
  says "nothing" >/dev/null
  git -C xen checkout -q staging-4.17
  says "nothing" >/dev/null
  tick
  git -C xen merge -q --no-ff -m "This is XSA-1." side
  git -C xen branch -qD side
  planned
  picks_are "$(oid)"
  git -C xen checkout -qf --detach RELEASE-4.17.1
  git -C xen cherry-pick -m 1 staging-4.17 >/dev/null
  same "$(oid "HEAD^{tree}")" "$(pick_of "$(oid staging-4.17)" .tree)"
'
test_expect 'dates do not matter' '
  begin
  one=$(T_CLOCK=1700000000 says "This is XSA-1.")
  two=$(T_CLOCK=1600000000 says "This is XSA-2.")
  planned
  picks_are "$one" "$two"
'

# ---- what people say

test_expect 'Prerequisite-of an advisory: before its first commit' '
  begin
  need=$(says "nothing")
  other=$(says "This is XSA-2.")
  fix=$(says "This is part of XSA-1.")
  more=$(says "This is part of XSA-1.")
  note_on "$need" "Prerequisite-of: XSA-1"
  planned
  picks_are "$other" "$need" "$fix" "$more"
  same "prerequisite note" "$(pick_of "$need" ".role + \" \" + .evidence[0].kind")"
  same "$fix" "$(pick_of "$need" ".needed_by[0]")"
'
test_expect '... later in staging: at its own place' '
  begin
  fix=$(says "This is XSA-1.")
  other=$(says "This is XSA-2.")
  need=$(says "nothing

Prerequisite-of: XSA-1")
  planned
  picks_are "$fix" "$other" "$need"
  same prerequisite "$(role_of "$need")"
'
test_expect '... of a commit: before it' '
  begin
  need=$(says "nothing")
  one=$(says "This is part of XSA-1.")
  two=$(says "This is part of XSA-1.")
  set_config "[picks]" "${need:0:12} = Prerequisite-of: $two"
  planned
  picks_are "$one" "$need" "$two"
  same config "$(pick_of "$need" ".evidence[0].kind")"
'
test_expect '... of an advisory that is not there: a warning, no more' '
  begin
  need=$(says "nothing

Prerequisite-of: XSA-77")
  fix=$(says "This is XSA-1.")
  planned
  picks_are "$fix"
  line ".warnings[]" | grep -c "$need.*XSA-77"
'
test_expect 'a need of a need comes before both' '
  begin
  deep=$(says "nothing")
  need=$(says "nothing")
  fix=$(says "This is XSA-1.")
  note_on "$need" "Prerequisite-of: $fix"
  note_on "$deep" "Prerequisite-of: $need"
  planned
  picks_are "$deep" "$need" "$fix"
'

# needs_first VERSION: does a fix that says so with "Cc: stable # VERSION: ID" bring the commit?
needs_first() {
  begin
  need=$(says "nothing")
  fix=$(says "This is XSA-1.

Cc: stable@example.org # ${1:+$1: }${need:0:12}: text")
  planned
  [ "$(line '.picks | length')" = 2 ] && picks_are "$need" "$fix"
}

test_expect 'Cc: stable says what a fix needs first' '
  needs_first ""
  same "prerequisite declared" "$(pick_of "$need" ".role + \" \" + .evidence[0].kind")"
  same "$fix" "$(pick_of "$need" ".needed_by[0]")"
'
test_expect '... on the lines that it names' '
  for version in 4.17 4.17.x v4.17 4.9+ 4.17+; do needs_first $version; done
  for version in 4.16 4.16.x v4.1 4.18+ 4.170; do
    fails needs_first $version
    picks_are "$fix"
  done
'
test_expect '... and of what is nowhere there is a warning' '
  begin
  fix=$(says "This is XSA-1.

Cc: stable@example.org # 4.17.x: 0123456789ab: text
Cc: stable@example.org # 4.16.x: ba9876543210: other")
  planned
  picks_are "$fix"
  line ".warnings[]" | grep "$fix says that it needs 0123456789ab first"
  ! line ".warnings[]" | grep ba9876543210
'

# on_each_level: the same word as trailer, as note and by the configuration, one after another.
on_each_level() { # WORD THEN
  local level c
  for level in trailer note config; do
    begin
    eval "$3"
    case $level in
    trailer) c=$(says "text

$1") ;;
    note) c=$(says text) && note_on "$c" "$1" ;;
    config) c=$(says text) && set_config '[picks]' "${c:0:12} = $1" ;;
    esac
    planned
    eval "$2"
    CONF=
  done
}
test_expect 'Security: by trailer, note and configuration' '
  on_each_level "Security: XSA-7" "
    same security \"\$(role_of \$c)\"
    same XSA-7 \"\$(pick_of \$c .advisories[0])\"
    same \$level \"\$(pick_of \$c .evidence[0].kind)\"
  " :
'
test_expect 'Follow-up-to an advisory: by trailer, note and configuration' '
  on_each_level "Follow-up-to: XSA-1" "
    same follow-up \"\$(role_of \$c)\"
    same \$level \"\$(pick_of \$c .evidence[0].kind)\"
  " "says \"This is XSA-1.\""
'
test_expect 'Follow-up-to a commit of the release' '
  begin
  c=$(says "text

Follow-up-to: $BASE_FIX")
  planned
  same "follow-up $BASE_FIX" "$(pick_of "$c" ".role + \" \" + .fixes[0]")"
'
test_expect 'Follow-up-to what is not there: not picked, a warning for a commit' '
  begin
  says "text

Follow-up-to: XSA-55" >/dev/null
  c=$(says "text

Follow-up-to: 5555555555555555555555555555555555555555")
  planned
  picks_are
  line ".warnings[]" | grep -c "$c.*5555555"
'
test_expect 'Exclude: left out with its reason' '
  begin
  fix=$(says "This is XSA-1.")
  note_on "$fix" "Exclude: not built here"
  planned
  picks_are
  same excluded "$(role_of "$fix")"
  line ".left_out[0].why" | grep -c "by a note: not built here"
  same excluded "$(state_of XSA-1)"
'
test_expect '... of one of two: the advisory is in, in part, and it is said how many are not' '
  begin
  one=$(says "This is part of XSA-1.")
  two=$(says "This is part of XSA-1.")
  set_config "[picks]" "${two:0:12} = Exclude: no"
  planned
  picks_are "$one"
  same "partial 1" "$(line ".advisories[0] | .state + \" \" + (.excluded | tostring)")"
'
test_expect '... beats the other words of its level' '
  begin
  c=$(says "text")
  note_on "$c" "Security: XSA-1
Exclude: no"
  planned
  same excluded "$(role_of "$c")"
'
test_expect 'the configuration beats the note, the note the trailer, the trailer the tag' '
  begin
  c=$(says "This is XSA-1.

Security: XSA-2")
  planned
  same XSA-2 "$(pick_of "$c" ".advisories | join(\" \")")"
  note_on "$c" "Security: XSA-3"
  planned
  same XSA-3 "$(pick_of "$c" ".advisories | join(\" \")")"
  set_config "[picks]" "${c:0:12} = Exclude: no"
  planned
  same excluded "$(role_of "$c")"
'
test_expect 'trailers and notes can be turned off' '
  begin
  says "Security: XSA-2" >/dev/null
  c=$(says "text")
  note_on "$c" "Security: XSA-3"
  set_config "[rules]" "trailers = no" "notes = none"
  planned
  picks_are
'
test_expect 'a contradiction in the configuration is an error that names both' '
  begin
  c=$(says "text")
  set_config "[picks]" "$c = Security: XSA-1" "$c = Follow-up-to: XSA-1"
  push xen -f staging-4.17
  exits 78 xsabot -C xen.git -c xsabot.conf plan 4.17 2>err
  grep -q "$c.*Security: XSA-1.*Follow-up-to: XSA-1" err
'
test_expect 'one in a note or in trailers blocks at its commit, names both, and is settled from above' '
  begin
  a=$(says "This is XSA-7.")
  c=$(says "text")
  note_on "$c" "Security: XSA-1
Follow-up-to: XSA-1"
  d=$(says "This is XSA-8.")
  planned
  picks_are "$a"
  same "$c" "$(line ".blocked[].commit")"
  line ".blocked[].why" | grep "$c.*Security: XSA-1.*Follow-up-to: XSA-1"
  set_config "[picks]" "$c = Exclude: odd"
  planned
  picks_are "$a" "$d"
  CONF=
  begin
  c=$(commit g "2\n" "g: two

Security: XSA-1
Follow-up-to: XSA-1")
  planned
  line ".blocked[].why" | grep "$c.*Security: XSA-1.*Follow-up-to: XSA-1"
  note_on "$c" "Security: XSA-1"
  planned
  picks_are "$c"
'

# odd COMMITTER MESSAGE-FILE: a commit of these on the work tree, as no git makes it; prints its id.
odd() {
  local tree
  tree=$(oid "HEAD^{tree}")
  { printf "tree %s\nparent %s\nauthor A <a@example.org> 1700000000 +0000\ncommitter %s\n\n" "$tree" "$(oid)" "$1"; cat "$2"; } |
    git -C xen hash-object -t commit -w --stdin --literally
}
test_expect 'odd commits that are no fixes are passed over, and said where something was not read' '
  begin
  echo text >plain
  { echo many; echo; for i in {1..1025}; do echo "Fixes: 123456789$i"; done; } >fixes
  { echo long; echo; yes "a long story" | head -c 2097152 || :; } >long
  printf "nul\n\nThis is\0 XSA-5.\n" >nul
  for who in "C <c@example.org> 1700000000 -13068837" "C <c@example.org> 1700000000 --700" "C <c@example.org>" \
    "C <c@example.org> 99999999999999999999 +0000" "C c@example.org 1700000000 +0000" "C <c@example.org> 0000"; do
    git -C xen reset -q --soft "$(odd "$who" plain)"
  done
  for text in fixes long nul; do
    last=$(odd "C <c@example.org> 1700000000 +0000" $text)
    git -C xen reset -q --soft "$last"
  done
  fix=$(says "This is XSA-1.")
  planned
  picks_are "$fix"
  line ".warnings[]" >warnings
  same 2 "$(wc -l <warnings)"
  grep "more than 1024 Fixes: lines in one message" warnings
  grep "more than 1 MiB" warnings
'
# Beside a merge it is libgit2 that walks, and leaks a few bytes of a commit that it can't parse.
test_expect '... also beside a merge' '
  export ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0"
  begin
  echo text >plain
  side=$(git -C xen commit-tree -p HEAD -m side "HEAD^{tree}")
  for who in "C c@example.org 1700000000 +0000" "C <c@example.org> 99999999999999999999 +0000"; do
    git -C xen reset -q --soft "$(odd "$who" plain)"
  done
  git -C xen merge -q --no-ff -m merge "$side"
  fix=$(says "This is XSA-1.")
  planned
  picks_are "$fix"
'
test_expect 'a fix with an odd committer is published, and the bot'"'"'s own line is sound' '
  begin
  commit g "1\n" "g: one" >/dev/null
  for who in "C <c@example.org> 1700000000 +051800" "C <c@example.org>" "C <c@example.org> 99999999999999999999 +0000"; do
    printf "9\n$who\n" >xen/g
    git -C xen commit -qam x
    echo "This is XSA-1." >text
    tree=$(oid "HEAD^{tree}")
    git -C xen reset -q --soft HEAD^
    git -C xen update-ref HEAD "$(printf "tree %s\nparent %s\nauthor A <a@example.org> 1700000000 +0000\ncommitter %s\n\nThis is XSA-1.\n" \
      "$tree" "$(oid)" "$who" | git -C xen hash-object -t commit -w --stdin --literally)"
  done
  planned
  same 4 "$(line ".picks | length")"
  xsabot -C xen.git build 4.17 >out
  git -C xen.git fsck --no-dangling 2>&1 | grep "$(tail -1 out)" >bad || :
  same "" "$(cat bad)"
'
test_expect 'what may be a fix or not blocks there, until a person says' '
  begin
  a=$(says "This is XSA-7.")
  for i in {1..1025}; do echo "This is XSA-1."; done >many
  says "$(cat many)" >/dev/null
  c=$(oid)
  planned
  picks_are "$a"
  line ".blocked[].why" | grep "whether $c is a fix can.t be told: more than 1024"
  set_config "[picks]" "$c = Security: XSA-1"
  planned
  picks_are "$a" "$c"
  set_config "[picks]" "$c = Exclude: odd"
  planned
  picks_are "$a"
  same 0 "$(line ".blocked | length")"
  set_config "[policy]" "on-block = skip"
  d=$(says "This is XSA-8.")
  planned
  picks_are "$a" "$d"
'
test_expect 'a note that can'"'"'t be understood keeps back the lines that have its commit, and no others' '
  begin
  fix=$(says "This is XSA-1.")
  push xen -f staging-4.17
  other=$(git -C xen commit-tree -m other "HEAD^{tree}")
  push xen "$other:refs/heads/other"
  for i in {1..1025}; do echo "Prerequisite-of: XSA-$i"; done >many
  yes "a long story" | head -c 70000 >long || :
  for file in many long; do
    git -C xen.git notes --ref=xsa add -f -F "$PWD/$file" "$other"
    plan 4.17
    picks_are "$fix"
  done
  git -C xen.git notes --ref=xsa add -f -F "$PWD/many" "$fix"
  plan 4.17
  picks_are
  line ".blocked[].why" | grep "note on $fix: more than"
  git -C xen.git push -q . :refs/heads/other
'

# fixup PARENT FILE CONTENT: a commit in refs/xsabot/fixups/, for Replaced-by; prints its id.
fixup() {
  git -C xen checkout -q --detach "$1"
  commit "$2" "$3" 'x86: made to fit'
  git -C xen push -qf origin "HEAD:refs/xsabot/fixups/$2"
  git -C xen checkout -qf staging-4.17
}
test_expect 'Replaced-by: the replacement is picked in its place' '
  begin
  fix=$(says "This is XSA-1.")
  other=$(fixup RELEASE-4.17.1 fit "1\n")
  note_on "$fix" "Replaced-by: $other"
  planned
  picks_are "$other"
  same "$fix security" "$(pick_of "$other" ".replaces + \" \" + .role")"
  same replaced "$(line ".left_out[] | select(.commit == \"$fix\") | .reason")"
  same applied "$(state_of XSA-1)"
  same "$other" "$(xsabot -C xen.git plan 4.17 --format=ids)"
'
test_expect '... on that release only' '
  begin
  fix=$(says "This is XSA-1.")
  here=$(fixup RELEASE-4.17.1 fit "1\n")
  there=$(fixup RELEASE-4.17.1 fit2 "2\n")
  note_on "$fix" "Replaced-by: $there [RELEASE-4.17.0]
Replaced-by: $here RELEASE-4.17.1"
  planned
  picks_are "$here"
'
test_expect '... by two on one release: it blocks, and both are named' '
  begin
  fix=$(says "This is XSA-1.")
  one=$(fixup RELEASE-4.17.1 fit "1\n")
  two=$(fixup RELEASE-4.17.1 fit2 "2\n")
  note_on "$fix" "Replaced-by: $one
Replaced-by: $two"
  push xen -f staging-4.17
  plan 4.17
  line ".blocked[].why" | grep "$one.*$two"
'
test_expect '... by a merge: it blocks, and that is said' '
  begin
  fix=$(says "This is XSA-1.")
  merge=$(git -C xen commit-tree -p HEAD -p HEAD^ -m merge "HEAD^{tree}")
  git -C xen push -qf origin "$merge:refs/xsabot/fixups/m"
  note_on "$fix" "Replaced-by: $merge"
  push xen -f staging-4.17
  plan 4.17
  line ".blocked[].why" | grep "$merge has 2 parents"
'
test_expect '... by what is not there: it blocks, and that is named' '
  begin
  fix=$(says "This is XSA-1.")
  note_on "$fix" "Replaced-by: $ORIGIN"
  push xen -f staging-4.17
  plan 4.17
  line ".blocked[].why" | grep "$ORIGIN"
'

# ---- what does not apply

# blocked_line: TEXT is changed by a commit without a tag, then by a fix (BLOCKED), which nothing in staging but
# that helps; AFTER is a fix that applies.
blocked_line() {
  begin
  BEFORE=$(says 'This is XSA-1.')
  commit old.c "$(edited 5=between)" 'x86: between' >/dev/null
  BLOCKED=$(commit old.c "$(edited 5=fixed)" 'x86: fix

This is XSA-2.')
  AFTER=$(says 'This is XSA-3.')
}
test_expect 'hold: the plan ends at the block, what follows waits' '
  blocked_line
  exits 0 planned --no-discover
  picks_are "$BEFORE"
  same blocked "$(role_of "$BLOCKED")"
  same pending "$(role_of "$AFTER")"
  same "applied blocked pending" "$(line "[.advisories[].state | select(. != \"applied-in-base\")] | join(\" \")")"
  same old.c "$(line ".blocked[0].paths[]")"
'
test_expect '... and the status says that a person should look' '
  blocked_line
  push xen -f staging-4.17
  exits 1 xsabot -C xen.git plan 4.17 --no-discover >out
  grep -q "blocked: ${BLOCKED:0:12} conflicts in old.c" out
'
test_expect 'skip: what does not apply is set aside' '
  blocked_line
  set_config "[policy]" "on-block = skip"
  planned --no-discover
  picks_are "$BEFORE" "$AFTER"
  same pending "$(role_of "$BLOCKED")"
  same "applied pending applied" "$(line "[.advisories[].state | select(. != \"applied-in-base\")] | join(\" \")")"
'
test_expect '... and goes in once something later makes it apply' '
  blocked_line
  commit old.c "$(edited)" "x86: back" >/dev/null
  late=$(commit old.c "$(edited 5=between)" "x86: late

This is XSA-4.")
  more=$(says "This is XSA-9.")
  set_config "[rules]" "version = 1" "[policy]" "on-block = skip"
  planned --no-discover
  picks_are "$BEFORE" "$AFTER" "$late" "$BLOCKED" "$more"
  same applied "$(state_of XSA-2)"
'
test_expect '... in all the files where it did not' '
  begin
  for f in old.c a.c; do commit "$f" "$(edited 5=between)" "x86: between in $f" >/dev/null; done
  printf "%b" "$(edited 5=fixed)" >xen/a.c
  git -C xen add a.c
  both=$(commit old.c "$(edited 5=fixed)" "x86: fix

This is XSA-2.")
  for f in old.c a.c; do git -C xen checkout -q RELEASE-4.17.1 "$f"; git -C xen commit -qm "x86: $f back"; done
  one=$(commit old.c "$(edited 5=between)" "x86: late

This is XSA-4.")
  two=$(commit a.c "$(edited 5=between)" "x86: later

This is XSA-5.")
  set_config "[rules]" "version = 1" "[policy]" "on-block = skip"
  planned --no-discover
  picks_are "$one" "$two" "$both"
'
test_expect '... once the file that it changes is there' '
  begin
  commit new.c "$(edited)" "x86: new" >/dev/null
  fix=$(commit new.c "$(edited 5=fixed)" "x86: fix

This is XSA-2.")
  git -C xen rm -q new.c
  git -C xen commit -qm "x86: not new"
  between=$(says "This is XSA-3.")
  late=$(commit new.c "$(edited)" "x86: new after all

This is XSA-4.")
  set_config "[policy]" "on-block = skip"
  planned --no-discover
  picks_are "$between" "$late" "$fix"
'
# trials_beside: picks tried, with a commit that is set aside, less those without it.
trials_beside() {
  local with
  planned --no-discover
  with=$(line .counts.trials)
  git -C xen.git notes --ref=xsa add -f -m 'Exclude: no' "$BLOCKED"
  planned --no-discover
  git -C xen.git notes --ref=xsa remove "$BLOCKED" 2>/dev/null
  echo $((with - $(line .counts.trials)))
}
test_expect 'what is set aside is not tried again while the place where it conflicts is the same' '
  blocked_line
  set_config "[policy]" "on-block = skip"
  few=$(trials_beside)
  for n in 5 6 7 8; do says "This is XSA-$n." >/dev/null; done
  [ "$few" -gt 0 ]
  same "$few" "$(trials_beside)"
'
test_expect '... unless staging reverts it before that' '
  blocked_line
  revert "$BLOCKED" >/dev/null
  set_config "[policy]" "on-block = skip"
  planned --no-discover
  picks_are "$BEFORE" "$AFTER"
  same revert "$(role_of "$BLOCKED")"
  same reverted "$(state_of XSA-2)"
'
test_expect 'half of an advisory is in, half is blocked: nothing of it is published' '
  begin
  one=$(says "This is XSA-1.")
  half=$(says "This is part of XSA-2.")
  commit old.c "$(edited 5=between)" "x86: between" >/dev/null
  commit old.c "$(edited 5=fixed)" "x86: fix

This is part of XSA-2." >/dev/null
  planned --no-discover
  picks_are "$one" "$half"
  same 1 "$(line .counts.publishable)"
'
test_expect 'a declared prerequisite settles it' '
  blocked_line
  between=$(oid "$BLOCKED^")
  note_on "$between" "Prerequisite-of: XSA-2"
  planned --no-discover
  picks_are "$BEFORE" "$between" "$BLOCKED" "$AFTER"
'
test_expect 'a fix whose change is there already is left out, and the advisory is in the release' '
  begin
  commit old.c "$(edited 5=other)" "nothing" >/dev/null
  fix=$(commit old.c "$(edited)" "This is XSA-1.")
  planned
  picks_are
  same empty "$(role_of "$fix")"
  same applied-in-base "$(state_of XSA-1)"
'

# ---- forms

# mixed: a history with one of each.
mixed() {
  blocked_line
  git -C xen reset -q --hard "$BLOCKED^"
  FIX=$(commit b.c "1\n" 'This is part of XSA-5.')
  REPAIR=$(says "Fixes: ${FIX:0:12} (\"x\")")
  OUT=$(says 'This is part of XSA-6.

Exclude: no')
  NEED=$(says 'text

Prerequisite-of: XSA-7')
  says 'This is XSA-7.' >/dev/null
  revert "$REPAIR" >/dev/null
  says "Fixes: ${BASE_FIX:0:12} (\"x86: an old fix\")" >/dev/null
  commit old.c "$(edited 5=fixed)" 'This is XSA-8.' >/dev/null
  says 'This is XSA-9.' >/dev/null
}
test_expect 'each tagged commit is in exactly one list' '
  mixed
  planned --no-discover
  git -C xen log --format=%H --grep="^This is .*XSA-" RELEASE-4.17.1.. | sort >want
  line "(.picks[], .left_out[], .blocked[]) | .commit" | grep -xFf want | sort >got
  cmp want got
  same "3 3 1 2 1" "$(line ".counts | [.security, .follow_up, .prerequisite, .left_out, .blocked] | map(tostring) | join(\" \")")"
'
test_expect 'the JSON has every key that is promised' '
  mixed
  planned --no-discover
  same 1 "$(jq .version plan.json)"
  line "keys_unsorted | sort | join(\" \")" >got
  for k in line release derived base tip tip_ref chain_tip inputs picks left_out blocked advisories counts; do
    grep -qw $k got
  done
  for k in commit role advisories needed_by fixes replaces evidence why subject tree derived; do
    same "$(line ".picks | length")" "$(line "[.picks[] | select(has(\"$k\"))] | length")"
  done
  same "4.17.1 RELEASE-4.17.1 refs/heads/xsa-4.17 refs/heads/staging-4.17" \
    "$(line "[.release, .base.tag, .derived, .tip_ref] | join(\" \")")"
  same "$(line .chain_tip)" "$(line ".picks[-1].derived")"
'
test_expect 'a subject that is not UTF-8 has its bytes beside it' '
  begin
  printf "caf\\351\n\nThis is XSA-1." >message
  tick
  git -C xen -c i18n.commitEncoding=ISO-8859-1 commit -q --allow-empty -m x
  tree=$(git -C xen rev-parse "HEAD^{tree}")
  fix=$(commit b.c "1\n" x)
  raw=$(git -C xen cat-file commit "$fix" | sed "/^$/q" | cat - message | git -C xen hash-object -w -t commit --stdin)
  git -C xen reset -q --hard "$raw"
  planned
  same 636166e9 "$(line ".picks[0].subject_bytes")"
  jq . plan.json | grep -c "caf�"
'
test_expect 'ids: cherry-picked in turn they give the trees of the plan' '
  mixed
  planned --no-discover
  xsabot -C xen.git plan 4.17 --no-discover --format=ids >ids || [ $? = 1 ]
  cmp ids <(line ".picks[].commit")
  git -C xen checkout -qf --detach RELEASE-4.17.1
  while read -r c; do
    git -C xen cherry-pick -x "$c" >/dev/null
    same "$(pick_of "$c" .tree)" "$(oid "HEAD^{tree}")"
  done <ids
'
test_expect 'text: a line for each pick, with its role and its reason' '
  mixed
  push xen -f staging-4.17
  xsabot -C xen.git plan 4.17 --no-discover >out || [ $? = 1 ]
  grep -q "^4.17: RELEASE-4.17.1\.\." out
  grep -q "^  ${REPAIR:0:12} follow-up " out
  grep -q "^      its message says that it fixes XSA-5" out
'
test_expect 'a message cannot write to the terminal' '
  begin
  commit b.c "1\n" "$(printf "a\033[31mred\007")

This is XSA-1." >/dev/null
  push xen -f staging-4.17
  xsabot -C xen.git plan 4.17 >out
  same "" "$(LC_ALL=C tr -d "\040-\176\012" <out)"
'
test_expect 'an empty window has an empty plan' '
  begin
  planned
  picks_are
  same "$(oid RELEASE-4.17.1)" "$(line .chain_tip)"
'
test_expect 'the same plan twice is the same to the byte' '
  mixed
  planned --no-discover
  cp plan.json first.json
  git -C xen.git gc -q
  (GIT_COMMITTER_NAME=other HOME=/ TZ=Asia/Tokyo plan 4.17 --no-discover)
  cmp first.json plan.json
'

# grows OPTION...: the plan of each shorter staging is how the plan of the next one begins.
grows() {
  local c
  : >last
  for c in $(git -C xen rev-list --reverse --first-parent RELEASE-4.17.1..staging-4.17); do
    plan 4.17 --tip "$c" "$@"
    line '.picks[].derived' >now
    cmp -n "$(stat -c %s last)" last now
    mv now last
  done
}
test_expect 'when staging grows, the plan grows at its end' '
  mixed
  push xen -f staging-4.17
  grows --no-discover
  set_config "[policy]" "on-block = skip"
  grows --no-discover
'

test_expect 'in JSON, too, what a reader would not see is written out, and means the same' '
  begin
  commit f1 "x\n" "x86: $(printf "\342\200\256back \302\233 \363\240\201\201 \303\251")

This is XSA-1." >/dev/null
  planned
  fails grep -q "$(printf "\342\200\256")" plan.json
  fails grep -q "$(printf "\302\233")" plan.json
  grep -F "x86: \\u202eback \\u009b \\udb40\\udc41 $(printf "\303\251")" plan.json
  same "x86: $(printf "\342\200\256back \302\233 \363\240\201\201 \303\251")" "$(line ".picks[0].subject")"
'
done_testing
