# SPDX-License-Identifier: GPL-2.0-or-later
# Helpers for tests that make a small history of their own; after lib.sh.
[ -n "${XSABOT-}" ] || skip_all 'XSABOT names no program'
need git jq

# begin: an empty repository r whose branch 1.0 is checked out, with a configuration for it.
begin() {
  rm -rf r r.git.xsabot r/.git.xsabot
  git init -q -b 1.0 r
  printf '[repository]\npath = %s\n[lines]\nstaging = refs/heads/{line}\nrelease = refs/tags/v{line}.{n}\nderived = refs/heads/sec/{line}\n[rules]\nsecurity = CVE-\\d+-\\d+\nadvisory = CVE-{n}\n' "$PWD/r/.git" >conf
}
g() { git -C r "$@"; }
# commit SUBJECT [PATH CONTENT]...
commit() {
  local subject=$1
  shift
  tick
  while [ $# -gt 0 ]; do
    printf '%b' "$2" >"r/$1"
    g add "$1"
    shift 2
  done
  g commit -q --allow-empty -m "$subject"
}
merge() { tick; g merge -q --no-ff "$@" >/dev/null; }
planned() { "$XSABOT" -c conf plan 1.0 --format=json "$@" >plan.json || [ $? = 1 ]; }
# says FILTER: of the line in the last plan.
says() { jq -r ".lines[0] | $1" plan.json; }
picked() { says '.picks | map(.subject) | join(",")'; }
states() { says '[.advisories[] | "\(.id) \(.state)"] | join(", ")'; }
left() { says '[.left_out[] | "\(.reason): \(.subject)"] | join(", ")'; }
