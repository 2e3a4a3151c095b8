#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Prerequisites by meaning: each line below has a commit that brings something
# and, untagged, would stay out of the branch; and an advisory that uses it.
# All of them apply without it.
. "$(dirname "$0")/../lib/lib.sh"
[ -n "${XSABOT-}" ] || skip_all 'XSABOT names no program'

BARE=$SANDBOX/xen.git

# scene LINE: the line's release with a few sources, and staging one commit past it.
scene() {
  make_line "$BARE" "work-$1" "$1"
  base_file "$1" include/xen/lib.h '#define LIB_OLD 1\nint lib_get(int a);\n'
  base_file "$1" include/xen/types.h 'struct thing {\n    int first;\n};\nenum kind {\n    KIND_ONE,\n};\n'
  base_file "$1" include/public/features.h 'FEATURE_ENTRY(ALPHA, 1) /*A  first */\n'
  base_file "$1" include/xen/entry.h '#define JUMP_TO "jmp "\n.macro CALL_IT arg\n.endm\n'
  base_file "$1" common/old.c '#include <xen/lib.h>\nint old(void)\n{\n    return LIB_OLD + lib_get(1);\n}\n'
  base_file "$1" common/wait.c 'void wait(void)\n{\n    asm ( "CALL_IT x" );\n}\n'
  base_file "$1" common/Makefile 'obj-y += old.o\n'
  base_file "$1" tools/gen.py 'import re\nfeat = re.compile(r"^FEATURE_ENTRY[(](.*)")\n'
  git -C "work-$1" tag -f -a -m "Xen $1.0" "RELEASE-$1.0" >/dev/null
  push "work-$1" -f "staging-$1" "refs/tags/RELEASE-$1.0"
}
base_file() { commit_file "work-$1" "$2" "$3" "common: $2"; }

# brings LINE PATH CONTENT: an untagged commit; uses LINE PATH CONTENT: one that fixes XSA-1.
brings() { commit_file "work-$1" "$2" "$3" "brings $2"; }
uses() { make_advisory "work-$1" 1 "$2" "$3"; }

# plan LINE [option]...: the ids of what is picked, in picks.
plan() {
  local line=$1
  shift
  push "work-$line" "staging-$line"
  "$XSABOT" plan --rules-version=1 -q -C "$BARE" "$line" --format=ids "$@" >picks || [ $? = 1 ]
}

# evidence LINE: "role: need path line name" for each evidence of the kind "meaning".
evidence() {
  { "$XSABOT" plan --rules-version=1 -q -C "$BARE" "$1" --format=json || [ $? = 1 ]; } |
    sed -n 's/^ *"\([a-z]*\)": "\{0,1\}\([^"]*[^",]\)"\{0,1\},\{0,1\}$/\1 \2/p' |
    awk '$1 == "role" { role = $2 } $1 == "kind" { kind = $2; need = path = line = "" }
         $1 == "need" { need = $2 } $1 == "path" { path = $2 } $1 == "line" { line = $2 }
         $1 == "name" && kind == "meaning" { print role ": " need, path, line, $2 }'
}

# id LINE SUBJECT: the newest commit of that subject.
id() { git -C "work-$1" log -1 --format=%H --fixed-strings --grep="$2" "staging-$1"; }

# finds LINE PROVIDER PATH NUMBER NAME: the branch is PROVIDER and then the advisory; the first evidence says so.
finds() {
  local fix
  plan "$1"
  fix=$(id "$1" 'This is XSA-1.')
  printf '%s\n' "$(id "$1" "$2")" "$fix" >want
  diff want picks
  evidence "$1" >said
  same "prerequisite: $fix $3 $4 $5" "$(head -1 said)"
}

# finds_nothing LINE: the advisory stands alone.
finds_nothing() {
  plan "$1"
  same "$(id "$1" 'This is XSA-1.')" "$(cat picks)"
}

scene 7.1
brings 7.1 include/xen/sum.h 'int sum(int a);\n'
uses 7.1 common/new.c '#include <xen/lib.h>\n#include <xen/sum.h>\n'
test_expect 'an included header that nothing has comes with the commit that adds it' '
  finds 7.1 "brings include/xen/sum.h" common/new.c 2 "<xen/sum.h>"
