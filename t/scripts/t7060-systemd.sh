#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Units for a configuration: they leave the service what that needs, and nothing else; systemd takes them.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
need systemd-analyze

make_line xen.git xen 4.17
mkdir srv etc
mv xen.git srv
conf() { printf '%s\n' '[repository]' "path = $PWD/srv/xen.git" "$@" >etc/xen.conf; }
# units KIND: for the configuration, in units/.
units() {
  rm -rf units
  "$XSABOT" -c etc/xen.conf systemd --for="$1" units
}
# taken UNIT...: systemd finds nothing wrong with it.
taken() {
  local u
  for u; do
    SYSTEMD_UNIT_PATH=$PWD/units: systemd-analyze verify --man=no "$u" >verify 2>&1 || { cat verify; return 1; }
    ! grep -e "$PWD/units" -e "^xsabot" verify || return 1
  done
}
# exposed MOST UNIT: its exposure, in tenths, is no more; with an account that is not the test's, and a
# repository that is not in /tmp.
exposed() {
  local score unit=scored/$(basename "$2")
  mkdir -p scored
  sed "s/^User=.*/User=daemon/; s/^PrivateTmp=.*/PrivateTmp=yes/" "$2" >"$unit"
  systemd-analyze security --offline=yes --no-pager "$unit" >security 2>&1 || { cat security; return 1; }
  score=$(sed -n 's/.*Overall exposure level for [^:]*: \([0-9]*\)\.\([0-9]\).*/\1\2/p' security)
  [ -n "$score" ] && [ "$((10#$score))" -le "$1" ] || { cat security; echo "exposed: $score"; return 1; }
}
has() { grep -q -x -e "$1" units/*.service || { echo "not there: $1"; cat units/*.service; return 1; }; }
lacks() { ! grep -e "^$1" units/*.service || return 1; }
mail() { printf '%s\n' "[mail]" "from = a@example.org" "to = b@example.org" "$@"; }

test_expect 'the smallest: no network' '
  conf
  units watch
  taken units/xsabot-watch.service
  exposed 7 units/xsabot-watch.service
  has "User=$(stat -c %U srv/xen.git)"
  has "PrivateNetwork=yes"
  has "ReadWritePaths=$PWD/srv/xen.git"
  has "ExecStart=$(readlink -f "$XSABOT") -c $PWD/etc/xen.conf watch"
  has "WatchdogSec=5min"
  lacks UMask
'
test_expect '... printed' '
  conf
  units watch
  "$XSABOT" -c etc/xen.conf systemd >out
  sed 1d out | cmp - units/xsabot-watch.service
  grep "^# ---- /etc/systemd/system/xsabot-watch.service" out
'
test_expect 'a mail server on another host, and on this one' '
  conf "[mail]" "from = a@example.org" "to = b@example.org" "transport = smtps://mail.example.org"
  units watch
  taken units/xsabot-watch.service
  exposed 15 units/xsabot-watch.service
  lacks PrivateNetwork
  lacks IPAddressDeny
  has "After=network-online.target"
  conf "[mail]" "from = a@example.org" "to = b@example.org" "transport = smtp://localhost"
  units watch
  taken units/xsabot-watch.service
  exposed 15 units/xsabot-watch.service
  has "IPAddressAllow=localhost"
  has "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6"
'
test_expect 'mirrors: on other hosts, and on a path' '
  make_repo m.git
  conf "[mirror m]" "url = $PWD/m.git"
  units watch
  has "ReadWritePaths=$PWD/m.git"
  has "PrivateNetwork=yes"
  conf "[mirror m]" "url = ssh://git@mirror.example.org/xen.git" "key = /etc/k" "known-hosts = /etc/h"
  units watch
  taken units/xsabot-watch.service
  exposed 15 units/xsabot-watch.service
  lacks PrivateNetwork
'
test_expect 'a program that sends mail: set-group-id, set-user-id, neither' '
  printf "#!/bin/sh\n" >sendmail
  chmod 755 sendmail
  conf "[mail]" "from = a@example.org" "to = b@example.org" "transport = $PWD/sendmail"
  if ! test -g /usr/sbin/postdrop; then
    units watch
    has "NoNewPrivileges=yes"
    lacks SupplementaryGroups
  fi
  chmod 2755 sendmail
  units watch
  taken units/xsabot-watch.service
  exposed 15 units/xsabot-watch.service
  has "SupplementaryGroups=$(stat -c %G sendmail)"
  has "NoNewPrivileges=yes"
  chmod 4755 sendmail
  units watch
  taken units/xsabot-watch.service
  has "NoNewPrivileges=no"
  for s in SystemCallFilter MemoryDenyWriteExecute RestrictAddressFamilies RestrictNamespaces PrivateDevices \
    ProtectKernel ProtectClock ProtectHostname RestrictRealtime LockPersonality SystemCallArchitectures; do
    lacks $s # each of them means NoNewPrivileges=yes
  done
'
test_expect 'a password that systemd keeps' '
  conf "[mail]" "from = a@example.org" "to = b@example.org" "transport = smtps://mail.example.org" "user = u" "secret = credential:pw"
  units watch
  taken units/xsabot-watch.service
  has "LoadCredential=pw:/etc/xsabot/pw"
'
test_expect 'a gate: namespaces, mounts, and where it may write' '
  mkdir -p cache
  conf "[gate]" "command = true" "writable = $PWD/cache"
  units watch
  taken units/xsabot-watch.service
  has "RestrictNamespaces=no"
  has "SystemCallFilter=@system-service @mount capset"
  has "ReadWritePaths=$PWD/cache"
  lacks MemoryDenyWriteExecute
  conf "[gate]" "command = true" "memory-total = 1G"
  units watch
  taken units/xsabot-watch.service
  has "Delegate=memory pids"
  lacks ProtectControlGroups
'
test_expect 'a timer, as often as the configuration says, and a run for each push' '
  conf
  sed -i "s/^path/rescan = 5m\npath/" etc/xen.conf
  units timer
  taken units/xsabot.service units/xsabot.timer units/xsabot.path
  exposed 7 units/xsabot.service
  grep -x "OnUnitInactiveSec=300s" units/xsabot.timer
  grep -x "DirectoryNotEmpty=$PWD/srv/xen.git.xsabot/spool/new" units/xsabot.path
'
test_expect 'a template for many repositories, and what is of this one in a drop-in' '
  conf
  units template
  ls "units/xsabot-watch@xen.service.d/xsabot.conf"
  grep -x "ReadWritePaths=$PWD/srv/xen.git" "units/xsabot-watch@xen.service.d/xsabot.conf"
  has "ExecStart=$(readlink -f "$XSABOT") -c $PWD/etc/%i.conf watch"
  cp "units/xsabot-watch@.service" "units/xsabot-watch@xen.service"
  taken "units/xsabot-watch@xen.service"
  exposed 7 "units/xsabot-watch@xen.service"
  exits 64 "$XSABOT" -C srv/xen.git systemd --for=template
'
test_expect 'a relay' '
  conf "[relay]" "host = bot.example.org" "user = x" "key = /etc/k" "known-hosts = /etc/h"
  units relay
  taken units/xsabot-relay.service
  exposed 15 units/xsabot-relay.service
  "$XSABOT" -c etc/xen.conf systemd | grep "^# ---- /etc/systemd/system/xsabot-relay.service"
'
test_expect 'what is not there yet is made in what is above it; homes and /tmp are seen where something is there' '
  conf
  rm -rf srv/xen.git.xsabot
  units watch
  has "ReadWritePaths=$PWD/srv"
  case $PWD in /tmp/*) has "PrivateTmp=no" ;; esac
'
test_expect 'the examples' '
  mkdir -p units
  rm -rf units/*
  cp "$T_SRC"/conf/xsabot*.service "$T_SRC"/conf/xsabot.timer "$T_SRC"/conf/xsabot.path units
  sed -i "s,^ExecStart=/usr/bin/xsabot,ExecStart=$(readlink -f "$XSABOT")," units/*.service
  sed -i "s,^User=git,User=daemon," units/*.service
  taken units/*
  exposed 7 units/xsabot-watch.service
  exposed 7 units/xsabot.service
  exposed 15 units/xsabot-relay.service
'
test_expect 'a kind that is none' '
  conf
  exits 64 "$XSABOT" -c etc/xen.conf systemd --for=cron
'
done_testing
