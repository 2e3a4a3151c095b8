# SPDX-License-Identifier: GPL-2.0-or-later
# Helpers for the tests of the bot itself; after lib.sh. Plans are looked at
# through jq.
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

# conf [LINE]...: a configuration of these lines, for xen.git, in use until the test ends.
conf() {
  printf '%s\n' '[repository]' "path = $PWD/xen.git" "$@" >xsabot.conf
  CONF=$PWD/xsabot.conf
}
CONF=

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
