#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A run, with all that it starts, disturbed at its system calls: killed, as a whole or one process of it, or told
# that the disk is full, broken, not for it, or that there are no descriptors. No ref stands half way, the
# next run brings all to where an undisturbed one would have, and each mail is sent. SWEEP_POINTS is how many
# points of each kind are tried, of how many there are is printed; SWEEP_SEED chooses them.
INJECT=$(realpath "$1")
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
. "$T_DIR/crash-lib.sh"
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
"$INJECT" count 0 points true || [ $? != 77 ] || skip_all 'no injection on this machine'

SEED=${SWEEP_SEED:-1} RANDOM=${SWEEP_SEED:-1} POINTS=${SWEEP_POINTS:-3}
echo "# seed $SEED, $POINTS points of each kind"

mkdir bin
cat >bin/keep <<EOF
#!/bin/sh
cat >"$PWD/mails/\$\$.part" && mv "$PWD/mails/\$\$.part" "$PWD/mails/\$\$.\$(date +%N)"
EOF
chmod +x bin/keep
crash_scene
mkdir tpl
mv xen.git xen.git.xsabot tpl
printf '%s\n' '[mail]' 'from = bot@example.org' 'to = me@example.org' 'announce = list@example.org' "transport = $PWD/bin/keep" >>xsabot.conf
fresh() { rm -rf xen.git xen.git.xsabot mails; mkdir mails; cp -a tpl/* .; }
# told: how many mails tell of each new value; a mail that was sent twice has the same Message-ID and counts once.
told() {
  local line id
  for line in 4.17 4.18; do
    id=$(sed -n "s#^\([0-9a-f]\{12\}\)[0-9a-f]* commit\trefs/heads/xsa-$line\$#\1#p" "$SANDBOX/want.refs")
    echo "$line $({ grep -l -e "$id" mails/*[0-9] || :; } | xargs -r sed -n 's/^Message-Id: //ip' | sort -u | wc -l)"
  done
}
# finish: the runs after it; what waits for a time is not waited for.
finish() {
  local n
  for n in 1 2 3; do
    find xen.git xen.git.xsabot -name '*.lock' -exec touch -d '1 hour ago' {} +
    rm -f xen.git.xsabot/outbox/pause* # a failed server is tried again at once
    run || :
    [ "$(told)" != "$TOLD" ] || break
    xsabot -c xsabot.conf outbox retry >/dev/null 2>&1 || :
  done
}

fresh
refs >"$SANDBOX/before.refs"
run
refs >"$SANDBOX/want.refs"
TOLD='4.17 1
4.18 1'
test_expect 'undisturbed: refs moved, mail was sent' '
  fails cmp -s "$SANDBOX/before.refs" "$SANDBOX/want.refs"
  same "$TOLD" "$(told)"
'

# disturbed MODE POINT: a run disturbed there, and what must be true of it and after it.
disturbed() {
  local rc=0
  fresh
  timeout 120 "$INJECT" "$1" "$2" points "$XSABOT" -c xsabot.conf run >disturbed.out 2>&1 || rc=$?
  case $rc in 134 | 135 | 136 | 139 | 124 | 99) echo "$1 at $2: status $rc"; cat disturbed.out; return 1 ;; esac
  same '' "$(half_way)" || { echo "$1 at $2: a ref stands half way"; return 1; }
  finish
  cmp "$SANDBOX/want.refs" <(refs) || { echo "$1 at $2: the refs"; cat out; return 1; }
  same "$TOLD" "$(told)" || { echo "$1 at $2: the mails"; cat out; return 1; }
  same '' "$(leftovers)" || { echo "$1 at $2: what is left"; return 1; }
  sound
}

for MODE in kill kill-all ENOSPC ENOSPC+ EIO EIO+ EACCES EINTR EMFILE short; do
  fresh
  PRINTED=$MODE
  case $MODE in EMFILE | short) ;; *) PRINTED=kill ;; esac
  "$INJECT" "$PRINTED" 0 points "$XSABOT" -c xsabot.conf run >/dev/null 2>&1 || :
  ALL=$(cat points)
  echo "# $MODE: $POINTS of $ALL points"
  CHOSEN=
  if [ "$POINTS" = all ]; then CHOSEN=$(seq "$ALL")
  else for ((i = 0; i < POINTS; i++)); do CHOSEN="$CHOSEN $(((i * ALL + RANDOM % ALL) / POINTS + 1))"; done; fi
  test_expect "$MODE: nothing half done, nothing lost" '
    for point in $CHOSEN; do disturbed "$MODE" "$point"; done
  '
done
done_testing
