#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# From a push to the derived branch that others pull: runs, holds, takeovers.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
. "$T_DIR/sshd.sh"

# ---- a repository with two lines, as it was before the first run: fresh takes a copy

make_line xen.git xen 4.17
make_advisory xen 1
commit old.c "$(edited)" 'x86: no fix' >/dev/null
make_advisory xen 2
push xen staging-4.17
make_line xen.git xen 4.18
git -C xen checkout -q staging-4.17
save_scene

set_ref() { git -C xen.git update-ref "refs/heads/$1" "$2"; }
refs() { git -C xen.git for-each-ref; }
# everything: each file of the repository, with its time.
everything() { find xen.git -printf '%p %T@ %s %m\n' | sort; }
sources() { git -C xen.git log --first-parent --no-merges --reverse --format='%(trailers:key=Xsabot-Source,valueonly,separator=)' "$@"; }
# branch_is_plan TAG: the derived branch on TAG is exactly the plan.
branch_is_plan() {
  xsabot -c xsabot.conf plan 4.17 --format=ids >ids || [ $? = 1 ]
  cmp ids <(sources "$1..xsa-4.17")
}
# held PATTERN: a run holds 4.17 with these words; the ref and what it had stay; later runs say it again.
held() {
  local was
  was=$(at xsa-4.17)
  run 1
  says "^4.17: refs/heads/xsa-4.17 stays as it is: .*$1"
  same "$was" "$(at xsa-4.17)"
  run 1
  says "$1"
}

fresh
xsabot -c xsabot.conf run >/dev/null
SCENE=ran save_scene

# ---- runs

test_expect 'the first run makes derived refs and state refs, and nothing else' '
  fresh
  refs | cut -f2 >before
  run
  says "^4.17: refs/heads/xsa-4.17 is now [0-9a-f]* (RELEASE-4.17.0, 2 picks)"
  printf "%s\n" refs/heads/xsa-4.1{7,8} refs/xsabot/{rules,state/4.1{7,8}} | sort - before >want
  cmp want <(refs | cut -f2 | sort)
  sound
'
test_expect 'the branch is the release and the plan, with the trees of the plan' '
  SCENE=ran fresh
  branch_is_plan RELEASE-4.17.0
  same "$(at RELEASE-4.17.0)" "$(at xsa-4.17~2)"
  plan 4.17
  same "$(line ".picks[-1] | .tree, .derived")" "$(git -C xen.git rev-parse xsa-4.17^{tree} xsa-4.17)"
  same "" "$(git -C xen.git ls-tree xsa-4.17 old.c)"
'
test_expect 'a line without fixes gets its branch at the release' '
  SCENE=ran fresh
  same "$(at RELEASE-4.18.0)" "$(at xsa-4.18)"
'
test_expect 'a second run writes nothing' '
  SCENE=ran fresh
  everything >before
  run
  says "^4.17: refs/heads/xsa-4.17 is up to date"
  everything | cmp before -
'
test_expect 'a run with a foreign branch, tag or release candidate more writes nothing' '
  SCENE=ran fresh
  git -C xen.git branch other staging-4.17
  git -C xen.git tag RELEASE-4.17.1-rc1 staging-4.17
  git -C xen.git tag xRELEASE-4.17.2 staging-4.17
  everything >before
  run
  everything | cmp before -
'
test_expect 'the derived commit: the message, the author, trailers' '
  SCENE=ran fresh
  src=$(at staging-4.17~2)
  printf "%s\n" "x86: fix 1" "" "This is XSA-1." "" "(cherry picked from commit $src)" \
    "Xsabot-Source: $src" "Xsabot-Role: security" "Xsabot-Advisory: XSA-1" >want
  git -C xen.git log -1 --format=%B xsa-4.17~1 | sed "\${/^$/d}" >got
  diff want got
  same "$(git -C xen.git log -1 --format="%an %ae %ad" "$src")" "$(git -C xen.git log -1 --format="%an %ae %ad" xsa-4.17~1)"
  same "xsabot xsabot@invalid" "$(git -C xen.git log -1 --format="%cn %ce" xsa-4.17~1)"
