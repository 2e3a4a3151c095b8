#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One pick at a time, made to be awkward, against `git cherry-pick`.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

git init -q xen
make_repo xen.git
git -C xen remote add origin "$PWD/xen.git"
echo ../../../xen.git/objects >xen/.git/objects/info/alternates
export GIT_OBJECT_DIRECTORY=$PWD/xen.git/objects # what is made in the work tree is there at once
git -C xen config core.autocrlf false

# ---- snippets for the three sides, run in the work tree

# parent FILE: its directory is there.
parent() { case $1 in */*) mkdir -p "${1%/*}" ;; esac; }
# text FILE [LINE=WORD]...: 30 lines, the given ones with other words.
text() {
  local f=$1 arg i l
  shift
  parent "$f"
  for i in {1..30}; do
    l="line $i of a text"
    for arg; do [ "${arg%%=*}" != "$i" ] || l=${arg#*=}; done
    echo "$l"
  done >"$f"
}
bytes() { parent "$1"; printf "$2" >"$1"; }
module() { printf '160000 %s\t%s\n' "$(printf '%s' "$2" | git hash-object --stdin)" "$1" | git update-index --index-info; MODULES=yes; }
mv_to() { parent "$2"; mv "$1" "$2"; }

# tree_of SNIPPET...: the tree that these make, one after another.
tree_of() (
  cd xen
  gone=(.git/index)
  t_entries
  for f in "${T_ENTRIES[@]}"; do [ "$f" = .git ] || gone+=("$f"); done
  rm -rf -- "${gone[@]}"
  MODULES=
  for snippet; do eval "$snippet"; done
  # shellcheck disable=SC2086
  git add -A -- $([ -n "$MODULES" ] && find . -mindepth 1 -maxdepth 1 ! -name .git -printf '%P ')
  git write-tree
)

# ours_says: the bot's verdict on the pick: "clean TREE", "empty", "conflict" or "undecidable".
ours_says() {
  plan 4.17 --base "$1" --tip "$2" --no-discover --no-follow-ups
  line '(.picks[] | "clean " + .tree), (.left_out[] | .reason),
    (.blocked[] | if .why | contains("can'\''t be decided") then "undecidable" else "conflict" end)'
}

# git_says: the verdict of git cherry-pick in a work tree.
git_says() (
  cd xen
  git checkout -qf --detach "$1" # which ends a pick that is under way
  git clean -qfdx
  rc=0
  git cherry-pick "$2" >../git.out 2>&1 || rc=$?
  if [ $rc = 0 ]; then
    echo "clean $(git rev-parse 'HEAD^{tree}')"
  elif [ -n "$(git ls-files -u)" ] || grep -q '^CONFLICT' ../git.out; then
    echo conflict
  else
    ! grep -q 'now empty' ../git.out || echo empty
  fi
)

# three BASE OURS THEIRS: a release with OURS, a parent with BASE, the fix: RELEASE and FIX.
three() {
  local base
  base=$(tree_of "$1")
  RELEASE=$(git -C xen commit-tree -m release "$(tree_of "$1" "$2")")
  FIX=$(git -C xen commit-tree -m parent -p "$RELEASE" "$base")
  FIX=$(git -C xen commit-tree -m 'fix

This is XSA-1.' -p "$FIX" "$(tree_of "$1" "$3")")
  git -C xen.git update-ref refs/heads/staging-4.17 "$FIX"
}

# pick VERDICT TITLE BASE OURS THEIRS: one case. The verdict is what both say.
pick() {
  WANT=$1 BASE=$3 OURS=$4 THEIRS=$5
  test_expect "$1: $2" '
    three "$BASE" "$OURS" "$THEIRS"
    ours_says "$RELEASE" "$FIX" >ours
    git_says "$RELEASE" "$FIX" >git.verdict
    cat git.out
    same "$WANT" "$(cut -d" " -f1 ours)"
    same "$(cat git.verdict)" "$(cat ours)"
  '
}

pick clean 'edits in different places' 'text a' 'text a 3=X' 'text a 20=Y'
pick clean 'edits of neighbouring files' 'text a; text b' 'text a 3=X' 'text b 3=Y'
pick conflict 'edits of one line' 'text a' 'text a 3=X' 'text a 3=Y'
pick conflict 'edits of neighbouring lines' 'text a' 'text a 3=X' 'text a 4=Y'
pick empty 'an edit that is there already' 'text a' 'text a 3=X' 'text a 3=X'
pick clean 'an edit of which half is there already' 'text a' 'text a 3=X' 'text a 3=X 20=Y'
pick empty 'a commit without a change' 'text a' 'text a 3=X' ':'
pick clean 'a deep directory that only the commit touches' 'text a/b/c/d/e; text a/x' 'text a/x 1=X' 'text a/b/c/d/e 2=Y'

pick clean 'a file renamed in the release' 'text a; text z' 'mv a b' 'text a 5=X'
pick clean 'a file renamed in the release and edited on both sides' 'text a' 'mv a b; text b 5=X' 'text a 25=Y'
pick conflict 'a file renamed in the release, the same line edited' 'text a' 'mv a b; text b 5=X' 'text a 5=Y'
pick clean 'a file moved to another directory in the release' 'text d/a; text d/k' 'mv_to d/a e/f/a' 'text d/a 9=X'
pick clean 'a file renamed by the commit' 'text a' 'text a 5=X' 'mv a b'
pick clean 'a file renamed and edited by the commit' 'text a' 'text a 5=X' 'mv a b; text b 25=Y'
pick conflict 'a file renamed by the commit, the same line edited' 'text a' 'text a 5=X' 'mv a b; text b 5=Y'
pick clean 'a rename by the commit of a file that is as it was' 'text a; text z' 'text z 1=X' 'mv a b'
pick clean 'the mode of a renamed file' 'text a' 'mv a b' 'chmod +x a'
pick clean 'a renamed file gets another mode, and an edit' 'text a' 'mv a b; chmod +x b' 'text a 5=X'
pick conflict 'renamed in the release, deleted by the commit' 'text a; text z' 'mv a b' 'rm a'
pick conflict 'renamed by the commit, deleted in the release' 'text a; text z' 'rm a' 'mv a b'
pick conflict 'renamed by the commit out of a directory, deleted there in the release' 'text d/a 1=A; text d/b; text z' 'rm d/b' 'mv d/b e; text e 3=X'
pick conflict 'renamed by the commit, its directory became a file on both sides' 'text d/b; text z' 'rm -r d; bytes d "x\n"' 'mv d/b e; rm -r d; bytes d "x\n"; text e 3=X'
pick empty 'a rename that is there already' 'text a; text z' 'mv a b; text b 3=X' 'mv a b; text b 3=X'
pick conflict 'renamed to two names' 'text a' 'mv a b' 'mv a c; text c 3=X'
pick clean 'renamed to one name on both sides' 'text a; text z' 'mv a b; text b 3=X' 'mv a b; text b 20=Y'
pick clean 'renamed in the release, copied to that name by the commit' 'text a; text z' 'mv a b' 'text a 3=X; cp a b'
pick conflict 'renamed in the release to a name that the commit adds' 'text a; text z' 'mv a b' 'text a 3=X; bytes b "other\n"'
pick conflict 'a rewritten file is no rename' 'text a; text z' 'rm a; text b 1=A 2=B 3=C 4=D 5=E 6=F 7=G 8=H 9=I 10=J 11=K 12=L 13=M 14=N 15=O 16=P 17=Q 18=R' 'text a 5=X'
pick conflict 'an empty file is never renamed' 'bytes a ""; text z' 'mv a b' 'bytes a "x\n"'
pick clean 'a link that was renamed' 'ln -s one a; text z' 'mv a b' 'ln -sfn two a'
pick clean 'a copy made by the commit' 'text a' 'text a 5=X' 'cp a b'
pick clean 'two files that change places, in the release' 'text a 1=A 2=AA; text b 29=B 30=BB' 'mv a t; mv b a; mv t b' 'text c'

pick conflict 'a file added to a directory that the release renamed' 'text d/a 1=1; text d/b 1=2' 'mv d e' 'text d/c 1=3'
pick conflict 'the commit renames a directory in which the release has one file more' 'text d/a 1=1; text d/b 1=2' 'text d/c 1=3' 'mv d e'
pick clean 'a directory renamed in the release, with an edit' 'text d/a 1=1; text d/b 1=2' 'mv d e' 'text d/a 1=1 9=X'
pick clean 'a directory renamed by the commit' 'text d/a 1=1; text d/b 1=2; text z' 'text z 1=X' 'mv d e'
pick clean 'a file added to a directory that the release does not have' 'text d/a; text z' 'rm -r d' 'text d/c 1=A 2=B 3=C'
pick clean 'the commit removes a directory in which the release has one file more' 'text d/a; text z' 'bytes d/c "x\n"' 'rm d/a'

pick clean 'the commit makes a file executable' 'text a' 'text a 5=X' 'chmod +x a'
pick empty 'a file that is executable already' 'text a' 'chmod +x a' 'chmod +x a'
pick clean 'executable here, edited there' 'text a' 'chmod +x a' 'text a 5=X'
pick clean 'mode and contents at once' 'text a' 'text a 20=Y' 'chmod +x a; text a 5=X'

pick clean 'a link gets another target' 'ln -s one l; text z' 'text z 1=X' 'ln -sfn two l'
pick conflict 'a link gets another target on both sides' 'ln -s one l' 'ln -sfn two l' 'ln -sfn three l'
pick empty 'a link that has the target already' 'ln -s one l' 'ln -sfn two l' 'ln -sfn two l'
pick clean 'a file becomes a link' 'text a; text z' 'text z 1=X' 'ln -sf z a'
pick conflict 'a file becomes a link, and was edited' 'text a; text z' 'text a 1=X' 'ln -sf z a'
pick conflict 'a link became a file, and gets another target' 'ln -s one a; text z' 'rm a; text a' 'ln -sfn two a'
pick clean 'a directory becomes a link' 'text d/a; text z' 'text z 1=X' 'rm -r d; ln -s z d'

pick clean 'a binary file' 'bytes b "\\0\\1\\2"; text z' 'text z 1=X' 'bytes b "\\0\\3"'
pick conflict 'a binary file, changed on both sides' 'bytes b "\\0\\1\\2"' 'bytes b "\\0\\4"' 'bytes b "\\0\\3"'
pick empty 'a binary file that is there already' 'bytes b "\\0\\1\\2"' 'bytes b "\\0\\3"' 'bytes b "\\0\\3"'
pick conflict 'text on one side, binary on the other' 'text a' 'text a 3=X' 'bytes a "x\\0y"'

pick clean 'a submodule goes on' 'module m one; text z' 'text z 1=X' 'module m two'
pick conflict 'a submodule goes on, differently' 'module m one; text z' 'module m two' 'module m three'
pick clean 'a submodule is added' 'text z' 'text z 1=X' 'module m one'

pick clean 'a deletion' 'text a; text z' 'text z 1=X' 'rm a'
pick empty 'a file that is gone already' 'text a; text z' 'rm a' 'rm a'
pick conflict 'a deletion of what was edited' 'text a; text z' 'text a 1=X' 'rm a'
pick conflict 'an edit of what was deleted' 'text a; text z' 'rm a' 'text a 1=X'
pick clean 'the last file of a directory goes' 'text d/e/a; text z' 'text z 1=X' 'rm d/e/a'
pick clean 'everything goes' 'text a; text d/b' ':' 'rm -r a d; :>keep'

pick clean 'nothing is left' 'text a; text d/b' ':' 'rm -r a d'
pick clean 'nothing is left of what was edited elsewhere' 'text a; text z' 'rm z' 'rm a'
pick clean 'an addition' 'text z' 'text z 1=X' 'text d/a'
pick empty 'an addition that is there already' 'text z' 'text d/a' 'text d/a'
pick conflict 'an addition of another file of that name' 'text z' 'bytes a "one\n"' 'bytes a "two\n"'
pick clean 'both add it, one of them empty' 'text z' 'bytes a ""' 'bytes a "two\n"'
pick conflict 'both add it, with different modes' 'text z' 'text a' 'text a; chmod +x a'

pick clean 'no newline at the end, an edit above' 'bytes a "1\n2\n3\n4\n5\n6\n7\n8"' 'bytes a "1\n2\n3\n4\n5\n6\n7\n8\n"' 'bytes a "X\n2\n3\n4\n5\n6\n7\n8"'
pick clean 'the commit adds the last newline' 'bytes a "1\n2\n3\n4\n5\n6"' 'bytes a "X\n2\n3\n4\n5\n6"' 'bytes a "1\n2\n3\n4\n5\n6\n"'
pick conflict 'the last line, with and without newline' 'bytes a "1\n2\n3\n4\n5\n6"' 'bytes a "1\n2\n3\n4\n5\nX"' 'bytes a "1\n2\n3\n4\n5\n6\n"'
pick clean 'CRLF at the ends of lines' 'bytes a "1\r\n2\r\n3\r\n4\r\n5\r\n"' 'bytes a "1\r\n2\r\n3\r\n4\r\nX\r\n"' 'bytes a "Y\r\n2\r\n3\r\n4\r\n5\r\n"'
pick conflict 'CRLF against LF' 'bytes a "1\r\n2\r\n3\r\n"' 'bytes a "1\n2\n3\n"' 'bytes a "1\r\nX\r\n3\r\n"'

pick conflict 'a file where the release has a directory' 'text z' 'text x/y' 'bytes x "file\n"'
pick conflict 'a directory where the release has a file' 'text z' 'bytes x "file\n"' 'text x/y'
pick clean 'a file becomes a directory' 'text x; text z' 'text z 1=X' 'rm x; bytes x/y "1\n"'
pick clean 'a directory becomes a file' 'text x/y; text z' 'text z 1=X' 'rm -r x; bytes x "1\n"'
pick conflict 'a file becomes a directory, and was edited' 'text x; text z' 'text x 1=X' 'rm x; bytes x/y "1\n"'
pick clean 'names that sort apart as file and as directory' 'text a.c; text a/b; text a0' 'text a.c 1=X' 'text a/b 2=Y; rm a0'

pick clean 'an attribute that chooses another merge' 'bytes .gitattributes "a merge=union\n"; text a' 'text a 3=X' 'text a 20=Y'
pick clean 'the same attribute, for another file' 'bytes .gitattributes "b merge=union\n"; text a' 'text a 3=X' 'text a 20=Y'

pick clean 'a byte order mark before an attribute' 'bytes .gitattributes "\\357\\273\\277a merge=union\n"; text a' 'text a 3=X' 'text a 3=Y'
pick conflict 'a byte order mark before -merge' 'bytes .gitattributes "\\357\\273\\277a -merge\n"; text a' 'text a 3=X' 'text a 20=Y'
pick clean 'merge=text is the merge that there is anyway' 'bytes .gitattributes "a merge=text\n"; text a' 'text a 3=X' 'text a 20=Y'
pick clean 'so is merge' 'bytes .gitattributes "* binary\na merge\n"; text a' 'text a 3=X' 'text a 20=Y'
pick clean 'and an unknown driver' 'bytes .gitattributes "a merge=ours\n"; text a' 'text a 3=X' 'text a 20=Y'
pick clean 'marks of another size' 'bytes .gitattributes "a conflict-marker-size=32\n"; text a' 'text a 3=X' 'text a 20=Y'
pick clean 'a pattern with a slash, for another file' 'bytes .gitattributes "d/b binary\n/doc/x -merge\n"; text a' 'text a 3=X' 'text a 20=Y'
pick conflict 'a pattern with a slash, for this file' 'bytes .gitattributes "d/* -merge\n"; text d/a' 'text d/a 3=X' 'text d/a 20=Y'
pick conflict 'a pattern with two stars' 'bytes .gitattributes "**/a -merge\n"; text a' 'text a 3=X' 'text a 20=Y'
pick clean 'a macro that no path uses' 'bytes .gitattributes "[attr]bin -merge\nz bin\n"; text a' 'text a 3=X' 'text a 20=Y'
pick conflict 'a macro of a macro, further down' 'bytes .gitattributes "[attr]one two\n[attr]two -merge\n"; bytes d/.gitattributes "a one\n"; text d/a' 'text d/a 3=X' 'text d/a 20=Y'
pick clean 'union, for lines that both change' 'bytes .gitattributes "a merge=union\n"; text a' 'text a 3=X' 'text a 3=Y'
pick clean 'union, for a file that both add' 'bytes .gitattributes "a merge=union\n"' 'text a 3=X' 'text a 3=Y'
pick conflict 'attributes are those of the release' 'text a; bytes .gitattributes "a merge=union\n"' 'rm .gitattributes; text a 3=X' 'text a 3=Y'
pick clean 'attributes of a directory' 'bytes d/e/.gitattributes "a merge=union\n"; text d/e/a; text d/a' 'text d/e/a 3=X' 'text d/e/a 3=Y'
pick clean 'in quotes, with a blank' 'bytes .gitattributes "\"a b\" merge=union\n"; text "a b"' 'text "a b" 3=X' 'text "a b" 3=Y'

# A base name counts all that is gone; of equals git takes the one that its walk meets first.
other() { sed -i 's/a text/other/' "$1"; }
pick clean 'a base name that two have' 'text d1/f; text d2/f; other d2/f' 'mkdir e; mv d1/f e/f; sed -i "21,24s/.*/X/" e/f; rm -r d1; mv d2/f e/g; rm -r d2; echo Y >>e/g' 'text d1/f 3=changed'
for names in 'e y' 'b q' 'm n' 'lib src'; do
  pick clean "a file moved to two places alike: $names" 'text d/a; text z' "mv_to d/a ${names% *}/a; mkdir ${names#* }; cp ${names% *}/a ${names#* }/a" 'text d/a 3=changed'
done
pick clean 'two equal files, one kept under another name' 'text a/m; text b/m' 'mv_to a/m c/m; rm -r a b' 'text b/m 3=changed'
pick clean 'renamed into a directory that the release lacks' 'text c/n.c; text src/x; other src/x' 'rm -r src; text c/n.c 3=tip' 'mv c/n.c src/n.c'
pick clean 'renamed to what the other side adds alike' 'text a; text z' 'mv a b' 'text b; text a 3=X'
pick clean 'a file becomes a directory of itself' 'text x; text z' 'mv x y; mkdir x; mv y x/y' 'text x 3=X'
pick conflict 'an addition beside files that are in two places now' 'text d/a 1=1; text d/b; other d/b' 'mv_to d/a e/a; mv_to d/b f/b' 'text d/new 1=n'

# ---- git as a child

# with_git SCRIPT: what follows finds this as git.
with_git() { mkdir -p fake; printf '#!/bin/sh\n%s\n' "$1" >fake/git; chmod +x fake/git; PATH=$PWD/fake:$PATH; }
# needs_git: a release and a fix that git alone can decide, after one that needs no git.
needs_git() {
  three 'text a; text z; bytes .gitattributes "a merge=union\n"' 'text a 3=X' 'text z 3=Z'
  A=$FIX
  B=$(git -C xen commit-tree -p "$A" -m 'fix

This is XSA-2.' "$(tree_of 'text a 3=Y; text z 3=Z; bytes .gitattributes "a merge=union\n"')")
  git -C xen.git update-ref refs/heads/staging-4.17 "$B"
}
test_expect 'only what git has to decide needs git: without it the line ends there' '
  needs_git
  xsabot=$XSABOT jq=$(command -v jq)
  mkdir bin
  ln -s "$(command -v cat)" "$jq" bin
  rc=0
  PATH=$PWD/bin "$xsabot" -C xen.git plan 4.17 --base "$RELEASE" --format=json >plan.json 2>err || rc=$?
  same 1 $rc
  picks_are "$A"
  line ".blocked[].why" | grep "decided"
'
test_expect 'the same with a git that is too old' '
  needs_git
  with_git "echo git version 2.38.1"
  plan 4.17 --base "$RELEASE"
  picks_are "$A"
'
test_expect 'a git that fails is no verdict' '
  needs_git
  with_git "[ \"\$1\" = version ] && echo git version 2.39.5 || { echo broken >&2; exit 3; }"
  exits 70 xsabot -C xen.git plan 4.17 --base "$RELEASE" 2>err
  grep "git merge-tree: broken" err
  with_git "[ \"\$1\" = version ] && echo git version 2.39.5 || kill -9 \$\$"
  exits 75 xsabot -C xen.git plan 4.17 --base "$RELEASE" 2>err
  with_git "[ \"\$1\" = version ] && echo git version 2.39.5 || kill -ABRT \$\$"
  plan 4.17 --base "$RELEASE"
  line ".blocked[].why" | grep "git itself fails"
  with_git "[ \"\$1\" = version ] && echo git version 2.39.5 || echo nonsense"
  exits 70 xsabot -C xen.git plan 4.17 --base "$RELEASE" 2>err
  grep "no answer that can be read" err
'
test_expect 'nothing but the trees has a say: no configuration, no variable, no attributes of elsewhere' '
  needs_git
  plan 4.17 --base "$RELEASE"
  cp plan.json want
  export GIT_CONFIG_GLOBAL=$PWD/other
  git config --global merge.renames false
  git config --global merge.directoryRenames true
  git config --global merge.conflictStyle diff3
  git config --global core.attributesFile "$PWD/attributes"
  git -C xen.git config merge.renormalize true
  echo "* -merge" >attributes
  mkdir -p xen.git/info
  cp attributes xen.git/info/attributes
  export GIT_DIR=$PWD/nowhere GIT_INDEX_FILE=$PWD/nowhere GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=merge.renames GIT_CONFIG_VALUE_0=false
  plan 4.17 --base "$RELEASE"
  rm xen.git/info/attributes
  cmp want plan.json
'
test_expect 'nothing of it is left, and nothing of it is in the repository' '
  needs_git
  find xen.git -type f | sort >before
  mkdir tmp
  TMPDIR=$PWD/tmp plan 4.17 --base "$RELEASE"
  picks_are "$A" "$B"
  find xen.git -type f | sort | cmp before -
  same "" "$(ls tmp)"
  mkdir tmp/xsabot-merge.killed tmp/xsabot-merge.young
  touch -d "1 hour ago" tmp/xsabot-merge.killed
  TMPDIR=$PWD/tmp plan 4.17 --base "$RELEASE"
  same xsabot-merge.young "$(ls tmp)"
'

# ---- many, made by chance: some here, the whole way through commands; t0210 makes thousands

# some_edit: changes one of the few files in one of the few ways.
some_edit() {
  local f=${FILES[RANDOM % 5]} g=${FILES[RANDOM % 5]}
  case $((RANDOM % 9)) in
  0 | 1 | 2 | 3) [ ! -f "$f" ] || sed -i "$((RANDOM % 15 * 2 + 1))s/\$/ $((RANDOM % 2))/" "$f" ;;
  4) rm -rf "$f" ;;
  5) [ ! -f "$f" ] || { rm -rf "$g"; mkdir -p "$(dirname "$g")" 2>/dev/null && mv "$f" "$g" 2>/dev/null; } || : ;;
  6) [ ! -f "$f" ] || chmod +x "$f" ;;
  7) { mkdir -p "$(dirname "$g")" && [ ! -d "$g" ] && text "$g" 1=new 2=new; } 2>/dev/null || : ;;
  8) [ ! -f "$f" ] || sed -i "$((RANDOM % 30 + 1))d" "$f" ;;
  esac
}
some_edits() {
  local n=$((RANDOM % 3 + 1)) # not in a subshell, where RANDOM begins anew
  while [ $((n--)) -gt 0 ]; do some_edit; done
}
FILES=(a b d/a d/b e/f/a)

