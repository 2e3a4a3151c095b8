# SPDX-License-Identifier: GPL-2.0-or-later
# Helpers for the tests of the hook and its spool; after lib.sh.
A=$(printf 'a%.0s' {1..40})
B=$(printf 'b%.0s' {1..40})

[ -x "${XSABOT_HOOK-}" ] || { echo "Bail out! XSABOT_HOOK does not name the hook"; T_DONE=1; exit 1; }

# new_spool DIR: an empty one, as the bot makes it.
new_spool() {
  mkdir -p "$1/tmp" "$1/new" "$1/cur"
  chmod 2770 "$1" "$1/tmp" "$1/new" "$1/cur"
}

mkdir -p "$SANDBOX/empty/gd/hooks" "$SANDBOX/empty/gd.xsabot"
new_spool "$SANDBOX/empty/gd.xsabot/spool"

# fresh: a git directory and its spool for each test, GD and SPOOL name them.
fresh() {
  rm -rf gd gd.xsabot pipe
  cp -a "$SANDBOX/empty/." .
  GD=$PWD/gd SPOOL=$PWD/gd.xsabot/spool
}

# run_hook: the hook as git runs it, with our standard input; its output to hook.out, never a failure allowed.
run_hook() {
  local rc=0
  (cd "$GD" && GIT_DIR=. exec "$XSABOT_HOOK") >hook.out 2>&1 || rc=$?
  same 0 $rc
  clean_output hook.out
}

# clean_output FILE: nothing in it but printable ASCII and LF.
clean_output() {
  same '' "$(LC_ALL=C tr -d '\040-\176\012' <"$1")"
}

quiet() { same '' "$(cat hook.out)"; }
not_queued() { same 'xsabot: event not queued; the next scan will find it' "$(cat hook.out)"; }

# one_event: there is just one, and nothing in tmp/; prints its path.
one_event() {
  same 1 "$(count_files "$SPOOL/new")" >&2
  same 0 "$(count_files "$SPOOL/tmp")" >&2
  echo "$SPOOL"/new/*
}

# queued: there is one event and no more, and it says what events say.
EVENT=$'xsabot-event 1\nrescan\nend 0 0'
queued() {
  local event
  event=$(one_event)
  same "$EVENT" "$(cat "$event")"
}
