#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# TAP: repositories of other kinds, read as git reads them, or named as what they are.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/history-lib.sh"

# small: a release and a fix; conf is for it.
small() {
  begin
  commit base f "1\n"
  g tag v1.0.0
  commit "fix CVE-2024-1" f "2\n"
}
# of DIR: conf is for that repository.
of() { sed -i "s,^path = .*,path = $PWD/$1," conf; }

test_expect 'a linked work tree stands for its repository' '
  small
  git -C r worktree add -q "$PWD/wt" v1.0.0
  of wt
  planned
  same "fix CVE-2024-1" "$(picked)"
  "$XSABOT" -c conf run
  g rev-parse sec/1.0
  test -d r/.git.xsabot
  test ! -e wt.xsabot
  "$XSABOT" -C wt -c conf plan 1.0 >out
  (cd wt && "$XSABOT" -C . -c ../conf plan 1.0) | diff out -
  git -C r worktree remove --force "$PWD/wt"'
test_expect 'a work tree whose git directory is elsewhere' '
  small
  git init -q --separate-git-dir="$PWD/elsewhere" r
  of r
  planned
  same "fix CVE-2024-1" "$(picked)"
  rm -rf elsewhere'
test_expect 'a shallow clone is told, with what helps' '
  small
  rm -rf shallow
  git clone -q --mirror --depth 1 "file://$PWD/r" shallow
  of shallow
  planned 2>err
  grep "shallow is a shallow clone: .*git fetch --unshallow brings them" err
  git -C shallow fetch -q --unshallow
  planned 2>err
  same "" "$(cat err)"
  same "fix CVE-2024-1" "$(picked)"'
test_expect 'a partial clone is told, with what helps' '
  small
  rm -rf partial
  g config uploadpack.allowFilter true
  git clone -q --mirror --filter=blob:none "file://$PWD/r" partial
  of partial
  fails "$XSABOT" -c conf plan 1.0 2>err
  cat err
  grep "partial is a partial clone: .*git fetch --refetch --no-filter brings them" err
  git -C partial fetch -q --refetch --no-filter
  planned
  same "fix CVE-2024-1" "$(picked)"'
test_expect 'SHA-256 objects are named as what they are' '
  rm -rf sha256
  git init -q --object-format=sha256 sha256
  exits 78 "$XSABOT" -C sha256 plan 2>err
  grep "sha256/.git has sha256 objects: xsabot, with the libgit2 that it uses, reads SHA-1 repositories alone" err
  fails grep "migrate" err'
test_expect 'replacements and grafts of a repository are not looked at: others do not have them' '
  small
  planned
  cp plan.json before
  commit other g "x\n"
  other=$(g rev-parse HEAD)
  g reset -q --hard HEAD~1
  g replace HEAD "$other"
  g rev-parse HEAD >r/.git/info/grafts
  planned
  diff before plan.json
  "$XSABOT" -c conf run
  same "fix CVE-2024-1" "$(GIT_NO_REPLACE_OBJECTS=1 git -C r log --format=%s -1 sec/1.0 2>/dev/null)"'
test_expect 'a tag of a tree, or of a file, is no release, and is told' '
  small
  g tag v1.0.1 "HEAD^{tree}"
  g tag -a -m file v1.0.2 HEAD:f
  planned 2>err
  same v1.0.0 "$(says .base.tag)"
  grep "refs/tags/v1.0.1 has the name of a release, and is no commit.s" err
  grep "refs/tags/v1.0.2 has the name of a release, and is no commit.s" err'
test_expect 'two notes for one commit are one, as for git' '
  small
  echo "notes = refs/notes/security" >>conf
  o=$(g rev-parse HEAD)
  one=$(printf "Security: CVE-2024-7\n" | g hash-object -w --stdin)
  two=$(printf "Security: CVE-2024-8\n" | g hash-object -w --stdin)
  sub=$(printf "100644 blob %s\t%s\n" "$two" "${o:2}" | g mktree)
  tree=$(printf "100644 blob %s\t%s\n040000 tree %s\t%s\n" "$one" "$o" "$sub" "${o:0:2}" | g mktree)
  g update-ref refs/notes/security "$(g commit-tree -m notes "$tree")"
  same "Security: CVE-2024-7 Security: CVE-2024-8" "$(g notes --ref=security show "$o" | sort | xargs)"
  planned
  same "CVE-2024-7 CVE-2024-8" "$(says "[.advisories[].id] | sort | join(\" \")")"'
test_expect 'a message in another encoding is read as git shows it, and kept as it is' '
  small
  printf "3\n" >r/f
  g add f
  printf "fix CVE-2024-2 of M\374ller\n\nSecurity: CVE-2024-2\n" | g -c i18n.commitEncoding=ISO-8859-1 commit -qF -
  planned
  same "fix CVE-2024-2 of Müller" "$(says ".picks[1].subject")"
  "$XSABOT" -c conf run
  same "fix CVE-2024-2 of Müller" "$(g log --encoding=UTF-8 --format=%s -1 sec/1.0)"
  g cat-file commit sec/1.0 | LC_ALL=C grep -a "^encoding ISO-8859-1"
  g cat-file commit sec/1.0 | LC_ALL=C grep -aP "^fix CVE-2024-2 of M\xfcller"
  "$XSABOT" -c conf verify'
done_testing
