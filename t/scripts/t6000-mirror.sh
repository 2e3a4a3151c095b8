#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Mirrors: what arrives there, and what doesn't.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
. "$T_DIR/mirror-lib.sh"

mirror_setup

# ---- what arrives

test_expect 'a run pushes the derived and the state refs, and nothing else' '
  ran
  same "refs/heads/xsa-4.17 refs/xsabot/rules refs/xsabot/state/4.17" "$(names mirror.git)"
  same_there mirror.git
  says "mirror near: refs/heads/xsa-4.17 is now $(at xsa-4.17 | cut -c1-12) (was not there)"
'
test_expect 'other branches, tags, candidates and results of tests do not' '
  mirrored
  for ref in refs/heads/other refs/tags/x refs/heads/xsa-9.9 refs/xsabot/candidate/4.17 refs/xsabot/tested/4.17 \
    refs/notes/other refs/xsabot/other; do git -C xen.git update-ref $ref staging-4.17; done
  run
  same "refs/heads/xsa-4.17 refs/xsabot/rules refs/xsabot/state/4.17" "$(names mirror.git)"
'
test_expect 'notes and fix-ups do' '
  mirrored
  git -C xen.git update-ref refs/xsabot/fixups/a RELEASE-4.17.0^0
  note_on staging-4.17 "Security: XSA-1"
  run
  same "refs/heads/xsa-4.17 refs/notes/xsa refs/xsabot/fixups/a refs/xsabot/rules refs/xsabot/state/4.17" "$(names mirror.git)"
  same_there mirror.git
'
test_expect 'a symbolic ref that leads elsewhere does not' '
  mirrored
  git -C xen.git branch secret staging-4.17
  git -C xen.git symbolic-ref refs/notes/xsa refs/heads/secret
  git -C xen.git symbolic-ref refs/xsabot/fixups/a refs/heads/secret
  run
  same "refs/heads/xsa-4.17 refs/xsabot/rules refs/xsabot/state/4.17" "$(names mirror.git)"
'
test_expect 'in a clone of a mirror that has the stable branches, too, everything can be verified' '
  mirrored
  note_on staging-4.17 "Security: XSA-1"
  git -C xen.git push -q ../mirror.git staging-4.17 RELEASE-4.17.0
  run
  git clone -q --mirror mirror.git clone.git
  exits 0 xsabot -C clone.git verify >out 2>err
  says "^4.17: refs/heads/xsa-4.17: good"
'
test_expect 'a run that changes nothing does not visit the mirror' '
  ran
  mv mirror.git away
  run
  mv away mirror.git
'
test_expect 'later fixes follow; a release that stitches does, too' '
  ran
  fix 2
  git -C xen tag -a -m r RELEASE-4.17.1
  push xen RELEASE-4.17.1
  run
  same_there mirror.git
'
test_expect 'kept releases are mirrored' '
  mirrored
  printf "%s\n" "[lines]" "releases = all" >>xsabot.conf
  run
  same "refs/heads/xsa-4.17 refs/heads/xsa-4.17.0 refs/xsabot/rules refs/xsabot/state/4.17 refs/xsabot/state/4.17.0" "$(names mirror.git)"
'
test_expect 'a derived ref that someone moved here is not spread' '
  ran
  was=$(there mirror.git xsa-4.17)
  git -C xen.git update-ref refs/heads/xsa-4.17 staging-4.17
  run 1
  mirror 0 --push
  same "$was" "$(there mirror.git xsa-4.17)"
'
test_expect 'history = rewrite: the mirror goes along' '
  mirrored
  printf "%s\n" "[policy]" "history = rewrite" >>xsabot.conf
  fix 2
  run
  note_on staging-4.17~1 "Exclude: not here"
  run
  says "mirror near: refs/heads/xsa-4.17 is now"
  same_there mirror.git
'

# ---- what others do there

test_expect 'a ref that someone moved there is left alone and told, at each run, until it is taken over' '
  ran
  git -C mirror.git update-ref refs/heads/xsa-4.17 "$(at RELEASE-4.17.0)"
  fix 2
  run 1
  says "mirror near: refs/heads/xsa-4.17: someone moved it there to .*xsabot mirror near --adopt"
  same "$(at RELEASE-4.17.0)" "$(there mirror.git xsa-4.17)"
  run 1
  says "mirror near: behind by 1 of 3 refs and 1 commits.*someone moved it there"
  mirror 1 near
  mirror 0 near --adopt
  same_there mirror.git
  run