'
test_expect '... its date: the later of the source and the parent' '
  fresh
  T_CLOCK=1400000000 fix 3
  run
  same "$(git -C xen.git log -1 --format=%cd xsa-4.17~1)" "$(git -C xen.git log -1 --format=%cd xsa-4.17)"
  same "$(git -C xen.git log -1 --format=%cd staging-4.17~1)" "$(git -C xen.git log -1 --format=%cd xsa-4.17~1)"
'
test_expect 'two clones of one repository compute the same ids' '
  fresh
  git clone -q --bare --no-local xen.git clone
  git -C clone gc -q
  (cd / && TZ=Asia/Tokyo HOME=/ xsabot -C "$OLDPWD/clone" run) >/dev/null
  run
  same "$(refs)" "$(git -C clone for-each-ref)"
  rm -rf clone.xsabot
'
test_expect 'build prints the tip that a run publishes, and moves no ref' '
  fresh
  refs >before
  tip=$(xsabot -c xsabot.conf build 4.17 | tail -n 1)
  refs | cmp before -
  run
  same "$tip" "$(at xsa-4.17)"
'

# ---- pushes and pulls

# push_and_pull URL: a fix is pushed, the hook leaves its event, a run takes it, a client pulls.
push_and_pull() {
  fresh
  xsabot -c xsabot.conf install-hook xen.git >/dev/null
  run
  git clone -q -b xsa-4.17 "$1" client
  make_advisory xen 3
  git -C xen push -q "$1" HEAD:staging-4.17 >push.out 2>&1
  same '' "$(cat push.out)"
  same 1 "$(count_files xen.git.xsabot/spool/new)"
  run
  same 0 "$(count_files xen.git.xsabot/spool/new)"
  git -C client pull -q --ff-only
  same 'x86: fix 3' "$(git -C client log -1 --format=%s)"
  branch_is_plan RELEASE-4.17.0
}
test_expect 'a push over a path: event, run, and the client fast-forwards' '
  push_and_pull "$PWD/xen.git"
'
if start_sshd; then
  test_expect 'a push over ssh: event, run, and the client fast-forwards' '
    push_and_pull "$SSHD_URL$PWD/xen.git"
  '
else
  skip 'a push over ssh: event, run, and the client fast-forwards' "$SSHD_WHY_NOT"
fi
test_expect 'a lost event does no harm' '
  SCENE=ran fresh
  fix 3
  rm -rf xen.git.xsabot/spool
  run
  branch_is_plan RELEASE-4.17.0
'

# client_pulls: a clone of the derived branch made before fast-forwards to what it is now.
client_pulls() {
  git -C client pull -q --ff-only
  same "$(at xsa-4.17)" "$(git -C client rev-parse HEAD)"
}
has_client() { git clone -q -b xsa-4.17 xen.git client; }

test_expect 'a new release: the branch starts from it, and clients still fast-forward' '
  SCENE=ran fresh
  has_client
  release 1
  fix 3
  run
  says "(RELEASE-4.17.1, 1 pick, stitched on its old value)"
  client_pulls
  branch_is_plan RELEASE-4.17.1
'
test_expect '... its stitch changes nothing: the tree of the first parent, the old value second' '
  SCENE=ran fresh
  was=$(at xsa-4.17)
  release 1
  fix 3
  run
  same "$was" "$(at xsa-4.17^2)"
  git -C xen.git diff --quiet xsa-4.17^1 xsa-4.17
  same 1 "$(git -C xen.git log -1 --format="%(trailers:key=Xsabot-Stitch,valueonly,separator=)" xsa-4.17)"
  same "$(at RELEASE-4.17.1)" "$(at xsa-4.17^1~1)"
'
test_expect '... that has all fixes: clients get its contents' '
  SCENE=ran fresh
  has_client
  release 1
  run
  client_pulls
  git -C client diff --quiet "$(at RELEASE-4.17.1)" HEAD
  branch_is_plan RELEASE-4.17.1
'
test_expect 'after a stitch the next fix is stitched on, and nothing is when nothing changes' '
  SCENE=ran fresh
  has_client
  release 1
  run
  fix 3
  run
  client_pulls
  branch_is_plan RELEASE-4.17.1
  everything >before
  run
  everything | cmp before -
