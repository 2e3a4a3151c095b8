# SPDX-License-Identifier: GPL-2.0-or-later
# The library of the shell tests, in the manner of git's own: TAP on standard
# output, a sandbox of its own for each script, a clock that ticks. Use:
#
#   . "$(dirname "$0")/../lib/lib.sh"
#   make_repo xen.git                       # long set-up: helpers, at top level
#   test_expect 'title: the behaviour' '
#     git -C xen.git rev-parse HEAD >out
#     grep -q abc out
#   '
#   done_testing
#
# A body runs in a subshell under `set -eu -o pipefail`, in the sandbox: its
# first failing line fails the test, so no && are needed. A line that begins
# with `!` never fails there: use `fails`. Variables set in a body are lost.
# And `| grep -q` fails now and then: it ends at the first match, and what still writes to it
# is killed. Let grep print: the output of a body is shown only where it fails.
# Set-up that fails ends the script as "Bail out!". A report of a sanitizer fails
# the test in which it was made, whatever became of the status of its program.
# XSABOT and XSABOT_HOOK name
# the programs under test. With XSABOT_TEST_KEEP the sandbox of a script that
# failed is kept.
set -eu -o pipefail

T_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) # the helpers
T_SRC=${T_DIR%/*/*} # the source tree
T_NAME=$(basename "$0" .sh)
T_SHELL_PID=$BASHPID
T_COUNT=0 T_FAILED=0 T_DONE=
T_CLEANUP=()

# t_place: the directory for sandboxes: TMPDIR, else memory, where no test waits for what others write to a disk,
# if there is enough of it and programs can be run from there, else /tmp.
t_place() {
  local try rc=1
  [ -z "${TMPDIR-}" ] || { echo "$TMPDIR"; return; }
  if [ "$(df -Pk /dev/shm 2>/dev/null | awk 'END { print $4 + 0 }')" -ge 2000000 ] &&
    awk '/^MemAvailable:/ { exit $2 < 4000000 }' /proc/meminfo && try=$(mktemp -p /dev/shm 2>/dev/null); then
    printf '#!/bin/sh\n' >"$try" && chmod +x "$try" && "$try" 2>/dev/null && rc=0
    rm -f "$try"
  fi
  if [ $rc = 0 ]; then echo /dev/shm; else echo /tmp; fi
}

t_enter_sandbox() {
  local var
  SANDBOX=$(mktemp -d "$(t_place)/xsabot-$T_NAME.XXXXXX")
  for var in $(compgen -e | grep -E '^(GIT_|XSABOT_(SPOOL|CHAIN)|SSH_|LC_)' || :); do
    unset "$var"
  done
  export HOME=$SANDBOX/home TZ=UTC LC_ALL=C LANG=C TERM=dumb
  export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=$SANDBOX/gitconfig GIT_TERMINAL_PROMPT=0
  export GIT_AUTHOR_NAME='A U Thor' GIT_AUTHOR_EMAIL=author@example.com
  export GIT_COMMITTER_NAME='C O Mitter' GIT_COMMITTER_EMAIL=committer@example.com
  unset XDG_CONFIG_HOME EDITOR VISUAL PAGER
  # The status is none of the bot's own; a file tells of a program whose status nobody looks at.
  export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}exitcode=99:log_path=$SANDBOX/report"
  export UBSAN_OPTIONS="${UBSAN_OPTIONS:+$UBSAN_OPTIONS:}print_stacktrace=1:exitcode=99:log_path=$SANDBOX/report"
  umask 022
  mkdir "$HOME" "$SANDBOX/work"
  # No repository has more in it than git needs, as scenes are copied often; and git tidies nothing up by itself.
  mkdir -p "$SANDBOX/template/hooks" "$SANDBOX/template/info"
  printf '%s\n' '[init]' 'defaultBranch = main' "templateDir = $SANDBOX/template" '[gc]' 'auto = 0' \
    '[maintenance]' 'auto = false' '[receive]' 'autogc = false' '[advice]' 'detachedHead = false' >"$GIT_CONFIG_GLOBAL"
  mkfifo "$SANDBOX/never"
  cd "$SANDBOX/work"
}

t_leave() {
  local status=$? f
  [ "$BASHPID" = "$T_SHELL_PID" ] || return 0 # a subshell that inherited the trap
  trap - EXIT
  set +e
  for f in ${T_CLEANUP[@]+"${T_CLEANUP[@]}"}; do
    eval "$f" >/dev/null 2>&1
  done
  [ -n "$T_DONE" ] || echo "Bail out! $T_NAME ended early (status $status)"
  [ -n "$T_DONE" ] || [ "$status" != 0 ] || status=1
  if [ -n "${XSABOT_TEST_KEEP-}" ] && [ "$status" != 0 ]; then
    echo "# kept: $SANDBOX" >&2
  else
    cd / && chmod -R u+rwX "$SANDBOX" 2>/dev/null
    rm -rf "$SANDBOX"
  fi
  exit "$status"
}

# ---- tests ----

t_result() { # ok|not-ok title [comment file]
  T_COUNT=$((T_COUNT + 1))
  if [ "$1" = ok ]; then
    echo "ok $T_COUNT - $2"
    return
  fi
  T_FAILED=$((T_FAILED + 1))
  echo "not ok $T_COUNT - $2"
  [ -z "${3-}" ] || head -c 20000 "$3" | tr -d '\r' | LC_ALL=C sed 's/[^ -~\t]/?/g; s/^/#   /'
}

# t_reported LOG: a sanitizer had something to report; LOG has it now.
t_reported() {
  compgen -G "$SANDBOX/report.*" >/dev/null || return 1
  cat "$SANDBOX"/report.* >>"$1"
  rm -f "$SANDBOX"/report.*
}

# t_entries: sets T_ENTRIES, what is here.
t_entries() {
  shopt -s nullglob dotglob
  T_ENTRIES=(*)
  shopt -u nullglob dotglob
}

# t_begin, t_end: before and after a body. T_BEGUN is what was when it began, T_ENDED when the last one ended, T_KEPT
# what the script made between two of them: all else is of earlier bodies.
declare -A T_BEGUN=() T_ENDED=() T_KEPT=()
t_begin() {
  local f
  t_entries
  T_BEGUN=()
  for f in ${T_ENTRIES[@]+"${T_ENTRIES[@]}"}; do
    T_BEGUN[$f]=1
    [ -n "${T_ENDED[$f]-}" ] || T_KEPT[$f]=1
  done
}
t_end() {
  local f
  t_entries
  T_ENDED=()
  for f in ${T_ENTRIES[@]+"${T_ENTRIES[@]}"}; do T_ENDED[$f]=1; done
}

# test_expect TITLE BODY: one test.
test_expect() {
  local rc log=$SANDBOX/log
  [ -n "${2//[[:space:]]/}" ] || { t_result not-ok "$1 (no body)"; return 0; }
  t_begin
  set +e
  (
    set -eu -o pipefail
    eval "$2"
  ) >"$log" 2>&1 </dev/null
  rc=$?
  set -e
  t_end
  ! t_reported "$log" || rc=99
  if [ $rc = 0 ]; then
    t_result ok "$1"
  else
    { printf '%s\n' "$2"; echo "--- status $rc, output:"; cat "$log"; } >"$log.all"
    t_result not-ok "$1" "$log.all"
  fi
}

# skip TITLE REASON: a test that cannot be done here.
skip() {
  T_COUNT=$((T_COUNT + 1))
  echo "ok $T_COUNT - $1 # SKIP $2"
}

# skip_all REASON: nothing of this script can be done here; before the first test.
skip_all() {
  T_DONE=1
  echo "1..0 # SKIP $1"
  exit 0
}

# done_testing: the last line of a script.
done_testing() {
  T_DONE=1
  ! t_reported "$SANDBOX/log" || t_result not-ok 'a sanitizer had something to report' "$SANDBOX/log"
  echo "1..$T_COUNT"
  [ "$T_COUNT" -gt 0 ] || echo "# no test at all"
  [ "$T_COUNT" -gt 0 ] && [ "$T_FAILED" = 0 ] || exit 1
  exit 0
}

# note TEXT...: a comment in the output.
note() { echo "# $*"; }

# at_exit COMMAND: run when the script ends, whatever way; from the top level.
at_exit() { T_CLEANUP+=("$1"); }

# need NAME...: skips the whole script when a program is not installed.
need() {
  local p
  for p; do
    command -v "$p" >/dev/null || skip_all "$p is not installed"
  done
}

# ---- for bodies ----

# fails COMMAND...: the command ends with a status other than 0, and not by a signal.
fails() {
  local rc=0
  "$@" || rc=$?
  if [ $rc = 0 ] || [ $rc -gt 125 ]; then
    echo "status $rc instead of a failure: $*"
    return 1
  fi
}

# exits STATUS COMMAND...: the command ends with just this status.
exits() {
  local want=$1 rc=0
  shift
  "$@" || rc=$?
  [ $rc = "$want" ] || { echo "status $rc instead of $want: $*"; return 1; }
}

# same A B: two strings are equal.
same() { [ "$1" = "$2" ] || { printf 'want: %s\n got: %s\n' "$1" "$2"; return 1; }; }

# count_files DIR: how many entries it has.
count_files() {
  local f
  [ -d "$1" ] || { echo "no directory: $1" >&2; return 1; }
  shopt -s nullglob dotglob
  f=("$1"/*)
  shopt -u nullglob dotglob
  echo ${#f[@]}
}

# another: sets ANOTHER, a number that nothing of this script had before, in a subshell neither.
another() {
  ANOTHER=0
  [ ! -e "$SANDBOX/another" ] || read -r ANOTHER <"$SANDBOX/another"
  ANOTHER=$((ANOTHER + 1))
  echo $ANOTHER >"$SANDBOX/another"
}

# pause SECONDS: waits so long, without a program.
pause() { read -rt "$1" _ <>"$SANDBOX/never" || :; }

# until_true SECONDS COMMAND...: tries again, soon, until it succeeds or time is up.
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@" 2>/dev/null; do
    [ $SECONDS -le $end ] || { echo "not true in time: $*"; return 1; }
    pause 0.02 # what is waited for needs the processor, too
  done
}

# kill_bot FILE STATE: the resident one whose process FILE names, if any, with SIGKILL; its lock in the
# directory STATE is free then: the kernel ends it, and a child that was just made, when it comes to them.
kill_bot() {
  [ -s "$1" ] || return 0
  kill -KILL "$(cat "$1")" 2>/dev/null || :
  rm -f "$1"
  [ ! -e "$2/instance" ] || until_true 30 flock -n "$2/instance" true
}

# ---- repositories ----

# tick: moves the clock of commits one minute on.
T_CLOCK=1500000000
tick() {
  T_CLOCK=$((T_CLOCK + 60))
  export GIT_AUTHOR_DATE="$T_CLOCK +0000" GIT_COMMITTER_DATE="$T_CLOCK +0000"
}

# make_repo DIR [option of git init]...: a bare repository.
make_repo() {
  local dir=$1
  shift
  git init -q --bare "$@" "$dir"
}

# commit_file WORKTREE PATH CONTENT MESSAGE: one commit of one file (printf %b of CONTENT).
commit_file() {
  tick
  case $2 in */*) mkdir -p "$1/${2%/*}" ;; esac
  printf '%b' "$3" >"$1/$2"
  git -C "$1" add -- "$2"
  git -C "$1" commit -q --allow-empty -m "$4"
}

