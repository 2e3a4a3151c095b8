# SPDX-License-Identifier: GPL-2.0-or-later
# The library of the tests of the bot; after lib.sh. A test of the plan begins with `begin`; one of runs makes a
# scene once, at the top level, with which each test begins:
#
#   make_line xen.git xen 4.17
#   make_advisory xen 1
#   push xen staging-4.17
#   save_scene
#   test_expect 'a fix is published' '
#     fresh "[policy]" "history = rewrite"
#     fix 2
#     run
#     says "^4.17: .* is now"
#     has_fix 2
#     sound
#   '
#
# Plans are looked at through jq.
[ -x "${XSABOT-}" ] || { echo "Bail out! XSABOT does not name the program"; T_DONE=1; exit 1; }
need git jq

# xsabot ARG...: the program under test, as an administrator types it.
xsabot() { "$XSABOT" "$@"; }

# plan ARG...: the plan of one line of xen.git as JSON in plan.json; a block (status 1) is fine.
plan() {
  local rc=0
  xsabot -C xen.git ${CONF:+-c "$CONF"} plan --format=json "$@" >plan.json || rc=$?
  [ "$rc" -le 1 ] || { echo "plan: status $rc"; return 1; }
}

# line FILTER: what jq finds in that plan's first line, raw.
line() { jq -r ".lines[0] | $1" plan.json; }

# picks_are COMMIT...: the plan's picks are just these, in this order.
picks_are() { same "$(printf '%s\n' "$@")" "$(line '.picks[].commit')"; }

# role_of COMMIT: its role in the plan, or the reason that it was left out for, or "blocked", or nothing.
role_of() {
  line ".picks[] | select(.commit == \"$1\" or .replaces == \"$1\") | .role"
  line ".left_out[] | select(.commit == \"$1\" and .reason != \"replaced\") | .reason"
  line ".blocked[] | select(.commit == \"$1\") | \"blocked\""
}

# pick_of COMMIT FILTER: what jq finds in its pick.
pick_of() { line ".picks[] | select(.commit == \"$1\") | $2"; }

# state_of ADVISORY: as the plan says it.
state_of() { line ".advisories[] | select(.id == \"$1\") | .state"; }

# oid [REV]: of the work tree xen.
oid() { git -C xen rev-parse "${1-HEAD}"; }

# at REF: the commit in xen.git, or "none".
at() { git -C xen.git rev-parse -q --verify "$1^{commit}" || echo none; }

# commit PATH CONTENT MESSAGE: one commit in the work tree xen; prints its id.
commit() {
  commit_file xen "$@"
  oid
}

# note_on COMMIT TEXT: a note in refs/notes/xsa of xen.git.
note_on() {
  git -C xen.git notes --ref=xsa append -m "$2" "$1"
}

# begin: the work tree back at the newest release of 4.17, on its staging branch; no notes.
begin() {
  git -C xen checkout -qfB staging-4.17 "${START:-RELEASE-4.17.1}"
  git -C xen clean -qfdx
  git -C xen.git update-ref -d refs/notes/xsa
  rm -f xsabot.conf
}

# planned [OPTION]...: staging as the work tree has it, and its plan.
planned() {
  git -C xen push -qf origin HEAD:refs/heads/staging-4.17
  plan 4.17 "$@"
}