'
test_expect 'a new annotation changes history: a stitch, and clients fast-forward' '
  SCENE=ran fresh
  has_client
  git -C xen.git notes --ref=xsa add -m "Prerequisite-of: XSA-1" staging-4.17~3
  run
  says "3 picks, stitched"
  client_pulls
  branch_is_plan RELEASE-4.17.0
'
test_expect 'history = rewrite: no stitch, the branch is the chain' '
  SCENE=ran fresh
  add_config "[policy]" "history = rewrite"
  release 1
  fix 3
  run
  same "$(at RELEASE-4.17.1)" "$(at xsa-4.17~1)"
  branch_is_plan RELEASE-4.17.1
'
test_expect 'chain: a ref for the commits without stitches' '
  fresh
  add_config "[lines]" "chain = refs/heads/chain-{line}"
  run
  release 1
  fix 3
  run
  same "$(at xsa-4.17^1) $(at RELEASE-4.17.1)" "$(at chain-4.17) $(at chain-4.17~1)"
'
test_expect 'a run after each commit gives the chain of one run, each value fast-forwards' '
  fresh
  whole=$(xsabot -c xsabot.conf build 4.17 | tail -n 1)
  last=$(at RELEASE-4.17.0)
  for c in $(git -C xen.git rev-list --reverse RELEASE-4.17.0..staging-4.17); do
    set_ref staging-4.17 "$c"
    run
    git -C xen.git merge-base --is-ancestor "$last" xsa-4.17
    last=$(at xsa-4.17)
  done
  same "$whole" "$last"
'

# ---- what is not done without a person

test_expect 'held: a rewound staging' '
  SCENE=ran fresh
  set_ref staging-4.17 staging-4.17~1
  held "it would lose XSA-2 .*\"x86: fix 2\"; staging was rewound; if that is right: xsabot publish 4.17 --accept-removal -c $PWD/xsabot.conf"
'
test_expect '... a person accepts it: the ref moves, still forwards' '
  SCENE=ran fresh
  has_client
  set_ref staging-4.17 staging-4.17~1
  xsabot -c xsabot.conf publish 4.17 --accept-removal >out
  client_pulls
  branch_is_plan RELEASE-4.17.0
  run
'
test_expect '... a rewound staging whose fixes came again is not' '
  SCENE=ran fresh
  git -C xen reset -q --hard HEAD~1
  commit_file xen other.c "x\n" "x86: another"
  make_advisory xen 2
  push_staging -f
  run
  branch_is_plan RELEASE-4.17.0
'
test_expect 'held: a deleted notes ref' '
  fresh
  git -C xen.git notes --ref=xsa add -m "Security: XSA-9" staging-4.17~3
  run
  git -C xen.git update-ref -d refs/notes/xsa
  held "the notes ref refs/notes/xsa is gone"
'
test_expect 'held: a fix whose tag pattern does not match any more' '
  SCENE=ran fresh
  add_config "[rules]" "not-security = XSA-2"
  held "it would lose XSA-2"
'
test_expect 'not held: a fix excluded by name, or reverted in staging' '
  SCENE=ran fresh
  git -C xen.git notes --ref=xsa add -m "Exclude: not built" staging-4.17~2
  git -C xen revert --no-edit HEAD >/dev/null
  push_staging
  run
  branch_is_plan RELEASE-4.17.0
  same "$(at staging-4.17~1) $(at staging-4.17)" "$(sources RELEASE-4.17.0..xsa-4.17 | tr "\n" " " | sed "s/ $//")"
'
test_expect 'held: a new tag of a higher release at an older commit' '
  SCENE=ran fresh
  release 1
  fix 3
  run
  git -C xen.git tag RELEASE-4.17.2 RELEASE-4.17.0
  held "the release that it is built on was RELEASE-4.17.1 .* and would be RELEASE-4.17.2"
'
test_expect 'held: a deleted release tag' '
  SCENE=ran fresh
  release 1
  run
  git -C xen.git tag -d RELEASE-4.17.1 >/dev/null
  held "the release that it is built on was RELEASE-4.17.1 .* and would be RELEASE-4.17.0"
'
test_expect 'held: all release tags are gone' '
  SCENE=ran fresh
  git -C xen.git tag -d RELEASE-4.17.0 >/dev/null
  held "contains no release of the line any more"
