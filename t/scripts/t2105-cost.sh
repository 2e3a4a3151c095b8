#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# TAP: what a search may cost is bounded by what it does, whatever is cached or packed, and is told.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/history-lib.sh"

# books N: each of N commits writes an entry at the top of a long file, and one of its own; the last one is a fix.
books() {
  begin
  {
    seq 1 40000 | sed 's/^/old entry /' >old
    for i in $(seq 0 "$1"); do
      [ "$i" = 0 ] || { printf 'entry %s\n\n' "$i" | cat - old >new; mv new old; }
      [ "$i" != "$1" ] || subject='fix CVE-2024-1'
      printf 'commit refs/heads/1.0\nmark :%s\ncommitter a <a@x> %s +0000\ndata <<E\n%s\nE\n' $((i + 1)) \
        $((1500000000 + i)) "${subject-change $i}"
      printf 'M 644 inline CHANGES\ndata %s\n' "$(stat -c %s old)"
      cat old
      printf '\nM 644 inline file%s\ndata <<E\n%s\nE\n\n' "$i" "$i"
    done
  } | g fast-import --quiet --force
  g tag v1.0.0 "$(g rev-list 1.0 | tail -1)"
  g branch 1.1 v1.0.0
  g tag v1.1.0 v1.0.0
}
plan() { (ulimit -t 300; "$XSABOT" -c conf plan --format=json --no-follow-ups >plan.json) || [ $? = 1 ]; }

books 150
test_expect 'a search through a file that every commit changes is given up, and the other line goes on' '
  plan
  says ".blocked[0].why" | grep "conflicts in CHANGES .*; the search for what it needs was given up: it takes more than 300 MiB"
  same 0 "$(says ".picks | length")"
  same "1.1 0" "$(jq -r ".lines[1] | \"\(.line) \(.blocked | length)\"" plan.json)"
  says ".notices[]" | grep "^CHANGES is changed by 150 of 150 commits.*bookkeeping = CHANGES in"'
test_expect '... at the same place, whatever is packed' '
  plan
  jq -S "del(.lines[].counts.trials)" plan.json >before
  g repack -adfq --depth=5
  plan
  jq -S "del(.lines[].counts.trials)" plan.json | diff before -
  says .counts.work'
test_expect 'the key takes the file out of account' '
  echo "bookkeeping = CHANGES" >>conf
  plan
  same "fix CVE-2024-1" "$(picked)"
  same 0 "$(says ".notices | length")"'

# uses N: a fix that calls N functions from a long file, each of which a commit of its own brought.
uses() {
  begin
  {
    printf 'commit refs/heads/1.0\nmark :1\ncommitter a <a@x> 1500000000 +0000\ndata 5\nbase\nM 644 inline lib/long.c\n'
    seq 1 60000 | sed 's|.*|/* line & of it */|' >long
    printf 'data %s\n' "$(stat -c %s long)"
    cat long
    for i in $(seq 1 "$1"); do
      printf '\ncommit refs/heads/1.0\nmark :%s\ncommitter a <a@x> %s +0000\ndata <<E\nlib: helper %s\nE\n' $((i + 1)) \
        $((1500000000 + 100 * i)) "$i"
      printf 'M 644 inline lib/h%s.h\ndata <<E\nint helper_%s(void);\nE\n' "$i" "$i"
    done
    seq 1 "$1" | sed 's|.*|int user_&(void) { return helper_&(); }|' >>long
    printf '\ncommit refs/heads/1.0\ncommitter a <a@x> 1500900000 +0000\ndata <<E\nfix CVE-2024-1\nE\nM 644 inline lib/long.c\n'
    printf 'data %s\n' "$(stat -c %s long)"
    cat long
  } | g fast-import --quiet --force
  g tag v1.0.0 "$(g rev-list 1.0 | tail -1)"
}
given_up='the search for what .* uses was given up: it looks through more than 256 MiB'
sees_none() { ! grep "$given_up"; }
test_expect 'names that a fix uses are looked for' '
  uses 5
  plan
  same 6 "$(says ".picks | length")"
  says ".warnings[]" | sees_none'
test_expect '... and given up where that takes too much: the fix is there, and may not be whole' '
  uses 400
  plan
  says ".warnings[]" | grep "$given_up"
  picked | grep "fix CVE-2024-1"
  same partial "$(says ".advisories[0].state")"'
done_testing
