#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the bot published it knows from its own directory: who else writes its refs is found out, not believed.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

make_line xen.git xen 4.17
make_advisory xen 1
push xen staging-4.17
save_scene

adopt() { bot_ends 0 adopt 4.17; }
verify() { bot_ends 0 verify; }
xsas() { git -C xen.git log --first-parent --no-merges --format='%(trailers:key=Xsabot-Advisory,valueonly,separator=)' "${1-RELEASE-4.17.0}..xsa-4.17" | xargs; }
# held PATTERN: a run holds 4.17 with these words; the ref stays.
held() {
  local was
  was=$(at xsa-4.17)
  run 1
  says "^4.17: refs/heads/xsa-4.17 stays as it is: .*$1"
  same "$was" "$(at xsa-4.17)"
}
# stitched: a branch that was stitched twice.
stitched() {
  fresh
  run
  release 1
  fix 2
  run
  note_on "$(oid)" "Security: XSA-22"
  run
  same 2 "$(git -C xen.git log --first-parent --merges --format=x xsa-4.17 | wc -l)" || git -C xen.git log --graph --oneline xsa-4.17
}
# forged: a branch that is not the bot's, with a state that fits it, made by another bot in q.git.
forged() {
  cp -a xen.git q.git
  sed "s/xen\.git/q.git/" xsabot.conf >q.conf
  commit_file xen version '4.17.0 and a back door\n' 'version'
  git -C xen push -q ../q.git HEAD:refs/heads/staging-4.17
  printf '[picks]\n%s = Prerequisite-of: XSA-1\n' "$(oid)" >>q.conf
  xsabot -q -c q.conf adopt 4.17
  xsabot -q -c q.conf run
  git -C q.git log --format=%s xsa-4.17 | grep "^version"
  git -C q.git push -q ../xen.git +xsa-4.17:xsa-4.17 +refs/xsabot/state/4.17:refs/xsabot/state/4.17
}
fresh
run
SCENE=ran save_scene

# ---- what others write

test_expect 'a branch of someone else is not believed, be its state such that it fits' '
  SCENE=ran fresh
  forged
  held "someone moved refs/heads/xsa-4.17 to $(git -C q.git rev-parse xsa-4.17 | cut -c1-12)"
'
test_expect '... nor mirrored' '
  SCENE=ran fresh
  forged
  make_repo m.git
  printf "[mirror m]\nurl = %s/m.git\n" "$PWD" >>xsabot.conf
  run 1
  same "" "$(git -C m.git for-each-ref | grep -v refs/xsabot/rules)"
'
test_expect 'a state ref that someone moved is set right, its history with it' '
  SCENE=ran fresh
  for to in "$(git -C xen.git rev-parse staging-4.17)" "$(git -C xen.git rev-parse RELEASE-4.17.0)" "$(git -C xen.git rev-parse staging-4.17:a.c)"; do
    SCENE=ran fresh
    was=$(at refs/xsabot/state/4.17)
    git -C xen.git update-ref refs/xsabot/state/4.17 "$to"
    run
    says "refs/xsabot/state/4.17 was at ${was:0:12}, and is not: set right"
    same "$was" "$(at refs/xsabot/state/4.17)"
    run
    fails says "set right"
    fix 2
    run
    same "XSA-2 XSA-1" "$(xsas)"
    same "$was" "$(at refs/xsabot/state/4.17~1)"
  done
'
test_expect '... and one that someone deleted, and git collected' '
  SCENE=ran fresh
  git -C xen.git update-ref -d refs/xsabot/state/4.17
  git -C xen.git gc -q --prune=now
  run
  verify
  fix 2
  run
  same "XSA-2 XSA-1" "$(xsas)"
'
test_expect 'what is published stays, whoever moves its ref away: it can be put back' '
  SCENE=ran fresh
  was=$(at xsa-4.17)
  for to in RELEASE-4.17.0 staging-4.17 gone; do
    if [ "$to" = gone ]; then git -C xen.git update-ref -d refs/heads/xsa-4.17
    else git -C xen.git update-ref refs/heads/xsa-4.17 "$(git -C xen.git rev-parse "$to^{}")"; fi
    git -C xen.git reflog expire --expire=now --all
    git -C xen.git gc -q --prune=now
    held "${was:0:12}"
    git -C xen.git update-ref refs/heads/xsa-4.17 "$was"
    run
    sound
  done
'
test_expect '... also of a branch that an earlier version published, once there is a new fix' '
  SCENE=ran fresh
  rm -r xen.git.xsabot/published
  git -C xen.git update-ref refs/xsabot/state/4.17 "$(git -C xen.git commit-tree -m "xsabot: state of 4.17" "refs/xsabot/state/4.17^{tree}")"
  before=$(at refs/xsabot/state/4.17)
  run
  same "$before" "$(at refs/xsabot/state/4.17)"
  fix 2
  run
  same "$before $(at xsa-4.17)" "$(git -C xen.git log -1 --format=%P refs/xsabot/state/4.17)"
  fix 3
  run
  same "$before" "$(at refs/xsabot/state/4.17~2)"
  rm -r xen.git.xsabot
  run
  says "is xsabot.s, as its state records"
