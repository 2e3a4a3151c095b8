#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A bot whose repository is elsewhere: it fetches what it reads, and pushes back what it makes.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
. "$T_DIR/mirror-lib.sh"
. "$T_DIR/sshd.sh"

# xen.git is where maintainers push, bot.git the bot's own.
make_line xen.git xen 4.17
make_advisory xen 1
push xen staging-4.17
save_scene

REPO=$PWD/bot.git
# with_upstream [LINE]...: both repositories; bot.git is empty and has these lines.
with_upstream() {
  fresh "${@:-upstream = $PWD/xen.git}"
  make_repo bot.git
}
ran() {
  with_upstream "$@"
  run
}
# here REF, up REF: its value in the bot's repository, in the upstream.
here() { there bot.git "$1"; }
up() { there xen.git "$1"; }

test_expect 'a run fetches the stable branch and its releases, and pushes back the branch and the state' '
  ran
  same "refs/heads/staging-4.17 refs/heads/xsa-4.17 refs/tags/RELEASE-4.17.0 refs/xsabot/rules refs/xsabot/state/4.17" "$(names bot.git)"
  diff <(refs bot.git) <(refs xen.git)
  same "$(up staging-4.17)" "$(git -C xen.git log -1 --format="%(trailers:key=Xsabot-Source,valueonly,separator=)" xsa-4.17)"
  git clone -q --mirror xen.git clone.git
  xsabot -C clone.git verify >out
  says "4.17: good\|^4.17: refs/heads/xsa-4.17: good"
'
test_expect 'a second run moves nothing, on either side' '
  ran
  refs bot.git >before
  run
  diff before <(refs bot.git)
  diff before <(refs xen.git)
  same "" "$(cat err)"
'
test_expect 'what else is offered is not fetched' '
  with_upstream
  for ref in refs/heads/xsa-4.17 refs/heads/xsa-4.18 refs/heads/master refs/tags/x refs/tags/RELEASE-4.17.0-rc1 \
    refs/notes/other refs/xsabot/state/4.17 refs/xsabot/candidate/4.17 refs/heads/staging-4.17/x refs/replace/x; do
    git -C xen.git update-ref $ref RELEASE-4.17.0^0 || :
  done
  exits 0 xsabot -c xsabot.conf fetch
  same "refs/heads/staging-4.17 refs/tags/RELEASE-4.17.0" "$(names bot.git)"
'
test_expect '... nor lines that are not looked after' '
  with_upstream
  (cd xen && git checkout -q --orphan x && git commit -q -m x --allow-empty && git push -q origin HEAD:refs/heads/staging-4.16)
  printf "%s\n" "[lines]" "lines = 4.17" >>xsabot.conf
  run
  same "refs/heads/staging-4.17 refs/heads/xsa-4.17 refs/tags/RELEASE-4.17.0 refs/xsabot/rules refs/xsabot/state/4.17" "$(names bot.git)"
'
test_expect 'notes and fix-ups are fetched, and not pushed back' '
  with_upstream
  note_on staging-4.17 "Exclude: not here"
  git -C xen.git update-ref refs/xsabot/fixups/a RELEASE-4.17.0^0
  run
  same "$(up refs/notes/xsa)" "$(here refs/notes/xsa)"
  same "$(up refs/xsabot/fixups/a)" "$(here refs/xsabot/fixups/a)"
  same "$(up RELEASE-4.17.0^0)" "$(up xsa-4.17)"
  git -C bot.git update-ref refs/xsabot/fixups/b RELEASE-4.17.0^0
  git -C bot.git update-ref refs/notes/xsa RELEASE-4.17.0^0
  xsabot -c xsabot.conf mirror --push
  same none "$(up refs/xsabot/fixups/b)"
  [ "$(up refs/notes/xsa)" != "$(here refs/notes/xsa)" ]