'
test_expect 'and not with --no-meaning' '
  plan 7.1 --no-meaning
  same "$(id 7.1 "This is XSA-1.")" "$(cat picks)"
'

scene 7.2
brings 7.2 include/xen/lib.h '#define LIB_OLD 1\n#define LIB_NEW(x) (x)\nint lib_get(int a);\n'
brings 7.2 common/old.c '#include <xen/lib.h>\nint old(void)\n{\n    return LIB_NEW(1) + lib_get(1);\n}\n'
uses 7.2 common/new.c 'int g(void)\n{\n    return LIB_NEW(2);\n}\n'
test_expect 'a macro: the commit that defines it, not one that uses it' '
  finds 7.2 "brings include/xen/lib.h" common/new.c 3 LIB_NEW
'

scene 7.3
brings 7.3 include/xen/lib.h '#define LIB_OLD 1\nint lib_get(int a);\nint lib_put(int a,\n            int b);\n'
uses 7.3 common/new.c 'int g(void)\n{\n    return lib_put(1, 2);\n}\n'
test_expect 'a function' '
  finds 7.3 "brings include/xen/lib.h" common/new.c 3 lib_put
'

scene 7.4
brings 7.4 include/xen/types.h 'struct thing {\n    int first;\n};\nenum kind {\n    KIND_ONE,\n    KIND_TWO,\n};\n'
uses 7.4 common/new.c 'int g(void)\n{\n    return KIND_TWO;\n}\n'
test_expect 'an enumerator' '
  finds 7.4 "brings include/xen/types.h" common/new.c 3 KIND_TWO
'

scene 7.5
brings 7.5 include/xen/types.h 'struct thing {\n    int first;\n    int second;\n};\nenum kind {\n    KIND_ONE,\n};\n'
uses 7.5 common/new.c 'int g(struct thing *t)\n{\n    return t->second;\n}\n'
test_expect 'a field of a struct' '
  finds 7.5 "brings include/xen/types.h" common/new.c 3 second
'

scene 7.6
brings 7.6 include/xen/entry.h '#define JUMP_TO "jmp "\n.macro CALL_IT arg\n.endm\n.macro SAFE_JUMP arg\n.endm\n'
uses 7.6 common/new.c 'void g(void)\n{\n    asm ( "mov %%0, %%1\\n\\t"\n          "SAFE_JUMP %%[ip]" );\n}\n'
test_expect 'an assembler macro, used in the string of inline assembly' '
  finds 7.6 "brings include/xen/entry.h" common/new.c 4 SAFE_JUMP
'

scene 7.7
brings 7.7 include/xen/lib.h '#define LIB_OLD 1\nint lib_get(int a, int b);\n'
uses 7.7 common/new.c 'int g(void)\n{\n    return lib_get(1, f(2, 3));\n}\n'
test_expect 'a call with as many arguments as the function came to have' '
  finds 7.7 "brings include/xen/lib.h" common/new.c 3 lib_get
'

scene 7.8
brings 7.8 common/extra.c 'int extra;\n'
uses 7.8 common/Makefile 'obj-y += old.o\nobj-$(CONFIG_X) += extra.o\n'
test_expect 'an object in a makefile whose source nothing has' '
  finds 7.8 "brings common/extra.c" common/Makefile 2 extra.o
'

scene 7.9
brings 7.9 include/public/features.h 'FEATURE_ENTRY(ALPHA, 1) /*A  first */\nFEATURE_ENTRY(BETA, 2) /*A  second */\n'
uses 7.9 common/new.c 'int g(void)\n{\n    return has(XEN_FEATURE_BETA);\n}\n'
test_expect 'a name that a macro completes from a list in a header' '
  finds 7.9 "brings include/public/features.h" common/new.c 3 XEN_FEATURE_BETA
'

