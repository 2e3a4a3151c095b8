#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Data flows down one stairway: a file includes headers of its own folder and of those below, and no others;
# no header leads back to itself; no file is too long to be read.
. "$(dirname "$0")/../lib/lib.sh"
src=$T_SRC

# From the bottom up.
STAIRS='hooks util os text refs config repo packs odb lang diff pick lines classify blame import board meaning discover plan advisories
  report export words sandbox gate publish state target verify remote mirror spool outbox mail search judge engine pages doctor suggest cmd
  libexec'

# includes: FILE INCLUDED, for each include of another folder.
includes() {
  (cd "$src/bot" && grep -HoE '^#include "[a-z]+/[^"]+"' -- */*.[ch]) |
    sed 's/:#include "/ /; s/"$//' | awk '{ split($1, a, "/"); split($2, b, "/"); if (a[1] != b[1]) print }'
}

test_expect 'every folder has its place on the stairway' '
  (cd "$src/bot" && ls -d */ | tr -d /) | sort >folders
  printf "%s\n" $STAIRS | sort >placed
  same "" "$(comm -23 folders placed)"
'
test_expect 'no include climbs' '
  includes | awk -v stairs="$STAIRS" "
    BEGIN { n = split(stairs, s); for (i = 1; i <= n; i++) step[s[i]] = i }
    { split(\$1, a, \"/\"); split(\$2, b, \"/\"); if (step[b[1]] > step[a[1]]) print }" | sort -u >climbs
  same "" "$(cat climbs)"
'
test_expect 'no header leads back to itself' '
  (cd "$src/bot" && grep -HoE "^#include \"[^\"]+\"" -- */*.h) | sed "s/:#include \"/ /; s/\"\$//" |
    while read -r file inc; do
      case $inc in */*) : ;; *) inc=${file%/*}/$inc ;; esac
      echo "$file $inc"
    done >edges
  tsort <edges >order 2>loops || { cat loops; false; }
'
test_expect 'no file has more than 500 lines' '
  (cd "$src" && wc -l hooks/*.[ch] bot/*.c bot/*/*.[ch]) |
    awk "\$2 != \"total\" && \$1 > 500" >long
  same "" "$(cat long)"
'
done_testing