'
test_expect 'held: a deleted staging ref' '
  SCENE=ran fresh
  git -C xen.git update-ref -d refs/heads/staging-4.17
  add_config "[lines]" "lines = 4.17 4.18"
  held "refs/heads/staging-4.17 is not there any more"
'
test_expect '... also where lines are found by their staging refs' '
  SCENE=ran fresh
  git -C xen.git update-ref -d refs/heads/staging-4.17
  held "refs/heads/staging-4.17 is not there any more"
'
test_expect '... and the states of its releases are no lines' '
  fresh
  add_config "[lines]" "releases = all"
  run
  git -C xen.git update-ref -d refs/heads/staging-4.17
  git -C xen.git update-ref refs/xsabot/state/a/b staging-4.18
  run 1
  same "4.17 4.17.0 4.18 4.18.0" "$(echo $(cut -d: -f1 out))"
'
test_expect 'held: somebody pushed to the derived ref' '
  SCENE=ran fresh
  commit_file xen human.c "x\n" "by hand"
  push xen -f HEAD:refs/heads/xsa-4.17
  held "someone moved refs/heads/xsa-4.17 to .*; it was at .*; put it back, or accept that with \"xsabot adopt 4.17 -c $PWD/xsabot.conf\""
  git -C xen.git cat-file -e "$(oid)"
'
test_expect '... adopt takes it over, and the next run goes on from there' '
  SCENE=ran fresh
  commit_file xen human.c "x\n" "by hand"
  push xen -f HEAD:refs/heads/xsa-4.17
  was=$(at xsa-4.17)
  xsabot -c xsabot.conf adopt 4.17 >out
  same "$was" "$(at xsa-4.17)"
  run
  same "$was" "$(at xsa-4.17^2)"
  branch_is_plan RELEASE-4.17.0
'
test_expect 'held: a stranger has that ref; adopt takes it over' '
  fresh
  set_ref xsa-4.17 staging-4.17~3
  was=$(at xsa-4.17)
  held "refs/heads/xsa-4.17 exists, and xsabot did not make it; \"xsabot adopt 4.17 -c $PWD/xsabot.conf\" takes it over"
  xsabot -c xsabot.conf adopt 4.17 >out
  has_client
  run
  client_pulls
  branch_is_plan RELEASE-4.17.0
'
test_expect 'held: somebody deleted the derived ref; adopt, and it is made again' '
  SCENE=ran fresh
  was=$(at xsa-4.17)
  git -C xen.git update-ref -d refs/heads/xsa-4.17
  held "someone deleted refs/heads/xsa-4.17, which was at ${was:0:12}"
  xsabot -c xsabot.conf adopt 4.17 >out
  run
  same "$was" "$(at xsa-4.17)"
'
test_expect 'a held line does not keep the others' '
  fresh
  set_ref xsa-4.17 staging-4.17
  run 1
  same "$(at RELEASE-4.18.0)" "$(at xsa-4.18)"
'
test_expect 'refused: a derived ref that is symbolic' '
  fresh
  git -C xen.git symbolic-ref refs/heads/xsa-4.17 refs/heads/staging-4.17
  refs | grep -v "4.18\|xsabot/rules" >before
  run 1
  says "^4.17: .*xsa-4.17 "
  refs | grep -v "4.18\|xsabot/rules" | cmp before -
  same refs/heads/staging-4.17 "$(git -C xen.git symbolic-ref refs/heads/xsa-4.17)"
'
test_expect 'refused: a derived ref that HEAD points to' '
  fresh
  git -C xen.git symbolic-ref HEAD refs/heads/xsa-4.17
  run 1
  says "refs/heads/xsa-4.17 is what HEAD points to, which is never written"
  same none "$(at refs/heads/xsa-4.17)"
  same none "$(at refs/xsabot/state/4.17)"
'
test_expect 'refused: a derived ref below or above a ref of somebody' '
  fresh
  add_config "[lines]" "derived = refs/heads/xsa/{line}"
  git -C xen.git branch xsa staging-4.17
  run 1
  says "refs/heads/xsa/4.17 clashes with another ref"
  same none "$(at refs/xsabot/state/4.17)"
  sound
'

# ---- blocks