# edited [LINE=WORD]...: a text of 20 lines, the given ones with other words, for commit.
edited() {
  local i arg l
  for i in {1..20}; do
    l="line $i"
    for arg; do [ "${arg%%=*}" != "$i" ] || l=${arg#*=}; done
    printf '%s\\n' "$l"
  done
}

# ---- the configuration: of xen.git, or of the repository that REPO names

T_CONFIG=()
CONF=

# base_config [LINE]...: what each configuration of this script has.
base_config() { T_CONFIG=("$@"); }

# set_config [LINE]...: the configuration: that, and these lines; until the test ends plans are made by it.
set_config() {
  printf '%s\n' '[repository]' "path = ${REPO-$PWD/xen.git}" ${T_CONFIG[@]+"${T_CONFIG[@]}"} "$@" >xsabot.conf
  CONF=$PWD/xsabot.conf
}

# add_config LINE...: more lines for it.
add_config() { printf '%s\n' "$@" >>xsabot.conf; }

# patient: whoever was given up after a second of silence has a minute from now on.
patient() { sed -i 's/^timeout = 1s$/timeout = 60s/' xsabot.conf; }

# ---- the scene

SCENES=$SANDBOX/scenes T_AT_FRESH=()

# save_scene [FILE]...: these, by default the work tree xen and xen.git with what a run left beside it, are what
# fresh brings back, from SCENES/SCENE; SCENE is "first" where there is one alone.
save_scene() {
  local f dir=$SCENES/${SCENE-first}
  [ $# -gt 0 ] || set -- xen xen.git xen.git.xsabot
  mkdir -p "$dir"
  for f; do
    [ ! -e "$f" ] || cp -a "$f" "$dir"
  done
}

# at_fresh COMMAND: what fresh does first; from the top level.
at_fresh() { T_AT_FRESH+=("$1"); }

# fresh [LINE]...: the scene as it was saved, and nothing that earlier bodies made; a configuration with these lines.
fresh() {
  local f gone=()
  for f in ${T_AT_FRESH[@]+"${T_AT_FRESH[@]}"}; do eval "$f"; done
  for f in "${!T_BEGUN[@]}"; do [ -n "${T_KEPT[$f]-}" ] || gone+=("$f"); done
  for f in "$SCENES"/*/* "$SCENES"/*/.[!.]*; do gone+=("${f##*/}"); done
  rm -rf -- "${gone[@]}"
  cp -a "$SCENES/${SCENE-first}/." .
  set_config "$@"
}

# ---- the program, and what it says

# bot ARG...: it, with that configuration; BOT_FLAGS are more options, FAKE is the time that it finds.
bot() {
  local clock=()
  [ -z "${FAKE-}" ] || clock=(env FAKETIME_DONT_FAKE_MONOTONIC=1 faketime -f "@$FAKE")
  # shellcheck disable=SC2086
  ${clock[@]+"${clock[@]}"} "$XSABOT" ${BOT_FLAGS-} -c xsabot.conf "$@"
}

# bot_ends STATUS ARG...: it ends with this status; what it says is in out and err.
bot_ends() { exits "$1" bot "${@:2}" >out 2>err || { cat -v out err; return 1; }; }

# run [STATUS]: one run.
run() { bot_ends "${1-0}" run; }

# says PATTERN, never_says PATTERN: it said so, or not, on whichever output.
says() { grep -q -s -e "$1" out err || { echo "not said: $1"; cat -v out err; return 1; }; }
never_says() { ! grep -s -e "$1" out err || return 1; }

# start_watch [OPTION]...: a bot that stays; it has begun. stop_watch: it is gone, by SIGKILL.
start_watch() {
  rm -f watch.err watch.out
  "$XSABOT" "$@" -c xsabot.conf watch >>watch.out 2>>watch.err &
  echo $! >watch.pid
  until_true 30 grep -q '^xsabot: watching' watch.err || { cat watch.err; return 1; }
}
stop_watch() { kill_bot watch.pid xen.git.xsabot; }

# ---- pushes

# push_staging [OPTION]...: what the work tree has is staging of 4.17.
push_staging() { push xen "$@" HEAD:refs/heads/staging-4.17; }

# fix N [PATH CONTENT]: one more fix on staging of 4.17. fix_on LINE N [PATH CONTENT]: of another line.
fix() { make_advisory xen "$@"; push_staging; }
fix_on() {
  git -C xen checkout -q "staging-$1"
  make_advisory xen "${@:2}"
  push xen "staging-$1"
}

# release N [REV]: 4.17.N, at HEAD.
release() {
  git -C xen tag -a -m "Xen 4.17.$1" "RELEASE-4.17.$1" "${2-HEAD}"
  push xen HEAD:refs/heads/staging-4.17 "refs/tags/RELEASE-4.17.$1"
}

# ---- what became of it

# sound [REPO]: git finds nothing wrong in it.
sound() { same '' "$(git -C "${1-xen.git}" fsck --no-progress --no-dangling 2>&1 | grep -v '^notice: HEAD')"; }

# has_fix N [BRANCH [REPO]], lacks_fix N [BRANCH [REPO]]: whether the derived branch has what make_advisory made.
has_fix() { [ "$(git -C "${3-xen.git}" ls-tree --name-only "${2-xsa-4.17}" "xsa$1.c")" ]; }
lacks_fix() { ! has_fix "$@"; }

# mail_keeper PATH DIR: makes a transport that puts each mail into DIR/*.mail, whole, or says that it could not.
mail_keeper() {
  mkdir -p "$2"
  printf '%s\n' '#!/bin/sh' "part=\$(mktemp '$2/XXXXXXXX') && cat >\"\$part\" && mv \"\$part\" \"\$part.mail\"" >"$1"
  chmod +x "$1"
}
