#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# How the bot stands is judged from outside: a bot that is dead, blind or late is seen though it wrote last that
# all is well; and by whom the repository is open to.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

make_line xen.git xen 4.17
make_advisory xen 7
push xen staging-4.17
xsabot install-hook xen.git >/dev/null
save_scene
chmod 755 "$SANDBOX" "$SANDBOX/work"

# published [LINE]...: one line, brought up to date by run; a configuration with these lines more.
published() {
  fresh "$@"
  run
}
# watch: a bot that stays, at work in place of the runs.
watch() {
  start_watch -v
  until_true 30 grep -q ' looked' watch.err
}
at_fresh stop_watch
at_exit stop_watch
status() { "$XSABOT" -c xsabot.conf status "$@"; }
# red KIND [TEXT]: such a trouble, in each format, and status 1.
red() {
  exits 1 status >text
  exits 1 status --format=nagios >nagios
  exits 1 status --format=openmetrics >metrics
  exits 1 status --format=json >json
  same "$1" "$(jq -r '.troubles[].kind' json | sort -u)"
  same false "$(jq .ok json)"
  grep "^XSABOT WARNING - .* | troubles=" nagios
  grep "^xsabot_trouble{kind=\"$1\"" metrics
  grep "^xsabot_ok 0" metrics
  cat text nagios
  [ -z "${2-}" ] || { grep -e "$2" text && grep -e "$2" nagios; }
}
green() {
  status >text || { cat text; return 1; }
  status --format=nagios | grep '^XSABOT OK - 1 branch'
  status --format=openmetrics | grep '^xsabot_ok 1'
  same true "$(status --format=json | jq .ok)"
}
# pulse FILTER: the bot's last word is another.
pulse() { jq "$1" xen.git.xsabot/pulse.json >p && cat p >xen.git.xsabot/pulse.json; }
# ago SECONDS FILE...
ago() {
  local s=$1
  shift
  touch -d "@$(($(date +%s) - s))" "$@"
}

test_expect 'all is well' '
  published
  green
  same "" "$(grep wrong: text || :)"
  grep "the last complete look was at" text
'
test_expect 'with runs: none for twice the time between them' '
  published "rescan = 1m"
  pulse ".looked -= 100"
  green
  pulse ".looked -= 30"
  red look-late "the last complete look was at"
'
test_expect 'a bot that stays and is gone, some seconds later' '
  published
  watch
  green
  stop_watch
  pulse ".beat = (now | floor)"
  green
  pulse ".beat -= 11"
  red bot-gone "no bot is at work: process .* is gone"
'
test_expect '... one that was told to end' '
  published
  watch
  kill $(cat watch.pid)
  until_true 30 flock -n xen.git.xsabot/instance true
  same true "$(jq .ended xen.git.xsabot/pulse.json)"
  pulse ".beat -= 11"
  red bot-gone "was told to end"
'
test_expect '... one that gives no sign of life' '
  published
  watch
  kill -STOP $(cat watch.pid)
  pulse ".beat -= 61"
  red bot-silent "hangs, or"
'
test_expect '... and one that works is told from these by its signs of life' '
  published
  watch
  pulse ".beat -= 50"
  same "$(cat watch.pid)" "$(status --format=json | jq .bot)"
  green
'
test_expect 'a look that fails, since when and until when' '
  published
  pulse ".error = \"cannot make it\" | .since = .beat - 7200 | .retry = .beat + 60"
  red look-fails "cannot make it"
  grep "its looks fail since 20.*; next try at 20" text
'
test_expect '... is recorded by the bot itself, once, with its beginning' '
  published
  mv xen.git gone
  mkdir xen.git
  fails "$XSABOT" -q -c xsabot.conf run
  rmdir xen.git
  mv gone xen.git
  published
  chmod 2777 xen.git.xsabot
  fails "$XSABOT" -q -c xsabot.conf run
  chmod 2751 xen.git.xsabot
  red look-fails "others can write to the state directory"
  pulse ".since -= 5000"
  before=$(jq .since xen.git.xsabot/pulse.json)
  chmod 2777 xen.git.xsabot
  fails "$XSABOT" -q -c xsabot.conf run
  chmod 2751 xen.git.xsabot
  same "$before" "$(jq .since xen.git.xsabot/pulse.json)"
  run_again() { "$XSABOT" -q -c xsabot.conf run; }
  run_again
  green
'
test_expect 'an event that nobody takes' '
  published "rescan = 1m"
  mkdir -p xen.git.xsabot/spool/new
  : >xen.git.xsabot/spool/new/e
  ago 100 xen.git.xsabot/spool/new/e
  green
  ago 130 xen.git.xsabot/spool/new/e
  red spool "1 event of pushes waits in"
'
test_expect '... sooner, where a bot stays' '
  published
  watch
  kill -STOP $(cat watch.pid)
  : >xen.git.xsabot/spool/new/e
  ago 61 xen.git.xsabot/spool/new/e
  red spool
'
test_expect 'a spool that is not there' '
  published
  rm -r xen.git.xsabot/spool
  red spool "No such file or directory; xsabot doctor"
'
test_expect 'a branch that moved, and no event tells of it' '
  published "rescan = 1m"
  make_advisory xen 8
  rm xen.git/hooks/post-receive
  push xen staging-4.17
  green
  same refs/heads/staging-4.17 "$(status --format=json | jq -r ".refs[].ref")"
  ago 130 xen.git/refs/heads/staging-4.17
  red not-looked-at "refs/heads/staging-4.17 moved, at 20.*, and was not looked at"
  "$XSABOT" -q -c xsabot.conf run
  green