by_chance() { # N
  local i r
  for i in $(seq "$1"); do
    r=$((SEED * 1000 + i))
    three "RANDOM=$r; text a 1=A; text b 2=B; text d/a 3=C; text d/b 4=D; :>keep" \
      "RANDOM=$((r + 500)); some_edits" "RANDOM=$((r + 300)); some_edits"
    ours_says "$RELEASE" "$FIX" >ours
    cut -d' ' -f1 ours >>tally
    git_says "$RELEASE" "$FIX" >git.verdict
    cmp git.verdict ours || { echo "case $i of seed $SEED"; cat git.verdict ours git.out; return 1; }
  done
}
SEED=${PICK_SEED:-1}
test_expect 'cases made by chance: the bot decides as git' '
  by_chance "${PICK_CASES:-30}"
'
note "$(sort tally | uniq -c | tr -s '\n ' ' ')"

# ---- what is left when nothing is left

three 'text a' ':' 'rm a'
git -C xen.git tag RELEASE-4.17.0 "$RELEASE"
test_expect 'a release that a fix empties is published with the empty tree' '
  xsabot -C xen.git run
  same 4b825dc642cb6eb9a060e54bf8d69288fbee4904 "$(git -C xen.git rev-parse "xsa-4.17^{tree}")"
  git -C xen.git fsck --no-dangling
