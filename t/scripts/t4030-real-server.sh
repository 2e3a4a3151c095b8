#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The whole way: from `git push` through the hook, the resident bot and a Postfix
# that wants TLS and a login, into maildirs that mutt and s-nail read. Every
# occasion once, as one story of two lines; the tests build on each other.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
. "$T_DIR/postfix.sh"
need python3 openssl
start_postfix maint news || skip_all "$POSTFIX_WHY_NOT"

make_line xen.git xen 4.17
make_line xen.git xen 4.18
make_repo mirror.git
xsabot install-hook xen.git >/dev/null
echo right >secret
chmod 600 secret
cat >xsabot.conf <<END
[repository]
path = $PWD/xen.git
[gate]
command = echo looking for bad things; ! grep -rw bad .
sandbox = no
[mirror near]
url = $PWD/mirror.git
[mail]
from = The bot <xsabot@bot.example.org>
to = maint@example.org
announce = news@example.org
transport = smtp://localhost:$POSTFIX_PORT
tls = required
ca = $POSTFIX_CA
user = bot
secret = $PWD/secret
END
"$XSABOT" -v -c xsabot.conf watch >watch.out 2>watch.err &
WATCH=$!
at_exit 'kill -KILL "$WATCH"; wait "$WATCH"'
until_true 30 grep -q '^xsabot: watching' watch.err

# arrives BOX PATTERN: within a time, one message whose subject matches, FILE.
arrives() {
  until_true 30 eval "[ \$(grep -rlx 'Subject: $2' '$POSTFIX_BOXES/$1/new' | wc -l) = 1 ]" || {
    grep -rh "^Subject: " "$POSTFIX_BOXES" || :
    tail -n 20 watch.err
    return 1
  }
  FILE=$(grep -rlx "Subject: $2" "$POSTFIX_BOXES/$1/new")
}
# header NAME: of FILE, as Python's parser sees it.
header() {
  python3 - "$FILE" "$1" <<'END'
import email, email.policy, sys
with open(sys.argv[1], "rb") as f:
    print(email.message_from_binary_file(f, policy=email.policy.default)[sys.argv[2]] or "")
END
}
# on LINE: the work tree stands there.
on() { git -C xen checkout -q "staging-$1"; }
# note_it COMMIT TEXT: the only note on it, in the work tree.
note_it() { git -C xen notes --ref=xsa add -f -m "$2" "$1"; }
NOTES=refs/notes/xsa
# change FILE FILTER: of the bot's state, by jq.
change() {
  jq "$2" "xen.git.xsabot/$1" >changed
  cp changed "xen.git.xsabot/$1"
}
# six_hours_later: as the mirror's record and what is known of its health then are; its next try is due.
six_hours_later() {
  until_true 30 jq -e ".error" xen.git.xsabot/mirror/near/record.json
  until_true 30 jq -e ".targets[\"\"].matters[0]" xen.git.xsabot/mail-known.json
  change mail-known.json ".targets[\"\"].matters[0].since -= 6 * 3600"
  change mirror/near/record.json ".retry = 0"
}
edit() { commit_file xen "$1.c" "$(edited "${@:3}")" "$2"; }

test_expect 'published: the first branches are announced, with TLS and a login' '
  arrives news ".xsabot. 4.17, 4.18: 2 PUSHED"
  header Received | grep "ESMTPSA"
  same news@example.org "$(header To)"
  same "" "$(ls "$POSTFIX_BOXES/maint" 2>/dev/null)"
'
test_expect 'published: a push with a fix is announced' '
  on 4.17
  make_advisory xen 2
  push xen staging-4.17
  arrives news ".xsabot 4.17. XSA-2: published - PUSHED"
'
test_expect 'found: prerequisites come for review' '
  on 4.17
  edit a "x86: make a"
  edit b "x86: make b"
  printf "%b" "$(edited 5=loud)" >xen/b.c
  git -C xen add b.c
  edit a "x86: loud

