#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each command that writes, disturbed at its system calls, its children's too: it is given again, a run follows, and
# branches stand where they would, here, on the mirror and upstream. SWEEP_POINTS is how many points of each kind
# are tried, of how many there are is printed; SWEEP_SEED chooses them, SWEEP_COMMANDS the commands.
INJECT=$(realpath "$1")
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/sweep-lib.sh"
POINTS=${SWEEP_POINTS:-1}
MODES=${SWEEP_MODES:-kill EIO+}
[ "$POINTS" = 1 ] || MODES=${SWEEP_MODES:-kill kill-all ENOSPC EIO+ EACCES EINTR EMFILE short}

crash_scene
save_scene xen.git xen.git.xsabot
fresh
run
fix_on 4.17 9
make_repo m.git
make_repo up.git
git -C up.git fetch -q ../xen.git 'refs/heads/staging-*:refs/heads/staging-*' 'refs/tags/*:refs/tags/*'
make_repo bot.git
SCENE=ran save_scene xen.git xen.git.xsabot m.git up.git bot.git

# heads: the branches of all repositories.
heads() {
  local r
  for r in xen.git m.git up.git bot.git; do git -C $r for-each-ref --format="$r %(refname) %(objectname)" refs/heads; done
}
# scene_NAME makes what the command NAME meets, and its arguments: the array CMD.
scene_publish() { CMD=(publish 4.17); }
scene_run() { CMD=(run); }
scene_adopt() {
  git -C xen.git update-ref refs/heads/xsa-4.17 "$(git -C xen.git rev-parse "RELEASE-4.17.1^{commit}")"
  CMD=(adopt 4.17)
}
scene_withdraw() { CMD=(withdraw XSA-2 4.17 --reason slow); }
scene_retire() { CMD=(retire 4.18 --reason old); }
scene_gate() {
  add_config '[gate]' 'sandbox = try' 'command = true'
  CMD=(run)
}
scene_mirror() {
  xsabot -q -c xsabot.conf run >/dev/null
  add_config '[mirror m]' "url = $PWD/m.git"
  CMD=(mirror --push)
}
scene_fetch() {
  rm -f xen.git.xsabot/spool/new/* # nobody looks at that one
  printf '%s\n' '[repository]' "path = $PWD/bot.git" "upstream = $PWD/up.git" >xsabot.conf
  CMD=(fetch)
}
# told_twice ARG...: a command that is given again; what is done already may be said with another status.
told_twice() {
  local rc=0
  xsabot -c xsabot.conf "$@" >again.out 2>&1 || rc=$?
  case $rc in 0 | 1 | 64) ;; *) cat again.out; return 1 ;; esac
}
settle() {
  # A git that was killed on the other side leaves its lock, which its administrator takes away.
  find m.git up.git -name '*.lock' -delete
  find . -name '*.lock' -path '*.git*' -exec touch -d '1 hour ago' {} +
  told_twice "${CMD[@]}" || told_twice "${CMD[@]}" || return 1
  # A test that was hit itself has failed, or is tried again later: as a person would who reads that.
  [ "$NAME" != gate ] || told_twice publish 4.17 --retest
  told_twice run
}
# prepared NAME
prepared() {
  SCENE=ran fresh
  "scene_$1"
}
count_points() {
  prepared "$1"
  inject "$2" 0 "${CMD[@]}"
}
# swept NAME MODE POINT
swept() {
  prepared "$1"
  inject "$2" "$3" "${CMD[@]}"
  no_crash "$2 at $3" || return 1
  settle || { echo "$2 at $3: it fails when it is given again"; return 1; }
  heads | diff "$SANDBOX/want.$1" - || { echo "$2 at $3: the branches"; cat disturbed.out again.out; return 1; }
  # The lock of a work tree stays; what libgit2 was writing goes with git gc.
  same '' "$(leftovers | grep -v '/gate/work/\|/tmp_obj_')" || { echo "$2 at $3: what is left"; return 1; }
  for r in xen.git m.git up.git bot.git; do
    [ -z "$(git -C $r for-each-ref)" ] || sound $r
  done
}

for NAME in ${SWEEP_COMMANDS:-publish run gate adopt withdraw retire mirror fetch}; do
  test_expect "$NAME: undisturbed it does its work" '
    prepared "$NAME"
    heads >"$SANDBOX/before"
    told_twice "${CMD[@]}"
    told_twice run
    heads >"$SANDBOX/want.$NAME"
    [ "$NAME" = retire ] || fails cmp -s "$SANDBOX/before" "$SANDBOX/want.$NAME"
  '
  sweep "$NAME"
done
none_lost
done_testing
