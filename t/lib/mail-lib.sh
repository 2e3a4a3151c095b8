# SPDX-License-Identifier: GPL-2.0-or-later
# Helpers for the tests of mail; after lib.sh and line-lib.sh. A real SMTP server
# on the loopback address: what it got is in smtp/N.eml and smtp/N.env.
PYTHON=/usr/bin/python3
"$PYTHON" -c 'import aiosmtpd' 2>/dev/null || skip_all 'python3-aiosmtpd is not installed'

# start_smtp [OPTION]...: the server; SMTP_PORT is where it listens.
start_smtp() {
  mkdir -p smtp
  rm -f smtp/port
  "$PYTHON" "$T_DIR/smtp-server.py" "$PWD/smtp" "$@" >smtp.log 2>&1 </dev/null &
  SMTP_PID=$!
  until_true 30 test -s smtp/port
  SMTP_PORT=$(cat smtp/port)
}
stop_smtp() { kill "$SMTP_PID" 2>/dev/null && wait "$SMTP_PID" 2>/dev/null || :; }
at_exit stop_smtp

# no_mails: those that came are forgotten; so at each fresh.
no_mails() { rm -rf smtp/*.eml smtp/*.env smtp/*.d smtp/wire; }
at_fresh 'no_mails; [ ! -d smtp ] || fault'

# fault [WORD]: what the server does wrong from now on; see smtp-server.py.
fault() { echo "${1-}" >smtp/fault; }

# mails: how many messages the server got.
mails() {
  local f n=0
  for f in smtp/*.eml; do [ ! -e "$f" ] || n=$((n + 1)); done
  echo $n
}

# mail N FIELD: of message N, as the server parsed it: a header's value, or "body", or "headers" (their names), or
# "defects". Nothing for a header that it doesn't have.
mail() {
  local n
  printf -v n %03d "$1"
  [ -e "smtp/$n.eml" ] || { echo "there is no mail $1" >&2; return 1; }
  [ ! -e "smtp/$n.d/${2,,}" ] || printf "%s\n" "$(<"smtp/$n.d/${2,,}")"
}

# envelope N WORD: what the server was told: from, to, tls, login.
envelope() { sed -n "s/^$2 //p" "smtp/$(printf %03d "$1").env"; }

# body_has N TEXT: a line of the body has these words.
body_has() {
  mail "$1" body >body
  grep -q -e "$2" body || { echo "not in the mail: $2"; cat body; return 1; }
}
