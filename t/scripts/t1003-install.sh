#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The hook is put into a repository, beside the one that was there.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/hook-lib.sh"

[ -x "${PROBE_INSTALL-}" ] || { echo "Bail out! PROBE_INSTALL does not name the program"; T_DONE=1; exit 1; }

# repo: a new bare repository x.git and work tree x with one commit, for each test.
repo() {
  rm -rf x x.git x.git.xsabot
  make_repo x.git "$@"
  git init -q x
  commit_file x f x\\n one
  git -C x remote add origin ../x.git
  rm -rf x.git/hooks/*
  SPOOL=$PWD/x.git.xsabot/spool
}
install_hook() { "$PROBE_INSTALL" x.git "$XSABOT_HOOK" "$@"; }
# previous NAME: prints a hook that leaves its input in the git directory.
previous() { printf '#!/bin/sh\ncat >got-%s\n' "$1"; }
pushes() {
  push x HEAD:refs/heads/x >out 2>&1
  same "" "$(cat out)"
}
LINE() { echo "$(printf "0%.0s" {1..40}) $(git -C x rev-parse HEAD) refs/heads/x"; }

test_expect 'a push into a repository where the hook was installed leaves an event' '
  repo
  same "$PWD/x.git $SPOOL new" "$(install_hook)"
  pushes
  queued
  same "$XSABOT_HOOK" "$(readlink x.git/hooks/post-receive)"
'

test_expect 'once more changes nothing' '
  repo
  install_hook
  find x.git x.git.xsabot -printf "%p %i %T@ %m\n" | sort >before
  same "$PWD/x.git $SPOOL" "$(install_hook)"
  find x.git x.git.xsabot -printf "%p %i %T@ %m\n" | sort >after
  cmp before after
'

test_expect 'the hook that was there goes on working' '
  repo
  previous old >x.git/hooks/post-receive
  chmod 755 x.git/hooks/post-receive
  same "$PWD/x.git $SPOOL new previous" "$(install_hook)"
  pushes
  same "$(LINE)" "$(cat x.git/got-old)"
  queued
'

test_expect 'and does when it was a relative link' '
  repo
  previous linked >x.git/script
  chmod 755 x.git/script
  ln -s ../script x.git/hooks/post-receive
  same "$PWD/x.git $SPOOL new previous" "$(install_hook)"
  pushes
  same "$(LINE)" "$(cat x.git/got-linked)"
'

test_expect 'a previous hook that was switched off stays so' '
  repo
  previous off >x.git/hooks/post-receive
  chmod 644 x.git/hooks/post-receive
  install_hook
  pushes
  fails test -e x.git/got-off
  queued
'

test_expect 'an installation that was interrupted is completed' '
  repo
  previous old >x.git/hooks/post-receive
  chmod 755 x.git/hooks/post-receive
  mkdir x.git/hooks/post-receive.d
  ln x.git/hooks/post-receive x.git/hooks/post-receive.d/50-previous
  install_hook
  pushes
  same "$(LINE)" "$(cat x.git/got-old)"
'

test_expect 'the hook of another version or place is replaced, not chained' '
  repo
  ln -s /gone/libexec/xsabot/post-receive x.git/hooks/post-receive
  same "$PWD/x.git $SPOOL new" "$(install_hook)"
  same 0 "$(count_files x.git/hooks/post-receive.d)"
'

test_expect 'two previous hooks are not mixed up: the old state stays, the message names both' '
  repo
  install_hook
  rm x.git/hooks/post-receive
  previous one >x.git/hooks/post-receive.d/50-previous
  previous two >x.git/hooks/post-receive
  cp x.git/hooks/post-receive want
  exits 78 install_hook 2>err
  grep -q "hooks/post-receive is a hook of someone else and .*50-previous is there already" err
  cmp want x.git/hooks/post-receive
'

test_expect 'the spool elsewhere is found by the hook' '
  repo
  mkdir elsewhere
  install_hook "$PWD/elsewhere/spool"
  pushes
  SPOOL=$PWD/elsewhere/spool
  queued
  fails test -e x.git.xsabot
'

test_expect 'back to the default spool' '
  repo
  mkdir -p elsewhere2
  install_hook "$PWD/elsewhere2/spool"
  install_hook
  pushes
  queued
'

test_expect 'a repository of one user: nobody else writes events' '
  repo
  install_hook
  same 2755 "$(stat -c %a "$SPOOL/new")"
  same 2755 "$(stat -c %a "$SPOOL")"
'

test_expect 'a repository of a group: the group does' '
  repo --shared=group
  install_hook
  same 2775 "$(stat -c %a "$SPOOL/new")"
  same 751 "$(stat -c %a x.git.xsabot)"
'

if [ "$(id -u)" = 0 ]; then
  test_expect 'as root, what is made belongs to the owner and group of the repository' '
    repo --shared=group
    chown -R 65534:65533 x.git
    install_hook
    for d in x.git.xsabot "$SPOOL" "$SPOOL/new" "$SPOOL/tmp" x.git/hooks/post-receive.d; do
      same "65534:65533 $d" "$(stat -c %u:%g "$d") $d"
    done
  '
else
  skip 'as root, what is made belongs to the owner and group of the repository' 'needs root'
fi

test_expect 'a repository with a work tree' '
  repo
  same "$PWD/x/.git $PWD/x/.git.xsabot/spool new" "$("$PROBE_INSTALL" x "$XSABOT_HOOK")"
'

test_expect 'core.hooksPath: said, and nothing touched' '
  repo
  git -C x.git config core.hooksPath /etc/hooks
  exits 78 install_hook 2>err
  grep -q "core.hooksPath = /etc/hooks" err
  same 0 "$(count_files x.git/hooks)"
  fails test -e x.git.xsabot
'

test_expect 'no repository, no program: said' '
  repo
  mkdir -p empty
  exits 70 "$PROBE_INSTALL" empty "$XSABOT_HOOK" 2>err
  grep -q "empty is not a git repository" err
  exits 70 "$PROBE_INSTALL" x.git /nonexistent 2>err
  grep -q "no hook program /nonexistent" err
'

test_expect 'a directory in place of the hook: said, and left alone' '
  repo
  mkdir x.git/hooks/post-receive
  exits 78 install_hook 2>err
  grep -q "neither a file nor a link" err
  test -d x.git/hooks/post-receive
'

done_testing
