#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The hook inside git: real pushes, over a path and over ssh.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/hook-lib.sh"
. "$T_DIR/sshd.sh"
need git

make_line xen.git xen 4.17
SPOOL=$PWD/xen.git.xsabot/spool
new_spool "$SPOOL"
mkdir -p xen.git/hooks
ln -s "$XSABOT_HOOK" xen.git/hooks/post-receive
ZERO=$(printf '0%.0s' {1..40})

empty_spool() { find "$SPOOL" -type f -delete; }
# pushed REF: the id that the public repository has for it.
pushed() { git -C xen.git rev-parse "$1"; }

test_expect 'a push over a path leaves its event and prints nothing' '
  old=$(pushed staging-4.17)
  make_advisory xen 401
  push xen staging-4.17 >out 2>&1
  same "" "$(cat out)"
  queued
'

test_expect 'one push of several refs is one event' '
  empty_spool
  push xen HEAD:refs/heads/one HEAD:refs/tags/two
  queued
'

test_expect 'a deletion is an event' '
  empty_spool
  push xen :refs/heads/one
  queued
'

test_expect 'odd ref names do not get to the terminal of the pusher' '
  empty_spool
  bidi=$(printf "refs/heads/a\342\200\256b")
  push xen "HEAD:refs/heads/\$(id)" "HEAD:refs/heads/quote\"x" "HEAD:$bidi" >out 2>&1
  clean_output out
  queued
'

test_expect '20,000 refs in one push' '
  empty_spool
  make_repo many.git
  new_spool many.git.xsabot/spool
  SPOOL=$PWD/many.git.xsabot/spool
  mkdir -p many.git/hooks
  ln -s "$XSABOT_HOOK" many.git/hooks/post-receive
  id=$(git -C xen rev-parse HEAD)
  cp -r xen many
  seq -f "create refs/heads/b%g $id" 20000 | git -C many update-ref --stdin
  git -C many pack-refs --all
  git -C many push -q ../many.git "refs/heads/b*:refs/heads/b*" >out 2>&1
  same "" "$(cat out)"
  same 20000 "$(git -C many.git for-each-ref | wc -l)"
  queued
'

test_expect 'a push succeeds without a spool, and the pusher is told one fixed line' '
  mv xen.git.xsabot away
  make_advisory xen 402
  push xen HEAD:staging-4.17 >out 2>&1
  mv away xen.git.xsabot
  same "$(git -C xen rev-parse HEAD)" "$(pushed staging-4.17)"
  clean_output out
  grep -q "xsabot: event not queued; the next scan will find it" out
'

test_expect 'a sha256 repository' '
  git init -q --bare --object-format=sha256 s.git
  git init -q --object-format=sha256 s
  new_spool s.git.xsabot/spool
  ln -s "$XSABOT_HOOK" s.git/hooks/post-receive
  commit_file s f x\\n one
  git -C s push -q ../s.git HEAD:refs/heads/x
  SPOOL=$PWD/s.git.xsabot/spool
  queued
'

test_expect 'a push into a repository with a work tree' '
  git init -q host
  git -C host config receive.denyCurrentBranch ignore
  new_spool host/.git.xsabot/spool
  ln -s "$XSABOT_HOOK" host/.git/hooks/post-receive
  git -C xen push -q ../host HEAD:refs/heads/x
  SPOOL=$PWD/host/.git.xsabot/spool
  queued
'

# The hook stops on the way in and on the way out, until it is told to go on: no test needs luck.
stopping_hook() {
  rm -f xen.git/hooks/post-receive hook.in hook.go hook.done
  mkfifo hook.in hook.go hook.done
  cat >xen.git/hooks/post-receive <<END
#!/bin/sh
echo here >$PWD/hook.in
read -r go <$PWD/hook.go
"$XSABOT_HOOK"
echo \$? >$PWD/hook.done
END
  chmod 755 xen.git/hooks/post-receive
}

# kill_pusher URL [-]: ends a push in the middle of its hook (with -, all of its process group), then lets the
# hook go on.
kill_pusher() {
  another
  make_advisory xen 403 "killed-$ANOTHER.c"
  setsid git -C xen push -q "$1" HEAD:staging-4.17 >push.out 2>&1 &
  pusher=$!
  same here "$(timeout 30 cat hook.in)"
  kill -KILL -- "${2-}$pusher"
  wait $pusher || :
  timeout 30 sh -c "echo go >hook.go"
  same 0 "$(timeout 30 cat hook.done)"
  queued
  same "$(git -C xen rev-parse HEAD)" "$(pushed staging-4.17)"
}

test_expect 'a pusher over a path that is killed inside the hook: the event is there' '
  empty_spool
  cp -P xen.git/hooks/post-receive kept
  stopping_hook
  kill_pusher origin
  mv kept xen.git/hooks/post-receive
'

if start_sshd; then
  test_expect 'a push over ssh leaves its event and prints nothing' '
    empty_spool
    make_advisory xen 404
    git -C xen push -q "$SSHD_URL$PWD/xen.git" HEAD:staging-4.17 >out 2>&1
    same "" "$(cat out)"
    queued
  '
  test_expect 'the fixed line comes over ssh as it is' '
    mv xen.git.xsabot away
    make_advisory xen 405
    git -C xen push -q "$SSHD_URL$PWD/xen.git" HEAD:staging-4.17 >out 2>&1
    mv away xen.git.xsabot
    same "remote: xsabot: event not queued; the next scan will find it" "$(sed "s/ *$//" out)"
  '
  test_expect 'a pusher over ssh that is killed inside the hook: the event is there' '
    empty_spool
    stopping_hook
    kill_pusher "$SSHD_URL$PWD/xen.git" -
  '
else
  skip 'a push over ssh leaves its event and prints nothing' "$SSHD_WHY_NOT"
  skip 'the fixed line comes over ssh as it is' "$SSHD_WHY_NOT"
  skip 'a pusher over ssh that is killed inside the hook: the event is there' "$SSHD_WHY_NOT"
fi

done_testing
