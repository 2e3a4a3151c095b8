#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a mail says is enough to act on it: a maintainer about a test that fails, a downstream about what it has
# and lacks, all about how something ended.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
. "$T_DIR/mail-lib.sh"
start_smtp

for l in 4.17 4.18 4.19; do
  make_line xen.git xen $l
  make_advisory xen 1
  push xen staging-$l
done
git -C xen checkout -q staging-4.17
save_scene

base_config '[mail]' 'from = The bot <xsabot@example.org>' 'to = maint@example.org' 'announce = news@example.org' \
  "transport = smtp://127.0.0.1:$SMTP_PORT"
# published [LINE]...: the scene after a first run, and nothing to tell; a configuration with these lines more.
published() {
  fresh
  run
  no_mails
  set_config "$@"
}
# letter TEXT: the body of the mail whose subject has that.
letter() {
  local f n
  for f in smtp/*.eml; do
    n=$((10#$(basename "$f" .eml)))
    if mail $n subject | grep -q -e "$1"; then mail $n body >body; LETTER=$n; return; fi
  done
  echo "no mail: $1"
  for f in smtp/*.eml; do mail "$((10#$(basename "$f" .eml)))" subject; done
  return 1
}
has() { grep -q -e "$1" body || { echo "not in the mail: $1"; cat body; return 1; }; }
lacks() { ! grep -e "$1" body || return 1; }
GATE='command = ! grep -rw bad .'

test_expect 'a test that fails: the commits of the stable branch, by whom, what waits, the output, where it is' '
  published "[gate]" "command = echo it is bad >&2; ! grep -rw bad ." "sandbox = no"
  make_advisory xen 2 two.c "bad\n"
  make_advisory xen 3
  make_advisory xen 4
  push_staging
  run 1
  letter "XSA-2: test failed - HELD"
  id=$(oid HEAD~2)
  has "^    ${id:0:12} x86: fix 2\$"
  has "^        by A U Thor <author@example.com>"
  has "These wait behind it: XSA-3,"
  has "^    | it is bad"
  has "^    $PWD/xen.git.xsabot/gate/logs/"
  lacks "candidate [0-9a-f]"
  git clone -q xen.git clone
  sed -n "/^To see it with plain git/,/^\$/p" body | grep "^    " | sed "s/^    //" >commands
  head -2 commands | grep -c "^git c" | grep 2
  sed -i "s/^! grep/grep/; s/^echo.*/grep -rw bad . \\&\\& echo seen/" commands
  (cd clone && sh -e ../commands) >out 2>&1
  grep seen out
'
test_expect '... and its commands settle it' '
  published "[gate]" "command = ! grep -rw bad ." "sandbox = no"
  make_advisory xen 2 two.c "bad\n"
  make_advisory xen 3
  push_staging
  run 1
  letter "XSA-2: test failed - HELD"
  git clone -q xen.git clone
  grep "git notes .*Exclude: REASON" body | sed "s/^ *//" >commands
  grep "git push origin refs/notes" body | sed "s/^ *//" >>commands
  same 2 "$(wc -l <commands)"
  (cd clone && git fetch -q origin && sh -e ../commands)
  run
  [ "$(git -C xen.git ls-tree --name-only xsa-4.17 xsa3.c)" ]
  letter "XSA-2: .* - RESOLVED"
'
test_expect 'an announcement: each pick by its id in the branch, below its advisory, all of them' '
  published
  for n in $(seq 101 130); do make_advisory xen $n; done
  push_staging
  run
  letter "PUSHED"
  same "XSA-101, XSA-102, XSA-103 and 27 more: published - PUSHED" "$(mail $LETTER subject | sed "s/^[^]]*] //")"
  same 30 "$(grep -c "^    XSA-1[0-3][0-9]\$" body)"
  same 30 "$(grep -c "^        [0-9a-f]\{12\} x86: fix 1" body)"
  for id in $(grep -o "^        [0-9a-f]\{12\}" body); do git -C xen.git merge-base --is-ancestor $id xsa-4.17; done
  lacks "and .* more"
  mail $LETTER X-Xsabot-Advisory | grep "XSA-101, .*XSA-130"
  sed -n "/^All that it has/,/^\$/p" body | tr "\n" " " | grep "XSA-1, XSA-101, .*XSA-130"
'
test_expect '... with CVEs and titles, where they are known' '
  published "[rules]" "metadata = $PWD/meta"
  mkdir -p meta
  printf "%s" "[{\"xsas\":[{\"xsa\":\"2\",\"cve\":[\"CVE-2026-2\"],\"title\":\"a title\",\"public_time\":\"2026-01-01\"}]}]" >meta/xsa.json
  make_advisory xen 2
  push_staging
  run
  letter "XSA-2: published - PUSHED"
  has "^    XSA-2 / CVE-2026-2: a title\$"
'
test_expect '... what a test keeps back, and why' '
  published "[gate]" "$GATE" "sandbox = no"
  make_advisory xen 2
  make_advisory xen 3 three.c "bad\n"
  make_advisory xen 4
  push_staging
  run 1
  letter "XSA-2: published - PUSHED"
  sed -n "/^Not in it/,/^\$/p" body >missing
  grep "^    XSA-3: the gate fails with XSA-3" missing
  grep "^    XSA-4: " missing
  same 1 "$(ls smtp/*.eml | xargs grep -l "To: news" | wc -l)"
  lacks "gate/logs"
  "$XSABOT" -c xsabot.conf mail --preview 4.17 >preview
  grep "^Subject: .*XSA-3: test failed - HELD" preview
