#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# From a push to the delivered mail: every occasion, once, in one thread.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
. "$T_DIR/mail-lib.sh"
start_smtp
echo BEHIND >smtp/ignore # t4050 is about these

# ---- a repository with two lines whose branches are published

make_line xen.git xen 4.17
make_advisory xen 1
push xen staging-4.17
make_line xen.git xen 4.18
git -C xen checkout -q staging-4.17
save_scene
base_config '[mail]' 'from = The bot <xsabot@example.org>' 'to = maint@example.org' 'announce = news@example.org' \
  "transport = smtp://127.0.0.1:$SMTP_PORT"

# conflict N: a fix that needs an untagged commit which no rule finds: it conflicts.
conflict() {
  git -C xen checkout -q staging-4.17
  commit_file xen "x$1.c" "$(edited)" "x86: make x$1" >/dev/null
  commit_file xen "x$1.c" "$(edited 5=five)" "x86: fix x$1

This is XSA-$1." >/dev/null
  push_staging
}
# known FILTER: changes what is known to have been told.
known() {
  jq "$1" xen.git.xsabot/mail-known.json >new
  fails cmp -s new xen.git.xsabot/mail-known.json
  cp new xen.git.xsabot/mail-known.json
}
# to ADDRESS: the numbers of the mails that it got.
to() { local f; for f in smtp/*.env; do if grep -q "^to $1\$" "$f"; then basename "$f" .env; fi; done; }
subject_to() { local n; for n in $(to "$1"); do mail "$((10#$n))" subject; done; }

test_expect 'without [mail] nothing is written or sent' '
  fresh
  sed -i "/^.mail.$/,\$d" xsabot.conf
  run
  same 0 "$(mails)"
  [ ! -e xen.git.xsabot/mail-known.json ]
  [ ! -e xen.git.xsabot/outbox ]
'
test_expect 'of a private repository nothing is mailed, unless [mail] is marked private' '
  fresh
  sed -i "s/^path/private = yes\npath/" xsabot.conf
  run
  same 0 "$(mails)"
  [ ! -e xen.git.xsabot/outbox ]
  xsabot -c xsabot.conf check-config >out
  grep -q "mail: none: the repository is private" out
  add_config "private = yes"
  conflict 5
  run
  same 1 "$(mails)"
'
test_expect 'the first branches are announced, in one digest; a second run says nothing' '
  fresh
  run
  same 1 "$(mails)"
  same news@example.org "$(envelope 1 to)"
  same xsabot@example.org "$(envelope 1 from)"
  same "[xsabot] 4.17, 4.18: 2 PUSHED" "$(mail 1 subject)"
  body_has 1 "x86: fix 1"
  body_has 1 "XSA-1"
  run
  same 1 "$(mails)"
  xsabot -c xsabot.conf outbox | grep "the outbox is empty"
'
test_expect 'a push with a fix is announced: what is new, as what, and what the ref was' '
  fresh
  run
  was=$(at xsa-4.17)
  make_advisory xen 2
  push_staging
  run
  same 2 "$(mails)"
  same "[xsabot 4.17] XSA-2: published - PUSHED" "$(mail 2 subject)"
  same refs/heads/xsa-4.17 "$(mail 2 X-Git-Refname)"
  same "$was $(at xsa-4.17)" "$(mail 2 X-Git-Oldrev) $(mail 2 X-Git-Newrev)"
  same "4.17 XSA-2 PUSHED" "$(mail 2 X-Xsabot-Line) $(mail 2 X-Xsabot-Advisory) $(mail 2 X-Xsabot-Status)"
  body_has 2 "$(at xsa-4.17 | cut -c1-12) x86: fix 2"
  fails body_has 2 "x86: fix 1"
'
test_expect 'a push that changes no branch is no news' '
  fresh
  run
  commit other.c one "x86: other" >/dev/null
  push_staging
  run
  same 1 "$(mails)"
'

# copied N PATTERN: the commands of mail N that match, as a person copies them into a clone.
copied() {
  mail "$1" body >body
  grep -e "^    $2" body >commands || { echo "no such command: $2"; cat body; return 1; }
  (cd clone && sh -e ../commands)
}
test_expect 'the commands of an announcement get the branch: the first time, and each time after' '
  fresh
  xsabot -c xsabot.conf run
  git clone -q -b staging-4.17 xen.git clone
  mail 1 body >body
  sed -n "/^To get it/,/^$/p" body | head -n 4 | grep "^    git" >commands
  (cd clone && sh -e ../commands)
  same "$(at xsa-4.17)" "$(git -C clone rev-parse HEAD)"
  for n in 2 3; do
    make_advisory xen "$n"
    push_staging
    run
    copied "$n" git
    same "$(at xsa-4.17)" "$(git -C clone rev-parse HEAD)"
  done
'
test_expect '... also where history is rewritten' '
  fresh
  add_config "[policy]" "history = rewrite"
  run
  make_advisory xen 2
  push_staging
  run
  git clone -q -b xsa-4.17 xen.git clone
  was=$(at xsa-4.17)
  git -C xen tag -a -m "Xen 4.17.1" RELEASE-4.17.1 HEAD~1
  push xen RELEASE-4.17.1
  run
  same "[xsabot 4.17] RELEASE-4.17.1: published - PUSHED" "$(mail 3 subject)"
  copied 3 git
  same "$(at xsa-4.17)" "$(git -C clone rev-parse HEAD)"
  fails git -C clone merge-base --is-ancestor "$was" HEAD
'

# ---- blocked lines

# A fix that was made on top of a commit which a person excluded.
blocked() {
  fresh
  run
  base=$(commit mm.c "$(edited)" "x86: make mm.c")
  need=$(commit mm.c "$(edited 5=prettier)" "x86: prettier")
  bad=$(commit mm.c "$(edited 5=prettier,checked)" "x86: check <b>it</b>

This is XSA-7 / CVE-2026-7.")
  push_staging
  note_on "$base" "Exclude: no"
  note_on "$need" "Exclude: no"
}

test_expect 'a block is told once, to maintainers alone, with all that is needed to act' '
  blocked
  run 1
  same 2 "$(mails)"
  same maint@example.org "$(envelope 2 to)"
  same "[xsabot 4.17] XSA-7: conflict in 1 file - HELD" "$(mail 2 subject)"
  same "4.17 XSA-7 HELD" "$(mail 2 X-Xsabot-Line) $(mail 2 X-Xsabot-Advisory) $(mail 2 X-Xsabot-Status)"
  body_has 2 "XSA-7 does not apply to xsa-4.17, on RELEASE-4.17.0: conflict"
  body_has 2 "About: CVE-2026-7"
  body_has 2 "Commit $bad"
  body_has 2 "    x86: check <b>it</b>"
  body_has 2 "^mm.c: "
  body_has 2 "To stop it, or to change what you get, write to xsabot@example.org."
  run 1
  commit other.c one "x86: other" >/dev/null
  push_staging
  run 1
  same 2 "$(mails)"
'
test_expect 'its commands reproduce the conflict with plain git' '
  blocked
  run 1
  mail 2 body >body
  git clone -q xen.git clone
  grep "^    git c" body >commands
  same 2 "$(wc -l <commands)"
  cd clone
  sed -n 1p ../commands >one && sh -e ./one
  sed -n 2p ../commands >two
  fails sh -e ./two
  git status --porcelain | grep "mm.c"
'
test_expect 'its commands settle it: the end is told, in the same thread' '
  blocked
  run 1
  git clone -q xen.git clone
  copied 2 "git fetch"
  copied 2 "git notes .*Exclude: REASON"
  copied 2 "git push origin refs/notes"
  run
  same 3 "$(mails)"
  same "[xsabot 4.17] XSA-7: excluded now - RESOLVED" "$(mail 3 subject)"
  same "$(mail 2 Message-Id)" "$(mail 3 In-Reply-To)"
  mail 3 References | grep -F "$(mail 2 Message-Id)"
  run
  same 3 "$(mails)"
'
test_expect '... and so do those for a backport, and for what was excluded by mistake' '
  blocked
  run 1
  git clone -q xen.git clone
  copied 2 "git fetch"
  copied 2 "git checkout"
  fails copied 2 "git cherry-pick"
  git -C clone add mm.c
  git -C clone -c core.editor=true cherry-pick --continue
  copied 2 "git push origin HEAD:"
  copied 2 "git notes .*Replaced-by"
  copied 2 "git push origin refs/notes"
  run
  same "[xsabot 4.17] XSA-7: applies now - RESOLVED" "$(subject_to maint@example.org | tail -n 1)"
  blocked
  run 1
  git clone -q xen.git clone
  copied 2 "git fetch"
  export GIT_EDITOR="sed -i /Exclude/d"
  copied 2 "git notes .* edit"
  copied 2 "git push origin refs/notes"
  run
  same "[xsabot 4.17] XSA-7: applies now - RESOLVED" "$(subject_to maint@example.org | grep RESOLVED)"
'
test_expect 'another reason is told, in reply to the first; the same block later is another mail' '
  blocked
  run 1
  commit mm.c "$(edited)" "x86: make mm.c" >/dev/null
  git -C xen reset -q --hard HEAD^
  git -C xen commit -q --amend -m "x86: check it well

This is XSA-7."
  push_staging -f
  run 1
  same 3 "$(mails)"
  same "[xsabot 4.17] XSA-7: conflict in 1 file - HELD" "$(mail 3 subject)"
  same "$(mail 2 Message-Id)" "$(mail 3 In-Reply-To)"
  note_on "$(oid)" "Exclude: no"
  run
  git -C xen.git update-ref -d refs/notes/xsa
  note_on "$base" "Exclude: no"
  note_on "$need" "Exclude: no"
  run 1
  same 1 "$(mail 5 subject | grep -c HELD)"
  fails [ "$(mail 5 Message-Id)" = "$(mail 2 Message-Id)" ]
'
test_expect 'under skip it is left out, and what comes after is published' '
  blocked
  add_config "[policy]" "on-block = skip"
  make_advisory xen 8
  push_staging
  run 1
  same 3 "$(mails)"
  same "[xsabot 4.17] XSA-7: conflict in 1 file - SKIPPED" "$(subject_to maint@example.org)"
  same "[xsabot 4.17] XSA-8: published - PUSHED" "$(subject_to news@example.org | tail -n 1)"
  body_has "$((10#$(to news@example.org | tail -n 1)))" "^    XSA-7"
'
test_expect 'a conflict of lines is shown from three sides' '
  fresh
  commit mm.c "$(edited)" "x86: make mm.c

This is XSA-6." >/dev/null
  push_staging
  run
  need=$(commit mm.c "$(edited 5=prettier)" "x86: prettier")
  commit mm.c "$(edited "5=prettier, checked")" "x86: check

This is XSA-7." >/dev/null
  push_staging
  note_on "$need" "Exclude: no"
  run 1
  n=$(mails)
  body_has "$n" "^mm.c, line 5 of the branch:"
  sed -n "/^mm.c/,/^$/p" body >got
  cat >want <<END
mm.c, line 5 of the branch:
  the branch has
    | line 5
  the commit expects
    | prettier
  and makes of it
    | prettier, checked

END
  cmp want got
  body_has "$n" "^    ${need:0:12} x86: prettier"
  body_has "$n" "^        excluded by a note: no"
'

# ---- other occasions

test_expect 'a branch that someone deleted: the command that restores it' '
  fresh
  run
  was=$(at xsa-4.17)
  git -C xen.git update-ref -d refs/heads/xsa-4.17
  run 1
  body_has 2 "someone deleted refs/heads/xsa-4.17"
  grep "^    git -C $PWD/xen.git update-ref" body >commands
  sh -e ./commands
  same "$was" "$(at xsa-4.17)"
'
test_expect 'a fix that is taken back: the command is offered, and downstreams are told which, why, what to do' '
  fresh
  make_advisory xen 5
  push_staging
  run
  git -C xen.git update-ref refs/heads/xsa-4.17 "$(at xsa-4.17^)"
  run 1
  n=$(mails)
  body_has "$n" "^    xsabot withdraw XSA-5 4.17 --reason .WHY. -c $PWD/xsabot.conf\$"
  xsabot -c xsabot.conf withdraw XSA-5 4.17 --reason "it deadlocks"
  run
  n=$(mails)
  same "[xsabot 4.17] XSA-5: taken back - WITHDRAWN" "$(subject_to news@example.org | tail -n 1)"
  while [ "$(mail "$n" X-Xsabot-Status)" != WITHDRAWN ]; do n=$((n - 1)); done
  body_has "$n" "^    $(at staging-4.17 | cut -c1-12) x86: fix 5\$"
  body_has "$n" "^        XSA-5: withdrawn by a note: it deadlocks\$"
  body_has "$n" "git pull --ff-only"
  n=$(mails)
  run
  same "$n" "$(mails)"
'
test_expect 'a branch that someone moved is told, and when it is back' '
  fresh
  run
  was=$(at xsa-4.17)
  git -C xen.git update-ref refs/heads/xsa-4.17 "$(at staging-4.17)"
  run 1
  run 1
  same 2 "$(mails)"
  same "[xsabot 4.17] xsa-4.17: not updated - HELD" "$(mail 2 subject)"
  body_has 2 "someone moved refs/heads/xsa-4.17"
  body_has 2 "^    xsabot adopt 4.17 -c $PWD/xsabot.conf\$"
  grep "^    git -C $PWD/xen.git update-ref" body >commands
  sh -e ./commands
  same "$was" "$(at xsa-4.17)"
  run
  same "[xsabot 4.17] xsa-4.17: updated again - RESOLVED" "$(mail 3 subject)"
  same "$(mail 2 Message-Id)" "$(mail 3 In-Reply-To)"
'
test_expect 'a branch that lost its picks is adopted, and the mail about it has nothing of a longer one' '
  fresh
  for n in {5..34}; do make_advisory xen $n; done
  push_staging
  run
  git -C xen reset -q --hard HEAD~30
  push_staging -f
  run 1
  fails [ "$(subject_to maint@example.org)" = "" ]
  xsabot -c xsabot.conf adopt 4.17 >out
  grep -q "is up to date" out
  run 1
'
test_expect 'what moved while there was no outbox is announced all the same, once there is' '
  fresh
  mkdir -p xen.git.xsabot
  : >xen.git.xsabot/outbox
  run
  same 0 "$(mails)"
  grep -q "mail: .*outbox" err
  rm xen.git.xsabot/outbox
  make_advisory xen 5
  push_staging
  run
  mail 1 subject | grep "2 PUSHED"
  body_has 1 "XSA-1"
  body_has 1 "XSA-5"
  same 1 "$(mails)"
'
test_expect 'while what is known can not be written, nothing moves: it would be news to nobody' '
  fresh
  mkdir -p xen.git.xsabot/mail-known.json
  fails xsabot -c xsabot.conf run 2>err
  grep -q "mail-known.json" err
  same none "$(at xsa-4.17)"
  rmdir xen.git.xsabot/mail-known.json
  run
  mail 1 subject | grep "2 PUSHED"
'
test_expect 'a repository that can not be looked at is told, and its end' '
  fresh
  run
  rm xen.git.xsabot/configuration
  mkdir xen.git.xsabot/configuration
  fails xsabot -c xsabot.conf run
  same 1 "$(mails)"
  known ".targets[\"\"].matters[0].since -= 6 * 3600"
  fails xsabot -c xsabot.conf run
  same "[xsabot] looking at the repository: failing for 6 hours - FAILING" "$(mail 2 subject)"
  rmdir xen.git.xsabot/configuration
  run
  same "[xsabot] looking at the repository: works again - RESOLVED" "$(mail 3 subject)"
'
test_expect 'a test that fails is told with the end of its output, once, and when it passes' '
  fresh
  add_config "[gate]" "command = echo tree is bad >&2; ! grep -rw bad ." "sandbox = no"
  run
  make_advisory xen 2 fix.c bad
  push_staging
  run 1
  make_advisory xen 3
  push_staging
  run 1
  same "[xsabot 4.17] XSA-2: test failed - HELD" "$(subject_to maint@example.org)"
  n=$((10#$(to maint@example.org)))
  body_has "$n" "xsa-4.17, on RELEASE-4.17.0, stays before XSA-2: test failed."
  body_has "$n" "^    | tree is bad"
  body_has "$n" "^    xsabot publish 4.17 --retest -c $PWD/xsabot.conf\$"
  commit fix.c good "x86: repair 2

Fixes: $(oid HEAD^ | cut -c1-12) (\"x86: fix 2\")" >/dev/null
  push_staging
  run
  same "[xsabot 4.17] XSA-2: passes now - RESOLVED" "$(subject_to maint@example.org | tail -n 1)"
  same 2 "$(subject_to maint@example.org | wc -l)"
'
test_expect '... and so is one whose command could not be started, as that' '
  fresh
  run
  add_config "[gate]" "command = no-such-test" "sandbox = no"
  make_advisory xen 2
  push_staging
  run
  n=$((10#$(to maint@example.org)))
  body_has "$n" "command could not be started: .*no-such-test: not found, status"
  fails grep -e "--retest" body
'
# was_told KEY TEXT: what is known of the matter KEY, as versions kept it that made its fingerprint of TEXT.
was_told() {
  known "(.targets[\"4.17\"].matters[] | select(.key == \"$1\")).fingerprint = \"$(printf %s "$2" | git hash-object --stdin)\""
}
test_expect 'what an earlier version told is not told again: a branch that is held' '
  fresh
  run
  git -C xen.git update-ref refs/heads/xsa-4.17 "$(at staging-4.17)"
  run 1
  same 2 "$(mails)"
  was_told held "$(sed -n "s/^4.17: .* stays as it is: //p" out)"
  run 1
  same 2 "$(mails)"
  git -C xen.git update-ref refs/heads/xsa-4.17 "$(at RELEASE-4.17.0)"
  run 1
  same 3 "$(mails)"
'
test_expect '... and a test that fails' '
  fresh
  add_config "[gate]" "command = ! grep -rw bad ." "sandbox = no"
  run
  make_advisory xen 2 fix.c bad
  push_staging
  run 1
  n=$(mails)
  was_told gate "$(sed -n "s/^4.17: .*\(the gate fails with XSA-2 ([0-9a-f]*\)).*/\1/p" out)"
  run 1
  same "$n" "$(mails)"
'
# long_function [LINE=WORD]...: one of 100 lines, the given ones with other words.
long_function() {
  local i arg l
  printf 'int fill(int x)\\n{\\n'
  for i in {1..100}; do
    l=word_$i
    for arg; do [ "${arg%%=*}" != "$i" ] || l=${arg#*=}; done
    printf '    x += %s;\\n' "$l"
  done
  printf '    return x;\\n}\\n'
}
test_expect 'a review says what the fix changed and that nobody has tested as it stands' '
  fresh
  commit big.c "$(long_function)" "x86: a function" >/dev/null
  git -C xen tag -a -m "Xen 4.17.9" RELEASE-4.17.9
  git -C xen push -q origin RELEASE-4.17.9
  push_staging
  run
  absent=$(commit big.c "$(long_function 10=ten)" "x86: ten")
  commit a.c "one\ntwo\nthree\nfour\nFIVE\nsix\nseven\neight\nnine\nten\n" "x86: shout" >/dev/null
  printf "one\ntwo\nthree\nfour\nFIVE!\nsix\nseven\neight\nnine\nten\n" >xen/a.c
  git -C xen add a.c
  commit big.c "$(long_function 10=ten 80=eighty)" "x86: loud

This is XSA-9." >/dev/null
  push_staging
  run
  n=$((10#$(to maint@example.org)))
  body_has "$n" "Of 1 functions, macros, variables and types"
  body_has "$n" "big.c: fill"
  body_has "$n" "without ${absent:0:12}"
'
test_expect 'prerequisites that were found come for review, declared ones do not' '
  fresh
  run
  need=$(commit a.c "one\ntwo\nthree\nfour\nFIVE\nsix\nseven\neight\nnine\nten\n" "x86: shout")
  commit a.c "one\ntwo\nthree\nfour\nFIVE!\nsix\nseven\neight\nnine\nten\n" "x86: loud

This is XSA-9." >/dev/null
  push_staging
  run
  same "[xsabot 4.17] XSA-9: 1 prerequisite found - REVIEW" "$(subject_to maint@example.org)"
  body_has "$((10#$(to maint@example.org)))" "${need:0:12} x86: shout"
  same "" "$(awk "length > 79" body)"
  git clone -q xen.git clone
  copied "$((10#$(to maint@example.org)))" "git notes .*Prerequisite-of"
  git -C clone log -1 --notes=xsa --format=%N "$need" | grep "^Prerequisite-of: "
  commit a.c "one\ntwo\nthree\nfour\nFIVE?\nsix\nseven\neight\nnine\nten\n" "x86: ask" >/dev/null
  note_on "$(oid)" "Prerequisite-of: XSA-10"
  commit a.c "one\ntwo\nthree\nfour\nFIVE?!\nsix\nseven\neight\nnine\nten\n" "x86: both

This is XSA-10." >/dev/null
  push_staging
  run
  same 1 "$(subject_to maint@example.org | wc -l)"
  quiet=$(commit a.c "one\ntwo\nthree\nfour\nfive.\nsix\nseven\neight\nnine\nten\n" "x86: lower the voice")
  push_staging
  run
  same "[xsabot 4.17] XSA-10: 1 commit found - REVIEW" "$(subject_to maint@example.org | tail -1)"
  n=$((10#$(to maint@example.org | tail -1)))
  body_has "$n" "${quiet:0:12} x86: lower the voice"
  git -C clone pull -q origin staging-4.17 2>/dev/null || git -C clone fetch -q
  copied "$n" "git notes .*Follow-up-to"
  git -C clone log -1 --notes=xsa --format=%N "$quiet" | grep "^Follow-up-to: "
'
test_expect 'mail that is switched on later begins with what holds now, not with the past' '
  blocked
  sed -i "/^.mail.$/,\$d" xsabot.conf
  run 1
  rm -f xen.git.xsabot/mail-known.json
  cat >>xsabot.conf <<END
[mail]
from = xsabot@example.org
to = late@example.org
announce = late@example.org
transport = smtp://127.0.0.1:$SMTP_PORT
END
  run 1
  same "[xsabot 4.17] XSA-7: conflict in 1 file - HELD" "$(subject_to late@example.org)"
'
test_expect 'the list of one line gets its mails, all others not' '
  fresh
  add_config "[line 4.18]" "mail-to = other@example.org" "[line 4.17]" "mail-to = only@example.org, maint@example.org"
  run
  git -C xen.git update-ref refs/heads/xsa-4.17 "$(at staging-4.17)"
  run 1
  same "[xsabot 4.17] xsa-4.17: not updated - HELD" "$(subject_to only@example.org)"
  same "$(subject_to only@example.org)" "$(subject_to maint@example.org)"
  same "" "$(to other@example.org)"
'
test_expect 'several lines in one run are one digest, in which each is whole' '
  fresh
  run
  git -C xen.git update-ref refs/heads/xsa-4.17 "$(at staging-4.17)"
  git -C xen.git update-ref refs/heads/xsa-4.18 "$(at staging-4.18)"
  run 1
  same 2 "$(mails)"
  same "[xsabot] 4.17, 4.18: 2 HELD" "$(mail 2 subject)"
  same "4.17, 4.18 HELD, DIGEST" "$(mail 2 X-Xsabot-Line) $(mail 2 X-Xsabot-Status)"
  body_has 2 "someone moved refs/heads/xsa-4.17"
  body_has 2 "someone moved refs/heads/xsa-4.18"
  same 1 "$(grep -c "To stop it" body)"
  git -C xen.git update-ref refs/heads/xsa-4.17 "$(git -C xen.git rev-parse refs/xsabot/state/4.17:state.json >/dev/null; git -C xen.git show refs/xsabot/state/4.17:state.json | jq -r .published)"
  run 1
  same 3 "$(mails)"
  mail 3 References | grep -F "$(mail 2 Message-Id)"
'
test_expect 'MAINTAINERS of the line names people for files in conflict, in allowed domains only' '
  fresh
  run
  commit MAINTAINERS "Maintainers\n\nMM\nM:\tA Person <person@xen.example>\nM:\tB <b@elsewhere.example>\nM: C <c@xen.example\rBcc: x@xen.example>\nF:\tmm*\n\nNET\nM: net@xen.example\nF: net/\n\nTHE REST\nM: rest@xen.example\nF: *\nF: */\n" "add MAINTAINERS" >/dev/null
  git -C xen tag -a -m "Xen 4.17.1" RELEASE-4.17.1
  push xen HEAD:refs/heads/staging-4.17 RELEASE-4.17.1
  run
  add_config "[line 4.18]" "mail-to = x@example.org"
  sed -i "s/^to = .*/&\nmaintainers = yes\nmaintainers-domains = XEN.example/" xsabot.conf
  base=$(commit mm.c "$(edited)" "x86: make mm.c")
  commit mm.c "$(edited 5=checked)" "x86: check

This is XSA-7." >/dev/null
  push_staging
  note_on "$base" "Exclude: no"
  rm smtp/*.env
  run 1
  same "to maint@example.org to person@xen.example" "$(sed -n "/^to /p" smtp/*.env | sort | xargs)"
  body_has "$((10#$(to person@xen.example)))" "MAINTAINERS of 4.17, in xen.git, names you"
'
test_expect 'what still holds is told again after the days of remind' '
  blocked
  add_config "[line 4.18]" "mail-to = x@example.org"
  sed -i "s/^to = .*/&\nremind = 3d/" xsabot.conf
  run 1
  run 1
  same 2 "$(mails)"
  known ".targets[\"4.17\"].matters[0].mailed -= 3 * 86400 + 1"
  run 1
  run 1
  same 3 "$(mails)"
  body_has 3 "This is a reminder"
  fails [ "$(mail 2 Message-Id)" = "$(mail 3 Message-Id)" ]
  same "$(mail 2 Message-Id)" "$(mail 3 In-Reply-To)"
'
test_expect 'what fails for hours is told once, and that it works again' '
  fresh
  run
  cp xen.git/refs/tags/RELEASE-4.17.0 good
  echo rubbish >xen.git/refs/tags/RELEASE-4.17.0
  fails xsabot -c xsabot.conf run
  same 1 "$(mails)"
  known ".targets[\"\"].matters[0].since -= 6 * 3600"
  fails xsabot -c xsabot.conf run
  fails xsabot -c xsabot.conf run
  same 2 "$(mails)"
  same "[xsabot] the work on 4.17: failing for 6 hours - FAILING" "$(mail 2 subject)"
  cp good xen.git/refs/tags/RELEASE-4.17.0
  run
  same 3 "$(mails)"
  same "[xsabot] the work on 4.17: works again - RESOLVED" "$(mail 3 subject)"
'
test_expect 'so is a mirror that fails for long' '
  fresh
  run
  make_repo mirror.git
  add_config "[mirror near]" "url = $PWD/mirror.git"
  mkdir -p mirror.git/hooks
  printf "%s\n" "#!/bin/sh" "echo the disk is full; exit 1" >mirror.git/hooks/pre-receive
  chmod +x mirror.git/hooks/pre-receive
  xsabot -c xsabot.conf run >out 2>err || :
  same 1 "$(mails)"
  known ".targets[\"\"].matters[0].since -= 6 * 3600"
  xsabot -c xsabot.conf mirror near >out 2>err || :
  jq ".retry = 0" xen.git.xsabot/mirror/near/record.json >new && cp new xen.git.xsabot/mirror/near/record.json
  xsabot -c xsabot.conf run >out 2>err || :
  same "[xsabot] the mirror near: failing for 6 hours - FAILING" "$(subject_to maint@example.org)"
  body_has 2 "pre-receive"
  rm mirror.git/hooks/pre-receive
  jq ".retry = 0" xen.git.xsabot/mirror/near/record.json >new && cp new xen.git.xsabot/mirror/near/record.json
  run
  same "[xsabot] the mirror near: works again - RESOLVED" "$(subject_to maint@example.org | tail -n 1)"
  rm -r mirror.git
'
test_expect 'all mails about a line are one thread, and parse without a defect' '
  blocked
  run 1
  note_on "$bad" "Exclude: no"
  make_advisory xen 8
  push_staging
  run
  make_advisory xen 9
  push_staging
  run
  same 5 "$(mails)"
  for n in 3 4 5; do mail $n References; done | grep -o "<xsabot.4.17[^>]*>" | sort | uniq -c | sort -rn | head -n 1 >root
  for n in 1 2 3 4 5; do same "" "$(mail $n defects)"; done
  for n in 3 4 5; do mail $n References | grep -F "$(sed "s/.*<//" root)"; done
'
test_expect 'a preview shows the mail and keeps nothing' '
  blocked
  xsabot -c xsabot.conf mail --preview 4.17 >preview
  grep -q "^Subject: .xsabot 4.17. XSA-7: conflict in 1 file - HELD" preview
  grep -q "^    git notes --ref=xsa append" preview
  same 1 "$(mails)"
  run 1
  same 2 "$(mails)"
'
done_testing