# blocks: a commit that people exclude, and a fix that builds on it.
blocks() {
  commit_file xen version '4.17.0 between\n' 'between'
  commit_file xen version '4.17.0 fixed\n' 'x86: fix 5

This is part of XSA-5.'
  push_staging
  git -C xen.git notes --ref=xsa add -m 'Exclude: nothing may settle it' "$(oid HEAD~1)"
}
test_expect 'a block: the branch goes up to it, and the run says so' '
  fresh
  blocks
  fix 6
  run 1
  says "^4.17: XSA-5 does not apply: .* conflicts in version .*; see xsabot explain $(oid HEAD~1 | cut -c1-12)"
  same 2 "$(git -C xen.git rev-list --count RELEASE-4.17.0..xsa-4.17)"
'
# half_blocked: a fix, half of an advisory, and its other half, which blocks.
half_blocked() {
  make_advisory xen 3
  commit_file xen half.c 'x\n' 'x86: half

This is part of XSA-5.'
  blocks
}
test_expect '... in the middle of an advisory: the branch ends before its first commit' '
  fresh
  half_blocked
  run 1
  same "x86: fix 3" "$(git -C xen.git log -1 --format=%s xsa-4.17)"
  xsabot -c xsabot.conf verify 4.17 >out
'
test_expect '... does not take back what was published before it came' '
  fresh
  make_advisory xen 3
  commit_file xen half.c "x\n" "This is part of XSA-5."
  push_staging
  run
  was=$(at xsa-4.17)
  half_blocked
  run 1
  git -C xen.git merge-base --is-ancestor "$was" xsa-4.17
  git -C xen.git log --format=%s RELEASE-4.17.0..xsa-4.17 | grep -cx "This is part of XSA-5."
'
test_expect 'skip: the others go on, the run still says so' '
  fresh
  add_config "[policy]" "on-block = skip"
  half_blocked
  fix 6
  run 1
  says "XSA-5 is set aside"
  same "x86: fix 6" "$(git -C xen.git log -1 --format=%s xsa-4.17)"
'

# ---- lines

test_expect 'a line without a release: said, not an error' '
  SCENE=ran fresh
  push xen "HEAD:refs/heads/staging-4.19"
  run
  says "^4.19: nothing to do: refs/heads/staging-4.19 contains no release of the line"
'
test_expect 'a line that is named but not there: said, not an error' '
  fresh
  add_config "[lines]" "lines = 4.17 4.20"
  run
  says "^4.20: nothing to do: refs/heads/staging-4.20 is not there"
'
test_expect 'releases = all: a branch for each release, the newest included' '
  fresh
  add_config "[lines]" "releases = all"
  release 1
  fix 3
  run
  same "$(at xsa-4.17)" "$(at xsa-4.17.1)"
  same "3 1" "$(git -C xen.git rev-list --count RELEASE-4.17.0..xsa-4.17.0) $(git -C xen.git rev-list --count RELEASE-4.17.1..xsa-4.17.1)"
  same "$(at RELEASE-4.18.0)" "$(at xsa-4.18.0)"
  xsabot -c xsabot.conf plan 4.17.0 --format=ids | cmp - <(sources RELEASE-4.17.0..xsa-4.17.0)
'
test_expect '... when a release falls out of the number kept its branch stays as it is' '
  fresh
  add_config "[lines]" "releases = all"
  release 1
  run
  was=$(at xsa-4.17.0)
  sed -i "s/releases = all/releases = 1/" xsabot.conf
  fix 3
  run
  same "$was" "$(at xsa-4.17.0)"
'
test_expect 'another project by configuration alone' '
  fresh
  git -C xen checkout -q --orphan 7.0
  commit_file xen r.c "1\n" "release"
  git -C xen tag 7.0.12
  git -C xen tag 7.0.13-rc1
  commit_file xen s.c "1\n" "Fix overflow (CVE-2023-12345)"
  commit_file xen t.c "1\n" "Nothing"
  push xen 7.0 7.0.12 7.0.13-rc1
  sed "s#^path = .*#path = $PWD/xen.git#; s/^lines = .*/lines = 7.0/" "$T_SRC/conf/projects/redis.conf" >xsabot.conf
  run
  same "Fix overflow (CVE-2023-12345)" "$(git -C xen.git log --format=%s 7.0.12..security/7.0)"
  same CVE-2023-12345 "$(git -C xen.git log -1 --format="%(trailers:key=Xsabot-Advisory,valueonly,separator=)" security/7.0)"