'
test_expect 'later pushes and releases follow' '
  ran
  fix 2
  run
  same "$(up xsa-4.17)" "$(here xsa-4.17)"
  same 2 "$(git -C xen.git rev-list --count RELEASE-4.17.0..xsa-4.17 -- xsa1.c xsa2.c)"
  git -C xen tag -a -m r RELEASE-4.17.1
  push xen RELEASE-4.17.1
  run
  same "$(up RELEASE-4.17.1)" "$(here RELEASE-4.17.1)"
  same "$(git -C xen.git rev-parse RELEASE-4.17.1^{tree})" "$(git -C xen.git rev-parse xsa-4.17^{tree})"
'
test_expect 'a ref that becomes a directory there, and one that was one, follow' '
  with_upstream
  git -C xen.git update-ref refs/xsabot/fixups/a RELEASE-4.17.0^0
  run
  git -C xen.git update-ref -d refs/xsabot/fixups/a
  git -C xen.git update-ref refs/xsabot/fixups/a/b RELEASE-4.17.0^0
  run
  same "none $(up RELEASE-4.17.0^0)" "$(here refs/xsabot/fixups/a) $(here refs/xsabot/fixups/a/b)"
  git -C xen.git update-ref -d refs/xsabot/fixups/a/b
  git -C xen.git update-ref refs/xsabot/fixups/a RELEASE-4.17.0^0
  run
  same "$(up RELEASE-4.17.0^0) none" "$(here refs/xsabot/fixups/a) $(here refs/xsabot/fixups/a/b)"