scene 7.10
brings 7.10 tools/gen.py 'import re\nfeat = re.compile(r"^FEATURE_ENTRY[(](.*)")\nword = re.compile(\n    r"^/[*] .* word "\n    "([0-9]*)")\n'
uses 7.10 include/public/features.h 'FEATURE_ENTRY(ALPHA, 1) /*A  first */\n/* The next, word 2 */\n'
test_expect 'a generator that must know a new kind of line in the header it reads' '
  finds 7.10 "brings tools/gen.py" include/public/features.h 2 tools/gen.py
'

scene 7.11
brings 7.11 common/wait.c 'void wait(void)\n{\n}\n'
uses 7.11 include/xen/entry.h '#define JUMP_TO "jmp "\n'
test_expect 'a macro that the fix removes, and the tree would still use' '
  finds 7.11 "brings common/wait.c" include/xen/entry.h 2 CALL_IT
'

scene 7.12
brings 7.12 include/xen/first.h '#define FIRST(x) SECOND(x)\n'
brings 7.12 include/xen/second.h '#define SECOND(x) (x)\n#include <xen/first.h>\n'
uses 7.12 common/new.c '#include <xen/second.h>\n'
test_expect 'what a prerequisite needs comes, too, in staging order' '
  plan 7.12
  { id 7.12 "brings include/xen/first.h"; id 7.12 "brings include/xen/second.h"; id 7.12 "This is XSA-1."; } >want
  diff want picks
'

scene 7.20
brings 7.20 include/xen/lib.h '#define LIB_OLD 1\n#define LIB_NEW 2\nint lib_get(int a);\n'
uses 7.20 common/new.c '/* LIB_NEW is not used here. */\nint g; // LIB_NEW\nchar *s = "LIB_NEW";\n'
test_expect 'a name in a comment or a string is no use' 'finds_nothing 7.20'

scene 7.21
brings 7.21 include/xen/more.h '#define LIB_OLD 1\n'
uses 7.21 common/new.c 'int g(void)\n{\n    return LIB_OLD;\n}\n'
test_expect 'a name that the tree has already is not missing' 'finds_nothing 7.21'

scene 7.22
brings 7.22 include/xen/more.h '#define count 1\nstruct more {\n    int flags;\n    int index;\n};\nint state;\n'
uses 7.22 common/new.c 'int g(int index, int *flags)\n{\n    unsigned int count = 0, state;\n    count = index + *flags + state;\n    return count;\n}\n'
test_expect 'common words that the fix declares itself are no hits' 'finds_nothing 7.22'

scene 7.23
brings 7.23 arch/arm/include/asm/more.h '#define ARCH_MORE 1\n'
uses 7.23 arch/x86/new.c '#include <asm/more.h>\nint g = ARCH_MORE;\n'
test_expect 'what another architecture has is no help' 'finds_nothing 7.23'

scene 7.24
brings 7.24 include/xen/lib.h '#define LIB_OLD 1\nint lib_get(int a, int b);\n'
uses 7.24 common/new.c 'int g(void)\n{\n    return lib_get(1);\n}\n'
test_expect 'a call that fits the tree stays as it is' 'finds_nothing 7.24'

scene 7.25
uses 7.25 common/new.c 'int g(void)\n{\n    return LIB_LATE;\n}\n'
brings 7.25 include/xen/lib.h '#define LIB_OLD 1\n#define LIB_LATE 2\nint lib_get(int a);\n'
test_expect 'a later commit is no prerequisite' 'finds_nothing 7.25'

scene 7.26
brings 7.26 common/other.c 'static int helper(void)\n{\n    return 1;\n}\n'
uses 7.26 common/new.c 'int g(void)\n{\n    return helper();\n}\n'
test_expect 'what a source file has for itself is seen nowhere else' 'finds_nothing 7.26'

scene 7.27
brings 7.27 include/xen/lib.h '#define LIB_OLD 1\n#define LIB_NEW 2\nint lib_get(int a);\n'
uses 7.27 common/new.c '#ifdef LIB_NEW\nint g;\n#endif\n'
test_expect 'a condition about a name needs it not' 'finds_nothing 7.27'

test_expect 'the same input gives the same plan, twice' '
  evidence 7.12 >first
  evidence 7.12 | diff first -
  same 2 "$(wc -l <first)"
'

done_testing