'
test_expect 'branch and state deleted together: the past is not forgotten' '
  stitched
  git clone -q -b xsa-4.17 xen.git down
  was=$(at xsa-4.17)
  git -C xen.git update-ref -d refs/heads/xsa-4.17
  git -C xen.git update-ref -d refs/xsabot/state/4.17
  fix 3
  held "someone deleted refs/heads/xsa-4.17, which was at ${was:0:12}"
  git -C xen.git update-ref refs/heads/xsa-4.17 "$was"
  run
  git -C down pull -q --ff-only
  verify
'
test_expect '... unless a person says so' '
  SCENE=ran fresh
  git -C xen.git update-ref -d refs/heads/xsa-4.17
  git -C xen.git update-ref -d refs/xsabot/state/4.17
  run 1
  adopt
  run
  same XSA-1 "$(xsas)"
'
test_expect 'a record that can not be read is no record that is not there; adopt helps' '
  SCENE=ran fresh
  echo rubbish >xen.git.xsabot/published/4.17.json
  fix 2
  run 70
  says "xen.git.xsabot/published/4.17.json, which says what was published, can.t be read"
  rm xen.git.xsabot/published/4.17.json
  git -C xen.git update-ref refs/xsabot/state/4.17 staging-4.17
  rm xen.git.xsabot/status.json
  held "refs/heads/xsa-4.17 exists, and xsabot did not make it"
  adopt
  run
  same XSA-2 "$(xsas | cut -d" " -f1)"
'

# ---- from before, and from elsewhere

test_expect 'what an earlier version published, which kept no record, is taken over' '
  SCENE=ran fresh
  rm -r xen.git.xsabot/published
  git -C xen.git config --add x.y z
  printf "[rules]\nnot-security = nothing\n" >>xsabot.conf
  run
  says "refs/heads/xsa-4.17 is xsabot.s, as its state records"
  test -e xen.git.xsabot/published/4.17.json
  run
  fails says "as its state records"
'
test_expect '... but not what someone put in its place before the upgrade' '
  SCENE=ran fresh
  rm -r xen.git.xsabot/published
  forged
  held "made by other rules than the configuration.s"
'
test_expect 'after the loss of the directory the branch is recognised by making it once more' '
  for how in fresh stitched; do
    SCENE=ran $how
    was=$(at xsa-4.17)
    rm -r xen.git.xsabot
    run
    says "is xsabot.s, as its state records"
    same "$was" "$(at xsa-4.17)"
    fix 5
    run
    git -C xen.git merge-base --is-ancestor "$was" xsa-4.17
  done
'
test_expect '... not one of other inputs than ours' '
  SCENE=ran fresh
  rm -r xen.git.xsabot
  forged
  held "it is not known to be xsabot.s: it was made by other rules"
  adopt
  run
  same "XSA-1" "$(xsas | cut -d" " -f1)"
'
test_expect '... nor one of a staging that is not ours' '
  SCENE=ran fresh
  rm -r xen.git.xsabot
  make_advisory xen 66
  cp -a xen.git q.git
  sed "s/xen\.git/q.git/" xsabot.conf >q.conf
  git -C xen push -q ../q.git HEAD:refs/heads/staging-4.17
  xsabot -q -c q.conf run
  git -C q.git push -q ../xen.git +xsa-4.17:xsa-4.17 +refs/xsabot/state/4.17:refs/xsabot/state/4.17
  held "is not in refs/heads/staging-4.17"
'
test_expect '... nor one that is stitched on something else' '
  stitched
  rm -r xen.git.xsabot
  evil=$(git -C xen.git commit-tree -p staging-4.17 -m evil "RELEASE-4.17.0^{tree}")
  forged=$(git -C xen.git cat-file commit xsa-4.17 | sed "s/^parent $(git -C xen.git rev-parse xsa-4.17^2)/parent $evil/" | git -C xen.git hash-object -t commit -w --stdin)
  mkdir x && export GIT_INDEX_FILE=$PWD/x/index
  git -C xen.git cat-file blob refs/xsabot/state/4.17:state.json | sed "s/$(at xsa-4.17)/$forged/" >state.json
  git -C xen.git read-tree refs/xsabot/state/4.17
  git -C xen.git update-index --cacheinfo "100644,$(git -C xen.git hash-object -w --stdin <state.json),state.json"
  git -C xen.git update-ref refs/xsabot/state/4.17 "$(git -C xen.git commit-tree -p refs/xsabot/state/4.17 -m s "$(git -C xen.git write-tree)")"
  git -C xen.git update-ref refs/heads/xsa-4.17 "$forged"
  held "not known to be xsabot.s: "
'
done_testing
