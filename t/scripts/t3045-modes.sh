#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is left in a repository can be read by those whom it is served to, and changed by those who share it; and
# a repository has one state directory, by whatever path it is named.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

make_line tpl.git work 4.17
make_advisory work 1
push work staging-4.17
chmod 755 "$SANDBOX" "$SANDBOX/work"

# repo [OPTION of git init]...: a new one, by a person whose umask is 022, with a line and a fix.
repo() {
  rm -rf xen.git xen.git.xsabot srv
  make_repo xen.git "$@"
  git -C tpl.git push -q ../xen.git --mirror
  REPO=${CONF_PATH-$PWD/xen.git} set_config
}
# modes FIND-ARG...: of what is there, each once.
modes() { (cd xen.git && find refs/heads/xsa-4.17 refs/xsabot objects/pack/pack-* "$@" -printf '%y %m\n' | sort -u | xargs); }
# anybody COMMAND...: as another account.
anybody() { setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/nonexistent GIT_CONFIG_GLOBAL="$SANDBOX/any" "$@"; }
printf '[safe]\n\tdirectory = *\n' >"$SANDBOX/any"

# ---- modes

for mask in 077 000; do
  for kind in "::d 755 f 444 f 644" "--shared=group::d 2775 f 444 f 664" "--shared=0660::d 2770 f 440 f 660" \
    "--shared=all::d 2775 f 444 f 664" "--shared=0640::d 2750 f 440 f 640"; do
    test_expect "umask $mask ${kind%%::*}: ${kind#*::}" '
      repo ${kind%%::*}
      umask $mask
      run
      same "${kind#*::}" "$(modes)"
    '
  done
done
test_expect 'a log of a ref, too' '
  repo
  git -C xen.git config core.logAllRefUpdates always
  umask 077
  run
  test -s xen.git/logs/refs/xsabot/state/4.17
  same "d 755 f 444 f 644" "$(modes logs/refs/heads logs/refs/xsabot)"
'
test_expect 'a repository that is closed to others stays so' '
  umask 077
  repo
  umask 000
  run
  same "d 700 f 400 f 600" "$(modes)"
'
test_expect 'what an earlier version made by its umask is mended' '
  repo
  run
  chmod 640 xen.git/refs/heads/xsa-4.17 xen.git/refs/xsabot/state/4.17
  chmod 750 xen.git/refs/xsabot xen.git/refs/xsabot/state
  run
  same "d 755 f 444 f 644" "$(modes)"
'
test_expect 'what is the own is for nobody else' '
  repo
  umask 000
  run
  same "" "$(find xen.git.xsabot -mindepth 1 -perm /o=w | grep -Ev "(status|pulse).json")"
  same 751 "$(stat -c %a xen.git.xsabot)"
'
test_expect 'build leaves packs that others can read' '
  repo
  umask 077
  xsabot -q -c xsabot.conf build 4.17
  same "f 444" "$(cd xen.git && find objects/pack/pack-* -printf "%y %m\n" | sort -u | xargs)"
'
test_expect 'what is fetched, and what is pushed to a path' '
  repo
  make_repo bot.git
  printf "[repository]\npath = %s/bot.git\nupstream = %s/xen.git\n[mirror m]\nurl = %s/m.git\n" "$PWD" "$PWD" "$PWD" >xsabot.conf
  make_repo m.git
  umask 077
  run
  same "" "$(find xen.git bot.git m.git -not -perm /o=r)"
  git --git-dir=m.git rev-parse -q --verify xsa-4.17
'
if [ "$(id -u)" = 0 ] && anybody test -x "$SANDBOX/work"; then
  test_expect 'another account clones what was published under the umask of a service' '
    repo
    (umask 027; run)
    anybody git ls-remote xen.git refs/heads/xsa-4.17 | grep "^$(at xsa-4.17)"
    anybody git -C /var/tmp clone -q --mirror "$PWD/xen.git" "$(anybody mktemp -d)/c"
  '
  test_expect 'a member of the group collects garbage' '
    repo --shared=group
    chgrp -R 65534 xen.git
    (umask 077; run)
    setpriv --reuid 65533 --regid 65534 --clear-groups env HOME=/nonexistent GIT_CONFIG_GLOBAL="$SANDBOX/any" git -C xen.git pack-refs --all --prune
    same "$(at xsa-4.17)" "$(sed -n "s: refs/heads/xsa-4.17::p" xen.git/packed-refs)"
  '