This is XSA-3." 5=loud
  push xen staging-4.17
  arrives maint ".xsabot 4.17. XSA-3: 2 prerequisites found - REVIEW"
  arrives news ".xsabot 4.17. XSA-3: published - PUSHED"
'
test_expect 'blocked: a fix does not apply' '
  on 4.17
  edit m "x86: make m"
  note_it HEAD "Exclude: not here"
  edit n "x86: make n"
  note_it HEAD "Exclude: nor this"
  printf "%b" "$(edited 5=checked)" >xen/m.c
  git -C xen add m.c
  edit n "x86: check both

This is XSA-4 / CVE-2026-4." 5=checked
  push xen staging-4.17 $NOTES
  arrives maint ".xsabot 4.17. XSA-4: conflict in 2 files - HELD"
'
test_expect 'changed: a part of it is settled, and another reason is left' '
  note_it staging-4.17~1 "Prerequisite-of: XSA-4"
  push xen $NOTES
  arrives maint ".xsabot 4.17. XSA-4: conflict in 1 file - HELD"
'
test_expect 'resolved: a note settles it' '
  note_it staging-4.17~2 "Prerequisite-of: XSA-4"
  push xen $NOTES
  arrives maint ".xsabot 4.17. XSA-4: applies now - RESOLVED"
  arrives news ".xsabot 4.17. XSA-4: published - PUSHED"
'
test_expect 'gate failed: the end of the test comes along, and later that it passes' '
  on 4.18
  make_advisory xen 5 fix.c bad
  push xen staging-4.18
  arrives maint ".xsabot 4.18. XSA-5: test failed - HELD"
  grep -q "^ *| ./fix.c:bad" "$FILE"
  commit_file xen fix.c good "x86: repair 5

