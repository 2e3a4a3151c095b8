#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What was told is known, whatever happened in between: a run that is cut short anywhere is made up for by the
# next, with the same mails; and what an earlier version knew, had to send, or was about to, is taken over.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
. "$T_DIR/crash-lib.sh"
KNOWN=xen.git.xsabot/mail-known.json

mkdir bin
cat >bin/keep <<END
#!/bin/sh
cat >"$PWD/sent/\$\$.part" && mv "$PWD/sent/\$\$.part" "$PWD/sent/\$5.\$\$"
END
chmod +x bin/keep
base_config '[mail]' 'from = bot@example.org' 'to = a@example.org, b@example.org'
# transport PROGRAM: what takes mail, or doesn't.
transport() { set_config "transport = $1"; }

# ---- two branches that were published, of which people know; then someone moved both: one digest to each

make_line xen.git xen 4.17
make_advisory xen 1
push xen staging-4.17
make_line xen.git xen 4.18
transport "$PWD/bin/keep"
mkdir sent
bot_ends 0 run
for line in 4.17 4.18; do git -C xen.git update-ref refs/heads/xsa-$line staging-$line; done
save_scene xen.git xen.git.xsabot
at_fresh 'rm -f sent/*'
# moved [PROGRAM]: the scene; what takes mail, or nothing does.
moved() { fresh "transport = ${1-/bin/false}"; }
run() { bot_ends 1 run; }
# waiting: recipient and Message-ID of each message in the outbox.
waiting() {
  find xen.git.xsabot/outbox/new -type f ! -name '*.tmp-*' -exec awk '/^to / { to = $2 } /^id / { print to "\t" $2; nextfile }' {} + | sort
}
# deliver: what waits is sent; all that was sent, by recipient and Message-ID, how often it came.
deliver() {
  transport "$PWD/bin/keep"
  xsabot -c xsabot.conf outbox retry
  run
  same "" "$(waiting)"
}
sent() { (cd sent && grep -i '^Message-Id: ' -- *) | sed 's/^\([^.]*\.[^.]*\)[^:]*:[^:]*: <\(.*\)>$/\1\t\2/' | sort "$@"; }
# killed CALLS N: a run that is killed at the Nth of these system calls; false: it had fewer.
killed() {
  local rc=0
  (exec strace -f -qq -o trace -e trace="$1" -e inject="$1:signal=KILL:when=$2" "$XSABOT" -c xsabot.conf run >out 2>&1) || rc=$?
  [ $rc = 137 ]
}

moved
run
waiting >want
cp -a $KNOWN after.json
cp -a "$SCENES/first/$KNOWN" before.json

test_expect 'undisturbed: a digest to each, known at once for both' '
  same 2 "$(wc -l <want)"
  same 2 "$(grep -c "xsabot.digest" want)"
  same "held held" "$(jq -r ".targets[].matters[].key" after.json | xargs)"
'
test_expect 'killed at any file that it puts in place: the next run has the same mails, and no others' '
  n=1
  while moved && killed rename $n; do
    run
    cmp want <(waiting) || { echo "at $n"; cat want; waiting; false; }
    n=$((n + 1))
  done
  [ $n -gt 4 ]
'
# unrecorded: a run that put all its mails into the outbox and was killed before they were known. It may write
# other files in between, now and then: which of its files that is is not the same each time.
unrecorded() {
  local n try
  for try in 1 2 3 4 5; do
    n=1
    while moved && killed rename $n; do
      ! cmp -s want <(waiting) || ! cmp -s before.json $KNOWN || return 0
      n=$((n + 1))
    done
  done
  return 1
}
test_expect '... also when they are sent before: what comes twice has one Message-ID' '
  unrecorded
  deliver
  run
  same "$(cat want)" "$(sent -u)"
'
test_expect 'what comes to it meanwhile is another mail, and the first goes out as well' '
  unrecorded
  git -C xen.git update-ref refs/heads/xsa-4.18 "$(jq -r .state.published xen.git.xsabot/published/4.18.json)"
  run
  waiting >all
  same 4 "$(wc -l <all)"
  same "" "$(comm -23 want all)"
  same "2 xsabot.4.17" "$(comm -13 want all | sed "s/.*\(xsabot.4.17\).*/\1/" | uniq -c | xargs)"
'
test_expect 'a message that is there already stays as it is, also one that was given up' '
  unrecorded
  sed -i "s/^tries .*/tries 7/" xen.git.xsabot/outbox/new/*
  rm -f xen.git.xsabot/outbox/new/*.tmp-*
  f=$(ls xen.git.xsabot/outbox/new | head -1)
  mv "xen.git.xsabot/outbox/new/$f" xen.git.xsabot/outbox/failed/
  exits 1 xsabot -c xsabot.conf run >/dev/null 2>&1
  same 1 "$(count_files xen.git.xsabot/outbox/new)"
  same 1 "$(count_files xen.git.xsabot/outbox/failed)"
  same 2 "$(sed -n "s/^tries [78]//p" xen.git.xsabot/outbox/*/* | wc -l)"
'

# ---- what earlier versions left

