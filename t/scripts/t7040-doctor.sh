#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What can be wrong around the program: each is seen, and said with what to do; what is cheap to see, run and
# check-config say as well.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

make_line xen.git xen 4.17
make_advisory xen 7
push xen staging-4.17
git -C xen.git config receive.fsckObjects true
git -C xen.git config core.fsync all
xsabot install-hook --protect xen.git >/dev/null
save_scene
chmod 755 "$SANDBOX" "$SANDBOX/work"

# published [LINE]...: the scene after a run; whether that found something wrong is not looked at.
published() {
  fresh "$@"
  bot -q run >/dev/null 2>&1 || :
}
doctor() { "$XSABOT" -c xsabot.conf doctor; }
# wrong AREA [TEXT]: that and nothing else, with what to do.
wrong() {
  exits 1 doctor >out
  cat out
  same "$1" "$(sed -n 's/^WRONG: \([a-z]*\): .*/\1/p' out | sort -u)"
  grep -e "^WRONG: $1: .*${2-}.*; do: " out
}
# at_start TEXT: run and check-config say it, too.
at_start() {
  "$XSABOT" -c xsabot.conf run >/dev/null 2>err || :
  grep -e "$1.*; do: " err
  exits 1 "$XSABOT" -c xsabot.conf check-config >/dev/null 2>err
  grep -e "$1.*; do: " err
}
fine() { doctor >out || { cat out; return 1; }; }

test_expect 'all is well, each area a line' '
  published
  fine
  for area in account state owners sharing modes spool hook protection disk clock network service mail remotes gate objects \
    settings versions; do
    grep -E "^(good|advice): $area: " out
  done
  same "" "$(grep -v "^good: " out | grep -v "^advice: service: no process" || :)"
  "$XSABOT" -c xsabot.conf check-config >/dev/null 2>err
  same "" "$(grep -v "^xsabot: $" err || :)"
'
test_expect 'it writes nothing' '
  published
  find xen.git xen.git.xsabot -printf "%p %T@ %m\n" | sort >before
  fine
  find xen.git xen.git.xsabot -printf "%p %T@ %m\n" | sort | cmp before -
'
test_expect 'before the first run' '
  published
  rm -r xen.git.xsabot
  doctor >out || :
  grep "^good: state: .* will be made" out
  grep "^good: spool: .* will be made" out
'
test_expect 'others can write to the state directory' '
  published
  chmod g+w xen.git.xsabot
  wrong state "others can write"
  at_start "others can write"
'
test_expect 'no hook, and one that does not run' '
  published
  rm xen.git/hooks/post-receive
  fine
  grep "^advice: hook: there is no .*; do: xsabot -c .* install-hook /" out
  printf x >xen.git/hooks/post-receive
  wrong hook "does not run"
  at_start "does not run"
'
test_expect '... what runs after it' '
  published
  mkdir -p xen.git/hooks/post-receive.d
  : >xen.git/hooks/post-receive.d/50-mail
  wrong hook "50-mail does not run"
'
test_expect '... and git looks elsewhere' '
  published
  git -C xen.git config core.hooksPath /nowhere
  wrong hook "core.hooksPath = /nowhere"
'
test_expect 'pushes to our refs' '
  published
  rm xen.git/hooks/update
  fine
  grep "^advice: protection: nothing refuses pushes.*; do: .*install-hook --protect" out
  published
  rm -f xen.git.xsabot/protected
  wrong protection "has no list"
'
test_expect 'a group that pushes, and a spool that is not for it' '
  published
  git -C xen.git config core.sharedRepository group
  chmod -R g+w xen.git
  find xen.git -type d -exec chmod g+s {} +
  chmod g-w xen.git.xsabot/spool/new
  wrong spool "can.t leave an event"
  chmod 2775 xen.git.xsabot/spool/new xen.git.xsabot/spool/tmp
  fine
'
test_expect 'a repository that is shared, and a directory that is not' '
  published
  git -C xen.git config core.sharedRepository group
  wrong sharing "has mode 755, and the repository is shared by 77"
