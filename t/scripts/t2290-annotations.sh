#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# TAP: the set of annotations for xen.git that is shipped. With XSABOT_XEN naming a bare xen.git, against that.
. "$(dirname "$0")/../lib/lib.sh"
[ -n "${XSABOT-}" ] || skip_all 'XSABOT names no program'
SET=$T_SRC/conf/xen-annotations.conf

entries() { sed -n 's/^\([0-9a-f]\{40\}\) = /\1 /p' "$SET"; }
test_expect 'each entry is a full id, a word and an advisory, and stands once' '
  same "" "$(sed -e "/^#/d; /^\$/d; /^\[picks\]\$/d" "$SET" |
    grep -vE "^[0-9a-f]{40} = (Security|Prerequisite-of|Follow-up-to): XSA-[0-9]+$")"
  same "" "$(entries | cut -d" " -f1 | sort | uniq -d)"
  [ "$(entries | wc -l)" -gt 50 ]'
test_expect 'it can be added to a configuration, and read as notes, as its head says' '
  make_line xen.git w 4.17
  printf "[repository]\npath = %s/xen.git\n[picks]\n1234567 = Exclude: not here\n" "$PWD" >conf
  cat "$SET" >>conf
  "$XSABOT" -q -c conf plan 4.17
  sed -n "s/^#     //p" "$SET" >commands
  same 2 "$(wc -l <commands)"
  grep -q "git notes --ref=xsa append" commands
  same "$(entries | wc -l)" "$(cd "$T_SRC/conf" && sh -c "$(head -1 "$OLDPWD/commands") wc -l")"'

[ -n "${XSABOT_XEN-}" ] || {
  note 'no xen.git: XSABOT_XEN names none'
  done_testing
  exit
}
git clone -q --mirror --shared "$XSABOT_XEN" real.git
printf '[repository]\npath = %s/real.git\n' "$PWD" >conf
cat conf "$SET" >conf.set
# window_of ID: the line, base and tip of the window that has the commit.
window_of() {
  local v tag tip
  v=$(git -C real.git for-each-ref --format='%(refname:short)' --contains "$1" 'refs/heads/staging-4.*' | head -1)
  v=${v#staging-}
  tag=$(git -C real.git tag --list "RELEASE-$v.*" --no-contains "$1" --merged "staging-$v" --sort=v:refname | tail -1)
  tip=$(git -C real.git tag --list "RELEASE-$v.*" --contains "$1" --merged "staging-$v" --sort=v:refname | head -1)
  echo "$v $tag ${tip:-refs/heads/staging-$v}"
}
test_expect 'each id is on a stable branch of xen.git, and its entry changes the plan of its window' '
  entries | while read -r id word; do
    read -r v base tip <<<"$(window_of "$id")"
    [ -n "$base" ] || { echo "$id is in no window"; return 1; }
    "$XSABOT" -q -c conf plan "$v" --base "$base" --tip "$tip" --format=ids >without || [ $? = 1 ]
    "$XSABOT" -q -c conf.set plan "$v" --base "$base" --tip "$tip" --format=ids >with || [ $? = 1 ]
    grep -qx "$id" with || { echo "$id is not picked"; return 1; }
    ! grep -qx "$id" without || { echo "$id is picked without its entry"; return 1; }
  done'
done_testing