'
git -C xen.git tag -d RELEASE-4.17.0 >/dev/null
git -C xen.git update-ref -d refs/heads/xsa-4.17
git -C xen.git update-ref -d refs/xsabot/state/4.17
rm -rf xen.git.xsabot

# ---- trees that no honest tool makes

# raw_tree [MODE NAME]...: a tree with these entries, as they are; the contents are always the same.
raw_tree() {
  local blob
  blob=$(echo hostile | git -C xen.git hash-object -w --stdin)
  while [ $# -gt 0 ]; do
    printf '%s %s\0' "$1" "$2"
    printf %b "$(sed 's/../\\x&/g' <<<"$blob")"
    shift 2
  done | git -C xen.git hash-object -w -t tree --literally --stdin
}

# hostile TITLE ENTRIES...: line 4.17 gets a fix with such a tree, line 4.18 an honest one.
hostile() {
  local title=$1
  shift
  ENTRIES=$*
  test_expect "hostile: $title: the line stops and names the tree, other lines go on" '
    # shellcheck disable=SC2086
    tree=$(raw_tree $ENTRIES)
    fix=$(git -C xen.git commit-tree -p honest -m "This is XSA-2" "$tree")
    git -C xen.git update-ref refs/heads/staging-4.17 "$fix"
    git -C xen.git update-ref -d refs/heads/xsa-4.18
    git -C xen.git update-ref -d refs/xsabot/state/4.18
    rm -rf xen.git.xsabot
    exits 70 xsabot -C xen.git plan 4.17 2>err
    grep -q "$tree" err
    exits 70 xsabot -C xen.git run >out 2>err
    grep -q "^xsabot: .*4.17: .*$tree" err
    same none "$(at refs/heads/xsa-4.17)"
    same "This is XSA-3" "$(git -C xen.git log -1 --format=%s xsa-4.18)"
  '
}

three 'text a' ':' 'text a 3=X'
git -C xen.git tag RELEASE-4.17.0 "$RELEASE"
git -C xen.git tag RELEASE-4.18.0 "$RELEASE"
git -C xen.git tag honest "$RELEASE"
git -C xen.git branch staging-4.18 "$(git -C xen.git commit-tree -p "$RELEASE" -m 'This is XSA-3' "$FIX^{tree}")"

hostile 'an entry ..' 100644 ..
hostile 'an entry .' 40000 .
hostile 'an entry .git' 40000 .git
hostile 'an entry .GIT' 100644 .GIT
hostile 'an entry with a slash' 100644 a/b
hostile 'a repeated entry' 100644 a 100644 a
hostile 'a file and a directory of one name' 100644 a 40000 a
hostile 'entries out of order' 100644 b 100644 a
hostile 'mode 100600' 100600 a
hostile 'mode 777' 777 a
hostile 'mode 100000' 100000 a
hostile 'a mode with a leading zero' 0100644 a

test_expect 'hostile: a cut tree' '
  tree=$(printf "100644 a\\0abc" | git -C xen.git hash-object -w -t tree --literally --stdin)
  fix=$(git -C xen.git commit-tree -p honest -m "This is XSA-2" "$tree")
  git -C xen.git update-ref refs/heads/staging-4.17 "$fix"
  exits 70 xsabot -C xen.git run >out 2>err
  grep -q "^xsabot: .*4.17: .*$tree" err
  same "$(at honest)" "$(git -C xen.git merge-base honest xsa-4.18)"
'

done_testing
