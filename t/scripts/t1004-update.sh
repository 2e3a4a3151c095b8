#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The update hook: the bot's refs are the bot's, all others are not its business.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

make_line xen.git xen 4.17
make_advisory xen 1
push xen staging-4.17
save_scene

# published [LINE of [repository]]...: the scene after a run, with the hook.
published() {
  fresh "$@"
  run
  xsabot -c xsabot.conf install-hook --protect xen.git >out
}
# refused REF [VALUE], passes REF [VALUE]: a push to it; the output in out.
refused() { fails git -C xen push -f origin "${2-HEAD}:$1" >out 2>&1; grep -q "remote: xsabot: this ref is written by xsabot alone" out || { cat out; return 1; }; }
passes() { git -C xen push -f origin "${2-HEAD}:$1" >out 2>&1 || { cat out; return 1; }; }

test_expect 'pushes to what the bot writes are refused, and said' '
  published
  grep "hooks/update: installed" out
  was=$(git -C xen.git for-each-ref)
  for ref in refs/heads/xsa-4.17 refs/heads/xsa-4.17.0 refs/heads/xsa-4.99 refs/xsabot/state/4.17 refs/xsabot/state/x \
    refs/xsabot/candidate/4.17 refs/xsabot/rules; do
    refused $ref
  done
  refused refs/heads/xsa-4.17 ""
  same "$was" "$(git -C xen.git for-each-ref)"
'
test_expect 'all others pass, in the same push as well' '
  published
  for ref in refs/heads/xsa-4.17-x refs/heads/xsa-new refs/heads/staging-4.17 refs/xsabot/fixups/a refs/xsabot/tested/4.17 refs/notes/xsa refs/tags/x; do
    passes $ref
    same "" "$(grep "remote:" out)"
  done
  make_advisory xen 2
  fails git -C xen push -q -f origin HEAD:refs/heads/staging-4.17 HEAD:refs/heads/xsa-4.17
  same "$(oid)" "$(at staging-4.17)"
  fails same "$(oid)" "$(at xsa-4.17)"
'
test_expect 'the bot goes on' '
  published
  make_advisory xen 2
  push xen HEAD:refs/heads/staging-4.17
  xsabot -q -c xsabot.conf run
  same 2 "$(git -C xen.git log --format=%s RELEASE-4.17.0..xsa-4.17 | wc -l)"
'
test_expect 'a line of another name is protected once the bot has seen it' '
  published
  passes refs/heads/xsa-unstable
  git -C xen.git update-ref -d refs/heads/xsa-unstable
  git -C xen tag -a -m r RELEASE-unstable.1 RELEASE-4.17.0^{}
  push xen RELEASE-unstable.1 HEAD:refs/heads/staging-unstable
  printf "%s\n" "[lines]" "lines = 4.17 unstable" >>xsabot.conf
  xsabot -q -c xsabot.conf run || [ $? = 1 ]
  refused refs/heads/xsa-unstable
'
test_expect 'the account of a bot elsewhere may: by its number, its name, its environment' '
  published "account = $(id -u)"
  passes refs/heads/xsa-4.17
  published "account = $(id -un)"
  passes refs/heads/xsa-4.17
  published "account-environment = GL_USER=xsabot"
  refused refs/heads/xsa-4.17
  GL_USER=other refused refs/heads/xsa-4.17
  GL_USER=xsabot passes refs/heads/xsa-4.17
  published "account = $(($(id -u) + 1))"
  refused refs/heads/xsa-4.17
'
test_expect 'no list, or none that is whole: the push passes, and that is said' '
  published
  for how in "rm -f" "truncate -s 40" "sed -i s/^end//" "sed -i 1s/1/2/"; do
    $how xen.git.xsabot/protected
    passes refs/heads/xsa-4.17 staging-4.17~1
    grep -q "remote: xsabot: the list .* can.t be read: the push passes" out
    rm -f xen.git.xsabot/protected
    xsabot -c xsabot.conf install-hook --protect xen.git
    refused refs/heads/xsa-4.17
    git -C xen.git update-ref refs/heads/xsa-4.17 RELEASE-4.17.0^{}
  done
'
test_expect 'the state elsewhere is found' '
  published
  rm -rf xen.git.xsabot
  published "state = $PWD/elsewhere"
  same "$PWD/elsewhere/protected" "$(readlink xen.git/xsabot-protected)"
  refused refs/heads/xsa-4.17
'
test_expect 'a hook that was there has its say after ours' '
  published
  rm xen.git/hooks/update
  printf "%s\n" "#!/bin/sh" "echo \"\$1 \$2 \$3\" >>$PWD/said" "case \$1 in */no) exit 3;; esac" >xen.git/hooks/update
  chmod +x xen.git/hooks/update
  xsabot -c xsabot.conf install-hook --protect xen.git >out
  grep "hooks/update.d/50-previous" out
  refused refs/heads/xsa-4.17
  fails test -e said
  passes refs/heads/yes
  same "refs/heads/yes $(printf "0%.0s" {1..40}) $(oid)" "$(cat said)"
  fails git -C xen push -q origin HEAD:refs/heads/no
  xsabot -c xsabot.conf install-hook --protect xen.git | grep "hooks/update: was there already"
  passes refs/heads/yes2
  same 3 "$(wc -l <said)"
'
test_expect 'without --protect the update hook is left alone, and check-config says so' '
  published
  xsabot -c xsabot.conf check-config 2>err
  fails grep "refuses pushes" err
  rm xen.git/hooks/update
  xsabot -c xsabot.conf install-hook xen.git
  fails test -e xen.git/hooks/update
  xsabot -c xsabot.conf check-config 2>err
  grep "nothing refuses pushes to the refs that xsabot writes; \"xsabot install-hook --protect $PWD/xen.git\" does" err
'
done_testing
