#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Events from the git host's hook to a bot elsewhere, by ssh.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
. "$T_DIR/sshd.sh"

start_sshd || skip_all "$SSHD_WHY_NOT"

# The git host has hook.spool, where the hook of xen.git leaves its events. The bot works on the same
# repository, for want of a second machine, but its events come by ssh into a spool of its own.
make_line xen.git xen 4.17
mkdir hook.state
ssh-keygen -q -t ed25519 -N '' -C relay -f relay.key
ssh-keygen -q -t ed25519 -N '' -C stranger -f stranger.key
printf '[repository]\npath = %s/xen.git\n' "$PWD" >bot.conf
ln -s "$PWD/hook.state/spool" xen.git/xsabot-spool
printf '[repository]\npath = %s/xen.git\nstate = %s/hook.state\n' "$PWD" "$PWD" >hook.conf
xsabot -c hook.conf install-hook xen.git >/dev/null
HOOK=$PWD/hook.state/spool BOT=$PWD/xen.git.xsabot/spool

# command TEXT: what the bot's host runs for the relay's key, whatever it asks for.
command_is() {
  grep -v 'relay$' "$SSHD_DIR/authorized_keys" >keys || :
  printf 'restrict,command="%s" %s\n' "$1" "$(cat relay.key.pub)" >>keys
  cat keys >"$SSHD_DIR/authorized_keys"
}
# relay_conf [KEY=VALUE]...: the relay's configuration, with these in the place of the right values.
relay_conf() {
  local a
  declare -A v=([host]=127.0.0.1 [port]=$SSHD_PORT [user]=$(id -un) [key]=$PWD/relay.key
    [known-hosts]=$SSHD_DIR/known_hosts [timeout]=20s)
  for a; do v[${a%%=*}]=${a#*=}; done
  cat hook.conf >relay.conf
  echo '[relay]' >>relay.conf
  for a in "${!v[@]}"; do echo "$a = ${v[$a]}"; done >>relay.conf
}
# begun: empty spools, and all as it should be.
begun() {
  stop
  rm -rf "$HOOK"/*/* "$BOT"
  command_is "$XSABOT -c $PWD/bot.conf receive-event"
  relay_conf "$@"
}
stop() {
  kill_bot relay.pid hook.state
  kill_bot watch.pid xen.git.xsabot
}
at_exit stop
# event [LINE]...: one in the hook's spool, as the hook leaves it.
event() {
  echo "$(oid RELEASE-4.17.0^{}) $(oid) refs/heads/staging-4.17" | (cd xen.git && GIT_DIR=. hooks/post-receive)
}
once() { xsabot -c relay.conf relay --once 2>err || { rc=$?; cat err; return $rc; }; }
in_spool() { find "$1/new" "$1/cur" -type f 2>/dev/null | wc -l; }
# kept: the event is still on the git host, and nowhere else.
kept() {
  same 1 "$(in_spool "$HOOK")"
  same 0 "$(in_spool "$BOT")"
}
start_relay() {
  rm -f relay.err
  "$XSABOT" -c relay.conf relay 2>>relay.err &
  echo $! >relay.pid
  until_true 30 grep -q watching relay.err
}
soon() { until_true 30 "$@"; }

test_expect 'an event goes over whole, and is gone here then' '
  begun
  event
  cp "$HOOK"/new/* was
  once
  same 0 "$(in_spool "$HOOK")"
  same 1 "$(in_spool "$BOT")"
  cmp was "$BOT"/new/*
'
test_expect 'nothing to send: nobody is called' '
  begun port=1
  once
'
test_expect 'a push, the hook, the relay, the bot: the derived branch moves' '
  begun
  "$XSABOT" -c bot.conf watch >/dev/null 2>&1 &
  echo $! >watch.pid
  start_relay
  soon [ "$(at xsa-4.17)" ]
  make_advisory xen 5
  push xen staging-4.17
  soon eval "[ \"\$(git -C xen.git ls-tree --name-only xsa-4.17 xsa5.c)\" ]"
  soon eval "[ \$(in_spool \$HOOK) = 0 ]"
'
test_expect 'the bot is away: events wait, and go when it is back' '
  begun
  relay_conf port=1
  event
  exits 75 once
  grep -q "cannot reach 127.0.0.1, port 1: Connection refused" err
  kept
  relay_conf
  once
  same "0 1" "$(in_spool "$HOOK") $(in_spool "$BOT")"
'
test_expect 'a resident relay tries again by itself' '
  begun
  command_is false
  start_relay
  event
  soon grep -q "did not take an event: status 1" relay.err
  kept
  command_is "$XSABOT -c $PWD/bot.conf receive-event"
  soon eval "[ \$(in_spool \$BOT) = 1 ]"
  soon eval "[ \$(in_spool \$HOOK) = 0 ]"
  same 1 "$(grep -c "did not take" relay.err)"
'
test_expect '... and at SIGHUP with the host that its configuration names now; a wrong one changes nothing' '
  begun
  relay_conf port=1
  start_relay
  event
  soon grep -q "cannot reach 127.0.0.1, port 1" relay.err
  refused() { same "$1" "$(grep -c "the old one stays in force" relay.err)"; }
  cp hook.conf relay.conf
  kill -HUP "$(cat relay.pid)"
  soon refused 1
  grep -q "\[relay\] host names" relay.err
  relay_conf key=relative
  kill -HUP "$(cat relay.pid)"
  soon refused 2
  kept
  relay_conf
  kill -HUP "$(cat relay.pid)"
  soon eval "[ \$(in_spool \$BOT) = 1 ]"
  soon eval "[ \$(in_spool \$HOOK) = 0 ]"
  grep -q "the configuration was read again" relay.err
'
test_expect 'another host key: nothing is sent' '
  begun
  echo "[127.0.0.1]:$SSHD_PORT $(cut -d" " -f1-2 stranger.key.pub)" >other_hosts
  relay_conf known-hosts="$PWD/other_hosts"
  event
  exits 78 once
  grep -q "its host key is not the one in $PWD/other_hosts; nothing was sent" err
  kept
'
test_expect 'a host that nobody vouched for: nothing is sent' '
  begun
  sed "s/:$SSHD_PORT/:22/" "$SSHD_DIR/known_hosts" >other_hosts
  relay_conf known-hosts="$PWD/other_hosts"
  event
  exits 78 once
  grep -q "has no Ed25519 or ECDSA key of 127.0.0.1, port $SSHD_PORT" err
  kept
'
test_expect 'a key that others can read: it is not used' '
  begun
  cp relay.key open.key
  chmod 640 open.key
  relay_conf key="$PWD/open.key"
  event
  exits 78 once
  grep -q "others can read the key $PWD/open.key: chmod 600 it" err
  kept
  chmod 600 open.key
  once
'
test_expect 'a key that the host does not take' '
  begun
  relay_conf key="$PWD/stranger.key"
  event
  exits 78 once
  grep -q "the key $PWD/stranger.key of" err
  kept
'
test_expect 'a host that takes the call and says nothing: given up in time' '
  begun
  relay_conf timeout=1s
  event
  kill -STOP $SSHD_PID
  rc=0
  once || rc=$?
  kill -CONT $SSHD_PID
  same 75 $rc
  kept
'
test_expect 'a host whose answer is another one has not taken it' '
  begun
  command_is "cat >/dev/null; echo okay"
  event
  exits 75 once
  kept
'
test_expect 'many events go as one' '
  begun
  event
  for i in {1..120}; do cp "$HOOK"/new/* "$HOOK/tmp/e$i"; done
  mv "$HOOK"/tmp/* "$HOOK/new"
  once
  same "0 1" "$(in_spool "$HOOK") $(in_spool "$BOT")"
  printf "xsabot-event 1\nrescan\nend 0 0\n" | cmp - "$BOT"/new/*
'
test_expect 'receive-event: what is no event leaves nothing' '
  begun
  receive() { xsabot -c bot.conf receive-event; }
  event
  fails receive </dev/null
  fails receive <bot.conf
  (echo more; cat "$HOOK"/new/*) | fails receive
  printf "xsabot-event 1" | fails receive
  head -c 5000000 /dev/zero >long
  fails receive <long
  same 0 "$(in_spool "$BOT")"
  receive <"$(echo "$HOOK"/new/*)" >out
  same ok "$(cat out)"
  same 1 "$(in_spool "$BOT")"
'
test_expect '... and what earlier versions sent, with refs, is one' '
  begun
  id=$(at staging-4.17)
  printf "xsabot-event 1\nref $id $id refs/heads/staging-4.17\nend 1 0\n" | xsabot -c bot.conf receive-event >out
  same ok "$(cat out)"
  same 1 "$(in_spool "$BOT")"
'
test_expect 'one relay at a time; SIGTERM ends it' '
  begun
  start_relay
  exits 75 once
  grep -q "another instance (pid $(cat relay.pid)) holds" err
  pid=$(cat relay.pid)
  kill -TERM "$pid"
  rc=0
  wait "$pid" || rc=$?
  same 0 $rc
'
test_expect 'a [relay] that lacks what it needs is a mistake' '
  cp hook.conf relay.conf
  printf "%s\n" "[relay]" "host = bot.example.org" >>relay.conf
  exits 78 once
  grep -q "host: needs .key. as well" err
  grep -q "host: needs .known-hosts. as well" err
  cp hook.conf relay.conf
  exits 78 once
  grep -q "\[relay\] host" err
'
done_testing
