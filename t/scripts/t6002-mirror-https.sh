#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Mirrors over https: certificates, passwords, redirects.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
. "$T_DIR/mirror-lib.sh"
getent hosts localhost >/dev/null || skip_all "localhost has no address here: /etc/hosts lacks it"
need openssl
[ -x /usr/bin/python3 ] || skip_all 'python3 is not installed'

openssl req -x509 -newkey rsa:2048 -nodes -keyout server.key -out ca.pem -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost 2>/dev/null
cat ca.pem server.key >server.pem
mkdir web
/usr/bin/python3 "$T_DIR/https-server.py" "$PWD/web" "$PWD/server.pem" 2>server.err </dev/null &
SERVER=$!
at_exit 'kill -KILL $SERVER; wait $SERVER'
until_true 30 [ -s web/port ] || skip_all "no https server: $(tail -n 1 server.err)"
PORT=$(cat web/port)
mirror_setup

# far [LINE]...: an empty mirror behind https, with these lines and trust in it.
far() {
  rm -rf web/*.git web/password web/redirect
  make_repo web/mirror.git
  git -C web/mirror.git config http.receivepack true
  mirrored "url = https://localhost:$PORT/mirror.git" "ca = $PWD/ca.pem" "$@"
}

test_expect 'push, and push again' '
  far
  run
  same_there web/mirror.git
  fix 2
  run
  same_there web/mirror.git
'
test_expect 'a certificate that nobody vouches for: nothing is sent' '
  far
  sed -i "/^ca/d" xsabot.conf
  run 1
  says "mirror near: its certificate is not good for localhost"
  same "" "$(names web/mirror.git)"
'
test_expect 'a certificate for another name' '
  far
  sed -i s/localhost/127.0.0.1/ xsabot.conf
  run 1
  says "its certificate is not good for 127.0.0.1"
  same "" "$(names web/mirror.git)"
'
test_expect 'a password' '
  far "key = $PWD/pw"
  echo s3cret >web/password
  echo bot:s3cret >pw
  chmod 600 pw
  run
  same_there web/mirror.git
  ! grep -rq s3cret xen.git.xsabot out err
'
test_expect 'no password, a wrong one, one that others can read' '
  far
  echo s3cret >web/password
  run 1
  says "it asks for a login, and no key is configured"
  add_config "key = $PWD/pw"
  echo bot:other >pw
  chmod 600 pw
  mirror 1 --push
  says "it refuses the login with $PWD/pw"
  chmod 644 pw
  mirror 1 --push
  says "others can read the key $PWD/pw"
  same "" "$(names web/mirror.git)"
'
# readers FILE: the processes that opened it.
readers() { sed -n "s#^\([0-9]*\) .*openat([^,]*, \"$1\".*#\1#p" trace | sort -u; }
if strace -o trace true 2>strace.err; then
test_expect 'each password is read by the process that needs it, which has no other, and no other has it' '
  far "key = $PWD/pw"
  add_config "[mirror far]" "url = https://localhost:$PORT/far.git" "ca = $PWD/ca.pem" "key = $PWD/pw2" \
    "[mail]" "from = a@example.org" "to = b@example.org" "announce = b@example.org" "transport = smtp://localhost:1" \
    "user = bot" "secret = $PWD/pw3"
  make_repo web/far.git
  git -C web/far.git config http.receivepack true
  echo s3cret >web/password
  for f in pw pw2 pw3; do echo bot:s3cret >$f; done
  chmod 600 pw pw2 pw3
  export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" # that cannot be looked for under strace
  strace -f -qq -s 9999 -o trace -e trace=openat,read,pread64,execve -v "$XSABOT" -c xsabot.conf run >out 2>&1
  same_there web/mirror.git
  same_there web/far.git
  for f in pw pw2 pw3; do readers "$PWD/$f"; done >all
  same 3 "$(wc -l <all)"
  same 3 "$(sort -u all | wc -l)"
  grep "s3cret" trace | cut -d" " -f1 | sort -u >have
  same "$(sort all)" "$(cat have)"
'
else
  note "no strace here: who reads a password is not looked at"
fi
test_expect 'a redirect to elsewhere is not followed' '
  far
  make_repo web/other.git
  git -C web/other.git config http.receivepack true
  echo "https://127.0.0.1:$PORT/other.git/info/refs?service=git-receive-pack" >web/redirect
  run 1
  says "cannot redirect"
  rm web/redirect
  same " " "$(names web/mirror.git) $(names web/other.git)"
'
test_expect 'a ref that is refused, and a repository that is not there' '
  far
  hook web/mirror.git update "case \$1 in refs/heads/*) echo no >&2; exit 1;; esac"
  run 1
  says "refs/heads/xsa-4.17: refused: hook declined"
  same "refs/xsabot/rules refs/xsabot/state/4.17" "$(names web/mirror.git)"
  rm -rf web/mirror.git
  mirror 1 --push
  says "^near: behind by .*status code: 404"
'
test_expect 'a server that says nothing: given up' '
  far "timeout = 1s"
  kill -STOP $SERVER
  rc=0; run 75 || rc=1
  kill -CONT $SERVER
  same 0 $rc
  says "mirror near: no answer for 1 seconds"
  patient
  mirror 0 --push
  same_there web/mirror.git
'

done_testing
