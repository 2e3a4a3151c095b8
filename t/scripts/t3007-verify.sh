#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whoever has the public refs can verify, without a configuration; and what was tampered with is named.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

# ---- a repository with rules of its own, as after a run; fresh takes a copy

make_line xen.git xen 4.17
sec_fix() { # N CONTENT: to a.c
  commit a.c "$2" "x86: fix $1

This is SEC-$1."
}
sec_fix 1 "$(edited 1=one)" >/dev/null
OTHER=$(GIT_AUTHOR_NAME=Other commit other.c x 'docs: not a fix of anything')
sec_fix 2 "$(edited 1=one 10=two)" >/dev/null
sec_fix 3 "$(edited 1=one 10=two 19=three)" >/dev/null
push xen staging-4.17
make_line xen.git xen 4.16
commit b.c x "x86: fix 1

This is SEC-1." >/dev/null
push xen staging-4.16
git -C xen checkout -q staging-4.17
base_config '[lines]' 'derived = refs/heads/sec/{line}' 'lines = 4.16-' \
  '[rules]' 'security = This is (SEC-\d+)' 'advisory = SEC-{n}' '[line 4.16]' 'on-block = skip' \
  '[committer]' 'name = The Bot' 'email = bot@example.org' '[gate]' 'timeout = 1h'
set_config
run
save_scene

# verified STATUS PATTERN [ARG]...: what verify says in DIR, without a configuration.
verified() {
  local status=$1 pattern=$2
  shift 2
  exits "$status" xsabot -C "${DIR-client}" verify "$@" >out 2>err || { cat out err; return 1; }
  says "$pattern"
}
mirrored() { rm -rf client; git clone -q --mirror xen.git client; }

# ---- without a configuration

test_expect 'the list of lines and the rules are in a ref of their own, once' '
  fresh
  same "4.16 kept refs/heads/sec/4.16
4.17 kept refs/heads/sec/4.17" "$(git -C xen.git cat-file blob refs/xsabot/rules:lines)"
  git -C xen.git cat-file blob refs/xsabot/rules:rules >rules
  grep "^security=This is (SEC-" rules
  grep "^lines=4.16" rules
  fails grep "timeout\|path\|$PWD" rules
  was=$(at refs/xsabot/rules)
  bot_ends 0 run
  same "$was" "$(at refs/xsabot/rules)"
  git -C xen.git update-ref -d refs/xsabot/rules
  bot_ends 0 run
  same "$was^{tree}" "$was^{tree}"
  same "$(git -C xen.git rev-parse "$was^{tree}")" "$(git -C xen.git rev-parse "refs/xsabot/rules^{tree}")"
'
test_expect '... on top of the last one, where these change; no clock is in it' '
  fresh
  was=$(at refs/xsabot/rules)
  printf "%s\n" "[picks]" "$OTHER = Exclude: no" >>xsabot.conf
  bot_ends 0 run
  same "$was" "$(at refs/xsabot/rules~1)"
  same "$(git -C xen.git log -1 --format=%ct "$was")" "$(git -C xen.git log -1 --format=%ct refs/xsabot/rules)"
  git -C xen.git cat-file blob refs/xsabot/rules:rules | grep "^$OTHER=Exclude:no"
