#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Mail about commits that were made to break it: subjects, authors, paths, files
# and MAINTAINERS of any bytes. The headers are always just the expected ones,
# nobody gets mail but who is configured, and a terminal shows what is there.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
. "$T_DIR/mail-lib.sh"
start_smtp
echo BEHIND >smtp/ignore

make_line xen.git xen 4.17
make_advisory xen 1
push xen staging-4.17
save_scene

base_config '[mail]' 'from = xsabot@example.org' 'to = maint@example.org' 'announce = news@example.org' \
  'maintainers = yes' 'maintainers-domains = xen.example' "transport = smtp://127.0.0.1:$SMTP_PORT"
# published: the scene, after a first run.
published() {
  fresh
  run
}

HEADERS='From To Subject Date Message-Id List-Id Auto-Submitted Precedence X-Xsabot-Line X-Xsabot-Advisory X-Xsabot-Status X-Git-Repo X-Git-Refname X-Git-Reftype MIME-Version Content-Type Content-Transfer-Encoding'
# sound N [HEADER]...: mail N has just the headers that it must have, beside these, and shows no control character.
sound() {
  local n=$1
  shift
  same "$(printf '%s\n' $HEADERS "$@" | sort)" "$(mail "$n" headers | xargs -n 1 | sort)"
  same '' "$(mail "$n" defects)"
  mail "$n" body >body
  "$PYTHON" - <<'END'
import sys, unicodedata
bad = {c for c in open("body", encoding="utf-8").read() if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")}
sys.exit("control characters: %r" % bad if bad else 0)
END
}

EVIL=$(printf 'x\033[31m\007 \342\200\256evil\342\201\246 \377\376 \302\205 =?utf-8?q?=0d=0aBcc:_a@b?= %%0d%%0a "<a@b>"')
CRLF=$(printf 'one\r\nBcc: victim@xen.example\r\n\r\nbody')

# evil_commit PATH CONTENT MESSAGE: like commit, by plumbing: any bytes.
evil_commit() {
  local blob tree
  blob=$(printf '%b' "$2" | git -C xen hash-object -w --stdin)
  (
    cd xen
    git read-tree HEAD
    git update-index --add --cacheinfo "100644,$blob,$1"
  )
  tree=$(git -C xen write-tree)
  tick
  {
    printf 'tree %s\nparent %s\n' "$tree" "$(oid)"
    printf 'author A\033[1m\r Bcc: a@b <a\r@b> %s +0000\n' "$T_CLOCK"
    printf 'committer C <c@d> %s +0000\n\n%s\n' "$T_CLOCK" "$3"
  } >raw
  git -C xen reset -q --hard "$(git -C xen hash-object -t commit -w --stdin <raw)" 2>/dev/null
  oid
}

test_expect 'a fix with a subject and an author of any bytes is announced' '
  published
  evil_commit f.c one "$EVIL

This is XSA-7." >/dev/null
  push_staging -f
  run
  same 2 "$(mails)"
  sound 2 In-Reply-To References X-Git-Oldrev X-Git-Newrev
  same "[xsabot 4.17] XSA-7: published - PUSHED" "$(mail 2 subject)"
  grep -qF "x\\x1b[31m\\x07 \\u{202e}evil" body
  same "news@example.org" "$(envelope 2 to)"
'
test_expect 'a subject with line ends adds no header' '
  published
  evil_commit f.c one "$CRLF

This is XSA-7." >/dev/null
  push_staging -f
  run
  sound 2 In-Reply-To References X-Git-Oldrev X-Git-Newrev
  same news@example.org "$(envelope 2 to)"
'
test_expect 'a conflict in a path and in lines of any bytes' '
  published
  path=$(printf "d/a\\nBcc: x@xen.example\\n<b>\\033[2J\\377\\342\\200\\256.c")
  base=$(evil_commit "$path" "one\n" "x86: base")
  evil_commit "$path" "one\r\nBcc: x\r\n.\r\n\033]0;title\007\377\n" "$EVIL

This is XSA-7." >/dev/null
  push_staging -f
  note_on "$base" "Exclude: no"
  run 1
  same 2 "$(mails)"
  sound 2 In-Reply-To References
  same "[xsabot 4.17] XSA-7: conflict in 1 file - HELD" "$(mail 2 subject)"
  same maint@example.org "$(envelope 2 to)"
'
test_expect 'MAINTAINERS of any bytes reaches nobody else and no header' '
  published
  evil_commit MAINTAINERS "X\nM: a@xen.example\r\nRCPT TO:<b@xen.example>\nM: <c@xen.example>\r\nBcc: d@xen.example\nM: \"e\"@xen.example\nM: -f@xen.example\nM: g@xen.example.evil\nM: h@evilxen.example\nM: i\000@xen.example\nM: \377@xen.example\nM: ok@xen.example\nF: *.c\n" "add" >/dev/null
  git -C xen tag -a -m x RELEASE-4.17.1
  push xen HEAD:refs/heads/staging-4.17 RELEASE-4.17.1
  run
  rm smtp/*.env
  base=$(evil_commit m.c "one\n" base)
  evil_commit m.c "two\n" "x86: fix

This is XSA-7." >/dev/null
  push_staging -f
  note_on "$base" "Exclude: no"
  run 1
  same "a@xen.example c@xen.example maint@example.org ok@xen.example" "$(sed -n "s/^to //p" smtp/*.env | sort | xargs)"
'
test_expect 'a subject of many thousand bytes is cut' '
  published
  big=$(head -c 9000 /dev/zero | tr "\\0" x)
  evil_commit f.c one "$big

This is XSA-7." >/dev/null
  push_staging -f
  run
  sound 2 In-Reply-To References X-Git-Oldrev X-Git-Newrev
  [ "$(wc -c <smtp/002.eml)" -lt 20000 ]
'
test_expect 'mails of hostile titles in the metadata are sound' '
  published
  mkdir -p meta
  jq -n --arg t "$CRLF" "[{xsas: [{xsa: \"7\", title: \$t}]}]" >meta/xsa.json
  printf "%s\n" "[rules]" "metadata = $PWD/meta" >>xsabot.conf
  base=$(evil_commit m.c "one\n" base)
  evil_commit m.c "two\n" "x86: fix

This is XSA-7." >/dev/null
  push_staging -f
  note_on "$base" "Exclude: no"
  run 1
  sound 2 In-Reply-To References
  grep -q "^About: one.x0d.x0aBcc" body
'
test_expect 'an advisory of any name, by a note or a trailer, gives no control character and no command' '
  published
  name="\$(touch pwned); x'\''; touch pwned #$(printf "\\033[31m\\342\\200\\256\\tBcc: a@b")"
  base=$(evil_commit m.c "one\n" base)
  need=$(evil_commit m.c "two\n" "x86: need")
  evil_commit m.c "three\n" "x86: fix

Security: $name" >/dev/null
  evil_commit n.c "one\n" "x86: other

Security: other $name" >/dev/null
  push_staging -f
  note_on "$base" "Exclude: no $name"
  run 1
  sound 2 In-Reply-To References
  grep "Prerequisite-of: [0-9a-f]*. ${need:0:12}\$" body
  mkdir -p clone
  git clone -q xen.git clone
  grep "^    git notes" body >commands
  (cd clone && sh ../commands >/dev/null 2>&1) || :
  [ ! -e clone/pwned ]
  git -C xen.git notes --ref=xsa add -f -m "Reviewed-by: a person" "$base"
  run
  for n in 3 4 5; do sound $n In-Reply-To References $(mail $n headers | grep -o "X-Git-...rev"); done
  run
  same 5 "$(mails)"
'
done_testing
