#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Mirrors over ssh: keys, hosts that are not what they should be, silence.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
. "$T_DIR/mirror-lib.sh"
. "$T_DIR/sshd.sh"

start_sshd || skip_all "$SSHD_WHY_NOT"

# far [TIMEOUT]: a fresh mirror over ssh, with a key and known hosts of its own.
far() {
  mirrored "url = $SSHD_URL$PWD/mirror.git" "key = $PWD/key" "known-hosts = $PWD/hosts" "timeout = ${1-20s}"
  cp "$SSHD_DIR/client" key
  cp "$SSHD_DIR/known_hosts" hosts
  chmod 600 key
}
ssh-keygen -q -t rsa -b 2048 -N '' -f other_rsa
ssh-keygen -q -t ed25519 -N '' -f other
mirror_setup
NAME="[127.0.0.1]:$SSHD_PORT"

test_expect 'push, and push again' '
  far
  run
  same_there mirror.git
  fix 2
  run
  same_there mirror.git
'
test_expect 'RSA keys of the host before the one that is good, and hashed names' '
  far
  { echo "# a comment"; echo "$NAME $(cut -d" " -f1-2 other_rsa.pub)"; cat "$SSHD_DIR/known_hosts"; } >hosts
  run
  rm -rf mirror.git && cp -a "$SCENES/first/mirror.git" . && rm -rf xen.git.xsabot/mirror
  ssh-keygen -q -H -f hosts 2>/dev/null
  fails grep -qF "$NAME" hosts
  run
  same_there mirror.git
'
test_expect 'another key of the host: nothing is sent, and a person is told which' '
  far
  echo "$NAME $(cut -d" " -f1-2 other.pub)" >hosts
  run 1
  says "SHA256:.*is none of those in $PWD/hosts"
  says "$(ssh-keygen -lf "$SSHD_DIR/host_ed25519.pub" | cut -d" " -f2)"
  same "" "$(names mirror.git)"
  run 1
  cp "$SSHD_DIR/known_hosts" hosts
  mirror 0 --push
  same_there mirror.git
'
test_expect 'the good key, but for another port, for another host, or revoked' '
  key=$(cut -d" " -f1-2 "$SSHD_DIR/host_ed25519.pub")
  for line in "127.0.0.1 $key" "[127.0.0.2]:$SSHD_PORT $key" "@cert-authority $NAME $key" \
    "$NAME $key
@revoked * $key"; do
    far
    echo "$line" >hosts
    run 1
    says "hosts has no Ed25519 or ECDSA key of 127.0.0.1: see ssh-keyscan"
    same "" "$(names mirror.git)"
  done
'
test_expect 'a key that others can read is not used' '
  far
  chmod 640 key
  run 1
  says "others can read the key $PWD/key: chmod 600 it"
  rm key
  mirror 1 --push
  says "cannot read the key"
  same "" "$(names mirror.git)"
'
test_expect 'check-config: looks at the files, and calls nobody' '
  far
  kill -STOP "$SSHD_PID"
  rc=0; exits 0 xsabot -c xsabot.conf check-config >out 2>err || rc=1
  kill -CONT "$SSHD_PID"
  same 0 $rc
  says "^mirror near: $SSHD_URL"
  chmod 640 key
  exits 1 xsabot -c xsabot.conf check-config >out 2>err
  says "xsabot: mirror near: others can read the key"
  chmod 600 key
  cp other.pub hosts
  exits 1 xsabot -c xsabot.conf check-config >out 2>err
  says "xsabot: mirror near: .*hosts has no Ed25519 or ECDSA key of 127.0.0.1"
'
test_expect 'a key that the host does not take' '
  far
  cp other key
  run 1
  says "it refuses the login with $PWD/key"
'
test_expect 'a repository that is not there, in the words of the host made safe' '
  far
  sed -i "s/mirror.git/none.git/" xsabot.conf
  run 1
  says "none.git. does not appear to be a git repository"
  [ -z "$(tr -d "\n\t -~" <err)" ]
'
test_expect 'hooks refuse one ref' '
  far
  hook mirror.git update "case \$1 in refs/heads/*) echo no >&2; exit 1;; esac"
  run 1
  says "refs/heads/xsa-4.17: refused: hook declined"
  same "refs/xsabot/rules refs/xsabot/state/4.17" "$(names mirror.git)"
'
test_expect 'a ref that moves while it is pushed' '
  far
  run
  hook mirror.git pre-receive "unset GIT_QUARANTINE_PATH" "git update-ref refs/heads/xsa-4.17 $(at RELEASE-4.17.0)"
  fix 2
  run 75
  says "failed to update ref"
  same "$(at RELEASE-4.17.0)" "$(there mirror.git xsa-4.17)"
'
test_expect 'a host that accepts and says nothing: given up, and the line is published' '
  far 1s
  kill -STOP "$SSHD_PID"
  rc=0; run 75 || rc=1
  kill -CONT "$SSHD_PID"
  same 0 $rc
  says "mirror near: no answer for 1 seconds"
  same "$(at xsa-4.17)" "$(xsabot -C xen.git build 4.17)"
  patient
  mirror 0 --push
  same_there mirror.git
'
test_expect 'an outage and its end' '
  far
  run
  kill "$SSHD_PID"
  until_true 20 eval "! kill -0 $SSHD_PID"
  fix 2
  run 75
  mirror 75
  says "^near: behind by 2 of 3 refs and 1 commits for 0 min"
  sshd_try "$SSHD_PORT"
  mirror 0 --push
  same_there mirror.git
  kill "$SSHD_PID"
'

done_testing
