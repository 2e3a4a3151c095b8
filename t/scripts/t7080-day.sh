#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A day in the life of a bot that stays: what the administrator's monitor, the maintainers, the announcement list, a
# downstream and a mirror see of it, from the installation to a restore. One story: each part goes on from the last.
if [ -z "${DAY-}" ] && [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
  DAY=1 exec unshare -m "$0" "$@"
fi
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
[ -n "${DAY-}" ] || skip_all 'this needs root, and namespaces'
. "$T_DIR/mail-lib.sh"
mount --make-rprivate /
mkdir -p small
mount -t tmpfs -o size=120m none small
at_exit "stop; umount -l $SANDBOX/work/small"
start_smtp

for l in 4.16 4.17; do
  make_line xen.git xen $l
  make_advisory xen 1
  push xen staging-$l
done
make_repo mirror.git
git -C xen.git config receive.fsckObjects true
git -C xen.git config core.fsync all
printf '%s\n' '[repository]' "path = $PWD/xen.git" "state = $PWD/small/state" '[mail]' 'from = xsabot@example.org' \
  'to = maint@example.org' 'announce = news@example.org' "transport = smtp://127.0.0.1:$SMTP_PORT" \
  '[mirror m]' "url = $PWD/mirror.git" >xsabot.conf

STATE=$PWD/small/state
# part TITLE BODY: a part of the story, which is none without those before it.
part() {
  if [ "$T_FAILED" -gt 0 ]; then skip "$1" 'an earlier part failed'; else test_expect "$@"; fi
}
start() {
  "$XSABOT" -c xsabot.conf watch >>watch.out 2>>watch.err &
  echo $! >watch.pid
}
stop() { kill_bot watch.pid "$STATE"; }

soon() { until_true 40 "$@"; }
# what the monitor shows: "OK" or the troubles.
monitor() { bot status --format=nagios 2>/dev/null | sed 's/^XSABOT //; s/ |.*//' || :; }
green() { monitor | grep '^OK' >/dev/null; }
red() { monitor | grep -e "^WARNING.*$1" >/dev/null; }
# the subject of the last mail that has this in it, to this address; and its body in the file body.
subjects() { # ADDRESS
  local n
  for n in smtp/*.env; do
    [ -e "$n" ] || continue
    if grep -q "^to $1\$" "$n"; then mail "$((10#$(basename "$n" .env)))" subject; fi
  done
}
heard() { subjects "$1" | grep -e "$2" >/dev/null; }
body_of() { # TEXT
  local f n
  for f in smtp/*.eml; do
    [ -e "$f" ] || continue
    n=$((10#$(basename "$f" .eml)))
    if mail $n subject | grep -e "$1" >/dev/null; then mail $n body >body; fi
  done
}
downstream() { git -C down pull -q --ff-only; }

part 'installed: doctor finds nothing wrong, the first run is one mail, the monitor is green' '
  bot install-hook --protect xen.git >/dev/null
  bot check-config >out 2>&1 || { cat out; false; }
  bot doctor >doctor || { cat doctor; false; }
  start
  soon green
  soon heard news@example.org "4.16, 4.17: 2 PUSHED"
  same 1 "$(mails)"
  git clone -q -b xsa-4.17 xen.git down
  soon has_fix 1 xsa-4.17 mirror.git
'
note "monitor: $(monitor); announced: $(subjects news@example.org | tail -1)"
part 'a push: published, announced, on the mirror, pulled' '
  fix 2
  soon has_fix 2
  soon heard news@example.org "XSA-2: published - PUSHED"
  soon has_fix 2 xsa-4.17 mirror.git
  downstream
  has_fix 2 HEAD down
  green
'
note "announced: $(subjects news@example.org | tail -1)"
part 'a block: maintainers get what they need, downstreams hear that it is behind, the monitor is red' '
  git -C xen checkout -q staging-4.17
  commit_file xen m.c "1\n2\n3\n" "x86: untagged"
  commit_file xen m.c "1\nTWO\n3\n" "x86: fix 3

This is XSA-3."
  echo "$(oid HEAD^)" >untagged
  git -C xen notes --ref=xsa add -m "Exclude: by mistake" "$(cat untagged)"
  git -C xen push -q origin refs/notes/xsa
  git -C xen push -q origin staging-4.17
  soon heard maint@example.org "XSA-3: .* - HELD"
  soon heard news@example.org "^.xsabot 4.17. XSA-3: missing - BEHIND"
  soon red "4.17.*XSA-3"
  lacks_fix 3
'
note "monitor: $(monitor)"
note "maintainers: $(subjects maint@example.org | tail -1); announced: $(subjects news@example.org | tail -1)"
part 'settled by the commands of the mail as they stand' '
  body_of "XSA-3: .* - HELD"
  git clone -q xen.git maint
  grep "^    git fetch origin refs/notes" body | sed "s/^ *//" >commands
  grep "git notes .*Exclude: REASON" body | sed "s/^ *//" >>commands
  grep "git push origin refs/notes" body | sed "s/^ *//" >>commands
  same 3 "$(wc -l <commands)"
  (cd maint && git config user.name M && git config user.email m@example.org && sh -e ../commands) 2>&1
  soon heard maint@example.org "XSA-3: .* - RESOLVED"
  soon green
'
note "maintainers: $(subjects maint@example.org | tail -1); monitor: $(monitor)"
part 'a fix that is bad is withdrawn: all who have it hear it, a pull takes it away' '
  downstream
  bot withdraw XSA-2 4.17 --reason "it deadlocks" >out 2>&1 || { cat out; false; }
  soon lacks_fix 2
  soon heard news@example.org "XSA-2: taken back - WITHDRAWN"
  body_of "WITHDRAWN"
  grep "it deadlocks" body
  downstream
  lacks_fix 2 HEAD down
  soon lacks_fix 2 xsa-4.17 mirror.git
'
note "announced: $(subjects news@example.org | tail -1)"
part 'a release: the branch goes on from it, a pull still fast-forwards' '
  git -C xen fetch -q origin
  git -C xen checkout -q staging-4.17
  git -C xen tag -a -m "Xen 4.17.1" RELEASE-4.17.1
  git -C xen push -q origin RELEASE-4.17.1
  soon eval "bot status 4.17 2>/dev/null | grep RELEASE-4.17.1"
  fix 4
  soon has_fix 4
  downstream
  has_fix 4 HEAD down
  same RELEASE-4.17.1 "$(git -C down describe --first-parent --abbrev=0 --match "RELEASE-*")"
'
cp -a xen.git backup.git
part 'a line comes to its end: one last mail, and nothing is held' '
  bot retire 4.16 --reason "no more support" >/dev/null
  soon heard news@example.org "xsa-4.16: has come to its end - RETIRED"
  git -C xen push -q origin :staging-4.16
  soon green
  bot status | grep "^4.16: ended"
'
note "announced: $(subjects news@example.org | tail -1); monitor: $(monitor)"
part 'the bot dies: the monitor is red within a minute, and for as long as that lasts' '
  kill -KILL $(cat watch.pid)
  began=$SECONDS
  until_true 60 red "no bot is at work"
  took=$((SECONDS - began))
  echo $took >took-killed
  [ $took -le 60 ]
  jq ".beat -= 86400 | .looked -= 86400" "$STATE/pulse.json" >p
  cat p >"$STATE/pulse.json"
  fix 5
  red "no bot is at work"
  lacks_fix 5
'
note "from killed to red: $(cat took-killed 2>/dev/null) s; monitor: $(monitor)"
part '... and when it is back, what was pushed meanwhile is published' '
  stop
  start
  soon has_fix 5
  soon green
'
part 'a spool that is gone is made again; one that cannot be read is red at once' '
  mv "$STATE/spool" small/gone
  soon test -d "$STATE/spool/new"
  rm -r small/gone
  kill -STOP $(cat watch.pid) # else it is quicker
  mv "$STATE/spool" small/gone
  : >"$STATE/spool"
  kill -CONT $(cat watch.pid)
  began=$SECONDS
  until_true 60 red "spool"
  took=$((SECONDS - began))
  echo $took >took-spool
  [ $took -le 60 ]
  rm -rf "$STATE/spool"
  mv small/gone "$STATE/spool"
  fix 6
  soon has_fix 6
  soon green
'
note "from the spool closed to red: $(cat took-spool 2>/dev/null) s"
part 'a disk that is full: the monitor says so, and nothing is lost' '
  dd if=/dev/zero of=small/fill bs=64k 2>/dev/null || :
  fix 7 || :
  until_true 60 red "no space is left"
  lacks_fix 7
  rm small/fill
  (cd xen.git && echo "0 0 refs/x" | GIT_DIR=. hooks/post-receive)
  soon has_fix 7
  soon green
'
part 'a mirror that is down: seen, and made up for' '
  mv mirror.git away
  fix 8
  soon has_fix 8
  soon eval "{ bot status 2>/dev/null || :; } | grep \"^mirror m: behind by .*: \" >/dev/null"
  jq ".since -= 1000" "$STATE/mirror/m/record.json" >r
  cat r >"$STATE/mirror/m/record.json"
  soon red "m: behind by"
  mv away mirror.git
  bot mirror m --push >/dev/null 2>&1 || :
  soon has_fix 8 xsa-4.17 mirror.git
  soon green
'
note "maintainers heard: $(subjects maint@example.org | wc -l) mails in all; downstreams: $(subjects news@example.org | wc -l)"
part 'restored from a backup, without what the bot knew: taken over, nothing told twice, and on it goes' '
  stop
  n=$(mails)
  rm -rf xen.git "$STATE"
  mv backup.git xen.git
  bot install-hook --protect xen.git >/dev/null
  start
  soon red "mirror\|m: " # it has what came later
  bot mirror m --adopt >/dev/null 2>&1 || :
  soon green || { bot status; tail -5 watch.err; false; }
  same "$n" "$(mails)"
  git -C xen push -q -f "$PWD/xen.git" staging-4.17
  soon has_fix 8
'
done_testing