'

# ---- verify

# verified STATUS PATTERN [OPTION]...: of 4.17 in DIR (xen.git).
verified() {
  local status=$1 pattern=$2
  shift 2
  exits "$status" xsabot -C "${DIR-xen.git}" verify 4.17 "$@" >out
  says "^4.17: refs/heads/xsa-4.17: $pattern"
}
test_expect 'verify: good, here, in a mirror and in a plain clone' '
  SCENE=ran fresh
  verified 0 "good: .*2 picks"
  git clone -q --mirror xen.git client
  DIR=client verified 0 good
  git clone -q xen.git clone
  DIR=clone verified 0 good
'
test_expect '... also of a stitch' '
  SCENE=ran fresh
  release 1
  fix 3
  run
  verified 0 good
  git clone -q xen.git clone
  DIR=clone verified 0 good
'
test_expect 'verify: behind is no difference, but for --strict' '
  SCENE=ran fresh
  fix 3
  verified 0 "behind: .*first 2 of 3 picks"
  verified 1 behind --strict
'
test_expect '... nor is a new release that the bot has not seen yet' '
  SCENE=ran fresh
  release 1
  verified 0 "behind: .*RELEASE-4.17.0 and 2 picks, as recorded; the newest release is RELEASE-4.17.1 now"
  verified 1 behind --strict
'
test_expect 'verify: a ref that somebody moved differs' '
  SCENE=ran fresh
  set_ref xsa-4.17 staging-4.17
  verified 1 "DIFFERS: someone moved it"
  git clone -q --mirror xen.git client
  DIR=client verified 1 DIFFERS