'
test_expect 'what is fetched is kept until its refs have moved' '
  ran
  make_advisory xen 2
  push xen HEAD:refs/heads/staging-4.17
  touch bot.git/refs/heads/staging-4.17.lock
  exits 75 xsabot -c xsabot.conf fetch
  grep -l "^xsabot: fetch from $PWD/bot.git.xsabot" bot.git/objects/pack/*.keep
  git -C bot.git gc -q --prune=now 2>/dev/null || git -C bot.git repack -adq
  git -C bot.git cat-file -e "$(up staging-4.17)"
  rm bot.git/refs/heads/staging-4.17.lock
  exits 0 xsabot -c xsabot.conf fetch
  same "$(up staging-4.17)" "$(here staging-4.17)"
  same 0 "$(ls bot.git/objects/pack | grep -c keep)"
'
test_expect 'the lock of a fetch that was cut short goes once it is old, whatever value it was for; others stay' '
  ran
  make_advisory xen 2
  push xen HEAD:refs/heads/staging-4.17
  lock=bot.git/refs/heads/staging-4.17.lock
  up RELEASE-4.17.0^0 >$lock
  bot_ends 75 fetch
  says "left alone because it is young"
  echo "somebody holds it" >$lock
  touch -d "1 hour ago" $lock
  bot_ends 75 fetch
  says "left alone because its text is not ours"
  up RELEASE-4.17.0^0 >$lock
  touch -d "1 hour ago" $lock
  bot_ends 0 fetch
  same "$(up staging-4.17)" "$(here staging-4.17)"
'
test_expect 'a stable branch that is rewound there is rewound here, and the line is held' '
  ran
  was=$(up xsa-4.17)
  git -C xen reset -q --hard HEAD~1
  push_staging -f
  run 1
  says "refs/heads/xsa-4.17 stays as it is: held: it would lose XSA-1.*rewound"
  same "$(up staging-4.17)" "$(here staging-4.17)"
  same "$was" "$(up xsa-4.17)"
'
test_expect 'one that is deleted there goes here, and the line is held' '
  ran
  was=$(up xsa-4.17)
  push xen HEAD:refs/heads/staging-4.18 :refs/heads/staging-4.17
  run 1
  says "upstream: refs/heads/staging-4.17 is gone there"
  says "4.17: refs/heads/xsa-4.17 stays as it is: held"
  same none "$(here staging-4.17)"
  same "$was" "$(up xsa-4.17)"
'
test_expect 'one that was moved here as well stays' '
  ran
  git -C bot.git update-ref refs/heads/staging-4.17 RELEASE-4.17.0^0
  push xen HEAD:refs/heads/staging-4.18 :refs/heads/staging-4.17
  exits 0 xsabot -c xsabot.conf fetch
  same "$(here RELEASE-4.17.0^0)" "$(here staging-4.17)"
'
test_expect 'an upstream that has nothing any more changes nothing' '
  ran
  refs bot.git >before
  rm -rf xen.git
  make_repo xen.git
  run 1
  says "upstream .*: it has none of the refs that the configuration names"
  diff before <(refs bot.git)
'
test_expect 'one that offers refs without end changes nothing' '
  ran
  refs bot.git >before
  commit=$(up RELEASE-4.17.0^0)
  for i in {1..20000}; do echo "create refs/tags/RELEASE-4.17.9$i $commit"; done | git -C xen.git update-ref --stdin
  exits 1 xsabot -c xsabot.conf fetch >out 2>err
  says "it has 20002 of the refs that are read, more than 20000: nothing was done"
  diff before <(refs bot.git)
'
test_expect 'an upstream that is not there: what is here is looked at, and later runs say so' '
  ran
  mv xen.git away
  run 1
  says "4.17: refs/heads/xsa-4.17 is up to date"
  run 1
  says "upstream: not fetched: .*next try in"
  mv away xen.git
  exits 0 xsabot -c xsabot.conf fetch
  xsabot -c xsabot.conf mirror --push
  run
'
test_expect '... and an event from there ends the wait' '
  ran
  mv xen.git away
  "$XSABOT" -c xsabot.conf watch >watch.out 2>watch.err &
  echo $! >watch.pid
  until_true 30 grep -q watching watch.err
  event() { printf "xsabot-event 1\nrescan\nend 0 0\n" | xsabot -c xsabot.conf receive-event; }
  event
  until_true 30 grep -q "^xsabot: upstream: .*away\|^xsabot: upstream.*xen.git" watch.err
  mv away xen.git
  fix 2
  same none "$(there bot.git xsa-4.17:xsa2.c)"
  event
  until_true 20 eval "[ \$(there bot.git xsa-4.17:xsa2.c) != none ]"
  until_true 20 eval "[ \$(there xen.git xsa-4.17:xsa2.c) != none ]"
  kill_bot watch.pid bot.git.xsabot
'
at_exit 'kill_bot watch.pid bot.git.xsabot'
test_expect 'a derived branch that someone moved there is left alone and told' '
  ran
  git -C xen.git update-ref refs/heads/xsa-4.17 RELEASE-4.17.0^0
  fix 2
  run 1
  says "mirror upstream: refs/heads/xsa-4.17: someone moved it there to"
  same "$(up RELEASE-4.17.0^0)" "$(up xsa-4.17)"
  mirror 0 upstream --adopt
  same "$(here xsa-4.17)" "$(up xsa-4.17)"
'
test_expect 'a bot that is set up anew goes on from a clone' '
  ran
  fix 2
  git -C xen tag -a -m r RELEASE-4.17.1
  push xen RELEASE-4.17.1
  fix 3
  run
  was=$(up xsa-4.17)
  rm -rf bot.git bot.git.xsabot
  git clone -q --mirror xen.git bot.git
  run
  same "$was" "$(up xsa-4.17)"
  same "$was" "$(here xsa-4.17)"
'
test_expect 'mirrors beside an upstream get both' '
  with_upstream
  make_repo m.git
  note_on staging-4.17 "Security: XSA-1"
  add_config "[mirror m]" "url = $PWD/m.git"
  run
  same "refs/heads/xsa-4.17 refs/notes/xsa refs/xsabot/rules refs/xsabot/state/4.17" "$(names m.git)"
  same "$(up xsa-4.17)" "$(there m.git xsa-4.17)"
  rm -rf m.git
'
test_expect 'a private repository is pushed back to where it comes from, and to no other place' '
  with_upstream "private = yes" "upstream = $PWD/xen.git"
  make_repo m.git
  add_config "[mirror m]" "url = $PWD/m.git"
  run
  same "$(here xsa-4.17)" "$(up xsa-4.17)"
  same "" "$(names m.git)"
  rm -rf m.git
'
test_expect 'a test system there: it gets each candidate, and its answer comes back' '
  with_upstream
  add_config "[gate]" "external = yes"
  run
  same "$(here refs/xsabot/candidate/4.17)" "$(up refs/xsabot/candidate/4.17)"
  same "$(up RELEASE-4.17.0^0)" "$(up xsa-4.17)"
  git -C xen.git update-ref refs/xsabot/tested/4.17 refs/xsabot/candidate/4.17
  run
  same "$(up refs/xsabot/tested/4.17)" "$(up xsa-4.17)"
  was=$(up xsa-4.17)
  fix 2
  run
  first=$(up refs/xsabot/candidate/4.17)
  git -C xen reset -q --hard HEAD~1
  push_staging -f
  fix 3
  rm -rf bot.git.xsabot/mirror
  run
  same "$(here refs/xsabot/candidate/4.17)" "$(up refs/xsabot/candidate/4.17)"
  [ "$first" != "$(up refs/xsabot/candidate/4.17)" ]
  git -C xen.git notes --ref=xsabot-tested add -m "Gate-Failed: http://x/1" refs/xsabot/candidate/4.17
  run 1
  says "http://x/1"
  same "$was" "$(up xsa-4.17)"
  git -C xen reset -q --hard HEAD~1
  push_staging -f
  run
  same "$was" "$(up refs/xsabot/candidate/4.17)"
'
test_expect 'without one, neither goes over' '
  with_upstream
  git -C xen.git update-ref refs/xsabot/tested/4.17 RELEASE-4.17.0^0
  run
  git -C bot.git update-ref refs/xsabot/candidate/4.17 staging-4.17
  xsabot -c xsabot.conf mirror --push >out
  same none "$(here refs/xsabot/tested/4.17)"
  same none "$(up refs/xsabot/candidate/4.17)"
'

if start_sshd; then
  test_expect 'ssh: there and back' '
    with_upstream "upstream = $SSHD_URL$PWD/xen.git" "key = $SSHD_DIR/client" "known-hosts = $SSHD_DIR/known_hosts"
    run
    diff <(refs bot.git) <(refs xen.git)
    fix 2
    run
    diff <(refs bot.git) <(refs xen.git)
    same 2 "$(git -C xen.git rev-list --count RELEASE-4.17.0..xsa-4.17)"
  '
  test_expect 'ssh: an upstream that says nothing: what is here is looked at' '
    with_upstream "upstream = $SSHD_URL$PWD/xen.git" "key = $SSHD_DIR/client" "known-hosts = $SSHD_DIR/known_hosts"
    run
    sed -i "s/^known-hosts = .*/&\ntimeout = 1s/" xsabot.conf
    kill -STOP "$SSHD_PID"
    rc=0; run 75 || rc=1
    kill -CONT "$SSHD_PID"
    same 0 $rc
    says "upstream: no answer for 1 seconds"
    says "4.17: refs/heads/xsa-4.17 is up to date"
  '
  test_expect 'ssh: settings of a repository or a user send nothing elsewhere' '
    with_upstream "upstream = $SSHD_URL$PWD/xen.git" "key = $SSHD_DIR/client" "known-hosts = $SSHD_DIR/known_hosts"
    make_repo evil.git
    git -C bot.git config "url.$PWD/evil.git.insteadOf" "$SSHD_URL$PWD/xen.git"
    git config --global "url.$PWD/evil.git.pushInsteadOf" "$SSHD_URL$PWD/xen.git"
    run
    diff <(refs bot.git) <(refs xen.git)
    same "" "$(names evil.git)"
    git config --global --remove-section "url.$PWD/evil.git"
    rm -rf evil.git
  '
else
  skip 'an upstream over ssh' "$SSHD_WHY_NOT"
fi

done_testing
