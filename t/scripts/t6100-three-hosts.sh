#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Three hosts, as network namespaces of this machine: the git host, where people push and the hook is; the
# bot's; and that of a mirror. Each has an sshd, and they see of one another what the network lets through.
if [ -z "${HOSTS_APART-}" ] && command -v ip nsenter >/dev/null && unshare -n ip link set lo up 2>/dev/null; then
  HOSTS_APART=1 exec unshare -n "$0" "$@" # this is the bot's host; nothing outside of it changes
fi
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
. "$T_DIR/mirror-lib.sh"
. "$T_DIR/sshd.sh"
need ip nsenter unshare ssh jq
[ -n "${HOSTS_APART-}" ] || skip_all 'network namespaces need root here'
[ "$(id -u)" = 0 ] || skip_all 'sshd in a network namespace needs root'
SSHD_BIN=$(PATH=$PATH:/usr/sbin:/sbin command -v sshd) || skip_all 'sshd is not installed'

# ---- hosts and wires

declare -A NS ADDR=([git]=10.77.1.1 [bot]=10.77.1.2 [mirror]=10.77.2.1)
# host NAME NET: a namespace with a wire to this one.
host() {
  unshare -n sleep 3600 &
  NS[$1]=$!
  at_exit "kill ${NS[$1]}"
  until_true 20 eval "[ \"\$(readlink /proc/${NS[$1]}/ns/net)\" != \"\$(readlink /proc/$$/ns/net)\" ]"
  ip link add "to-$1" type veth peer name wire netns "${NS[$1]}"
  ip addr add "$2.2/24" dev "to-$1"
  ip link set "to-$1" up
  on "$1" ip addr add "$2.1/24" dev wire
  on "$1" ip link set wire up
  on "$1" ip link set lo up
}
# on HOST COMMAND...: there.
on() {
  local host=$1
  shift
  if [ "$host" = bot ]; then "$@"; else nsenter -t "${NS[$host]}" -n "$@"; fi
}
# sshd_on HOST: with its host key, and HOST/authorized_keys; its process in HOST/pid.
sshd_on() {
  local dir=$PWD/$1
  sshd_config 22 | sed "s|^ListenAddress .*|ListenAddress ${ADDR[$1]}|; s|$SSHD_DIR/host_ed25519|$dir/host_key|
    s|$SSHD_DIR/|$dir/|" >"$dir/config"
  rm -f "$dir/pid"
  on "$1" bash -c "SSHD_BIN=$SSHD_BIN; $(declare -f sshd_run_daemon); sshd_run_daemon \"\$@\"" bash \
    -D -e -f "$dir/config" >/dev/null 2>"$dir/log" </dev/null &
  at_exit "kill \$(cat $dir/pid)"
  until_true 20 [ -s "$dir/pid" ]
}
# resident NAME HOST COMMAND...: runs until the end; what it says is in NAME.log.
resident() {
  local name=$1 host=$2 there=()
  shift 2
  [ "$host" = bot ] || there=(nsenter -t "${NS[$host]}" -n)
  "${there[@]}" "$@" >"$name.log" 2>&1 </dev/null &
  at_exit "kill $!; wait $!"
}

host git 10.77.1
host mirror 10.77.2
ip link set lo up
for h in git bot mirror; do
  mkdir $h
  ssh-keygen -q -t ed25519 -N '' -C $h -f $h/host_key
  ssh-keygen -q -t ed25519 -N '' -C "key of $h" -f $h/key
  echo "${ADDR[$h]} $(cut -d' ' -f1-2 $h/host_key.pub)" >>known_hosts
done
cat bot/key.pub >git/authorized_keys
cat bot/key.pub git/key.pub >mirror/authorized_keys
echo "restrict,command=\"$XSABOT -c $PWD/bot.conf receive-event\" $(cat git/key.pub)" >bot/authorized_keys
for h in git bot mirror; do sshd_on $h; done
export GIT_SSH_COMMAND="ssh -F /dev/null -i $PWD/bot/key -o UserKnownHostsFile=$PWD/known_hosts -o BatchMode=yes"

# ---- what is on them

make_line git/xen.git xen 4.17
make_repo mirror/xen.git
make_repo bot/xen.git
git -C xen remote set-url origin "ssh://root@${ADDR[git]}$PWD/git/xen.git"
printf '%s\n' '[repository]' "path = $PWD/git/xen.git" '[relay]' "host = ${ADDR[bot]}" 'user = root' \
  "key = $PWD/git/key" "known-hosts = $PWD/known_hosts" >git.conf