else
  skip 'another account clones' 'needs root, and a directory that others may enter'
fi

# ---- places

test_expect 'install-hook and run make the same directories, whoever comes first' '
  for shared in umask group all; do
    (umask 022; repo --shared=$shared)
    umask 077
    xsabot install-hook xen.git
    run
    find xen.git.xsabot/ -maxdepth 2 -type d \( -path "*spool*" -o -name xen.git.xsabot \) -printf "%P %m\n" | sort >one
    (umask 022; repo --shared=$shared)
    run
    xsabot install-hook xen.git
    find xen.git.xsabot/ -maxdepth 2 -type d \( -path "*spool*" -o -name xen.git.xsabot \) -printf "%P %m\n" | sort >two
    cmp one two
    grep spool one
  done
'
test_expect 'a path that is a link names the same state, and the same lock' '
  repo
  mkdir srv
  ln -s ../xen.git srv/xen.git
  printf "[repository]\npath = %s/srv/xen.git\n" "$PWD" >xsabot.conf
  xsabot install-hook srv/xen.git | grep "spool: $PWD/xen.git.xsabot/spool"
  run
  fails test -e srv/xen.git.xsabot
  test -e xen.git.xsabot/instance
  xsabot -c xsabot.conf check-config | grep "^spool: $PWD/xen.git.xsabot/spool"
'
test_expect 'what was kept beside the link comes along' '
  repo
  run
  mkdir srv
  ln -s ../xen.git srv/xen.git
  mv xen.git.xsabot srv
  xsabot install-hook srv/xen.git
  cp srv/xen.git.xsabot/status.json .
  echo rescan >srv/xen.git.xsabot/spool/new/1
  printf "[repository]\npath = %s/srv/xen.git\n" "$PWD" >xsabot.conf
  run
  fails test -e srv/xen.git.xsabot
  cmp status.json xen.git.xsabot/status.json
  test -d xen.git.xsabot/intent
'
test_expect '... but not from a bot that is at work there' '
  repo
  mkdir -p srv/xen.git.xsabot
  ln -s ../xen.git srv/xen.git
  printf "[repository]\npath = %s/srv/xen.git\n" "$PWD" >xsabot.conf
  exits 75 flock srv/xen.git.xsabot/instance "$XSABOT" -c xsabot.conf run 2>err
  grep "holds .*srv/xen.git.xsabot/instance" err
  same none "$(at xsa-4.17)"
'
test_expect 'a repository with a work tree: the hook and the bot look in one place' '
  repo
  rm -rf tree tree.xsabot
  git clone -q -b staging-4.17 xen.git tree
  git -C tree checkout -q --detach
  git -C tree fetch -q origin "+refs/heads/*:refs/heads/*"
  printf "[repository]\npath = %s/tree\n" "$PWD" >xsabot.conf
  xsabot install-hook tree | grep "spool: $PWD/tree/.git.xsabot/spool"
  run
  fails test -e tree.xsabot
'

# ---- work trees

test_expect 'a branch that is checked out in a linked work tree is not moved under it' '
  repo
  run
  old=$(at xsa-4.17)
  git -C xen.git worktree add -q "$PWD/tree2" xsa-4.17
  make_advisory work 2
  git -C work push -q ../xen.git HEAD:refs/heads/staging-4.17
  exits 1 xsabot -c xsabot.conf run >out 2>&1
  grep "checked out in a linked work tree" out
  same "$old" "$(at xsa-4.17)"
  same "" "$(git -C tree2 status --short)"
  git -C tree2 checkout -q --detach
  run
  fails same "$old" "$(at xsa-4.17)"
'
done_testing