'
test_expect 'the other refs are pushed nevertheless' '
  ran
  git -C mirror.git update-ref refs/heads/xsa-4.17 "$(at RELEASE-4.17.0)"
  fix 2
  run 1
  same "$(there xen.git refs/xsabot/state/4.17)" "$(there mirror.git refs/xsabot/state/4.17)"
'
test_expect 'a commit of theirs that is not known here: the same' '
  ran
  git clone -q mirror.git theirs -b xsa-4.17
  commit_file theirs x x theirs
  git -C theirs push -q
  rm -rf theirs
  was=$(there mirror.git xsa-4.17)
  fix 2
  run 1
  says "someone moved it there to $(echo $was | cut -c1-12)"
  same "$was" "$(there mirror.git xsa-4.17)"
  mirror 0 near --adopt
  same_there mirror.git
'
test_expect 'a ref that someone deleted there is not made again unasked' '
  ran
  git -C mirror.git update-ref -d refs/heads/xsa-4.17
  fix 2
  run 1
  says "someone deleted it there"
  same none "$(there mirror.git xsa-4.17)"
  mirror 0 near --adopt
  same_there mirror.git
'
test_expect 'a first push goes forward from what is there' '
  mirrored
  git -C xen.git push -q ../mirror.git RELEASE-4.17.0^0:refs/heads/xsa-4.17
  run
  same_there mirror.git
'
test_expect '... and not over what is there' '
  mirrored
  git -C xen.git push -q ../mirror.git staging-4.17:refs/heads/xsa-4.17
  run 1
  says "xsabot did not put it there"
  same "$(at staging-4.17)" "$(there mirror.git xsa-4.17)"
'
test_expect '... also where history may be rewritten' '
  mirrored
  printf "%s\n" "[policy]" "history = rewrite" >>xsabot.conf
  git -C xen.git push -q ../mirror.git staging-4.17:refs/heads/xsa-4.17
  run 1
  same "$(at staging-4.17)" "$(there mirror.git xsa-4.17)"
'
test_expect 'a mirror whose record was lost goes on' '
  ran
  rm -rf xen.git.xsabot/mirror
  fix 2
  run
  same_there mirror.git
'
test_expect '... so does one whose record is larger than any that is written' '
  ran
  truncate -s 100M xen.git.xsabot/mirror/near/record.json
  fix 2
  run
  says "record.json can.t be understood"
  same_there mirror.git
'
test_expect 'one that has another URL now is a new one' '
  ran
  git init -q --bare other.git
  sed -i "s/mirror.git/other.git/" xsabot.conf
  run
  same_there other.git
  rm -rf other.git
'

# ---- what goes wrong there

test_expect 'a pack that the mirror refuses is no temporary failure' '
  mirrored
  git -C mirror.git config receive.maxInputSize 10
  run 1
  says "mirror near: it refuses what was sent: .*exceeds maximum allowed size"
  git -C mirror.git config --unset receive.maxInputSize
  mirror 0 --push
  same_there mirror.git
'
test_expect 'a mirror that is at a value which is gone here: told, and no failure of the run' '
  mirrored
  run
  git -C xen tag -a -m r RELEASE-4.17.1
  push xen RELEASE-4.17.1
  fix 3
  run
  old=$(there xen.git xsa-4.17)
  git -C xen reset -q --hard RELEASE-4.17.1
  git -C xen push -qf origin HEAD:refs/heads/staging-4.17
  git -C xen.git update-ref refs/heads/xsa-4.17 "$old^2"
  exits 0 xsabot -c xsabot.conf adopt 4.17
  xsabot -c xsabot.conf publish 4.17 --accept-removal || [ $? = 1 ]
  git -C xen.git update-ref refs/xsabot/state/4.17 "$(git -C xen.git commit-tree -m s "refs/xsabot/state/4.17^{tree}")"
  git -C xen.git gc -q --prune=now
  fails git -C xen.git cat-file -e "$old"
  run 1
  says "refs/heads/xsa-4.17: it is at ${old:0:12} there"
  mirror 1
  mirror 0 near --push --adopt
  same_there mirror.git