'
test_expect '... what does not apply, what waits behind it, and what a person left out' '
  published
  make_advisory xen 2
  make_advisory xen 7
  seven=$(oid)
  commit_file xen m.c "1\n2\n3\n" "x86: untagged"
  base=$(oid)
  commit_file xen m.c "1\nTWO\n3\n" "x86: fix 5

This is XSA-5."
  make_advisory xen 6
  push_staging
  note_on "$base" "Exclude: not for us"
  note_on "$seven" "Exclude: not affected"
  run 1
  letter "XSA-2: published - PUSHED"
  has "^    XSA-5: .*conflict"
  has "^    XSA-6: "
  sed -n "/^Left out/,/^\$/p" body | grep "^    XSA-7: .*not affected"
'
test_expect 'a branch that is blocked and publishes nothing: downstreams hear that it is behind, once' '
  published
  commit_file xen m.c "1\n2\n3\n" "x86: untagged"
  note_on "$(oid)" "Exclude: not for us" || { push xen HEAD:refs/heads/staging-4.17; note_on "$(oid)" "Exclude: not for us"; }
  commit_file xen m.c "1\nTWO\n3\n" "x86: fix 5

This is XSA-5."
  push_staging
  run 1
  run 1
  letter "XSA-5: missing - BEHIND"
  has "^    XSA-5: .*conflict"
  has "It stays at $(at xsa-4.17 | cut -c1-12)"
  same BEHIND "$(mail $LETTER X-Xsabot-Status)"
  same 1 "$(grep -l "^To: news@example.org" smtp/*.eml | wc -l)"
  make_advisory xen 6
  push_staging
  run 1
  same 2 "$(grep -l "^To: news@example.org" smtp/*.eml | wc -l)"
  note_on "$(oid HEAD^)" "Exclude: not for this line"
  run
  letter "XSA-6: published - PUSHED"
'
test_expect 'how something ended: left out, by a backport, with what it needs' '
  published
  commit_file xen m.c "1\n2\n3\n" "x86: untagged"
  base=$(oid)
  commit_file xen m.c "1\nTWO\n3\n" "x86: fix 5

This is XSA-5."
  bad=$(oid)
  push_staging
  note_on "$base" "Exclude: not for us"
  run 1
  note_on "$bad" "Exclude: no such code here"
  run
  letter "XSA-5: excluded now - RESOLVED"
  has "${bad:0:12} is left out: .*no such code here"
  published
  commit_file xen m.c "1\n2\n3\n" "x86: untagged"
  base=$(oid)
  commit_file xen m.c "1\nTWO\n3\n" "x86: fix 5

This is XSA-5."
  bad=$(oid)
  push_staging
  note_on "$base" "Exclude: not for us"
  run 1
  git clone -q xen.git clone
  git -C clone checkout -q --detach "$(at xsa-4.17)"
  printf "TWO\n" >clone/m.c
  git -C clone add m.c
  git -C clone commit -q -m "x86: fix 5, backported"
  git -C clone push -q origin HEAD:refs/xsabot/fixups/one
  note_on "$bad" "Replaced-by: $(git -C clone rev-parse HEAD)"
  run
  letter "XSA-5: applies now - RESOLVED"
  has "a backport, stands for ${bad:0:12}"
'
test_expect '... a branch that someone moved: put back, or accepted' '
  published
  was=$(at xsa-4.17)
  git -C xen.git update-ref refs/heads/xsa-4.17 staging-4.17
  run 1
  git -C xen.git update-ref refs/heads/xsa-4.17 "$was"
  run
  letter "xsa-4.17: updated again - RESOLVED"
  has "it is as it was published"
  git -C xen.git update-ref refs/heads/xsa-4.17 "RELEASE-4.17.0^{commit}"
  run 1
  rm smtp/*.eml
  "$XSABOT" -c xsabot.conf adopt 4.17 >/dev/null
  run
  letter "xsa-4.17: updated again - RESOLVED"
  has "accepted as it is: adopt"
'
test_expect 'a first run is one mail to each list' '
  fresh
  run
  same 1 "$(mails)"
  same "[xsabot] 4.17, 4.18, 4.19: 3 PUSHED" "$(mail 1 subject)"
'
test_expect '... also of a bot that stays' '
  fresh
  "$XSABOT" -c xsabot.conf watch >/dev/null 2>watch.err &
  echo $! >watch.pid
  until_true 60 test -e smtp/001.eml
  until_true 60 eval "[ \"\$(ls xen.git.xsabot/outbox/new | wc -l)\" = 0 ]"
  kill_bot watch.pid xen.git.xsabot
  same 1 "$(mails)"
  same "[xsabot] 4.17, 4.18, 4.19: 3 PUSHED" "$(mail 1 subject)"
'
test_expect 'a mail can be wrapped again by its reader, and shows as it was written' '
  published
  git -C xen.git update-ref refs/heads/xsa-4.17 staging-4.17
  set_config "transport = /bin/false"
  sed -i "/^transport = smtp/d" xsabot.conf
  run 1
  id=$("$XSABOT" -c xsabot.conf outbox | sed -n "s/^\([0-9a-f]\{8\}\) .*/\1/p" | head -1)
  "$XSABOT" -c xsabot.conf outbox show "$id" >shown
  grep "^Content-Type: text/plain; charset=UTF-8; format=flowed" shown
  grep "^    xsabot adopt 4.17 -c $PWD/xsabot.conf" shown
  fails grep "=3D\|=\$" shown
  same "" "$(sed "1,/^Content-Transfer/d" shown | awk "length > 78 && !/^ /")"
  sed "1,/^Content-Transfer/d" shown | grep -c " \$"
'
done_testing
