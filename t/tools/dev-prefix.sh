#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# For developers: as staging grows, does the plan grow at its end? Plans each
# window with its tip at every tenth commit of staging's first parents, and says
# where a plan does not begin with the one before it. Usage:
#
#   XSABOT=build/bot/xsabot t/tools/dev-prefix.sh REPO [OPTION]... <windows
#
# A window is a line "LINE BASE TIP"; options go to `xsabot plan`.
set -u
repo=$1
shift
windows=0 plans=0 bad=0
while read -r line base tip; do
  windows=$((windows + 1)) last=
  for at in $(git -C "$repo" rev-list --first-parent --reverse "$base..$tip" | awk 'NR % 10 == 0') "$tip"; do
    now=$("$XSABOT" plan -q -C "$repo" "$line" --base "$base" --tip "$at" --format=ids "$@")
    [ $? -le 1 ] || echo "$base..$tip at $at: failed"
    plans=$((plans + 1))
    case "$now" in
    "$last"*) ;;
    *)
      bad=$((bad + 1))
      echo "$base..$tip at $at: the plan is no longer the old one with more"
      diff <(echo "$last") <(echo "$now") | head -6
      ;;
    esac
    last=$now
  done
done
echo "$windows windows, $plans plans, $bad exceptions"
[ $bad = 0 ]