# old_known FILE: what is known there, as a file for each target.
old_known() {
  local line
  mkdir -p xen.git.xsabot/mail/known
  for line in $(jq -r '.targets | keys[] | select(. != "")' "$1"); do
    jq --indent 1 -S --arg l "$line" '.targets[$l] + {version: 1}' "$1" >xen.git.xsabot/mail/known/$line.json
  done
  jq --indent 1 -S '.targets[""] // {matters: []} | . + {version: 1}' "$1" >xen.git.xsabot/mail/health.json
}
# old_state: as an earlier version left it that had told nothing yet of the branches that someone moved.
old_state() {
  moved "$@"
  rm $KNOWN
  old_known before.json
}
# message TO ID: one, as it goes onto the wire.
message() {
  printf '%s\r\n' 'From: bot@example.org' "To: $1" 'Subject: [xsabot] of before' "Message-Id: <$2>" '' 'As it was made then.'
}
# old_entry SECOND TO ID: in the outbox, as an earlier version put it there.
old_entry() {
  mkdir -p xen.git.xsabot/outbox/new xen.git.xsabot/outbox/failed
  {
    printf '%s\n' 'xsabot-outbox 1' 'from bot@example.org' "to $2" "id $3" 'subject [xsabot] of before' 'news no' \
      "queued $1" "next $1" 'tries 0' 'error ' ''
    message "$2" "$3"
  } >"xen.git.xsabot/outbox/new/$1-0000-$(printf '%s %s' "$3" "$2" | git hash-object --stdin | cut -c1-8)"
}
# journal: a batch that was cut short right after it was written: these mails, and that all is known.
journal() {
  local to
  for to in a@example.org b@example.org; do
    jq -n --arg to $to --arg m "$(message $to cut@example.org; echo .)" --arg now "$(date +%s)" '{name: "\($now)-0000-\($to[0:1])1234567",
      from: "bot@example.org", to: $to, id: "cut@example.org", subject: "[xsabot] of before", message: $m[:-2],
      news: false, queued: ($now | tonumber)}'
  done | jq -s --slurpfile known after.json '{mails: ., known: ($known[0].targets | map_values(. + {version: 1}))}' \
    >xen.git.xsabot/mail/batch.json
}
gone() {
  same "" "$(find xen.git.xsabot -path "*/mail" -o -name "batch.json" -o -name "mail-known-*")"
}

test_expect 'what an earlier version told is not told again' '
  old_state
  old_known after.json
  run
  same "" "$(waiting)"
  gone
  run
  same "" "$(waiting)"
  same "$(jq -S ".targets[\"4.17\", \"4.18\"].matters" after.json)" "$(jq -S ".targets[\"4.17\", \"4.18\"].matters" $KNOWN)"
'
test_expect '... and what it had not is told, with the Message-IDs that it would have had' '
  old_state
  run
  cmp want <(waiting)
  gone
'
test_expect '... also where it could only note it beside its directory' '
  old_state
  mv xen.git.xsabot/mail/known/4.17.json xen.git.xsabot/mail-known-4.17.json
  rm -r xen.git.xsabot/mail
  jq ".targets[\"4.18\"] + {version: 1}" before.json >xen.git.xsabot/mail-known-4.18.json
  run
  cmp want <(waiting)
  gone
'
test_expect 'what it had to send is sent as it is, in its order and before what is new' '
  old_state "$PWD/bin/keep"
  now=$(date +%s)
  old_entry $((now - 20)) b@example.org two@example.org
  old_entry $((now - 30)) a@example.org one@example.org
  run
  same "" "$(waiting)"
  message a@example.org one@example.org | tr -d "\r" >old
  cmp old "$(grep -l "one@example.org" sent/*)"
  same "$(printf "a@example.org\tone@example.org\nb@example.org\ttwo@example.org\n" | sort - want)" "$(sent)"
  sed -n "s/.*mail: to \(.*\): .*/\1/p" err >order
  same "a@example.org b@example.org" "$(head -2 order | xargs)"
'
test_expect 'a batch of it that was cut short is finished: its mails, once, and what is then known' '
  old_state
  journal
  run
  same "$(printf "%s\tcut@example.org\n" a@example.org b@example.org)" "$(waiting)"
  gone
  deliver
  same "$(printf "%s\tcut@example.org\n" a@example.org b@example.org)" "$(sent)"
'
test_expect '... wherever the taking over is cut short itself' '
  for call in rename unlink rmdir; do
    n=1
    while old_state && journal && killed $call $n; do
      run
      same "$(printf "%s\tcut@example.org\n" a@example.org b@example.org)" "$(waiting)"
      gone
      n=$((n + 1))
    done
    [ $n -gt 2 ]
  done
'
test_expect 'one that can not be read is named, and nothing is told or lost until it is gone' '
  old_state
  echo "{" >xen.git.xsabot/mail/batch.json
  run
  says "remove it, .*mail/batch.json is no JSON"
  same "" "$(waiting)"
  rm xen.git.xsabot/mail/batch.json
  run
  cmp want <(waiting)
'
done_testing
