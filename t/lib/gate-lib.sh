# SPDX-License-Identifier: GPL-2.0-or-later
# Helpers for the tests of what keeps a candidate back; after line-lib.sh. Makes a
# line whose first fix is published; the functions are for test bodies.
make_line xen.git xen 4.17
make_advisory xen 1
push xen staging-4.17
xsabot -C xen.git run >/dev/null
git -C xen.git config core.logAllRefUpdates always
mkdir meta
save_scene
at_fresh 'OLD=$(git -C "$SCENES/first/xen.git" rev-parse xsa-4.17)'
BOT_FLAGS=-v
# command CMD [LINE]...: the same with this command as the gate.
command_gate() {
  local cmd=$1
  shift
  fresh '[gate]' "command = $cmd" "$@"
}
logged() { grep -q -e "$1" err || { echo "not logged: $1"; cat out err; return 1; }; }
# tested N: the gate's command ran so often in the last run.
tested() { same "$1" "$(grep -c '^xsabot: gate 4.17: [0-9a-f]*: .* after' err)"; }
# add N [FILE CONTENT]: a fix on staging; with fix all is pushed.
add() { make_advisory xen "$@"; }
# branch_has N...: the fixes of the derived branch are just these.
branch_has() { same "$*" "$(git -C xen.git log --reverse --first-parent --no-merges --format='%(trailers:key=Xsabot-Advisory,valueonly,separator=)' RELEASE-4.17.0..xsa-4.17 | sed s/XSA-// | uniq | xargs)"; }
stays() { same "$OLD" "$(at xsa-4.17)"; }
# moves N: how often the derived branch moved since it was made fresh.
moves() { same "$1" "$(git -C xen.git reflog show refs/heads/xsa-4.17 2>/dev/null | wc -l)"; }
candidate() { at refs/xsabot/candidate/4.17; }
passed() { git -C xen.git update-ref refs/xsabot/tested/4.17 "$1"; }
failed() { git -C xen.git notes --ref=xsabot-tested add -f -m "Gate-Failed: $2" "$1"; }
log() { cat xen.git.xsabot/gate/logs/*.log; }

# Bad is what has the word in it.
GOOD='! grep -rw bad .'

# ---- can there be a sandbox at all?

SANDBOX_OK=
if unshare -Urnpm --fork true 2>/dev/null || unshare -npm --fork true 2>/dev/null; then SANDBOX_OK=1; fi
expect_sandbox() {
  if [ -n "$SANDBOX_OK" ]; then test_expect "$@"; else skip "$1" 'no namespaces here'; fi
}
[ -n "$SANDBOX_OK" ] || GATE_MORE='sandbox = no'

# ---- a clock that can be set: FAKE="2030-01-01 10:00:00" run

# It is loaded into the program, which one with the address sanitizer refuses.
if faketime -f '@2030-01-01 10:00:00' "$XSABOT" --version >/dev/null 2>&1; then
  timed() { test_expect "$@"; }
else
  timed() { skip "$1" 'faketime is not installed, or not with this program'; }
fi
