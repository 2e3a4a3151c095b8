#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A repository that was made to hurt: each command comes to an end on it, with a status of its own, in bounded
# memory, and a fix on a line where nothing is wrong is published meanwhile. Prints a table of status, seconds, and
# MiB of the largest process. HOSTILE_SCALE=1 makes it in full, and tries all commands on all lines; by default it is a twentieth, and most
# commands are tried on some lines, by XSABOT_TEST_SEED.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
need python3
SCALE=${HOSTILE_SCALE:-20} MOST=${HOSTILE_MIB:-256} SECONDS_EACH=60
[ "$SCALE" != 1 ] || SECONDS_EACH=300 # a search writes 200,000 files for each of its tests,
mkdir "$SANDBOX/tmp"
export TMPDIR=$SANDBOX/tmp # which on a disk that others write to take minutes
HOSTILE=$T_SRC/t/tools/hostile.py
# With sanitizers, memory says nothing.
! grep -q __asan_init "$XSABOT" || MOST=1000000

/usr/bin/python3 "$HOSTILE" make xen.git "$SCALE" >troubles
/usr/bin/python3 "$HOSTILE" hurt xen.git
printf '[repository]\npath = %s/xen.git\n' "$PWD" >xsabot.conf
note "$(wc -l <troubles) lines of trouble, each 1/$SCALE of its size: $(awk '{ $1 = ""; printf "%s%s", sep, $0; sep = ";" }' troubles)"

ALL=$(cut -d" " -f1 troubles) RANDOM=${XSABOT_TEST_SEED:=$RANDOM} SOME=
if [ "$SCALE" = 1 ]; then SOME=$ALL; else for _ in 1 2 3 4; do SOME="$SOME 5.$((RANDOM % 36))"; done; fi
note "seed $XSABOT_TEST_SEED: $(echo $SOME)"

# hurt NAME COMMAND...: it, measured; a line of the table. False: it didn't end as it should.
hurt() {
  local name=$1 status seconds mib
  shift
  /usr/bin/python3 "$HOSTILE" run $SECONDS_EACH "$@" >out 2>&1 </dev/null || :
  read -r status seconds mib < <(tail -n 1 out)
  printf '%7s s %5s MiB  status %2s: %s\n' "$seconds" "$mib" "$status" "$name" >>"$SANDBOX/table"
  case $status in 0 | 1 | 64 | 70 | 75 | 78) ;; *) tail -n 5 out; echo "$name: status $status"; return 1 ;; esac
  [ "$mib" -le "$MOST" ] || { echo "$name: $mib MiB"; return 1; }
}
bot() { hurt "$*" "$XSABOT" -c xsabot.conf "$@"; }

test_expect 'a run ends, and publishes what nothing is wrong with' '
  bot run
  same 1 "$(git -C xen.git rev-list --count --first-parent RELEASE-5.0.0..xsa-5.0)"
  bot run
'
test_expect 'so do the commands that look at all lines' '
  git -C xen.git format-patch -q --stdout -1 staging-5.0 >one.patch
  for command in status plan "plan --format=json" advisories "advisories --format=json" check report verify \
    "explain XSA-1" "explain XSA-666" "explain xsa-5.1" "pages pages" check-config doctor systemd "suggest-config xen.git" \
    "install-hook xen.git" "import-advisories one.patch" "check-advisory one.patch" outbox mirror fetch "mail 5.0 --preview"; do
    bot $command
  done
'
test_expect 'and those of one line' '
  for line in $ALL; do bot plan $line; done
  for line in $SOME; do
    for command in build "mail --preview" publish "search --command=true"; do bot $command $line; done
    bot export $line "dir-$line"
    bot explain "staging-$line" $line
    bot withdraw "staging-$line" $line --reason=why --dry-run
  done
'
test_expect 'what is accepted, and what ends' '
  for line in 5.33 $(echo $SOME | cut -d" " -f 1); do
    for command in adopt "retire --reason=why" unretire; do bot $command $line; done
  done
  bot run
'
test_expect 'a push to it is taken by the hook, and a fix is published by the resident bot, whatever it works on' '
  # Git itself pushes nothing where a ref is at an object that is torn.
  for line in 5.31 5.32 5.99; do git -C xen.git update-ref -d --no-deref refs/heads/staging-$line; done
  "$XSABOT" -c xsabot.conf watch >watch.out 2>&1 &
  echo $! >watch.pid
  git clone -q --no-local --single-branch --no-tags -b staging-5.0 xen.git xen
  for n in 1 2 3; do
    make_advisory xen 77$n
    push xen staging-5.0
    # One of the lines that hurt moves, too.
    git -C xen.git update-ref refs/heads/staging-5.$n "$(git -C xen.git commit-tree -p staging-5.$n -m more "staging-5.$n^{tree}")"
    until_true 30 sh -c "git -C xen.git log --format=%B xsa-5.0 | grep -x \"This is XSA-77$n.\""
  done
  awk "/VmHWM/ { print \$2 / 1024 }" /proc/$(cat watch.pid)/status >size
  kill -TERM $(cat watch.pid)
  [ "$(cut -d. -f1 size)" -le "$MOST" ]
'
kill_bot watch.pid xen.git.xsabot
note "the slowest, of $(wc -l <"$SANDBOX/table") commands:"
sort -rn "$SANDBOX/table" | awk -v n="${HOSTILE_ROWS:-12}" "NR <= n" | sed 's/^/# /'
note "at most $(awk '{ print $3 }' "$SANDBOX/table" | sort -n | tail -n 1) MiB"
done_testing
