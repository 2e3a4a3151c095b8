#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Pages and feeds: what they say, that texts of others stay texts, and that the directory is replaced as a whole.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
need python3 flock

# 4.17.1 has XSA-100; 1 and 2 follow, with a prerequisite, a repair and texts that are no friends; 4.18 has nothing.
NASTY='</td><script>alert(1)</script>&amp;"'"'"
make_line xen.git xen 4.17
commit old.c "$(edited)" 'x86: an old fix

This is XSA-100 / CVE-2019-1.' >/dev/null
git -C xen tag RELEASE-4.17.1
ONE=$(commit a.c "$(edited 1=one)" "x86/mm: $NASTY

This is XSA-1 / CVE-2020-1.")
NEED=$(commit n.c "$(edited)" "common: prepare")
TWO=$(commit n.c "$(edited 10=two)" "$(printf 'domctl: \xff \xe2\x80\xae lock \xef\xbf\xbf')

This is XSA-2.")
commit n.c "$(edited 10=three)" "domctl: better

Fixes: ${TWO:0:12} (\"domctl\")" >/dev/null
commit d.c x 'tools: no

This is XSA-4.' >/dev/null
git -C xen.git notes --ref=xsa append -m "Exclude: <b>$NASTY</b>" "$(push xen staging-4.17 RELEASE-4.17.1; oid)"
make_line xen.git xen 4.18
git -C xen checkout -q staging-4.17
mkdir meta
jq -n --arg t "a <b>bound</b> $NASTY" '[{xsas: [{xsa: "1", title: $t, cve: ["CVE-2020-1"], public_time: "2020-01-01 12:00", version: 3},
  {xsa: "3", title: "not here yet"}]}]' >meta/xsa.json
printf '%s' '{"XSA": 3, "Recipes": {"4.17": {"Recipes": {"xen": {"Prereqs": null}}}}}' >meta/xsa3.meta
set_config '[rules]' "metadata = $PWD/meta" '[pages]' 'url = https://pages.example.org/x' 'clone = https://git.example.org/xen.git'
CONFIG=$PWD/xsabot.conf

pages() { exits "${1-0}" xsabot -c "$CONFIG" pages "${2-out}" >said 2>&1 || { cat said; return 1; }; }
# texts FILE: what a reader sees of it, a line an element.
cat >texts.py <<'END'
import sys, xml.dom.minidom as m
def text(n): return n.data if n.nodeType == n.TEXT_NODE else ' '.join(map(text, n.childNodes))
for n in m.parse(sys.argv[1]).getElementsByTagName('*'):
    print((n.tagName + ' ' + ' '.join(text(n).split())).replace('\u2013', '-').encode('ascii', 'backslashreplace').decode())
END
texts() { python3 texts.py "$1"; }
seen() { texts "out/$1" >seen.txt; grep -e "$2" seen.txt || { echo "not seen in $1: $2"; cat seen.txt; return 1; }; }

pages

test_expect 'a page for all, with the state of each advisory on each line in words' '
  seen index.html "^tr XSA-1 - applied a <b>"
  seen index.html "^tr XSA-2 - applied"
  seen index.html "^tr XSA-3 not here missing not here yet"
  seen index.html "^tr XSA-4 - excluded"
  seen index.html "^tr 4.17 - RELEASE-4.17.1 4 xsa-4.17$"
  fails grep "XSA-100" out/index.html
  seen all.html "^tr XSA-100 - in release"
'
test_expect '... and of the bot, where one works' '
  cp -a xen.git bot.git
  sed "s#xen.git\$#bot.git#" "$CONFIG" >bot.conf
  printf "%s\n" "[mirror near]" "url = $PWD/m.git" >>bot.conf
  make_repo m.git
  xsabot -c bot.conf run || :
  xsabot -c bot.conf pages bot >/dev/null
  texts bot/index.html | grep "^tr 4.17 up-to-date RELEASE-4.17.1 4 xsa-4.17$"
  texts bot/index.html | grep "^tr near "
  texts bot/line/4.17.html | grep "^dd xsa-4.17, $(git -C bot.git rev-parse xsa-4.17 | cut -c1-12)$"
