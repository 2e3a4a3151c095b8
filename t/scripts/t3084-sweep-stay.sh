#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What stays, `watch` and `relay`, and what events go through, disturbed at its system calls, its children's too.
# Something happens while it lives; it is told to end when it has done its work, or could not; one that met a single
# error does it all the same, and ends. Nothing is half done, and nothing is lost. SWEEP_POINTS is how many points of
# each kind are tried, of how many there are is printed; SWEEP_SEED chooses them, SWEEP_COMMANDS the programs.
INJECT=$(realpath "$1")
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/sweep-lib.sh"
. "$T_DIR/sshd.sh"
POINTS=${SWEEP_POINTS:-1}
MODES=${SWEEP_MODES:-kill EIO EIO+}
[ "$POINTS" = 1 ] || MODES=${SWEEP_MODES:-kill kill-all ENOSPC EIO EIO+ EACCES EINTR EMFILE short}
at_exit end_stay
at_fresh end_stay

mkdir bin
mail_keeper bin/keep "$PWD/mails"
crash_scene
base_config '[mail]' 'from = bot@example.org' 'to = me@example.org' 'announce = list@example.org' "transport = $PWD/bin/keep"
set_config
run
xsabot -c xsabot.conf outbox retry >/dev/null 2>&1 || :
rm -f mails/*
# What is pushed while it lives; and the event of that.
git -C xen checkout -q staging-4.17
make_advisory xen 9
save_scene xen.git xen.git.xsabot
refs >"$SANDBOX/before.refs"
push xen staging-4.17
cp xen.git.xsabot/spool/new/* "$SANDBOX/event"
run
refs >"$SANDBOX/want.refs"
WANT=$(at xsa-4.17)
TOLD='4.17 1
4.18 0'
at_fresh 'rm -f mails/*'

# ---- what stays

# gone: it has ended, and all that it started.
gone() { ! kill -0 "$STAY" 2>/dev/null; }
end_stay() {
  [ -z "${STAY-}" ] || kill -KILL "$STAY" 2>/dev/null || : # what is traced goes with it
  STAY=
}
# within SECONDS COMMAND...: that it is so, or that it has ended.
within() { until_true "$1" eval "gone || { $2; }" >/dev/null; }
# attended MODE POINT HAPPENS DONE ARG...: the program that stays; once it watches (or could not say so) it HAPPENS,
# and when it is DONE it is told to end. One whose calls all fail from some point on may do nothing.
attended() {
  local mode=$1 point=$2 happens=$3 is_done=$4 patience=60
  shift 4
  RC=0
  [ "$mode" = "${mode%+}" ] || patience=1
  "$INJECT" "$mode" "$point" "$SANDBOX/points" "$XSABOT" -c xsabot.conf "$@" >disturbed.out 2>&1 &
  STAY=$!
  within $((patience > 5 ? 5 : 1)) "grep -q '^xsabot: watching' disturbed.out" || :
  "$happens"
  within "$patience" "$is_done" || [ $patience = 1 ] || { echo "it doesn't do its work"; return 1; }
  # shellcheck disable=SC2046
  kill -TERM $(cat "/proc/$STAY/task/$STAY/children" 2>/dev/null) 2>/dev/null || :
  until_true 60 gone || { echo "it doesn't end"; return 1; }
  wait "$STAY" || RC=$?
  STAY=
}
[ -e "/proc/$$/task/$$/children" ] || skip_all 'the kernel does not tell who started whom'

push_it() { push xen staging-4.17; }
moved() { [ "$(at xsa-4.17)" = "$WANT" ]; }
# told_why: an error that doesn't pass by itself, as far as it can tell, is told, and tried again after a minute.
told_why() { grep -q '^xsabot: 4\.17: ' disturbed.out; }
do_watch() { attended "$1" "$2" push_it 'moved || told_why' watch; }
after_watch() {
  same '' "$(half_way)" || { echo 'a ref stands half way'; return 1; }
  finish
  cmp "$SANDBOX/want.refs" <(refs) || { echo 'the refs'; cat out; return 1; }
  same "$TOLD" "$(told)" || { echo 'the mails'; cat out; return 1; }
  same '' "$(leftovers)" || { echo 'what is left'; return 1; }
  sound
}

# ---- what events go through

HOOK=hook.state/spool BOT=xen.git.xsabot/spool
in_spool() { find "$1/new" "$1/cur" -type f 2>/dev/null; }
# whole SPOOL: what can be seen there is the event, and no part of it.
whole() { in_spool "$1" | while read -r f; do cmp "$f" "$SANDBOX/event" || return 1; done; }
arrived() { [ "$(in_spool $BOT)" ]; }

do_receive() { inject "$1" "$2" receive-event <"$SANDBOX/event"; }
after_receive() {
  [ "$RC" != 0 ] || arrived || { echo 'it said that it has the event'; return 1; }
  whole $BOT
  xsabot -c xsabot.conf receive-event <"$SANDBOX/event" >out
  says '^ok$'
  arrived
  whole $BOT
}

# relay_scene: the hook's host has HOOK, and calls the bot's.
relay_scene() {
  cp xsabot.conf bot.conf
  mkdir -p $HOOK/new $HOOK/cur $HOOK/tmp
  chmod 2770 $HOOK $HOOK/*
  printf 'restrict,command="%s -c %s/bot.conf receive-event" %s\n' "$XSABOT" "$PWD" "$(cat "$SSHD_DIR/relay.pub")" |
    cat - "$SSHD_DIR/client.pub" >"$SSHD_DIR/authorized_keys"
  printf '%s\n' '[repository]' "path = $PWD/xen.git" "state = $PWD/hook.state" '[relay]' 'host = 127.0.0.1' \
    "port = $SSHD_PORT" "user = $(id -un)" "key = $SSHD_DIR/relay" "known-hosts = $SSHD_DIR/known_hosts" >xsabot.conf
}
happen() { cp "$SANDBOX/event" $HOOK/tmp/1 && mv $HOOK/tmp/1 $HOOK/new/1; }
do_relay() {
  relay_scene
  attended "$1" "$2" happen 'arrived && [ ! "$(in_spool $HOOK)" ]' relay
}
after_relay() {
  [ "$(in_spool $HOOK)" ] || arrived || { echo 'the event is lost'; return 1; }
  xsabot -c xsabot.conf relay --once >out 2>&1 || { cat out; return 1; }
  same '' "$(in_spool $HOOK)"
  arrived
  whole $BOT
}

count_points() {
  fresh
  "do_$1" "$2" 0
}
# swept NAME MODE POINT
swept() {
  fresh
  "do_$1" "$2" "$3" || { echo "$2 at $3"; end_stay; cat disturbed.out; return 1; }
  no_crash "$2 at $3" || return 1
  "after_$1" || { echo "$2 at $3"; cat disturbed.out; return 1; }
}

COMMANDS=${SWEEP_COMMANDS:-watch receive relay}
case $COMMANDS in
*relay*)
  start_sshd && ssh-keygen -q -t ed25519 -N '' -f "$SSHD_DIR/relay" ||
    { skip 'relay' "$SSHD_WHY_NOT"; COMMANDS=${COMMANDS/relay/}; }
  ;;
esac
for NAME in $COMMANDS; do
  test_expect "$NAME: undisturbed it does its work" 'swept "$NAME" count 0'
  sweep "$NAME"
done
none_lost
done_testing
