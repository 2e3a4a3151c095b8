# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A real Postfix on the loopback address: own port, own configuration, own spool,
# own maildirs, TLS and a login required. After lib.sh, at top level:
#
#   start_postfix BOX... || skip_all "$POSTFIX_WHY_NOT"
#
# Then it takes mail for BOX@example.org at localhost:$POSTFIX_PORT, by STARTTLS
# with the certificate $POSTFIX_CA, from the user "bot" with the password
# "right", and delivers it to the maildir $POSTFIX_BOXES/BOX. It ends with the
# script.
#
# It runs as root in namespaces of its own, so that nothing of the machine is
# written to: its accounts are in copies of /etc/passwd and /etc/group that only
# it sees, and the files of packages that are not installed are laid over /usr
# from $XSABOT_UNPACKED, where t/check unpacks them.
POSTFIX_DIR=$SANDBOX/postfix
POSTFIX_WHY_NOT=
# shellcheck disable=SC2034
POSTFIX_BOXES=$POSTFIX_DIR/boxes
# shellcheck disable=SC2034
POSTFIX_CA=$POSTFIX_DIR/cert.pem
POSTFIX_SEEN=/mnt # where it sees its directory: the way to the sandbox is closed to its accounts

postfix_conf() { # port box...
  local port=$1 box
  shift
  cat >"$POSTFIX_DIR/conf/main.cf" <<END
compatibility_level = 3.6
queue_directory = $POSTFIX_SEEN/queue
data_directory = $POSTFIX_SEEN/data
maillog_file = $POSTFIX_SEEN/data/log
maillog_file_prefixes = $POSTFIX_SEEN
daemon_directory = /usr/lib/postfix/sbin
mail_owner = xbmail
setgid_group = xbdrop
myhostname = mail.example.org
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
smtpd_tls_cert_file = $POSTFIX_SEEN/cert.pem
smtpd_tls_key_file = $POSTFIX_SEEN/key.pem
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_path = smtpd
smtpd_relay_restrictions = permit_sasl_authenticated, reject
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = example.org
virtual_mailbox_base = $POSTFIX_SEEN/boxes
virtual_mailbox_maps = inline:{$(for box; do printf ' {%s@example.org = %s/}' "$box" "$box"; done) }
virtual_uid_maps = static:64903
virtual_gid_maps = static:64903
END
  cat >"$POSTFIX_DIR/conf/master.cf" <<END
127.0.0.1:$port inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
END
  printf '%s\n' 'pwcheck_method: auxprop' 'auxprop_plugin: sasldb' 'mech_list: PLAIN' \
    "sasldb_path: $POSTFIX_SEEN/sasldb" >"$POSTFIX_DIR/conf/sasl/smtpd.conf"
}

postfix_make() (
  mkdir "$POSTFIX_DIR"
  cd "$POSTFIX_DIR" || exit
  chmod 755 .
  mkdir -p conf/sasl data boxes queue
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem 2>openssl.log
  for d in active bounce corrupt defer deferred flush hold incoming private saved trace; do
    install -d -m 700 -o 64901 -g 0 "queue/$d"
  done
  install -d -m 730 -o 64901 -g 64902 queue/maildrop
  install -d -m 710 -o 64901 -g 64902 queue/public
  mkdir queue/pid
  chown 64901 data
  chown 64903:64903 boxes
  cp /etc/passwd /etc/group .
  printf '%s\n' 'xbmail:x:64901:64901::/:/bin/false' 'xbbox:x:64903:64903::/:/bin/false' >>passwd
  printf '%s\n' 'xbmail:x:64901:' 'xbdrop:x:64902:' 'xbbox:x:64903:' >>group
)

# postfix_inside COMMAND...: in namespaces in which it is installed, with its accounts. Who is killed is
# unshare; the shell, as the first process in there, goes with it, and all others with that.
postfix_inside() {
  # shellcheck disable=SC2016
  exec unshare -m -p --fork --kill-child --mount-proc sh -euc '
    dir=$1 seen=$2 over=$3
    shift 3
    [ -z "$over" ] || mount -t overlay -o "lowerdir=$over/usr:/usr" none /usr
    mount --bind "$dir/passwd" /etc/passwd
    mount --bind "$dir/group" /etc/group
    mount --bind "$dir" "$seen"
    "$@" &
    wait $!' sh "$POSTFIX_DIR" "$POSTFIX_SEEN" "$POSTFIX_OVER" "$@"
}

# It greets, or it has ended.
postfix_is_up() {
  ! kill -0 "$POSTFIX_PID" 2>/dev/null || (exec 3<>"/dev/tcp/127.0.0.1/$1" && read -r -t 10 line <&3 && [ "${line%% *}" = 220 ])
}

postfix_try() { # port box...
  postfix_conf "$@"
  postfix_inside /usr/lib/postfix/sbin/master -c "$POSTFIX_SEEN/conf" -d >"$POSTFIX_DIR/out" 2>&1 </dev/null &
  POSTFIX_PID=$!
  until_true 20 postfix_is_up "$1" && kill -0 "$POSTFIX_PID" 2>/dev/null
}

# start_postfix BOX...: 0 when it is up; otherwise 1, and POSTFIX_WHY_NOT says why.
start_postfix() {
  local i
  [ "$(id -u)" = 0 ] || { POSTFIX_WHY_NOT='only root can run Postfix'; return 1; }
  command -v openssl >/dev/null || { POSTFIX_WHY_NOT='openssl is not installed'; return 1; }
  POSTFIX_OVER=
  [ ! -d "${XSABOT_UNPACKED:-/none}/usr" ] || POSTFIX_OVER=$XSABOT_UNPACKED
  postfix_make
  # shellcheck disable=SC2016
  (postfix_inside sh -euc 'cd /usr/lib/postfix/sbin
    ls ./master >&2
    echo right | saslpasswd2 -p -c -f "$0/sasldb" -u mail.example.org bot
    chmod 644 "$0/sasldb"' "$POSTFIX_SEEN") >"$POSTFIX_DIR/out" 2>&1 ||
    { POSTFIX_WHY_NOT="no Postfix (t/check unpacks it), or no namespaces here: $(tail -n 1 "$POSTFIX_DIR/out")"; return 1; }
  # shellcheck disable=SC2016
  at_exit 'kill -KILL "$POSTFIX_PID"; wait "$POSTFIX_PID"' # TERM is blocked
  for i in 1 2 3 4 5 6 7 8 9 10; do
    POSTFIX_PORT=$((20000 + (RANDOM + $$ + i) % 12000))
    postfix_try "$POSTFIX_PORT" "$@" && return 0
    kill -KILL "$POSTFIX_PID" 2>/dev/null || :
  done
  # shellcheck disable=SC2034
  POSTFIX_WHY_NOT="Postfix did not start: $(cat "$POSTFIX_DIR/out" "$POSTFIX_DIR/data/log" 2>/dev/null | head -n 3 | tr '\n' ' ')"
  return 1
}
