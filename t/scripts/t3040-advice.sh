#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every command that people are told to give does what they are told that it does, as it stands. The
# repository is in a directory whose name wants quotes, and the notes have a name of their own.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

mkdir "the bot's place" bin
cd "the bot's place"
ln -s "$XSABOT" ../bin/xsabot
PATH=$SANDBOX/work/bin:$PATH
unset -f xsabot
make_line xen.git xen 4.17
make_advisory xen 1
push xen staging-4.17
save_scene
base_config '[rules]' 'notes = refs/notes/our/fixes'

blocks() { xsabot -c xsabot.conf plan 4.17 --no-discover --format=json | jq '.lines[0].blocked | length'; }
# told AFTER [FILE]: the command that follows these words, up to what ends a sentence.
told() { sed -n "s/^.*$1\"\{0,1\}//; t found; d; :found; s/\"\{0,1\}\( takes it over\)\{0,1\}$//; p; q" "${2-out}"; }
# typed COMMAND: in a clone, as it stands.
typed() {
  echo "+ $1"
  [ -d clone ] || git clone -q xen.git clone
  (cd clone && sh -e -c "$1")
}
# blocked: XSA-7 needs a commit that no tag names, and which has a note of another kind.
blocked() {
  fresh
  need=$(commit a.c "one\ntwo\nthree\nfour\nFIVE\nsix\nseven\neight\nnine\nten\n" "x86: shout")
  bad=$(commit a.c "one\ntwo\nthree\nfour\nFIVE!\nsix\nseven\neight\nnine\nten\n" "x86: check

This is XSA-7.")
  push_staging
  git -C xen.git notes --ref=our/fixes append -m "Reviewed: yes" "$need"
}
# way N: explain names its Nth way to settle the block of XSA-7, and that it is for the case CASE.
way() {
  xsabot -c "$PWD/xsabot.conf" explain XSA-7 4.17 --no-discover >out
  sed -n "s/^  to settle it: //p" out | sed -n "$1p"
}

test_expect 'explain: the need that settles a block, by a note, beside the notes that are there' '
  blocked
  same 1 "$(blocks)"
  typed "$(way 1)"
  same 0 "$(blocks)"
  git -C xen.git notes --ref=our/fixes show "$need" | grep -x "Reviewed: yes"
'
test_expect 'explain: a backport that stands for the commit' '
  blocked
  git clone -q xen.git clone
  git -C clone checkout -q --detach RELEASE-4.17.0
  echo checked >clone/a.c
  git -C clone commit -qam "x86: check, for 4.17"
  typed "$(way 2)"
  same 0 "$(blocks)"
  run
  same checked "$(git -C xen.git show xsa-4.17:a.c)"
'
test_expect 'explain: that it is not for this line' '
  blocked
  typed "$(way 3)"
  same 0 "$(blocks)"
'
test_expect 'explain: a need that was excluded by mistake' '
  blocked
  git -C xen.git notes --ref=our/fixes append -m "Exclude: no" "$need"
  export GIT_EDITOR="sed -i /Exclude/d"
  xsabot -c "$PWD/xsabot.conf" explain XSA-7 4.17 >out
  typed "$(sed -n "s/^  to settle it: //p" out | sed -n 1p)"
  xsabot -c xsabot.conf plan 4.17 >out
'
test_expect 'explain: the conflict by plain git, with the picks before it, a merge among them' '
  fresh
  git -C xen checkout -q -b side HEAD^
  commit side.c "aside\n" "x86: aside" >/dev/null
  git -C xen checkout -q staging-4.17
  tick
  git -C xen merge -q --no-ff -m "Merge aside

This is XSA-5." side
  commit a.c "none\n" "x86: no fix" >/dev/null
  commit a.c "some\n" "x86: check

This is XSA-7." >/dev/null
  push_staging
  xsabot -c "$PWD/xsabot.conf" explain XSA-7 4.17 --no-discover >out
  grep -q "cherry-pick -x -m 1" out
  git clone -q xen.git clone
  fails typed "$(told "to reproduce: ")"
  same "UU a.c" "$(git -C clone status --porcelain | grep a.c)"
  [ -e clone/side.c ]
  xsabot -c xsabot.conf build 4.17 --no-discover >/dev/null || [ $? = 1 ]
  xsabot -c "$PWD/xsabot.conf" explain XSA-7 4.17 --no-discover >out
  rm -rf clone
  git clone -q --shared xen.git clone
  fails typed "$(told "to reproduce: ")"
  same "UU a.c" "$(git -C clone status --porcelain | grep a.c)"
'
test_expect 'run: what a blocked line is about' '
  blocked
  git -C xen.git notes --ref=our/fixes append -m "Exclude: no" "$need"
  run 1
  typed "$(told "; see ")" >out
  grep -q "blocked: " out
'
test_expect 'run: a branch that someone moved, taken over' '
  fresh
  run
  git -C xen.git update-ref refs/heads/xsa-4.17 "$(at staging-4.17)"
  run 1
  typed "$(told "accept that with ")"
  run
'
test_expect 'run: a branch that someone made, taken over' '
  fresh
  git -C xen.git update-ref refs/heads/xsa-4.17 "$(at staging-4.17)"
  run 1
  typed "$(told "did not make it; ")"
  run
'
test_expect 'run: what is lost, accepted' '
  fresh
  make_advisory xen 2
  push_staging
  run
  git -C xen reset -q --hard HEAD^
  push_staging -f
  run 1
  typed "$(told "if that is right: ")"
  run
'
test_expect 'run: a test that was at fault, repeated' '
  fresh
  add_config "[gate]" "command = test -e $SANDBOX/good" "sandbox = no"
  run 1
  touch "$SANDBOX/good"
  run 1
  typed "$(told "if the test is at fault: ")"
  run
'
test_expect 'mail: a branch that someone deleted or moved, put back' '
  fresh
  printf "%s\n" "#!/bin/sh" "cat >>\"$SANDBOX/mails\"" >"$SANDBOX/work/bin/keep"
  chmod +x "$SANDBOX/work/bin/keep"
  add_config "[mail]" "from = bot@example.org" "to = me@example.org" "transport = $SANDBOX/work/bin/keep"
  run
  was=$(at xsa-4.17)
  for now in "" "$(at staging-4.17)"; do
    rm -f "$SANDBOX/mails"
    if [ -n "$now" ]; then
      git -C xen.git update-ref refs/heads/xsa-4.17 "$now"
    else
      git -C xen.git update-ref -d refs/heads/xsa-4.17
    fi
    run 1
    typed "$(/usr/bin/python3 -m quopri -d "$SANDBOX/mails" | sed -n "s/^ *\(git -C .* update-ref\)/\1/p")"
    same "$was" "$(at xsa-4.17)"
    run
  done
'
test_expect 'mirror: a ref there that someone moved, taken over' '
  fresh
  mirror=$SANDBOX/work/mirror.git
  git init -q --bare "$mirror"
  add_config "[mirror near]" "url = $mirror"
  run
  same "$(at xsa-4.17)" "$(git -C "$mirror" rev-parse xsa-4.17)"
  git -C "$mirror" update-ref refs/heads/xsa-4.17 "$(at RELEASE-4.17.0^{})"
  make_advisory xen 2
  push_staging
  xsabot -c xsabot.conf run >out 2>err || :
  typed "$(told "to go on from what is there now: " err)"
  same "$(at xsa-4.17)" "$(git -C "$mirror" rev-parse xsa-4.17)"
'
done_testing
