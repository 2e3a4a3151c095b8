#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The keys of the configuration are one table: what people read of them has each of its rows.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

# Each key as SECTION KEY.
xsabot config-keys >keys.txt
awk '/^\[/ { s = $0 } /^[a-z]/ { print s "\t" $1 }' keys.txt | sort >keys

test_expect 'each key is said with what it is for and what is allowed' '
  [ "$(wc -l <keys)" -gt 80 ]
  awk "/^[a-z]/ { n++; getline; if (!/^    .+; allowed: ./) print } END { if (!n) print \"none\" }" keys.txt >wrong
  same "" "$(cat wrong)"
'
test_expect 'each has its words in xsabot.conf(5), in the part of its section' '
  awk "/^\.Ss \[/ { s = \$0; sub(/^\.Ss /, \"\", s); sub(/.&\$/, \"\", s) }
    /^\.Ss [^[]/ { s = \"\" }
    /^\.(It )?Ic / && s { gsub(/^\.(It )?Ic |,/, \" \"); for (i = 1; i <= NF; i++) print s \"\t\" \$i }" \
    "$T_SRC/conf/xsabot.conf.5" | sort -u >said
  grep -v "^\[line NAME\]" keys | comm -23 - said >missing
  cat missing
  same "" "$(cat missing)"
  for k in gate gate-external mail-to; do printf "[line NAME]\t%s\n" $k; done | sort | comm -23 - said >missing
  same "" "$(cat missing)"
'
test_expect '... and in the example, with its default where it has one' '
  awk "/^(#   )?\[/ { s = \$0; sub(/^#   /, \"\", s); sub(/^\[mirror .*/, \"[mirror NAME]\", s); sub(/^# +/, \"\", s) }
    /^# +\[line / { s = \"[line NAME]\" }
    /^#? *[a-z-]+ =/ { is = /^#[a-z]/; sub(/^#? */, \"\"); print s \"\t\" \$1 \"\t\" (is ? \$0 : \"\") }" \
    "$T_SRC/conf/xsabot.conf.example" >shown
  cut -f1,2 shown | sort -u | comm -23 keys - | grep -v "^\[line NAME\]" >missing || :
  cat missing
  same "" "$(cat missing)"
  awk -F "\t" "FILENAME == \"keys.txt\" { if (/^\[/) s = \$0; else if (/^[a-z-]+ = /) { split(\$0, w, \" \"); def[s w[1]] = \$0 } next }
    \$3 && def[\$1 \$2] && def[\$1 \$2] != \$3 { print \$1, \$3, \"is no default\" }
    \$3 && def[\$1 \$2] { n++ } END { if (n < 20) print n, \"defaults\" }" keys.txt shown >wrong
  cat wrong
  same "" "$(cat wrong)"
'
done_testing