'
test_expect 'verify: what was made with notes is not judged where these and the record of it are not' '
  fresh
  git -C xen.git notes --ref=xsa add -m "Exclude: no" "$(xsabot -C xen.git plan 4.17 --format=ids | sed -n 1p)"
  run
  git clone -q xen.git clone
  DIR=clone verified 0 "can.t tell: .*another chain.* what it was made of is not here: git fetch origin"
  DIR=clone verified 1 "can.t tell" --strict
  (cd clone && eval "$(sed -n "s/.*made of is not here: //p" ../out)")
  DIR=clone verified 0 good
  set_ref xsa-4.17 staging-4.17
  git -C clone fetch -q origin "+refs/heads/*:refs/remotes/origin/*"
  DIR=clone verified 1 "DIFFERS: someone moved it"
'
test_expect 'verify: a line that no bot keeps is not judged' '
  fresh
  exits 0 xsabot -C xen.git verify 4.17 >out
  says "^4.17: refs/heads/xsa-4.17: nothing: .*no bot keeps it"
'
test_expect 'verify: a forged chain differs, even with a state that fits, and it is said where' '
  SCENE=ran fresh
  forged=$(git -C xen.git commit-tree -p xsa-4.17~1 -m forged "xsa-4.17~1^{tree}")
  git -C xen.git cat-file blob refs/xsabot/state/4.17:state.json | sed "s/$(at xsa-4.17)/$forged/" >state.json
  git -C xen.git read-tree refs/xsabot/state/4.17
  git -C xen.git update-index --cacheinfo "100644,$(git -C xen.git hash-object -w --stdin <state.json),state.json"
  git -C xen.git update-ref refs/xsabot/state/4.17 "$(git -C xen.git commit-tree -m s "$(git -C xen.git write-tree)")"
  set_ref xsa-4.17 "$forged"
  verified 1 "DIFFERS: .*"
'
test_expect 'verify: rules that changed since are told apart from a wrong chain' '
  SCENE=ran fresh
  add_config "[rules]" "not-security = XSA-2"
  exits 1 xsabot -c xsabot.conf verify 4.17 >out
  says "the inputs of now give another chain, from pick 2 on"
'

# ---- explain

test_expect 'explain: a fix, by either id and by its advisory' '
  SCENE=ran fresh
  for what in "$(at staging-4.17)" "$(at xsa-4.17)" XSA-2; do
    xsabot -c xsabot.conf explain "$what" 4.17 >out
    says "pick 2 of 2, as security: its message says that it fixes XSA-2"
    says "in the branch as $(at xsa-4.17)"
  done
  grep -q "XSA-2 is applied" out
'
test_expect 'explain: a commit that is not in the branch, and why' '
  SCENE=ran fresh
  xsabot -c xsabot.conf explain "$(at staging-4.17~1)" 4.17 >out
  says "not in the branch: no rule makes it"
'
test_expect 'explain: an excluded fix' '
  fresh
  git -C xen.git notes --ref=xsa add -m "Exclude: not built" staging-4.17
  xsabot -c xsabot.conf explain XSA-2 4.17 >out
  says "XSA-2 is excluded, 1 of 1 commits excluded"
  says "left out (excluded): excluded by a note: not built"
'
test_expect 'explain: a blocked fix, both sides and what to type' '
  fresh
  half_blocked
  xsabot -c xsabot.conf explain XSA-5 4.17 >out
  says "XSA-5 is blocked"
  says "version: content: both sides change the same lines"
  says "< 4.17.0$"
  says "> 4.17.0 fixed$"
  says "git checkout --detach [0-9a-f]* && git cherry-pick -x .*$(at staging-4.17 | cut -c 1-12)\$"
'
test_expect 'explain: an advisory that the release has' '
  SCENE=ran fresh
  release 1
  xsabot -c xsabot.conf explain XSA-2 4.17 >out
  says "XSA-2 is applied-in-base: RELEASE-4.17.1 has it"
'
test_expect 'explain: a pending one under skip' '
  fresh
  add_config "[policy]" "on-block = skip"
  half_blocked
  xsabot -c xsabot.conf explain "$(at staging-4.17)" 4.17 >out
  says "left out (pending): .*conflicts in version"
'
test_expect 'explain: a reverted one' '
  fresh
  git -C xen revert --no-edit HEAD >/dev/null
  push_staging
  xsabot -c xsabot.conf explain XSA-2 4.17 >out
  says "XSA-2 is reverted"
'

# ---- exit statuses and trouble

test_expect 'exit 0: help and version, everywhere' '
  for c in "" run plan build publish explain verify check-config install-hook adopt; do
    xsabot $c -h >out 2>&1
    says "^usage: xsabot"
  done
  xsabot --version | grep -c "^xsabot [0-9]"
'
test_expect 'exit 64: an unknown command, option, format or line, a missing operand' '
  fresh
  exits 64 xsabot -C xen.git frobnicate
  exits 64 xsabot -C xen.git plan --frobnicate
  exits 64 xsabot -C xen.git plan --format=yaml
  exits 64 xsabot -C xen.git plan 9.9
  exits 64 xsabot -C xen.git plan 4.17.7
  exits 64 xsabot -C xen.git publish
  exits 64 xsabot -C xen.git plan 4.17 --base nothing
  exits 64 xsabot -C xen.git run --strict
  exits 64 xsabot run
'
test_expect 'exit 64: work without the configuration that is used otherwise' '
  SCENE=ran fresh
  fix 3
  exits 64 xsabot -C xen.git publish 4.17 2>err
  grep -q -e "-c $PWD/xsabot.conf" err
  exits 64 xsabot -C xen.git run
  same "$(at xsa-4.17)" "$(git -C "$SCENES/ran/xen.git" rev-parse xsa-4.17)"
  rm xen.git.xsabot/configuration
  xsabot -C xen.git run >out
  says "3 picks"
'
test_expect 'exit 70: no repository there' '
  exits 70 xsabot -C nowhere run 2>err
  grep -q "^xsabot: .*nowhere" err
'
test_expect 'exit 78: every mistake of the configuration at once' '
  fresh
  add_config "[policy]" "on-block = perhaps" "histroy = stitch"
  exits 78 xsabot -c xsabot.conf run 2>err
  grep -q "xsabot.conf:4: .*on-block" err
  grep -q "xsabot.conf:5: .*histroy" err
  exits 78 xsabot -c missing.conf run
'
test_expect 'exit 78: a derived pattern that could take a staging ref' '
  fresh
  add_config "[lines]" "derived = refs/heads/staging-{line}"
  refs >before
  exits 78 xsabot -c xsabot.conf run
  refs | cmp before -
'
test_expect 'exit 75: a second instance, which says who has the lock' '
  fresh
  run
  exits 75 flock xen.git.xsabot/lock "$XSABOT" -c xsabot.conf run 2>err
  grep -q "another instance (pid [0-9]*) holds" err
'
if [ "$(id -u)" = 0 ] && mkdir small && mount -t tmpfs -o size=3m tmpfs small 2>/dev/null; then
  at_exit 'umount "$SANDBOX/work/small"'
  # room KIB: all but so much of the disk is full.
  room() {
    dd if=/dev/zero of=small/fill bs=4k 2>/dev/null || :
    truncate -s $(($(stat -c %s small/fill) - $1 * 1024)) small/fill
  }
  # whole_lines: each line has both of its refs, where they shall be, or none; one that has only the first has
  # an intent, by which the next run finishes it. Prints how many are whole.
  whole_lines() {
    git -C small/xen.git for-each-ref refs/heads/xsa-\* refs/xsabot >got
    same '' "$(grep -vxFf want got)" >&2
    sed -n 's#.*/state/##p' got >whole
    for l in $(sed -n 's#.*/xsa-##p' got | grep -vxFf whole); do
      [ -f "small/xen.git.xsabot/intent/$l.json" ] || { echo "half: $l"; return 1; } >&2
    done
    grep -c /state/ got || :
  }
  test_expect 'exit 75: a full disk; no line stays half published, and the next run succeeds' '
    SCENE=ran fresh
    git -C xen.git for-each-ref refs/heads/xsa-\* refs/xsabot >want
    failed=0
    for kib in 0 8 16 28 36 40 44 52 60; do
      rm -rf small/*
      cp -a "$SCENES/first/xen.git" small/
      room $kib
      exits 75 xsabot -C small/xen.git run 2>err && failed=$((failed + 1)) || same 2 "$(whole_lines)"
      whole_lines
      rm small/fill
      xsabot -C small/xen.git run >out
      same 2 "$(whole_lines)"
      sound small/xen.git
    done
    [ $failed -ge 3 ]
  '
else
  skip 'exit 75: a full disk; no line stays half published, and the next run succeeds' 'no tmpfs can be mounted'
fi
test_expect 'a commit that is none that can be read keeps its line back, and no other' '
  fresh
  run
  old=$(at xsa-4.17)
  git -C xen cat-file commit HEAD | sed "s/^parent.*/parent 123/" >torn
  torn=$(git -C xen.git hash-object --literally -t commit -w "$PWD/torn")
  git -C xen checkout -q staging-4.18
  make_advisory xen 7
  push xen staging-4.18
  echo "$torn" >xen.git/refs/heads/staging-4.17
  run 70
  says "^4.18: refs/heads/xsa-4.18 is now"
  grep "4.17: commit $torn: bad commit object: bad parent id" err
  same "$old" "$(at xsa-4.17)"
  git -C xen checkout -q staging-4.17
  oid >xen.git/refs/heads/staging-4.17
  run
  same "$old" "$(at xsa-4.17)"
'
test_expect '... nor does one that git itself cannot read' '
  fresh
  run
  old=$(at xsa-4.17)
  git -C xen cat-file commit HEAD | sed "s/^tree.*/tree nothing/" >bad
  bad=$(git -C xen.git hash-object --literally -t commit -w "$PWD/bad")
  git -C xen checkout -q staging-4.18
  make_advisory xen 7
  push xen staging-4.18
  echo "$bad" >xen.git/refs/heads/staging-4.17
  run 70
  says "^4.18: refs/heads/xsa-4.18 is now"
  grep "4.17: .*$bad: bad commit object: bad tree id" err
  same "$old" "$(at xsa-4.17)"
'
test_expect 'a result that cannot be written is no success' '
  fresh
  exits 75 xsabot -C xen.git plan --format=json >/dev/full
'
test_expect 'check-config shows what it finds' '
  SCENE=ran fresh
  xsabot -c xsabot.conf check-config >out
  says "^4.17: refs/heads/staging-4.17 on RELEASE-4.17.0 -> refs/heads/xsa-4.17 (exists)"
'

done_testing
