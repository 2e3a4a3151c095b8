#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A disk, an image of ext4, that is full, or has no inode left: the run says that it is a matter of time, nothing
# is half done, and once there is room again the next one ends as an undisturbed one. (Quotas: the sweep.)
[ "$(id -u)" != 0 ] || [ -n "${IN_NAMESPACE-}" ] || ! unshare -m true 2>/dev/null ||
  IN_NAMESPACE=1 exec unshare -m "$0" "$@"
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
[ -n "${IN_NAMESPACE-}" ] || skip_all "only root mounts a disk"
. "$T_DIR/crash-lib.sh"
need truncate

IMAGES=$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d -p "$SANDBOX")
mkdir disk
in_disk() { (cd disk && "$@"); }
umount_disk() { mountpoint -q disk && umount disk; }
gone() { umount_disk || :; rm -rf "$IMAGES"; }
at_exit gone
truncate -s 16M "$IMAGES/base.img"
{ PATH=$PATH:/sbin:/usr/sbin mkfs.ext4 -q -F -m 0 -N 1024 "$IMAGES/base.img" && mount -o loop "$IMAGES/base.img" disk; } 2>err ||
  skip_all "no disk can be mounted here: $(head -n 1 err)"
in_disk crash_scene 2>"$SANDBOX/err"
in_disk refs >"$SANDBOX/before.refs"
umount_disk
fresh() {
  umount_disk || :
  cp --sparse=always "$IMAGES/base.img" "$IMAGES/a.img"
  mount -o loop "$IMAGES/a.img" disk
}
fresh
in_disk run
in_disk refs >"$SANDBOX/want.refs"

# What fills the disk, all but N files or KiB.
fill_inodes() {
  local i
  mkdir disk/filler
  for ((i = 0; ; i++)); do : >"disk/filler/$i" || break; done 2>/dev/null
  (cd disk/filler && seq 0 $(($1 - 1)) | xargs -r rm)
}
fill_blocks() {
  mkdir disk/filler
  head -c "$(($1 * 1024))" /dev/zero >disk/filler/spare
  head -c 32M /dev/zero >disk/filler/all 2>/dev/null || :
  rm disk/filler/spare
  sync disk/filler
}

# met WHAT N: a run that finds N of them left; its status in RC.
met() {
  fresh
  fill_"$1" "$2"
  RC=0
  in_disk "$XSABOT" -c xsabot.conf run >"$SANDBOX/met.out" 2>&1 || RC=$?
  case $RC in 0 | 75) ;; *) echo "$1, $2 left: status $RC"; cat "$SANDBOX/met.out"; return 1 ;; esac
  [ $RC = 0 ] || echo "$2" >>"$SANDBOX/refused"
  same "" "$(in_disk half_way)"
  in_disk sound
  rm -r disk/filler
  in_disk recovered
}
for what in inodes blocks; do
  test_expect "no $what left, or too few: the run is put off, nothing is half done" '
    for n in 0 1 3 8 20 50; do met $what $n; done
    [ "$(wc -l <"$SANDBOX/refused")" -gt 1 ]
    rm "$SANDBOX/refused"
  '
done
done_testing
