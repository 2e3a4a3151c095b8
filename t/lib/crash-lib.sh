# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests of sudden ends share; after line-lib.sh. A scene with work to
# do, and what must be true of the run after the end.
need strace
# The leak check cannot run under strace; the rest of the sanitizer can.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
strace -o trace true 2>err || skip_all "strace does not work here: $(head -n 1 err)"

# crash_scene: in this directory, one line that was published, got a new release and a fix since; one that is
# new; an event that waits.
crash_scene() {
  make_line xen.git xen 4.17
  make_advisory xen 1
  push xen staging-4.17
  set_config
  run
  xsabot -c xsabot.conf install-hook xen.git >/dev/null
  git -C xen tag RELEASE-4.17.1
  make_advisory xen 2
  push xen staging-4.17 RELEASE-4.17.1
  make_line xen.git xen 4.18
  make_advisory xen 3
  push xen staging-4.18
  git -C xen.git pack-refs --all
}
refs() { git -C xen.git for-each-ref; }

# leftovers: files that only a run under way may have.
leftovers() {
  find xen.git xen.git.xsabot \( -name '*.lock' -o -name '*.keep' -o -name 'tmp_*' -o -path '*/spool/tmp/*' \
    -o -path '*/spool/cur/*' -o -path '*/spool/new/*' \) -type f
}

# half_way: what a ref is that is neither what it was nor what it shall be; before any other run.
half_way() { refs | sort | comm -23 - <(sort "$SANDBOX/before.refs" "$SANDBOX/want.refs" | uniq); }

# recovered: the next run does it all; a lock that the killed one left is given up only once it is old.
recovered() {
  local rc=0
  bot run >out 2>&1 || rc=$?
  cp out "$SANDBOX/first.out"
  if [ $rc = 75 ]; then
    grep -q 'one of them is still locked' out
    find xen.git -name '*.lock' -exec touch -d '1 hour ago' {} +
    rc=0
    bot run >out 2>&1 || rc=$?
  fi
  [ $rc = 0 ] || { cat out; return 1; }
  cmp "$SANDBOX/want.refs" <(refs)
  same '' "$(leftovers)"
  sound
}

# traced [option of strace]...: a run under strace; its end as the shell has it in RC.
traced() {
  RC=0
  (exec timeout 60 strace -f -qq -o "$SANDBOX/trace" "$@" "$XSABOT" -c xsabot.conf run >killed.out 2>&1) 2>/dev/null ||
    RC=$?
}

# Which calls are tried depends on it: XSABOT_TEST_SEED tries the same ones again.
T_SEED=${XSABOT_TEST_SEED:-$RANDOM}
note "seed $T_SEED"

# points MOST NAME: which of its calls are tried, about MOST of them, by the seed. After counted.
points() {
  local n step
  n=$(awk -v c="$2" '$2 == c { print $1 }' "$SANDBOX/counts")
  step=$((${n:-0} / $1 + 1))
  seq $((1 + T_SEED % step)) $step "${n:-0}"
}
# counted: how often an undisturbed run makes each call.
counted() {
  traced -e trace=all -c -U calls,name
  mv "$SANDBOX/trace" "$SANDBOX/counts"
}
