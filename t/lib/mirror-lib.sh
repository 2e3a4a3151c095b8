# SPDX-License-Identifier: GPL-2.0-or-later
# Helpers for the tests of mirrors and the upstream; after lib.sh and line-lib.sh.

# run [STATUS]: one run; its output in out and err.
run() { exits "${1-0}" xsabot -c xsabot.conf run >out 2>err || { cat out err; return 1; }; }
# mirror STATUS [ARG]...: the command of that name.
mirror() {
  local status=$1
  shift
  exits "$status" xsabot -c xsabot.conf mirror "$@" >out 2>err || { cat out err; return 1; }
}
# told PATTERN: it was said, on whichever output.
told() { grep -q -e "$1" out err || { echo "not said: $1"; cat out err; return 1; }; }
untold() { ! grep -e "$1" out err; }
# config [LINE]...: more lines for the configuration.
config() { printf '%s\n' "$@" >>xsabot.conf; }
# there REPO REF: its value, or "none".
there() { git -C "$1" rev-parse -q --verify "$2" || echo none; }
# refs REPO: all, with their values.
refs() { git -C "$1" for-each-ref --format='%(refname) %(objectname)'; }
# names REPO: of its refs, in one line.
names() { git -C "$1" for-each-ref --format='%(refname)' | tr '\n' ' ' | sed 's/ $//'; }
# staging: what the work tree has is pushed; fix N: with one more fix.
staging() { push xen "$@" HEAD:refs/heads/staging-4.17; }
fix() { make_advisory xen "$1"; staging; }
# same_there REPO: the mirror has the bot's refs as they are here.
same_there() { diff <(refs xen.git | grep -e /xsa -e /xsabot/) <(refs "$1" | grep -e /xsa -e /xsabot/); }
# hook REPO NAME LINE...: a hook of a mirror.
hook() {
  local file=$1/hooks/$2
  shift 2
  mkdir -p "$(dirname "$file")"
  printf '%s\n' '#!/bin/sh' "$@" >"$file"
  chmod +x "$file"
}

# mirror_setup: xen.git with a fix to be published, and an empty mirror.git.
mirror_setup() {
  make_line xen.git xen 4.17
  make_advisory xen 1
  push xen staging-4.17
  make_repo mirror.git
  mkdir tpl
  cp -a xen xen.git mirror.git tpl
}

# fresh [LINE]...: that, with these lines for the mirror by the name "near"; ran: the same, after a first run.
fresh() {
  rm -rf xen xen.git xen.git.xsabot mirror.git clone.git
  cp -a tpl/* .
  printf '%s\n' '[repository]' "path = $PWD/xen.git" >xsabot.conf
  config '[mirror near]' "${@:-url = $PWD/mirror.git}"
}
ran() {
  fresh "$@"
  run
}
# record FILTER: what jq finds in the record of that mirror.
record() { jq -r "$1" xen.git.xsabot/mirror/near/record.json; }