printf '%s\n' '[repository]' "path = $PWD/bot/xen.git" "upstream = ssh://root@${ADDR[git]}$PWD/git/xen.git" \
  "key = $PWD/bot/key" "known-hosts = $PWD/known_hosts" 'poll = 1h' '[mirror m]' \
  "url = ssh://root@${ADDR[mirror]}$PWD/mirror/xen.git" "key = $PWD/bot/key" "known-hosts = $PWD/known_hosts" \
  'timeout = 2s' >bot.conf
ln -s bot.conf xsabot.conf
xsabot -c git.conf install-hook git/xen.git >/dev/null
resident relay git "$XSABOT" -c git.conf relay
resident watch bot "$XSABOT" -c bot.conf watch

# pushed N: a fix is pushed to the git host; has REPO N: the derived branch there has it.
pushed() {
  make_advisory xen "$1"
  push xen staging-4.17
}
has() { [ "$(git -C "$1/xen.git" ls-tree --name-only xsa-4.17 "xsa$2.c")" ]; }
arrives() { until_true 60 has "$1" "$2" || { cat relay.log watch.log; return 1; }; }
# calm: nothing is under way, and everything is up.
calm() {
  ip link set to-mirror up
  ip link set to-git up
  until_true 60 xsabot -q -c bot.conf mirror >calm.out || { cat calm.out watch.log; return 1; }
}
# same_everywhere: all three have the same derived branch.
same_everywhere() {
  same "$(there git/xen.git xsa-4.17)" "$(there bot/xen.git xsa-4.17)"
  same "$(there git/xen.git xsa-4.17)" "$(there mirror/xen.git xsa-4.17)"
}
# late N: the fix is on the git host and not on the mirror, and the bot knows.
late() {
  arrives git "$1"
  until_true 60 known_late || { cat watch.log; return 1; }
  ! has mirror "$1"
}
known_late() {
  xsabot -q -c bot.conf mirror m >late.out || :
  grep '^m: behind.*next try' late.out | grep -v 'under way'
}

test_expect 'a push to the git host: the derived branch is on all three' '
  pushed 1
  arrives mirror 1
  arrives git 1
  same_everywhere
  same "refs/heads/xsa-4.17 refs/xsabot/rules refs/xsabot/state/4.17" "$(names mirror/xen.git)"
'
test_expect 'another push follows' '
  pushed 2
  arrives mirror 2
  arrives git 2
  same_everywhere
'
test_expect 'the wire to the mirror is cut: the git host gets the branch, the mirror when it is back' '
  calm
  ip link set to-mirror down
  pushed 3
  late 3
  mirror 75 m
  says "^m: behind by 2 of 3 refs and 1 commits"
  ip link set to-mirror up
  mirror 0 m --push
  same_everywhere
'
test_expect 'a mirror that accepts and says nothing' '
  calm
  kill -STOP "$(cat mirror/pid)"
  pushed 4
  late 4 || { kill -CONT "$(cat mirror/pid)"; false; }
  kill -CONT "$(cat mirror/pid)"
  mirror 75 m
  says "no answer for 2 seconds"
  mirror 0 m --push
  same_everywhere
'
test_expect 'another host key where the mirror was' '
  calm
  kill "$(cat mirror/pid)"
  mv mirror/host_key good_key
  ssh-keygen -q -t ed25519 -N "" -f mirror/host_key
  sshd_on mirror
  pushed 5
  late 5
  mirror 1 m
  says "is none of those in $PWD/known_hosts"
  kill "$(cat mirror/pid)"
  mv good_key mirror/host_key
  sshd_on mirror
  mirror 0 m --push
  same_everywhere
'
test_expect 'a stranger pushes to the mirror' '
  calm
  git clone -q -b xsa-4.17 "ssh://root@${ADDR[mirror]}$PWD/mirror/xen.git" stranger
  commit_file stranger x x "not by the bot"
  git -C stranger push -q
  pushed 6
  late 6
  mirror 1 m
  says "refs/heads/xsa-4.17: someone moved it there"
  same "$(git -C stranger rev-parse HEAD)" "$(there mirror/xen.git xsa-4.17)"
  mirror 0 m --adopt
  same_everywhere
'
test_expect 'the wire to the git host is cut: a push there is found when it is back' '
  calm
  ip link set to-git down
  make_advisory xen 7
  git -C xen push -q ../git/xen.git HEAD:staging-4.17
  ip link set to-git up
  arrives git 7
  arrives mirror 7
  same_everywhere
'

done_testing