# make_line BARE WORKTREE LINE [N]: release tag RELEASE-LINE.N (0) and branch staging-LINE in BARE (made
# when it is not there), WORKTREE a clone that stands on that branch, one commit past the release.
make_line() {
  local bare=$1 work=$2 line=$3 n=${4:-0}
  [ -d "$bare" ] || make_repo "$bare"
  [ -d "$work" ] || { git init -q "$work"; git -C "$work" remote add origin "$(cd "$bare" && pwd)"; }
  git -C "$work" checkout -q --orphan "staging-$line"
  git -C "$work" rm -rqf --ignore-unmatch . >/dev/null
  commit_file "$work" version "$line.$n\n" "Xen $line.$n"
  commit_file "$work" a.c 'one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\n' 'common: begin'
  git -C "$work" tag -a -m "Xen $line.$n" "RELEASE-$line.$n"
  commit_file "$work" CHANGES "after $line.$n\n" 'update Xen version'
  push "$work" "staging-$line" "refs/tags/RELEASE-$line.$n"
}

# make_advisory WORKTREE N [PATH CONTENT]: a commit on the current branch that fixes advisory N.
make_advisory() {
  commit_file "$1" "${3:-xsa$2.c}" "${4:-fixed $2\n}" "x86: fix $2

This is XSA-$2."
}

# push WORKTREE [option or ref]...: to origin, quietly; all branches and tags without arguments.
push() {
  local work=$1
  shift
  [ $# -gt 0 ] || set -- --all --follow-tags
  git -C "$work" push -q origin "$@"
}

trap t_leave EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
t_enter_sandbox
tick