'
test_expect '... a note, a derived branch, a release and a new line' '
  published "rescan = 1m"
  rm xen.git/hooks/post-receive
  note_on "$(at staging-4.17)" "Exclude: no"
  ago 130 xen.git/refs/notes/xsa
  red not-looked-at "refs/notes/xsa moved"
  published "rescan = 1m"
  git -C xen.git update-ref refs/heads/xsa-4.17 staging-4.17
  ago 130 xen.git/refs/heads/xsa-4.17
  red not-looked-at "refs/heads/xsa-4.17 moved"
  published "rescan = 1m"
  git -C xen.git tag -m x RELEASE-4.17.1 staging-4.17
  ago 130 xen.git/refs/tags/RELEASE-4.17.1
  red not-looked-at "refs/tags/RELEASE-4.17.1 is new"
  published "rescan = 1m"
  git -C xen.git tag -m x RELEASE-4.18.0 staging-4.17
  git -C xen.git branch staging-4.18 staging-4.17
  ago 130 xen.git/refs/heads/staging-4.18
  red not-looked-at "refs/heads/staging-4.18 is new"
'
test_expect 'a held line: where it is, where it was published, and on which release' '
  published
  was=$(at xsa-4.17)
  git -C xen.git update-ref refs/heads/xsa-4.17 "RELEASE-4.17.0^{commit}"
  exits 1 "$XSABOT" -q -c xsabot.conf run >/dev/null
  red held
  now=$(at xsa-4.17)
  grep "refs/heads/xsa-4.17 at ${now:0:12}, published was ${was:0:12}, RELEASE-4.17.0, 1 pick" text
'
test_expect 'the name of a line narrows it' '
  published
  pulse ".looked -= 100000"
  exits 1 status >/dev/null
  status 4.17
  same 0 "$(status --format=json 4.17 | jq ".troubles | length")"
  exits 64 status 5.1
'
test_expect 'a mirror is judged by what should be there, and what cannot be judged is said' '
  make_repo m.git
  published "[mirror m]" "url = $PWD/m.git"
  status | grep "^mirror m: has all 3 refs"
  was=$(at xsa-4.17)
  git -C xen.git update-ref refs/heads/xsa-4.17 "RELEASE-4.17.0^{commit}"
  exits 1 "$XSABOT" -q -c xsabot.conf run >/dev/null
  status >out || :
  grep "^mirror m: has all 2 refs, and 1 can.t be judged while held here: refs/heads/xsa-4.17 (there at ${was:0:12})" out
  same 1 "$(status --format=json | jq ".mirrors[].not_judged")"
'
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
  # anybody COMMAND...: as another account.
  anybody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
  test_expect 'another account sees the same, but for what the bot keeps for itself' '
    make_repo m2.git
    (umask 077; published "[mirror m]" "url = $PWD/m2.git" "[mail]" "from = a@example.org" "to = b@example.org" "transport = /bin/false")
    chmod 644 xsabot.conf
    anybody "$XSABOT" -c xsabot.conf status >out
    status | cmp - out
    fails anybody ls xen.git.xsabot
    fails anybody ls xen.git.xsabot/outbox
    fails anybody cat xen.git.xsabot/configuration
    anybody "$XSABOT" -c xsabot.conf status --format=openmetrics | grep "^xsabot_ok 1"
    pulse ".looked -= 100000"
    exits 1 anybody "$XSABOT" -c xsabot.conf status >out
  '
  test_expect '... and nothing of a repository that is closed to it' '
    published
    chmod -R o= xen.git xen.git.xsabot
    "$XSABOT" -q -c xsabot.conf run
    fails anybody "$XSABOT" -c xsabot.conf status
    fails anybody cat xen.git.xsabot/status.json
  '
  test_expect 'who may read a spool and cannot is in trouble, others are not judges of it' '
    published
    chmod 700 xen.git.xsabot/spool
    chmod 644 xsabot.conf
    anybody "$XSABOT" -c xsabot.conf status >out
    grep "^not judged: the spool .*: this account may not read it" out
  '
else
  skip 'another account sees the same' 'this needs root'
fi
test_expect 'figures are OpenMetrics' '
  published
  status --format=openmetrics >out
  same "# EOF" "$(tail -1 out)"
  same "" "$(grep -vE "^# (TYPE xsabot_[a-z_]+ gauge|UNIT xsabot_[a-z_]+ seconds|HELP xsabot_[a-z_]+ .*|EOF)$|^xsabot_[a-z_]+(\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*\})? [0-9]+$" out || :)"
  same "" "$(sed -n "s/^# TYPE \([^ ]*\).*/\1/p" out | sort | uniq -d)"
'
if command -v python3 >/dev/null; then
  test_expect 'a service manager is told how the branches stand' '
    published
    python3 -c "
import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(\"notify\")
open(\"ready\", \"w\").close()
while True:
    t = s.recv(4096).decode()
    open(\"told\", \"a\").write(t + chr(10))
" & 
    at=$!
    until_true 30 test -e ready
    export NOTIFY_SOCKET=$PWD/notify
    watch
    until_true 30 grep "^STATUS=1 branch, nothing to look at" told
    git -C xen.git update-ref refs/heads/xsa-4.17 "RELEASE-4.17.0^{commit}"
    (cd xen.git && echo "0 0 refs/x" | GIT_DIR=. hooks/post-receive)
    until_true 30 grep "^STATUS=1 branch, of which 1 needs a look: 4.17" told
    kill $at
  '
else
  skip 'a service manager is told how the branches stand' 'python3 is not installed'
fi
done_testing