Fixes: $(oid HEAD | cut -c1-12) (\"x86: fix 5\")"
  push xen staging-4.18
  arrives maint ".xsabot 4.18. XSA-5: passes now - RESOLVED"
  arrives news ".xsabot 4.18. XSA-5: published - PUSHED"
'
test_expect 'moved: someone pushed to a branch of the bot, and puts it back' '
  was=$(at xsa-4.17)
  git -C xen fetch -q origin
  push xen -f staging-4.17:refs/heads/xsa-4.17
  arrives maint ".xsabot 4.17. xsa-4.17: not updated - HELD"
  push xen -f "$was:refs/heads/xsa-4.17"
  arrives maint ".xsabot 4.17. xsa-4.17: updated again - RESOLVED"
'
test_expect 'failing: a mirror that refuses, and works again' '
  printf "%s\n" "#!/bin/sh" "echo the disk is full" "exit 1" >mirror.git/hooks/pre-receive
  chmod +x mirror.git/hooks/pre-receive
  on 4.18
  make_advisory xen 6
  push xen staging-4.18
  arrives news ".xsabot 4.18. XSA-6: published - PUSHED"
  six_hours_later
  make_advisory xen 7
  push xen staging-4.18
  arrives maint ".xsabot. the mirror near: failing for 6 hours - FAILING"
  grep -q "the disk is full" "$FILE"
  rm mirror.git/hooks/pre-receive
  change mirror/near/record.json ".retry = 0"
  make_advisory xen 8
  push xen staging-4.18
  arrives maint ".xsabot. the mirror near: works again - RESOLVED"
  arrives news ".xsabot 4.18. XSA-7: published - PUSHED"
  arrives news ".xsabot 4.18. XSA-8: published - PUSHED"
'

# ---- what is there in the end, by people's clients

test_expect 'nothing else came, and nothing twice' '
  kill "$WATCH"
  until_true 30 eval "! kill -0 $WATCH"
  xsabot -c xsabot.conf outbox >list
  grep -q "the outbox is empty" list
  same "" "$(grep -rh "^Message-Id:" "$POSTFIX_BOXES" | sort | uniq -d)"
  same "10 10" "$(count_files "$POSTFIX_BOXES/maint/new") $(count_files "$POSTFIX_BOXES/news/new")"
'
# What clients show, after how deep it stands in its thread.
cat >maint.want <<'END'
0 [xsabot 4.17] XSA-3: 2 prerequisites found - REVIEW
1 [xsabot 4.17] XSA-4: conflict in 2 files - HELD
2 [xsabot 4.17] XSA-4: conflict in 1 file - HELD
2 [xsabot 4.17] XSA-4: applies now - RESOLVED
1 [xsabot 4.17] xsa-4.17: not updated - HELD
2 [xsabot 4.17] xsa-4.17: updated again - RESOLVED
0 [xsabot 4.18] XSA-5: test failed - HELD
1 [xsabot 4.18] XSA-5: passes now - RESOLVED
0 [xsabot] the mirror near: failing for 6 hours - FAILING
1 [xsabot] the mirror near: works again - RESOLVED
END
cat >news.want <<'END'
0 [xsabot] 4.17, 4.18: 2 PUSHED
0 [xsabot 4.17] XSA-2: published - PUSHED
1 [xsabot 4.17] XSA-3: published - PUSHED
1 [xsabot 4.17] XSA-4: missing - BEHIND
1 [xsabot 4.17] XSA-4: published - PUSHED
0 [xsabot 4.18] XSA-5: missing - BEHIND
1 [xsabot 4.18] XSA-5: published - PUSHED
1 [xsabot 4.18] XSA-6: published - PUSHED
1 [xsabot 4.18] XSA-7: published - PUSHED
1 [xsabot 4.18] XSA-8: published - PUSHED
END
printf '%s\n' 'set sort=threads' 'set strict_threads=yes' 'set ascii_chars=yes' 'set help=no' 'set folder=.' \
  'set index_format="%s"' >muttrc
# seen_by CLIENT TITLE BODY: a test that is skipped where the client, or what it needs, is not installed.
seen_by() {
  local p
  for p in $1; do command -v "$p" >/dev/null || { skip "$2" "$p is not installed"; return 0; }; done
  test_expect "$2" "$3"
}
# shown CELLS: the subjects on a screen whose threads are drawn with so many cells a level.
shown() {
  sed "s/ *\$//" |
    awk -v cells="$1" '{ at = index($0, "[xsabot"); if (at) print (at == 1 ? 0 : int((at - 2) / cells)) " " substr($0, at) }'
}
# threads: of such lines, each with those that it stands below, in an order that does not depend on the clock.
threads() {
  awk '{ depth = $1; sub(/^[0-9]+ /, ""); path[depth] = (depth ? path[depth - 1] " / " : "") $0; print path[depth] }' | sort
}
# mutt_shows BOX: the threads on its screen.
mutt_shows() {
  tmux -S "$SANDBOX/tmux" -f /dev/null new-session -d -x 100 -y 24 "exec mutt -R -n -F muttrc -f $POSTFIX_BOXES/$1"
  until_true 20 eval "tmux -S '$SANDBOX/tmux' capture-pane -p >screen && grep -q Msgs: screen"
  tmux -S "$SANDBOX/tmux" kill-server
  shown 2 <screen | threads
}
seen_by 'mutt tmux' 'mutt shows one thread a line, to those who act and to those who follow' '
  diff <(threads <maint.want) <(mutt_shows maint)
  diff <(threads <news.want) <(mutt_shows news)
'
# snail_shows BOX: the same of its list of headers.
snail_shows() {
  printf "thread\nheaders\n" | s-nail -:/ -R -N -S quiet -S screen=40 -S headline="%i=%s" -f "$POSTFIX_BOXES/$1" 2>/dev/null |
    sed "s,= *,," | shown 1 | threads
}
seen_by s-nail 's-nail shows the same threads, and the text of a mail' '
  diff <(threads <maint.want) <(snail_shows maint)
  diff <(threads <news.want) <(snail_shows news)
  s-nail -:/ -R -N -S quiet -Y "type 2" -f "$POSTFIX_BOXES/maint" </dev/null >text
  grep "^XSA-4 does not apply to xsa-4.17" text
  grep "^ *git notes --ref=xsa append " text
'
done_testing
