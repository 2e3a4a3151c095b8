#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is pushed to one line can't stop another: plans that take too long, too much, or end the process.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

make_line xen.git xen 4.17
make_advisory xen 1
push xen staging-4.17
make_line xen.git xen 4.18
make_advisory xen 1
push xen staging-4.18
save_scene

# published [LINE of [repository]]...: two lines, after a first run.
published() {
  fresh "$@"
  run
}
# goes_wrong HOW LINE COMMAND...: with the plans of that line going wrong, in children.
goes_wrong() {
  local how=$1 line=$2
  shift 2
  LD_PRELOAD=$PRELOAD_PLAN PRELOAD_HOW=$how PRELOAD_REF=refs/heads/staging-$line ASAN_OPTIONS=verify_asan_link_order=0 "$@"
}
status() { { xsabot -c xsabot.conf status --format=json 2>/dev/null || :; } | jq -r ".lines[] | select(.name == \"$1\") | $2"; }
at_exit stop_watch

for what in 'takes too long:hang:its plan takes more than the limit of 4 s' \
  'takes too much memory:eat:its plan came to no end, perhaps for more than 192 MiB' \
  'ends the process:crash:its plan came to no end'; do
  how=${what#*:}
  test_expect "a plan that ${what%%:*}: its line stops and says so, the other goes on" '
    published
    fix_on 4.17 2
    fix_on 4.18 2
    [ ${how%%:*} != hang ] || set_config "limit = 4s" # which the other one needs a part of
    goes_wrong ${how%%:*} 4.17 run 70
    says "4.17: ${how#*:}"
    has_fix 2 xsa-4.18
    fails has_fix 2 xsa-4.17
    same failed "$(status 4.17 .state)"
    status 4.17 .why | grep "${how#*:}"
    same up-to-date "$(status 4.18 .state)"
    set_config
    run
    has_fix 2 xsa-4.17
  '
done
test_expect 'watch: while one line is planned without end, fixes of the other are published' '
  published "limit = 60s"
  xsabot install-hook xen.git >/dev/null
  goes_wrong hang 4.17 start_watch
  fix_on 4.17 2
  for i in 2 3 4 5; do
    fix_on 4.18 $i
    until_true 30 has_fix $i xsa-4.18
  done
  fails has_fix 2 xsa-4.17
  kill_bot watch.pid xen.git.xsabot
'
test_expect 'a stable branch that is a symbolic ref comes to its end as well' '
  published
  git -C xen.git update-ref refs/heads/real staging-4.17
  git -C xen.git symbolic-ref refs/heads/staging-4.17 refs/heads/real
  git -C xen checkout -q staging-4.17
  make_advisory xen 2
  git -C xen push -q origin HEAD:refs/heads/real
  exits 0 timeout 30 "$XSABOT" -q -c xsabot.conf run
  has_fix 2 xsa-4.17
'
done_testing