'
test_expect 'a page a line: picks in order with patches, roles and why; what is left out' '
  seen line/4.17.html "^tr xsa2-4.17-pre-${NEED:0:12}.patch prerequisite XSA-2 .* common: prepare "
  texts out/line/4.17.html | grep "^tr xsa.*patch" | sed "s/.*patch \([a-z-]*\) .*/\1/" | tr "\n" " " >roles
  same "security prerequisite security follow-up " "$(cat roles)"
  seen line/4.17.html "^tr [0-9a-f]* excluded XSA-4 tools: no"
'
test_expect 'a page an advisory: each line, commands, patches' '
  seen advisory/XSA-1.html "^dd CVE-2020-1"
  seen advisory/XSA-1.html "^h2 4.17 applied"
  seen advisory/XSA-1.html "^code git cherry-pick [0-9a-f]\{12\} xsabot explain XSA-1 4.17"
  seen advisory/XSA-3.html "^p its metadata has a fix for 4.17"
  seen advisory/XSA-100.html "^p Commits: "
'
test_expect 'the patches are those that export writes' '
  xsabot -c "$CONFIG" export 4.17 patches >/dev/null || :
  grep -v "^#" patches/series | while read -r f; do cmp "patches/$f" "out/patches/4.17/$f"; done
  same "$(jq -r ".lines[0].picks[0].sha256" out/advisories.json)" "$(sha256sum "out/patches/4.17/$(jq -r ".lines[0].picks[0].file" out/advisories.json)" | cut -d" " -f1)"
'
cat >links.py <<'END'
import os, sys, xml.dom.minidom as m
root = sys.argv[1]
pages = [os.path.join(d, f) for d, _, fs in os.walk(root) for f in fs if f.endswith('.html')]
ids = {p: {n.getAttribute('id') for n in m.parse(p).getElementsByTagName('*')} for p in pages}
n = 0
for p in pages:
    for e in m.parse(p).getElementsByTagName('*'):
        for a in ('href', 'src'):
            to = e.getAttribute(a)
            if not to: continue
            n += 1
            path, _, anchor = to.partition('#')
            at = os.path.normpath(os.path.join(os.path.dirname(p), path))
            if not os.path.exists(at) or (anchor and anchor not in ids[at]): sys.exit('%s: %s leads nowhere' % (p, to))
print(n)
END
test_expect 'each link leads somewhere' '
  [ "$(python3 links.py out)" -gt 50 ]
'
test_expect 'texts of others are texts: no markup, no script, nothing that XML or HTML forbids' '
  seen index.html "a <b>bound</b> </td><script>alert(1)</script>&amp;"
  find out -name "*.html" -o -name "*.atom" >files
  grep -c . files
  fails xargs grep -l "<script\|<b>\|style=\|onload\|javascript:" <files
  seen line/4.17.html "domctl: .xff .u{202e} lock"
  for f in $(grep html files); do
    texts "$f" >/dev/null
    grep -q "Content-Security-Policy\" content=\"default-src .none.; style-src .self." "$f"
  done
  fails grep -r "$(printf "\xe2\x80\xae")" out --include=*.html
'
if command -v tidy >/dev/null; then
  test_expect 'the pages are valid HTML' '
    for f in $(find out -name "*.html"); do
      tidy -q -e -utf8 "$f" >errors 2>&1 || { echo "$f"; cat errors; false; }
    done
  '
else
  skip 'the pages are valid HTML' 'tidy is not installed'
