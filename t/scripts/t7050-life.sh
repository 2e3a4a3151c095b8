#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What happens to a bot in its life, as xsabot(7) says it: restored, moved, upgraded, its refs renamed. Each time
# it goes on, and nothing is told twice.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

make_line xen.git xen 4.17
make_advisory xen 7
push xen staging-4.17
save_scene
base_config '[mail]' 'from = bot@example.org' 'to = a@example.org' 'announce = b@example.org' 'transport = /bin/false'

# published: after two runs, with the hook, all told.
published() {
  fresh
  xsabot install-hook --protect xen.git >/dev/null
  run
  fix 8
  run
  rm -rf xen.git.xsabot/outbox
}
mails() { { bot outbox 2>/dev/null || :; } | grep -c -e 'given up\|waits' || :; }
# goes_on: a fix that is pushed is published, with just the mail about it.
goes_on() {
  bot run >/dev/null
  same 0 "$(mails)"
  bot status
  fix 9
  bot run >/dev/null
  has_fix 9
  same 1 "$(mails)"
}

test_expect 'restored with its state directory' '
  published
  cp -a xen.git backup.git
  cp -a xen.git.xsabot backup.state
  rm -rf xen.git xen.git.xsabot
  mv backup.git xen.git
  mv backup.state xen.git.xsabot
  goes_on
'
test_expect '... without it' '
  published
  was=$(at xsa-4.17)
  git clone -q --mirror xen.git backup.git
  rm -rf xen.git xen.git.xsabot
  mv backup.git xen.git
  bot run >/dev/null
  same "$was" "$(at xsa-4.17)"
  goes_on
'
test_expect '... to an earlier time than that of its state directory' '
  published
  cp -a xen.git backup.git
  was=$(at xsa-4.17)
  fix 10
  bot run >/dev/null
  rm -rf xen.git xen.git.xsabot/outbox
  mv backup.git xen.git
  exits 1 bot run >out
  grep "someone moved refs/heads/xsa-4.17" out
  bot adopt 4.17 >/dev/null
  same "$was" "$(at xsa-4.17)"
  fix 11
  bot run >/dev/null
  has_fix 11
'
test_expect 'moved to another path' '
  published
  mkdir elsewhere
  mv xen.git xen.git.xsabot elsewhere
  REPO=$PWD/elsewhere/xen.git set_config
  bot install-hook --protect elsewhere/xen.git >/dev/null
  bot run >/dev/null
  same 0 "$(mails)"
  bot doctor >out || { cat out; false; }
  git -C xen remote set-url origin "$PWD/elsewhere/xen.git"
  fix 9
  same 1 "$(count_files elsewhere/xen.git.xsabot/spool/new)"
  bot run >/dev/null
  has_fix 9 xsa-4.17 elsewhere/xen.git
  same 1 "$(mails)"
'
test_expect 'upgraded from a version that kept its directory for itself and no pulse' '
  published
  chmod 750 xen.git.xsabot
  chmod 2750 xen.git.xsabot/spool xen.git.xsabot/spool/*
  rm xen.git.xsabot/pulse.json
  jq "del(.state.tip_ref)" xen.git.xsabot/published/4.17.json >p
  cat p >xen.git.xsabot/published/4.17.json
  exits 1 bot status >out
  grep "wrong: nothing in .* says when the bot last looked" out
  goes_on
  same "751 2755" "$(stat -c %a xen.git.xsabot xen.git.xsabot/spool/new | xargs)"
'
test_expect '... a process goes on with the old program, and doctor says so' '
  published
  mkdir -p bin
  cp "$XSABOT" bin/xsabot
  bin/xsabot -c xsabot.conf watch >/dev/null 2>watch.err &
  echo $! >watch.pid
  until_true 30 grep -q "watching" watch.err
  cp "$XSABOT" bin/new
  mv bin/new bin/xsabot
  exits 1 bot doctor >out
  grep "^WRONG: service: process .* is of the version before an upgrade; do: restart it" out
  kill_bot watch.pid xen.git.xsabot
'
test_expect 'gone back from: what an earlier version reads is there, in its form' '
  published
  bot retire 4.17 --reason "too old" >/dev/null
  same 1 "$(git -C xen.git show refs/xsabot/state/4.17:state.json | jq .version)"
  same 1 "$(jq .version xen.git.xsabot/status.json)"
  same "commit rules state version" "$(jq -r "keys | join(\" \")" xen.git.xsabot/published/4.17.json)"
'
test_expect 'the stable branch has another name' '
  published
  git -C xen.git branch -m staging-4.17 stable/4.17
  set_config
  printf "[lines]\nstaging = refs/heads/stable/{line}\n" >>xsabot.conf
  bot run >/dev/null
  same 0 "$(mails)"
  make_advisory xen 9
  push xen HEAD:refs/heads/stable/4.17
  bot run >/dev/null
  has_fix 9
'
test_expect 'the derived branch has another name' '
  published
  was=$(at xsa-4.17)
  git -C xen.git branch -m xsa-4.17 security/4.17
  printf "[lines]\nderived = refs/heads/security/{line}\n" >>xsabot.conf
  bot run >/dev/null
  same "$was" "$(at security/4.17)"
  same none "$(at xsa-4.17)"
  same 0 "$(mails)"
  fix 9
  bot run >/dev/null
  has_fix 9 security/4.17
  bot verify
'
test_expect 'removed: a hook that was there before is there again' '
  published
  rm xen.git/hooks/post-receive xen.git/hooks/update
  rm -rf xen.git.xsabot
  printf "#!/bin/sh\necho mine >&2\n" >xen.git/hooks/post-receive
  chmod +x xen.git/hooks/post-receive
  xsabot install-hook xen.git >/dev/null
  rm xen.git/hooks/post-receive
  mv xen.git/hooks/post-receive.d/50-previous xen.git/hooks/post-receive
  fix 12 2>err
  make_advisory xen 13
  git -C xen push "$PWD/xen.git" HEAD:staging-4.17 2>err
  grep mine err
'
done_testing