'
test_expect 'a ref that a hook refuses: told with its words, the others arrive' '
  mirrored
  hook mirror.git update "case \$1 in refs/heads/*) printf \"not \\033[31mwanted\" >&2; exit 1;; esac"
  run 1
  says "refs/heads/xsa-4.17: refused: .*not .x1b\[31mwanted"
  same "refs/xsabot/rules refs/xsabot/state/4.17" "$(names mirror.git)"
  rm mirror.git/hooks/update
  mirror 0 --push
  same_there mirror.git
'
test_expect 'a pre-receive hook that refuses all' '
  mirrored
  hook mirror.git pre-receive "exit 1"
  run 1
  says "pre-receive hook declined"
  same "" "$(names mirror.git)"
'
test_expect 'a ref that moves while it is pushed: not overwritten, tried again, then told' '
  ran
  hook mirror.git pre-receive "unset GIT_QUARANTINE_PATH" "git update-ref refs/heads/xsa-4.17 $(at RELEASE-4.17.0)"
  fix 2
  run 75
  says "refs/heads/xsa-4.17: refused: failed to update ref"
  same "$(at RELEASE-4.17.0)" "$(there mirror.git xsa-4.17)"
  mirror 1 --push
  says "someone moved it there"
'
test_expect 'a push that is cut off after it moved the refs is recognised as ours' '
  ran
  hook mirror.git reference-transaction "[ \$1 = committed ] || exit 0" "echo \$PPID >$PWD/server" \
    "p=\$(sed -n \"s/^PPid://p\" /proc/\$PPID/status)" \
    "read name </proc/\$((p))/comm && [ \"\$name\" = xsabot ] && kill -9 \$p; :"
  fix 2
  run 75
  says "mirror near: ended without a result"
  until_true 20 eval "! kill -0 $(cat server)"
  same "$(at xsa-4.17)" "$(there mirror.git xsa-4.17)"
  rm mirror.git/hooks/reference-transaction
  [ "$(record ".refs[0].at")" != "$(at xsa-4.17)" ]
  fix 3
  run
  mirror 0 --push
  same_there mirror.git
'
test_expect 'a mirror that moves the ref on at once: told' '
  mirrored
  hook mirror.git post-receive "git update-ref refs/heads/xsa-4.17 $(at RELEASE-4.17.0)"
  git -C xen.git push -q ../mirror.git RELEASE-4.17.0:refs/tags/r
  run 1
  says "it was pushed, but a moment later it was at $(at RELEASE-4.17.0 | cut -c1-12)"
'
test_expect 'a mirror that is not there does not keep the line from being published, nor another mirror' '
  mirrored "url = $PWD/none.git"
  add_config "[mirror far]" "url = $PWD/mirror.git"
  run 1
  says "mirror near: it ended the conversation: .*none.git"
  same_there mirror.git
'
test_expect 'a run soon after a failure waits, and says so' '
  mirrored "url = $PWD/none.git"
  run 1
  cp -a mirror.git none.git
  run 1
  says "mirror near: behind by 3 of 3 refs .*next try in"
  same "" "$(names none.git)"
  mirror 0 --push
  same_there none.git
  run
  rm -rf none.git
'
test_expect 'check-config looks whether a mirror on a path is there' '
  mirrored "url = $PWD/mirror.git"
  add_config "[mirror far]" "url = $PWD/nowhere.git"
  exits 1 xsabot -c xsabot.conf check-config >out 2>err
  says "^mirror near: $PWD/mirror.git"
  says "mirror far $PWD/nowhere.git: No such file"
'
test_expect 'the status: 0 up to date, 75 behind, 64 for a name that is none' '
  ran
  mirror 0
  says "^near: has all 3 refs, seen 0 min ago"
  fix 2
  xsabot -c xsabot.conf publish 4.17
  mirror 75
  says "^near: behind by 2 of 3 refs and 1 commits"
  mirror 64 far
  mirror 64 --adopt
'

# ---- private repositories

test_expect 'of a private repository, only a mirror that is marked so gets anything' '
  mirrored
  sed -i "s/^path/private = yes\npath/" xsabot.conf
  run
  same "" "$(names mirror.git)"
  mirror 0 --push
  says "near: gets nothing: the repository is private"
  same "" "$(names mirror.git)"
  add_config "private = yes"
  run
  same_there mirror.git
'

done_testing
