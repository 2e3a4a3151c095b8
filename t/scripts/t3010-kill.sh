#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A run killed at its system calls: the next one brings everything to where an
# undisturbed run would have, and leaves nothing behind.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
. "$T_DIR/crash-lib.sh"

crash_scene
save_scene xen.git xen.git.xsabot

# whole_locks: those of refs with all of a value in them.
whole_locks() { find xen.git/refs -name '*.lock' -size 41c; }

# whole_locks_go: the next run does not wait for a lock that the killed one left, if all of its value is in it.
whole_locks_go() {
  whole_locks >whole
  recovered
  ! grep -q 'one of them is still locked' "$SANDBOX/first.out" || same "" "$(cat whole)"
}

fresh
refs >"$SANDBOX/before.refs"
counted
refs >"$SANDBOX/want.refs"
test_expect 'undisturbed: both lines are published, nothing is left' '
  same "4.17 4.18" "$(git -C xen.git for-each-ref --format="%(refname:strip=3)" refs/xsabot/state | xargs)"
  same 2 "$(git -C xen.git rev-list --no-merges --count RELEASE-4.17.1..xsa-4.17^1 RELEASE-4.18.0..xsa-4.18)"
  same "" "$(leftovers)"
'

# tried NAME: which of its calls are tried; all of those that move refs and files.
tried() { case $1 in link | rename) points 1000 "$1" ;; *) points "${KILL_POINTS:-5}" "$1" ;; esac; }

TITLE='killed at its %s: the next run ends as an undisturbed one'
for call in openat write fsync rename link unlink mkdir close newfstatat read getdents64 ftruncate chmod fchmod flock mmap exit_group; do
  [ -n "$(tried $call)" ] || continue
  # shellcheck disable=SC2059
  test_expect "$(printf "$TITLE" $call)" '
    for n in $(tried $call); do
      echo "call $n"
      fresh
      traced -e trace=$call -e inject=$call:signal=KILL:when=$n
      [ $RC != 0 ] || { cmp "$SANDBOX/want.refs" <(refs); continue; } # it made one call less than the one that was counted
      same 137 $RC
      grep -q "killed by SIGKILL" "$SANDBOX/trace"
      echo 1 >>"$SANDBOX/reached"
      same "" "$(half_way)"
      whole_locks_go
    done
  '
done
test_expect 'those were many points' '[ "$(wc -l <"$SANDBOX/reached")" -ge 40 ]'
note "$(wc -l <"$SANDBOX/reached") points"

test_expect 'killed right before it moves a ref: the lock that it leaves is given up at once' '
  for ref in refs/heads/xsa-4.17 refs/heads/xsa-4.18 refs/xsabot/state/4.17 refs/xsabot/state/4.18; do
    echo "$ref"
    fresh
    traced -e trace=rename,link -e inject=rename,link:signal=KILL:when=1 -P "$PWD/xen.git/$ref.lock"
    same 137 $RC
    same "xen.git/$ref.lock" "$(whole_locks)"
    run
    cmp "$SANDBOX/want.refs" <(refs)
    same "" "$(leftovers)"
  done
'
test_expect 'killed twice in a row, the second time while it recovers' '
  for n in 1 3 5 7; do
    fresh
    traced -e trace=rename -e inject=rename:signal=KILL:when=$n
    traced -e trace=unlink -e inject=unlink:signal=KILL:when=$n
    recovered
  done
'
test_expect 'writes that fail: no false success, and the next run succeeds' '
  for call in write fsync rename link; do
    for n in $(points $call | head -n 4); do
      echo "$call $n"
      fresh
      traced -e trace=$call -e inject=$call:error=ENOSPC:when=$n+
      [ $RC = 0 ] && cmp "$SANDBOX/want.refs" <(refs) || { [ $RC = 75 ] || [ $RC = 70 ]; }
      recovered
    done
  done
'
done_testing