'
test_expect 'a ref that those whom it is served to cannot read' '
  published
  chmod 640 xen.git/refs/heads/xsa-4.17
  wrong modes "refs/heads/xsa-4.17 can.t be read"
  "$XSABOT" -q -c xsabot.conf run
  fine
'
test_expect 'settings that are advised, a partial and a shallow clone' '
  published
  git -C xen.git config --unset receive.fsckObjects
  fine
  grep "^advice: settings: pushes are not checked.*; do: git -C .* config receive.fsckObjects true" out
  git -C xen.git config remote.origin.promisor true
  wrong settings "a partial clone"
  published
  : >xen.git/shallow
  wrong objects "shallow"
'
test_expect 'an object that is missing' '
  published
  id=$(at staging-4.17)
  f=xen.git/objects/${id:0:2}/${id:2}
  rm "$f"
  exits 1 doctor >out || { cat out; false; }
  cat out
  grep "^WRONG: objects: .*$id" out
'
test_expect 'a clock that went back' '
  published
  touch -d "now + 2 days" xen.git.xsabot/pulse.json
  wrong clock "still to come"
'
test_expect 'a mail server that is not there, a program that is not' '
  published "[mail]" "from = a@example.org" "to = b@example.org" "transport = smtp://127.0.0.1:1"
  wrong mail "smtp://127.0.0.1:1: "
  published "[mail]" "from = a@example.org" "to = b@example.org" "transport = /no/sendmail"
  wrong mail "/no/sendmail"
'
test_expect 'a mirror that is not there, and one that is' '
  make_repo m.git
  published "[mirror m]" "url = $PWD/m.git" "[mirror n]" "url = $PWD/n.git"
  wrong remotes "mirror n at "
  grep "^good: remotes: mirror m at " out
  same "" "$(ls xen.git.xsabot | grep doctor || :)"
'
test_expect 'a gate that cannot start' '
  published "[gate]" "command = /no/such-gate"
  exits 1 doctor >out
  grep "^WRONG: gate: /no/such-gate could not be started\|^WRONG: gate: there can be no sandbox" out
'
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
  test_expect 'another account, and files of another' '
    published
    chmod 644 xsabot.conf
    exits 1 setpriv --reuid 65534 --regid 65534 --clear-groups "$XSABOT" -c xsabot.conf doctor >out
    grep "^WRONG: account: .* belongs to root\|^good: account: " out
    grep "^WRONG: state: the state directory .* belongs to root; do: as root: chown -R" out
    published
    chown 65534 xen.git.xsabot/published/*
    wrong owners "not ours: .*published"
  '
else
  skip 'another account, and files of another' 'this needs root'
fi
if unshare -rn true 2>/dev/null; then
  test_expect 'a service without a network, for a configuration that needs it' '
    published "[mail]" "from = a@example.org" "to = b@example.org" "transport = smtps://mail.example.org"
    exits 1 unshare -rn "$XSABOT" -c xsabot.conf check-config >/dev/null 2>err || :
    cat err
    grep "is on another host, and this process has no network (PrivateNetwork=); do: .*xsabot -c .* systemd" err
  '
else
  skip 'a service without a network' 'there can be no namespaces here'
fi
if command -v setpriv >/dev/null; then
  test_expect 'a program that is set-id, for a process that cannot use it' '
    printf "#!/bin/sh\n" >sendmail
    chmod 4755 sendmail
    published "[mail]" "from = a@example.org" "to = b@example.org" "transport = $PWD/sendmail"
    "$XSABOT" -c xsabot.conf check-config >/dev/null
    exits 1 setpriv --no-new-privs "$XSABOT" -c xsabot.conf check-config >/dev/null 2>err
    grep "needs .*/sendmail, which is set-id, and this process can.t use it (NoNewPrivileges=)" err
  '
else
  skip 'a program that is set-id' 'setpriv is not there'
fi
done_testing
