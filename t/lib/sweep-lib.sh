# SPDX-License-Identifier: GPL-2.0-or-later
# A command, with all that it starts, that t/tools/inject disturbs, and what must be true of it and after it; after
# lib.sh, with INJECT naming that program.
. "$T_DIR/line-lib.sh"
. "$T_DIR/crash-lib.sh"
"$INJECT" count 0 points true || [ $? != 77 ] || skip_all 'no injection on this machine'
# Between two that are compared, nothing is random but names.
POINTS=${SWEEP_POINTS:-2} T_SEED=${SWEEP_SEED:-$T_SEED} RANDOM=${SWEEP_SEED:-$T_SEED}

# sweep_scene: the scene of crash_scene, whose runs send mail; undisturbed, refs are as in want.refs, and each of
# two branches is told of by one mail.
sweep_scene() {
  mkdir bin
  mail_keeper bin/keep "$PWD/mails"
  crash_scene
  save_scene xen.git xen.git.xsabot
  base_config '[mail]' 'from = bot@example.org' 'to = me@example.org' 'announce = list@example.org' "transport = $PWD/bin/keep"
  at_fresh 'rm -f mails/*'
  fresh
  refs >"$SANDBOX/before.refs"
  run
  refs >"$SANDBOX/want.refs"
  TOLD='4.17 1
4.18 1'
}
# told: how many mails tell of each new value; a mail that was sent twice has the same Message-ID and counts once.
told() {
  local line id
  for line in 4.17 4.18; do
    id=$(sed -n "s#^\([0-9a-f]\{12\}\)[0-9a-f]* commit\trefs/heads/xsa-$line\$#\1#p" "$SANDBOX/want.refs")
    echo "$line $({ grep -l -e "$id" mails/*.mail || :; } | xargs -r sed -n 's/^Message-Id: //ip' | sort -u | wc -l)"
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

# inject MODE POINT [ARG...]: a command that it disturbs, or else a run; its status in RC.
inject() {
  local mode=$1 point=$2
  shift 2
  [ $# -gt 0 ] || set -- run
  RC=0
  timeout 120 "$INJECT" "$mode" "$point" "$SANDBOX/points" "$XSABOT" -c xsabot.conf "$@" >disturbed.out 2>&1 || RC=$?
}
# no_crash WHERE: it ended by itself, whatever it said.
no_crash() {
  case $RC in 134 | 135 | 136 | 139 | 124 | 99) echo "$1: status $RC"; cat disturbed.out; return 1 ;; esac
}
# disturbed MODE POINT: a run disturbed there, and what must be true of it and after it.
disturbed() {
  fresh
  inject "$1" "$2"
  no_crash "$1 at $2" || return 1
  same '' "$(half_way)" || { echo "$1 at $2: a ref stands half way"; return 1; }
  finish
  cmp "$SANDBOX/want.refs" <(refs) || { echo "$1 at $2: the refs"; cat out; return 1; }
  same "$TOLD" "$(told)" || { echo "$1 at $2: the mails"; cat out; return 1; }
  same '' "$(leftovers)" || { echo "$1 at $2: what is left"; return 1; }
  sound
}
# printed MODE: the mode whose count of points is that of MODE.
printed() { case $1 in EMFILE | short) echo "$1" ;; *) echo kill ;; esac; }
# all_points MODE: how many there are.
all_points() {
  fresh
  inject "$1" 0
  cat "$SANDBOX/points"
}
# some_of N: the points of N that are tried, by the seed: POINTS of them, or all.
some_of() {
  local i
  if [ "$POINTS" = all ] || [ "$POINTS" -ge "$1" ]; then
    seq "$1"
  else
    for ((i = 0; i < POINTS; i++)); do echo $(((i * $1 + RANDOM % $1) / POINTS + 1)); done
  fi
}
# in_order: what the order of the last run's calls has against it; they are in INJECT_LOG.
in_order() { awk -v HERE="$PWD" -f "$T_DIR/order.awk" "$INJECT_LOG"; }

# compared COMMAND KIND N: how many points there were the last time that somebody looked is in t/lib/points. Fewer
# than half of them, and the sweep has lost what it was for; how many more a machine has, its libraries decide.
compared() {
  local last
  last=$(awk -v command="$1" -v kind="$2" '$1 == command && $2 == kind { print $3 }' "$T_DIR/points")
  note "$1, $2: $3 points, the last time ${last:-never}"
  [ -n "$last" ] && [ $(($3 * 2)) -ge "$last" ] || echo "$1 $2 $3, the last time ${last:-never}" >>"$SANDBOX/lost-points"
}
# none_lost: a test after the last of them.
none_lost() {
  test_expect 'there are about as many points as the last time (else look why, and change t/lib/points)' '
    same "" "$(cat "$SANDBOX/lost-points" 2>/dev/null)"
  '
}
# sweep NAME: at points of each kind of MODES, what the script has under that name: count_points NAME KIND runs it and
# lets $SANDBOX/points say how many there are, swept NAME MODE POINT disturbs it there and checks what must be true.
sweep() {
  local name=$1 all
  for MODE in $MODES; do
    count_points "$name" "$(printed "$MODE")"
    all=$(cat "$SANDBOX/points")
    CHOSEN=$(some_of "$all")
    note "$name, $MODE: $POINTS of $all points"
    compared "$name" "$(printed "$MODE")" "$all"
    test_expect "$name, $MODE: nothing half done, nothing lost" '
      for point in $CHOSEN; do swept "$name" "$MODE" "$point"; done
    '
  done
}
