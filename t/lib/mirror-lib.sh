# SPDX-License-Identifier: GPL-2.0-or-later
# Helpers for the tests of mirrors and the upstream; after lib.sh and line-lib.sh.

# mirror STATUS [ARG]...: the command of that name.
mirror() { bot_ends "$1" mirror "${@:2}"; }
# there REPO REF: its value, or "none".
there() { git -C "$1" rev-parse -q --verify "$2" || echo none; }
# refs REPO: all, with their values.
refs() { git -C "$1" for-each-ref --format='%(refname) %(objectname)'; }
# names REPO: of its refs, in one line.
names() { git -C "$1" for-each-ref --format='%(refname)' | tr '\n' ' ' | sed 's/ $//'; }
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
  save_scene xen xen.git mirror.git
}

# mirrored [LINE]...: that, with these lines for the mirror by the name "near"; ran: the same, after a first run.
mirrored() { fresh '[mirror near]' "${@:-url = $PWD/mirror.git}"; }
ran() {
  mirrored "$@"
  run
}
# record FILTER: what jq finds in the record of that mirror.
record() { jq -r "$1" xen.git.xsabot/mirror/near/record.json; }
