# SPDX-License-Identifier: GPL-2.0-or-later
# A real sshd on the loopback address, as an ordinary program: own port, own
# keys, own configuration. After lib.sh, at top level:
#
#   start_sshd || skip 'title' "$SSHD_WHY_NOT"
#
# Then $SSHD_URL/absolute/path is a repository's URL for git, which uses the
# right key by GIT_SSH_COMMAND; sshd_run COMMAND runs one there. It ends with
# the script.
SSHD_DIR=$SANDBOX/sshd
SSHD_WHY_NOT=

sshd_config() { # port
  cat <<END
Port $1
ListenAddress 127.0.0.1
HostKey $SSHD_DIR/host_ed25519
PidFile $SSHD_DIR/pid
AuthorizedKeysFile $SSHD_DIR/authorized_keys
UsePAM no
StrictModes no
PasswordAuthentication no
PermitRootLogin yes
PermitUserEnvironment no
LogLevel ERROR
SetEnv GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=$GIT_CONFIG_GLOBAL HOME=$HOME LC_ALL=C
END
}

sshd_keys() {
  mkdir "$SSHD_DIR"
  chmod 700 "$SSHD_DIR"
  ssh-keygen -q -t ed25519 -N '' -C host -f "$SSHD_DIR/host_ed25519"
  ssh-keygen -q -t ed25519 -N '' -C client -f "$SSHD_DIR/client"
  cp "$SSHD_DIR/client.pub" "$SSHD_DIR/authorized_keys"
}

# As root it wants an empty directory that the system makes when it starts its own sshd. Without one it gets
# a /run of its own.
sshd_run_daemon() {
  if [ "$(id -u)" != 0 ] || [ -d /run/sshd ]; then
    exec "$SSHD_BIN" "$@"
  fi
  # shellcheck disable=SC2016
  exec unshare -m sh -c 'mount -t tmpfs -o mode=755 none /run && mkdir -m 755 /run/sshd && exec "$@"' sh \
    "$SSHD_BIN" "$@"
}

# It listens once it has written its pid file; a port that is taken ends it before that.
sshd_is_up() {
  [ -s "$SSHD_DIR/pid" ] || ! kill -0 "$SSHD_PID" 2>/dev/null
}

sshd_try() { # port
  sshd_config "$1" >"$SSHD_DIR/config"
  rm -f "$SSHD_DIR/pid"
  sshd_run_daemon -D -e -f "$SSHD_DIR/config" >/dev/null 2>"$SSHD_DIR/log" </dev/null &
  SSHD_PID=$!
  until_true 20 sshd_is_up && kill -0 "$SSHD_PID" 2>/dev/null && [ -s "$SSHD_DIR/pid" ]
}

sshd_client() { # port
  local opts="-F /dev/null -i $SSHD_DIR/client -o IdentitiesOnly=yes -o BatchMode=yes -p $1"
  opts+=" -o UserKnownHostsFile=$SSHD_DIR/known_hosts -o GlobalKnownHostsFile=/dev/null"
  opts+=" -o StrictHostKeyChecking=yes -o ConnectTimeout=20"
  echo "[127.0.0.1]:$1 $(cut -d' ' -f1-2 "$SSHD_DIR/host_ed25519.pub")" >"$SSHD_DIR/known_hosts"
  SSHD_PORT=$1
  SSHD_URL=ssh://$(id -un)@127.0.0.1:$1
  export GIT_SSH_COMMAND="ssh $opts"
}

sshd_run() { $GIT_SSH_COMMAND "$(id -un)@127.0.0.1" "$@"; }

# start_sshd: 0 when it is up and lets us in; otherwise 1, and SSHD_WHY_NOT says why.
start_sshd() {
  local i
  SSHD_BIN=$(PATH=$PATH:/usr/sbin:/sbin command -v sshd) || { SSHD_WHY_NOT='sshd is not installed'; return 1; }
  command -v ssh >/dev/null || { SSHD_WHY_NOT='ssh is not installed'; return 1; }
  sshd_keys
  at_exit 'kill "$SSHD_PID"'
  for i in 1 2 3 4 5 6 7 8 9 10; do
    # shellcheck disable=SC2034
    SSHD_PORT=$((20000 + (RANDOM + $$ + i) % 12000))
    sshd_try "$SSHD_PORT" && break
    kill "$SSHD_PID" 2>/dev/null || :
    SSHD_PORT=
  done
  [ -n "$SSHD_PORT" ] || { SSHD_WHY_NOT="sshd did not start: $(head -n 1 "$SSHD_DIR/log")"; return 1; }
  sshd_client "$SSHD_PORT"
  sshd_run true 2>"$SSHD_DIR/client-log" && return 0
  SSHD_WHY_NOT="no login here: $(head -n 1 "$SSHD_DIR/client-log")"
  return 1
}