'
test_expect 'a mirror clone needs no configuration' '
  fresh
  mirrored
  verified 0 "^4.17: refs/heads/sec/4.17: good: .*3 picks"
  verified 0 "^4.16: refs/heads/sec/4.16: good"
  for cmd in "plan --format=ids" "advisories --format=json" "check" "explain SEC-2"; do
    xsabot -C client $cmd 4.17 >a
    xsabot -c xsabot.conf $cmd 4.17 >b
    cmp <(sed "s#-C [^ ]*#OPT#" a) <(sed "s#-c [^ ]*#OPT#" b)
  done
  xsabot -C client export 4.17 patches
  same 3 "$(grep -c "^[^#]" patches/series)"
'
test_expect '... and a plain clone none, once it has the refs that verify asks for' '
  fresh
  git -C xen.git notes --ref=xsa add -m "Security: SEC-9" "$OTHER"
  bot_ends 0 run
  git clone -q xen.git clone
  git -C clone fetch -q origin refs/xsabot/rules:refs/xsabot/rules
  DIR=clone verified 0 "^4.17: refs/heads/sec/4.17: can.t tell: .*made of is not here: git fetch origin"
  sed -n "s/^4.17.*made of is not here: //p" out >fetch
  sh -ec "cd clone; $(cat fetch)"
  DIR=clone verified 0 "^4.17: refs/heads/sec/4.17: good: .*4 picks"
'
test_expect 'what others put there can name no file and no program of this host' '
  fresh
  printf "%s\n" "$(git -C xen.git cat-file blob refs/xsabot/rules:rules)" "[gate]" "command = touch $PWD/gated" \
    "[rules]" "metadata = $PWD/meta" "[repository]" "state = $PWD/elsewhere" >rules
  git -C xen.git read-tree refs/xsabot/rules
  git -C xen.git update-index --add --cacheinfo "100644,$(git -C xen.git hash-object -w --stdin <rules),rules"
  git -C xen.git update-ref refs/xsabot/rules "$(git -C xen.git commit-tree -m x "$(git -C xen.git write-tree)")"
  mirrored
  printf "[" >meta
  verified 0 "^4.17: refs/heads/sec/4.17: good"
  xsabot -C client advisories >out 2>&1
  fails grep "meta" out
  fails test -e gated -o -e elsewhere
'
test_expect '... and what is no list of rules is named' '
  fresh
  git -C xen.git update-ref refs/xsabot/rules staging-4.17
  mirrored
  exits 70 xsabot -C client verify 2>err
  grep "refs/xsabot/rules.*no file .rules." err
  xsabot -c xsabot.conf run
  mirrored
  verified 0 "good"
'
test_expect 'a line that is no longer kept is judged as of its end' '
  fresh
  sed -i "s/lines = 4.16-/lines = 4.17/; /line 4.16/,+1d" xsabot.conf
  bot_ends 0 run
  git -C xen.git cat-file blob refs/xsabot/rules:lines | grep "^4.16 frozen refs/heads/sec/4.16$"
  mirrored
  verified 0 "^4.16: refs/heads/sec/4.16: good: it is RELEASE-4.16.0 and 1 picks, as recorded; it is no longer kept"
  verified 0 "^4.16: refs/heads/sec/4.16: good" 4.16
  git -C client update-ref refs/heads/sec/4.16 RELEASE-4.16.0^0
  verified 1 "^4.16: refs/heads/sec/4.16: DIFFERS: someone moved it"
  exits 64 xsabot -C client verify 4.15
'
test_expect '... also one that a person ended' '
  fresh
  bot_ends 0 retire 4.16 --reason "nobody takes it"
  bot_ends 0 run
  git -C xen.git cat-file blob refs/xsabot/rules:lines | grep "^4.16 ended refs/heads/sec/4.16$"
  mirrored
  verified 0 "^4.16: refs/heads/sec/4.16: good: .* it ended at .*: nobody takes it"
'
test_expect 'a stable branch that is not in this copy can'"'"'t be compared with; the command is printed' '
  fresh
  mirrored
  git -C client update-ref -d refs/heads/staging-4.17
  verified 0 "^4.17: refs/heads/sec/4.17: can.t tell: it is RELEASE-4.17.0 and 3 picks, as recorded; .*: git fetch origin refs/heads/staging-4.17:refs/heads/staging-4.17"
  exits 1 xsabot -C client verify 4.17 --strict
  git -C client fetch -q origin refs/heads/staging-4.17:refs/heads/staging-4.17
  verified 0 "^4.17: .*good"
'
test_expect '... nor is what was made of notes that are not in it' '
  fresh
  git -C xen.git notes --ref=xsa add -m "Security: SEC-9" "$OTHER"
  bot_ends 0 run
  git clone -q "file://$PWD/xen.git" clone
  git -C clone fetch -q origin "+refs/xsabot/*:refs/xsabot/*"
  DIR=clone verified 0 "^4.17: refs/heads/sec/4.17: can.t tell: .*$(git -C xen.git rev-parse refs/notes/xsa | cut -c1-12)"
  rm -rf clone
  git clone -q xen.git clone
  git -C clone fetch -q origin "+refs/xsabot/*:refs/xsabot/*"
  DIR=clone verified 0 "^4.17: refs/heads/sec/4.17: can.t tell: .*made of is not here: git fetch origin"
'

# ---- tamperings

# picks: the derived commits, in order.
picks() { git -C xen.git rev-list --reverse --first-parent "RELEASE-4.17.0..${1-sec/4.17}"; }
# pick N: one of them.
pick() { picks | sed -n "$1p"; }
# remade COMMIT PARENT [SED]: that commit on another parent, with more changed in its raw form.
remade() {
  git -C xen.git cat-file commit "$1" | sed -e "s/^parent .*/parent $2/" ${3+-e "$3"} |
    git -C xen.git hash-object -t commit -w --stdin
}
# chained BASE COMMIT...: these, each on the one before; the last one is the derived branch.
chained() {
  local on=$1 c
  shift
  for c; do on=$(remade "$c" "$on"); done
  git -C xen.git update-ref refs/heads/sec/4.17 "$on"
}
base() { git -C xen.git rev-parse RELEASE-4.17.0^0; }
# with_byte TREEISH: its tree with a byte more in a.c.
with_byte() {
  local blob
  git -C xen.git read-tree "$1"
  blob=$({ git -C xen.git cat-file blob "$1:a.c"; printf x; } | git -C xen.git hash-object -w --stdin)
  git -C xen.git update-index --cacheinfo "100644,$blob,a.c"
  git -C xen.git write-tree
}
# differs PATTERN: the mirror says so, and that this is the matter.
differs() {
  mirrored
  verified 1 "^4.17: refs/heads/sec/4.17: DIFFERS: .*$1" 4.17
}

test_expect 'a byte in a pick' '
  fresh
  two=$(remade "$(pick 2)" "$(pick 1)" "s/^tree .*/tree $(with_byte "$(pick 2)")/")
  chained "$two" "$(pick 3)"
  differs ": pick 2, ${two:0:12}, which is [0-9a-f]* x86: fix 2, has other contents, in a.c"
'
test_expect 'a pick left out' '
  fresh
  chained "$(base)" "$(pick 1)" "$(pick 3)"
  differs ": pick 2, [0-9a-f]* x86: fix 2, was left out"
'
test_expect 'a pick added' '
  fresh
  more=$(git -C xen.git commit-tree -p "$(pick 1)" -m "x86: fine" "$(git -C xen.git rev-parse "$(pick 1)^{tree}")")
  chained "$more" "$(pick 2)" "$(pick 3)"
  differs ": pick 2, ${more:0:12}, was added"
'
test_expect '... also at the end, and as a commit that the plan lacks' '
  fresh
  more=$(git -C xen.git commit-tree -p sec/4.17 -m "x86: no fix

Xsabot-Source: $OTHER" "sec/4.17^{tree}")
  git -C xen.git update-ref refs/heads/sec/4.17 "$more"
  differs ": pick 4, ${more:0:12}, was added"
'
test_expect 'picks swapped' '
  fresh
  chained "$(base)" "$(pick 2)" "$(pick 1)" "$(pick 3)"
  differs ": the order of the picks, from pick 1 on: [0-9a-f]* x86: fix 1 comes later"
'
test_expect 'another author' '
  fresh
  two=$(remade "$(pick 2)" "$(pick 1)" "s/^author A U Thor/author M A Llory/")
  chained "$two" "$(pick 3)"
  differs ": pick 2, ${two:0:12}, .* x86: fix 2, has another author$"
'
test_expect 'another date' '
  fresh
  two=$(remade "$(pick 2)" "$(pick 1)" "/^author/s/ 15[0-9]* / 1400000000 /")
  chained "$two" "$(pick 3)"
  differs ": pick 2, ${two:0:12}, .* x86: fix 2, has another author date"
'
test_expect '... or message' '
  fresh
  two=$(remade "$(pick 2)" "$(pick 1)" "s/^This is SEC-2/This is SEC-20/")
  chained "$two" "$(pick 3)"
  differs ": pick 2, ${two:0:12}, .* has another message"
'
test_expect 'a stitch with a change of the tree' '
  fresh
  git -C xen tag -a -m r RELEASE-4.17.1
  commit c.c x "x86: fix 4

This is SEC-4." >/dev/null
  git -C xen push -q origin staging-4.17 RELEASE-4.17.1
  bot_ends 0 run
  same 2 "$(git -C xen.git log -1 --format=%P sec/4.17 | wc -w)"
  stitch=$(git -C xen.git cat-file commit sec/4.17 | sed "s/^tree .*/tree $(with_byte sec/4.17)/" |
    git -C xen.git hash-object -t commit -w --stdin)
  git -C xen.git update-ref refs/heads/sec/4.17 "$stitch"
  differs ": the stitch ${stitch:0:12} changes a.c, and should change nothing"
'
# state_is FILE: the state of 4.17 has it as its state.json.
state_is() {
  git -C xen.git read-tree refs/xsabot/state/4.17
  git -C xen.git update-index --cacheinfo "100644,$(git -C xen.git hash-object -w --stdin <"$1"),state.json"
  git -C xen.git update-ref refs/xsabot/state/4.17 "$(git -C xen.git commit-tree -m s "$(git -C xen.git write-tree)")"
}
test_expect 'a state forged' '
  fresh
  two=$(xsabot -c xsabot.conf plan 4.17 --format=ids | sed -n 2p)
  git -C xen.git cat-file blob refs/xsabot/state/4.17:state.json >state.json
  jq ".picks[1].derived = .picks[0].derived | .picks[1].commit = .picks[0].commit" state.json >forged.json
  state_is forged.json
  differs "the record names other picks than its inputs give, from pick 2 on: recorded .*, recomputed ${two:0:12} x86: fix 2"
'
test_expect '... to fit a forged branch' '
  fresh
  git -C xen.git cat-file blob refs/xsabot/state/4.17:state.json >state.json
  was=$(at sec/4.17)
  chained "$(base)" "$(pick 1)" "$(pick 3)"
  sed "s/$was/$(at sec/4.17)/" state.json >forged.json
  state_is forged.json
  differs "the recorded inputs give another chain, from pick "
  jq ".published = \"$(at sec/4.17)\"" state.json >forged.json
  state_is forged.json
  differs "neither the recorded chain ${was:0:12} nor a stitch on it: pick 2, .* x86: fix 2, was left out"
'
test_expect '... or none at all' '
  fresh
  echo "{" >forged.json
  state_is forged.json
  differs "refs/xsabot/state/4.17 is no record that a bot made"
'
test_expect 'a missing blob' '
  fresh
  mirrored
  git -C xen.git rev-list --objects --all | cut -d" " -f1 | git -C xen.git pack-objects --stdout -q >all.pack
  rm -rf client/objects/pack/* client/objects/info/alternates client/objects/??
  git -C client unpack-objects -q <all.pack
  blob=$(git -C client rev-parse sec/4.17:a.c)
  verified 0 "^4.17: .*good" 4.17
  rm -f "client/objects/${blob:0:2}/${blob:2}"
  verified 1 "^4.17: refs/heads/sec/4.17: DIFFERS: .*${blob:0:12}" 4.17
'
test_expect 'a wrong base' '
  fresh
  chained "$(git -C xen.git rev-parse RELEASE-4.17.0~1)" "$(pick 1)" "$(pick 2)" "$(pick 3)"
  differs ": it does not stand on RELEASE-4.17.0, $(base | cut -c1-12)"
'
done_testing