fi
test_expect 'a feed of all, and one a line; entries have ids that stay' '
  texts out/feed.atom >seen.txt
  grep "^entry urn:uuid:[0-9a-f-]* 4.17: XSA-1 applied: a <b>bound" seen.txt
  same 2 "$(grep -c "^entry" seen.txt)"
  same 2 "$(texts out/line/4.17.atom | grep -c "^entry")"
  grep "href=\"https://pages.example.org/x/advisory/XSA-1.html#4.17\"" out/feed.atom
  grep "^id " seen.txt >before
  commit e.c x "x86: five

This is XSA-5." >/dev/null
  push xen staging-4.17
  pages 1 more || pages 0 more
  texts more/feed.atom | grep "^id " >after
  same "" "$(grep -vxFf after before)"
  same 1 "$(grep -vxFf before after | wc -l)"
  git -C xen reset -q --hard HEAD~1
  git -C xen push -qf origin staging-4.17
'
if /usr/bin/python3 -c 'import feedparser' 2>/dev/null; then
  test_expect 'a reader of feeds takes them' '
    /usr/bin/python3 -c "
import feedparser
d = feedparser.parse(open(\"out/feed.atom\", \"rb\").read())
assert not d.bozo and d.version == \"atom10\" and len(d.entries) == 2, d
assert all(e.id and e.updated_parsed and e.link for e in d.entries), d"
  '
else
  skip 'a reader of feeds takes them' 'python3-feedparser is not installed'
fi
test_expect 'an OSV record an advisory and line: what fixes it there' '
  jq -e ".id == \"x_XSA-1-4.17\" and .aliases == [\"CVE-2020-1\"] and .published == \"2020-01-01T12:00:00Z\"" out/osv/4.17/XSA-1.json
  jq -c ".affected[0].ranges[0] | [.type, .repo, (.events[0].introduced), .events[2].fixed]" out/osv/4.17/XSA-1.json >range
  same "[\"GIT\",\"https://git.example.org/xen.git\",\"$(oid RELEASE-4.17.1)\",\"$ONE\"]" "$(cat range)"
  same "$(jq -r ".lines[0].picks[0].derived" out/advisories.json)" "$(jq -r ".affected[0].ranges[0].events[1].fixed" out/osv/4.17/XSA-1.json)"
  fails test -e out/osv/4.17/XSA-4.json
'
test_expect '... and none without the address of the repository, which would be a guess' '
  grep -v "^clone" "$CONFIG" >noclone.conf
  xsabot -c noclone.conf pages noclone >/dev/null
  fails test -e noclone/osv
'
test_expect 'metrics' '
  grep -x "xsabot_advisories{line=\"4.17\",state=\"applied\"} 2" out/metrics.txt
  grep -x "xsabot_advisory_lacking{line=\"4.17\",advisory=\"XSA-3\",state=\"missing\"} 1" out/metrics.txt
  same "# EOF" "$(tail -n 1 out/metrics.txt)"
'
test_expect 'a line without a plan has its page all the same' '
  git -C xen.git update-ref refs/heads/staging-4.19 "$(git -C xen.git commit-tree -m x "staging-4.17^{tree}")"
  pages
  git -C xen.git update-ref -d refs/heads/staging-4.19
  seen index.html "^tr 4.19 nothing - - xsa-4.19$"
  seen line/4.19.html "There is no plan"
  pages
'
test_expect 'no clock and no host: the same gives the same bytes' '
  pages 0 again
  diff -r out again
'
test_expect 'a clone with the published rules makes them, too' '
  git clone -q --mirror bot.git clone.git
  xsabot -C clone.git pages clone >/dev/null
  texts clone/index.html | grep "^tr XSA-2 - applied"
'

test_expect 'with --numbers, a page of claims and plots' '
  fails test -e out/numbers.html
  xsabot -c "$CONFIG" pages numbers --numbers >/dev/null
  texts numbers/numbers.html >seen.txt
  grep "^li Less than half of a point release is security: holds" seen.txt
  grep "^title RELEASE-4.17.1 to refs/heads/staging-4.17: [0-9]*%" seen.txt
  [ "$(grep -c "^circle" seen.txt)" -gt 3 ]
  [ "$(python3 links.py numbers)" -gt 50 ]
  ! command -v tidy || tidy -q -e -utf8 numbers/numbers.html
'

# ---- kept by the bot

test_expect 'with a directory in the configuration the bot keeps them: made when the lines change, and only then' '
  cp -a bot.git kept.git
  sed "s#xen.git\$#kept.git#" "$CONFIG" >kept.conf
  echo "directory = $PWD/kept" >>kept.conf
  xsabot -c kept.conf run || [ $? = 1 ]
  texts kept/index.html | grep "^tr 4.17 up-to-date RELEASE-4.17.1 4 xsa-4.17$"
  was=$(stat -c %i kept)
  xsabot -c kept.conf run || [ $? = 1 ]
  same "$was" "$(stat -c %i kept)"
  git -C xen push -q "$PWD/kept.git" "$(oid HEAD~1):refs/heads/staging-4.16" "$(oid RELEASE-4.17.1):refs/tags/RELEASE-4.16.0"
  jq ".next = 0" kept.git.xsabot/pages.json >p && mv p kept.git.xsabot/pages.json
  xsabot -c kept.conf run || [ $? = 1 ]
  texts kept/index.html | grep "^tr 4.16 up-to-date RELEASE-4.16.0 "
'
test_expect '... and what can not be made is told, tried again, and no failure of the run' '
  mkdir -p strange
  echo mine >strange/file
  sed "s#^directory = .*#directory = $PWD/strange#" kept.conf >strange.conf
  jq ".next = 0" kept.git.xsabot/pages.json >p && mv p kept.git.xsabot/pages.json
  xsabot -c strange.conf run >out.txt 2>&1 || [ $? = 1 ]
  grep "strange has files that are not xsabot.s" out.txt
  grep "pages: status 64; the old ones stay, and it is tried again" out.txt
  same mine "$(cat strange/file)"
  xsabot -c strange.conf run >out.txt 2>&1 || [ $? = 1 ]
  fails grep "pages:" out.txt
'

# ---- the directory

test_expect 'a directory with other files is left alone, and so is what is none' '
  mkdir other
  echo x >other/index.html
  pages 64 other
  grep "other has files that are not xsabot.s" said
  same x "$(cat other/index.html)"
  pages 64 other/index.html
  mkdir empty
  pages 0 empty/
  test -s empty/index.html
'
test_expect 'what is gone from the lines is gone from the directory' '
  echo x >out/line/4.11.html
  pages
  fails test -e out/line/4.11.html
  same 0 "$(find . -maxdepth 1 -name ".out*" | wc -l)"
'
test_expect 'what an earlier one left when it was killed is in nobody'"'"'s way' '
  mkdir -p .out.new/line
  echo half >.out.new/line/4.17.html
  pages
  fails grep -x half out/line/4.17.html
  fails test -e .out.new
'
test_expect 'a web server can read all of it, whatever the umask' '
  (umask 077; pages)
  same "" "$(find out -type d ! -perm 755 -o -type f ! -perm 644)"
'
test_expect 'one at a time' '
  mkdir -p .out.new
  flock .out.new "$XSABOT" -c "$CONFIG" pages out >said 2>&1 || echo $? >status
  same 75 "$(cat status)"
  grep "another process makes .*out just now" said
'
test_expect 'a reader sees the old pages or the new ones, whenever it looks' '
  rm -rf .out.new
  was=$(stat -c %i out)
  ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" strace -f -qq -o trace -e trace=renameat2,rename,unlinkat,rmdir "$XSABOT" -c "$CONFIG" pages out >/dev/null 2>&1 || :
  [ -s trace ] || exit 0
  grep "renameat2(.*/.out.new\", .*out\", RENAME_EXCHANGE) = 0\|renameat2(.*RENAME_EXCHANGE) = -1 EINVAL" trace
  [ "$was" != "$(stat -c %i out)" ]
'
done_testing
