#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Power fails during a run: what a disk of its own, an image of ext4, holds at
# that moment is all that is left. Refs are whole, the repository is sound, and
# the next run ends as an undisturbed one. The file system is mounted so that it
# is least kind: data is written when it likes, unless it was synced.
[ "$(id -u)" != 0 ] || [ -n "${IN_NAMESPACE-}" ] || ! unshare -m true 2>/dev/null ||
  IN_NAMESPACE=1 exec unshare -m "$0" "$@"
INJECT=$(realpath "$1")
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
[ -n "${IN_NAMESPACE-}" ] || skip_all "only root mounts a disk"
. "$T_DIR/crash-lib.sh"

# The images are where a sync costs least: the disk is the image, wherever that lies.
IMAGES=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d -p "$SANDBOX")
mkdir disk
# mount_image FILE: as the disk; umount_disk: gone, with what is under way.
mount_image() { mount -o "loop,$MODE" "$IMAGES/$1" disk; }
umount_disk() { mountpoint -q disk && umount disk; }
gone() { umount_disk || :; rm -rf "$IMAGES"; }
in_disk() { (cd disk && "$@"); }
MODE=noauto_da_alloc,data=writeback
truncate -s 48M "$IMAGES/base.img"
at_exit gone
{ PATH=$PATH:/sbin:/usr/sbin mkfs.ext4 -q -F "$IMAGES/base.img" && mount_image base.img; } 2>err ||
  skip_all "no disk can be mounted here: $(head -n 1 err)"

in_disk crash_scene
in_disk refs >"$SANDBOX/before.refs"
umount_disk

# fresh: the disk as the scene left it.
fresh() {
  umount_disk || :
  cp --sparse=always "$IMAGES/base.img" "$IMAGES/a.img"
  mount_image a.img
}
# cut: the power fails. What another program synced just before took the journal with it, as far as it was.
cut() {
  echo x >disk/other
  sync disk/other
  cp --sparse=always "$IMAGES/a.img" "$IMAGES/b.img"
  umount_disk
  mount_image b.img
}

fresh
in_disk counted
in_disk refs >"$SANDBOX/want.refs"
test_expect 'what a run said is done, is done: power fails when it has ended' '
  same 8 "$(sort "$SANDBOX"/before.refs "$SANDBOX"/want.refs | uniq -u | wc -l)"
  for MODE in noauto_da_alloc,data=writeback data=ordered; do
    fresh
    in_disk run
    cut
    cmp "$SANDBOX/want.refs" <(in_disk refs)
    in_disk sound
    in_disk recovered
  done
'
# shellcheck disable=SC2016
test_expect 'the cut is a cut: of what was not synced, nothing is left' '
  fresh
  in_disk sh -c "head -c 100000 /dev/urandom >new && mv new visible && ls -l visible"
  cut
  [ ! -s disk/visible ]
'

# left_out WHAT [POINT]: an undisturbed run but for the syncs that WHAT describes; then the power fails.
left_out() {
  fresh
  export INJECT_AT="fsync $PWD/disk/$1"
  in_disk "$INJECT" "lie${2-+}" "${2-1}" "$SANDBOX/points" "$XSABOT" -c xsabot.conf run >/dev/null
  [ "$(cat "$SANDBOX/points")" -gt 0 ]
  cut
}
whole() { cmp "$SANDBOX/want.refs" <(in_disk refs) && in_disk sound; }
if "$INJECT" count 0 "$SANDBOX/points" true; then
  for what in "*" "*/tmp-pack-*" "*/refs/heads/*.lock"; do
    test_expect "and a sync that is left out is seen after the cut: $what" '
      left_out "$what"
      fails whole
    '
  done
fi

POINTS=${CUT_POINTS:-4}
for call in fsync rename link unlink mkdir write; do
  [ -n "$(points "$POINTS" $call)" ] || continue
  test_expect "power fails at its $call: all is sound, and the next run ends as an undisturbed one" '
    for MODE in noauto_da_alloc,data=writeback data=ordered; do
      for n in $(points "$POINTS" $call); do
        echo "call $n, $MODE"
        echo 1 >>count
        fresh
        rc=$(in_disk eval "traced -e trace=$call -e inject=$call:signal=KILL:when=$n; echo \$RC")
        [ "$rc" != 0 ] || continue # it made one call less than the one that was counted
        grep -q "killed by SIGKILL" "$SANDBOX/trace"
        cut
        same "" "$(in_disk half_way)"
        in_disk sound
        in_disk recovered
      done
    done
  '
done
note "$(wc -l <count) points"
done_testing
