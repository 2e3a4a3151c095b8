#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What happens to mail when servers, networks and recipients are as they are:
# nothing is lost, nothing goes in clear that must not, and what comes twice has
# one Message-ID.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
. "$T_DIR/mail-lib.sh"
need openssl

# ---- certificates: an authority's, and one that it gave to localhost

openssl req -quiet -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=authority \
  -keyout ca.key -out ca.pem 2>/dev/null ||
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=authority \
    -keyout ca.key -out ca.pem 2>openssl.log
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -keyout key.pem -out csr.pem \
  2>>openssl.log
printf 'subjectAltName=DNS:localhost\n' >ext
openssl x509 -req -in csr.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out cert.pem 2>>openssl.log

# ---- one branch, published, that someone moved: a run has one thing to tell

make_line xen.git xen 4.17
make_advisory xen 1
push xen staging-4.17
printf '[repository]\npath = %s/xen.git\n' "$PWD" >xsabot.conf
xsabot -c xsabot.conf run >/dev/null
git -C xen.git update-ref refs/heads/xsa-4.17 staging-4.17
start_smtp --tls cert.pem key.pem
save_scene xen.git xen.git.xsabot
# Mail to a@example.org and settings in [mail] are what fresh is given.
base_config '[mail]' 'from = xsabot@example.org'

to_a='to = a@example.org'
plain() { echo "transport = smtp://127.0.0.1:$SMTP_PORT"; }
# run: a run, which ends as it does without mail, whatever becomes of that.
run() { bot_ends 1 run; }
outbox() { xsabot -c xsabot.conf outbox "$@"; }
# waits PATTERN: the one message is in the outbox, whole, with this error.
waits() {
  same 1 "$(count_files xen.git.xsabot/outbox/new)"
  same 0 "$(count_files xen.git.xsabot/outbox/failed)"
  outbox >list
  grep -q -e "$1" list || { cat list; return 1; }
}
gone() { same 0 "$(count_files xen.git.xsabot/outbox/new)"; same 0 "$(count_files xen.git.xsabot/outbox/failed)"; }
again() { outbox retry; run; }
# never_on_the_wire PATTERN: the server never saw it in clear.
never_on_the_wire() { ! grep -q -a -e "$1" smtp/wire 2>/dev/null || { echo "on the wire: $1"; return 1; }; }
# with_server [OPTION]... -- COMMAND...: with another server beside the first.
restart() { stop_smtp; start_smtp "$@"; }

test_expect 'STARTTLS with a certificate that is right: sent' '
  fresh "$to_a" "transport = smtp://localhost:$SMTP_PORT" "tls = required" "ca = $PWD/ca.pem"
  run
  same 1 "$(mails)"
  same yes "$(envelope 1 tls)"
  never_on_the_wire "MAIL FROM"
  gone
'
test_expect 'a certificate of another name: not sent' '
  fresh "$to_a" "transport = smtp://127.0.0.1:$SMTP_PORT" "tls = required" "ca = $PWD/ca.pem"
  run
  same 0 "$(mails)"
  never_on_the_wire "MAIL FROM"
  waits "certificate"
'
test_expect 'a certificate of an unknown authority: not sent, and sent once it is known' '
  fresh "$to_a" "transport = smtp://localhost:$SMTP_PORT" "tls = required"
  run
  same 0 "$(mails)"
  never_on_the_wire "MAIL FROM"
  waits "certificate"
  printf "%s\n" "ca = $PWD/ca.pem" >>xsabot.conf
  again
  same 1 "$(mails)"
  gone
'
restart
test_expect 'a server without STARTTLS where it is required: not sent, no word of it in clear' '
  fresh "$to_a" "transport = smtp://localhost:$SMTP_PORT" "tls = required"
  run
  same 0 "$(mails)"
  never_on_the_wire "MAIL FROM"
  never_on_the_wire a@example.org
  waits STARTTLS
'
test_expect 'one recipient of two is refused: the other gets it, the first is set aside and said' '
  fresh "to = bad@example.org, good@example.org" "$(plain)"
  fault rcpt-550
  run
  same "good@example.org" "$(envelope 1 to)"
  same 1 "$(mails)"
  grep -q "given up" err
  exits 1 outbox >list
  grep -q "given up  to bad@example.org" list
  grep -q 550 list
'
test_expect 'refused for now: kept, and sent later' '
  fresh "$to_a" "$(plain)"
  fault rcpt-451
  run
  waits 451
  fault
  run
  waits 451
  again
  same 1 "$(mails)"
  gone
'
test_expect 'the server hangs at the message: given up for now after the time allowed' '
  fresh "$to_a" "$(plain)" "timeout = 1s"
  fault data-hang
  run
  same 0 "$(mails)"
  waits "[Tt]ime"
  fault
  patient
  again
  same 1 "$(mails)"
'
test_expect 'the server hangs at the greeting: the same' '
  fresh "$to_a" "$(plain)" "timeout = 1s"
  fault greet-hang
  run
  waits "[Tt]ime"
'
test_expect 'the connection drops after the message: it comes again, with the same Message-ID' '
  fresh "$to_a" "$(plain)"
  fault data-drop
  run
  same 1 "$(mails)"
  waits "354"
  fault
  again
  same 2 "$(mails)"
  same "$(mail 1 Message-Id)" "$(mail 2 Message-Id)"
  cmp smtp/001.eml smtp/002.eml
  gone
'
test_expect 'nobody listens: the run is as it was, and the mail goes later' '
  fresh "$to_a" "transport = smtp://127.0.0.1:1"
  run
  waits "connect"
  sed -i "s,^transport.*,$(plain)," xsabot.conf
  again
  same 1 "$(mails)"
'
test_expect 'a greeting that refuses is the state of the server, not of the message' '
  fresh "$to_a" "$(plain)"
  fault greet-554
  run
  waits 554
'
test_expect 'refused after it was sent: set aside' '
  fresh "$to_a" "$(plain)"
  fault data-554
  run
  same 0 "$(count_files xen.git.xsabot/outbox/new)"
  same 1 "$(count_files xen.git.xsabot/outbox/failed)"
  exits 1 outbox >/dev/null
  fault
  again
  same 1 "$(mails)"
  gone
'
test_expect 'no room after it was sent: kept' '
  fresh "$to_a" "$(plain)"
  fault data-452
  run
  waits 452
'
test_expect 'recipients with line ends or other than ASCII are mistakes of the configuration' '
  fresh "to = $(printf "a@example.org\\rb@example.org")" "$(plain)"
  exits 78 xsabot -c xsabot.conf run 2>err
  fresh "to = $(printf "\\303\\244@example.org")" "$(plain)"
  exits 78 xsabot -c xsabot.conf run 2>err
  grep -q "no address" err
  fresh "to = -f@example.org <a@example.org> \"a b\"@example.org" "$(plain)"
  exits 78 xsabot -c xsabot.conf run 2>err
'
test_expect 'a file of the outbox with such a recipient is not sent' '
  fresh "$to_a" "transport = smtp://127.0.0.1:1"
  run
  sed -i "s/^to .*/to a@example.org>\r/" xen.git.xsabot/outbox/new/*
  sed -i "s,^transport.*,$(plain)," xsabot.conf
  run
  same 0 "$(mails)"
  grep -q "no message of the outbox" err
'
test_expect 'lines of dots arrive as they are, and no line end is other than CRLF' '
  fresh "$to_a" "$(plain)" "templates = $PWD/templates"
  mkdir -p templates
  printf "%s\n" "Subject: dots {line}" "" "{why}" "" "." ".." ".x" "From here" "" "end" >templates/held.txt
  run
  mail 1 body | tr -d "\r" | sed -n "/^\.$/,/^end/p" >got
  printf "%s\n" "." ".." ".x" "From here" "" "end" >want
  cmp want got
  same 0 "$(tr -d "\n" <smtp/001.eml | tr "\r" "\n" | wc -l | xargs -I{} expr {} - "$(wc -l <smtp/001.eml)")"
  same "" "$(LC_ALL=C grep -n -v "$(printf "\\r")\$" smtp/001.eml || :)"
  same "" "$(LC_ALL=C tr -d "\\000-\\177" <smtp/001.eml)"
'
restart --login bot right
test_expect 'a login with a secret that is its owner'"'"'s alone' '
  fresh "$to_a" "$(plain)" "user = bot" "secret = $PWD/secret"
  echo right >secret
  chmod 644 secret
  run
  same 0 "$(mails)"
  grep -q "chmod 600" err
  exits 78 xsabot -c xsabot.conf check-config 2>err2
  chmod 600 secret
  again
  same 1 "$(mails)"
  same True "$(envelope 1 login)"
'
strace -o trace true 2>/dev/null || note 'without strace'
test_expect '... which one process reads, and no other has in its memory, arguments or environment' '
  fresh "$to_a" "$(plain)" "user = bot" "secret = $PWD/secret"
  echo right >secret
  chmod 600 secret
  if [ -s trace ]; then
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" # that cannot be looked for under strace
    exits 1 strace -f -qq -v -s 9999 -o trace -e trace=execve,openat,read,pread64 "$XSABOT" -c xsabot.conf run 2>err
    reader=$(sed -n "s/^\([0-9]*\) .*openat(.*\/secret\".*/\1/p" trace)
    grep "^$reader .*execve(.*/xsabot-mail\", .*\"send\"" trace
    grep "^$reader .*read(.*\"right" trace
    same "" "$(grep "right" trace | grep -v "^$reader ")"
  else
    run
  fi
  same 1 "$(mails)"
'
test_expect 'a wrong password is no fault of the message' '
  fresh "$to_a" "$(plain)" "user = bot" "secret = $PWD/secret"
  echo wrong >secret
  chmod 600 secret
  run
  waits "[Ll]ogin"
  fails grep -q wrong err list
'
test_expect 'a credential of systemd' '
  fresh "$to_a" "$(plain)" "user = bot" "secret = credential:mail"
  mkdir -p creds
  echo right >creds/mail
  chmod 600 creds/mail
  export CREDENTIALS_DIRECTORY=$PWD/creds
  run
  same 1 "$(mails)"
'
restart

# ---- a program

cat >sendmail <<'END'
#!/bin/sh
printf '%s\n' "$@" >"$(dirname "$0")/argv"
cat >"$(dirname "$0")/stdin"
exit "$(cat "$(dirname "$0")/status")"
END
chmod +x sendmail
test_expect 'a sendmail program gets sender, recipient and the message, without a shell' '
  fresh "to = a|b{c}@example.org" "transport = $PWD/sendmail"
  echo 0 >status
  run
  same "-i -f xsabot@example.org -- a|b{c}@example.org" "$(xargs <argv)"
  grep -q "^Subject: .xsabot 4.17" stdin
  same "" "$(tr -cd "\\r" <stdin)"
  gone
'
test_expect 'its status decides: 75 again later, 67 never, others the whole queue later' '
  fresh "$to_a" "transport = $PWD/sendmail"
  echo 75 >status
  run
  waits "status 75"
  echo 1 >status
  again
  waits "status 1"
  echo 67 >status
  again
  exits 1 outbox >list
  grep -q "given up" list
'

# ---- the outbox

test_expect 'show, drop and retry' '
  fresh "$to_a" "transport = smtp://127.0.0.1:1"
  run
  id=$(outbox | sed -n "1s/ .*//p")
  outbox show "$id" >shown
  grep -q "^Subject: .xsabot 4.17" shown
  exits 64 outbox show nothing
  exits 64 outbox eat
  exits 64 outbox drop
  outbox drop "$id"
  gone
  outbox | grep empty
'
# alone: the bot where no other program of ours is beside it.
alone() {
  mkdir -p alone/bin
  cp "$XSABOT" alone/bin/xsabot
  exits "$1" alone/bin/xsabot -c xsabot.conf "${@:2}"
}
test_expect 'the program that sends is said to be missing, loses no mail, and is found where it is installed' '
  fresh "$to_a" "$(plain)"
  alone 1 run 2>err
  grep "xsabot-mail is not installed" err
  waits "xsabot-mail is not installed"
  id=$(sed -n "1s/ .*//p" list)
  alone 78 outbox show "$id" 2>err
  alone 78 check-config 2>err
  grep "xsabot-mail is not installed" err
  mkdir -p alone/libexec/xsabot
  cp "$XSABOT_MAIL" alone/libexec/xsabot/xsabot-mail
  alone 0 outbox show "$id" >shown
  grep "^Subject: .xsabot 4.17" shown
  alone 0 outbox retry
  alone 1 run
  same 1 "$(mails)"
'
test_expect 'it is killed while it sends, or knows nothing of this: the mail is kept' '
  fresh "$to_a" "$(plain)"
  mkdir -p alone/libexec/xsabot alone/bin
  printf "%s\n" "#!/bin/sh" "kill -KILL \$\$" >alone/libexec/xsabot/xsabot-mail
  chmod +x alone/libexec/xsabot/xsabot-mail
  alone 1 run 2>err
  waits "ended by signal 9"
  printf "%s\n" "#!/bin/sh" "exit 64" >alone/libexec/xsabot/xsabot-mail
  alone 0 outbox retry
  alone 1 run 2>err
  waits "status 64"
  again
  same 1 "$(mails)"
'
test_expect 'a letter of the outbox that was tampered with is set aside' '
  fresh "$to_a" "transport = smtp://127.0.0.1:1"
  run
  sed -i "s/^header X-Xsabot-Line .*/header Bcc x@example.org/" xen.git.xsabot/outbox/new/*
  sed -i "s,^transport.*,$(plain)," xsabot.conf
  again
  same 0 "$(mails)"
  exits 1 outbox | grep "no letter as xsabot writes them"
'
test_expect 'the bot links no library of mail' '
  readelf -d "$XSABOT" >needs
  fails grep -i -e curl -e gmime -e glib needs
'
test_expect 'status says what waits and what was given up' '
  fresh "to = a@example.org bad@example.org" "$(plain)"
  fault rcpt-550
  run
  exits 1 xsabot -c xsabot.conf status >list
  grep -q "^mail: 0 waiting, 1 given up: .*550" list
  exits 1 xsabot -c xsabot.conf status --format=json >list
  same "0 1" "$(jq -r "[.mail.waiting, .mail.failed] | @tsv" list | xargs)"
'
test_expect 'commands that read never send' '
  fresh "$to_a" "transport = smtp://127.0.0.1:1"
  run
  sed -i "s,^transport.*,$(plain)," xsabot.conf
  outbox retry
  outbox >/dev/null
  xsabot -c xsabot.conf plan >/dev/null
  xsabot -c xsabot.conf check-config >/dev/null
  xsabot -c xsabot.conf mail --preview 4.17 >/dev/null
  xsabot -c xsabot.conf verify >/dev/null || :
  same 0 "$(mails)"
'
# news_to N ADDRESS...: as fresh, and a branch of which there are announcements for these; N an hour.
news_to() {
  local n=$1
  shift
  fresh "$to_a" "announce = $*" "$(plain)" "cap = $n"
  git -C xen.git update-ref refs/heads/xsa-4.17 "$(jq -r .state.published xen.git.xsabot/published/4.17.json)"
  rm -f xen.git.xsabot/mail-known.json
  xsabot -c xsabot.conf run >/dev/null 2>&1
  rm -f smtp/*.eml
  make_advisory xen 2
  push xen staging-4.17
}
test_expect 'no more announcements than the cap in an hour; the rest waits, and outbox says for what' '
  news_to 2 a@example.org b@example.org c@example.org
  xsabot -c xsabot.conf run >/dev/null
  same 2 "$(mails)"
  xsabot -c xsabot.conf run >/dev/null
  same 2 "$(mails)"
  same 1 "$(count_files xen.git.xsabot/outbox/new)"
  outbox | grep "^1 announcement waits until 20.*, as 2 went in the last hour (cap)"
  jq ".sent[0] -= 3600" xen.git.xsabot/outbox/pace >new && cp new xen.git.xsabot/outbox/pace
  xsabot -c xsabot.conf run >/dev/null
  same 3 "$(mails)"
'
test_expect '... what needs a person goes all the same, and first' '
  news_to 1 b@example.org c@example.org d@example.org
  xsabot -c xsabot.conf run >/dev/null
  same 1 "$(mails)"
  git -C xen.git update-ref refs/heads/xsa-4.17 staging-4.17
  run
  same 2 "$(mails)"
  mail 2 subject | grep "HELD"
  same 2 "$(count_files xen.git.xsabot/outbox/new)"
  fault
'
test_expect '... also what an earlier version left, by its subject' '
  news_to 1 b@example.org c@example.org
  fault "greet-554"
  xsabot -c xsabot.conf run >/dev/null 2>&1 || :
  fault
  for f in xen.git.xsabot/outbox/new/*; do sed -i "/^news /d; s/^next .*/next 0/; s/^tries .*/tries 0/" "$f"; done
  f=$(ls xen.git.xsabot/outbox/new | tail -1)
  sed -i "1,/^$/s/^subject .*/subject [xsabot 4.17] xsa-4.17: not updated - HELD/" "xen.git.xsabot/outbox/new/$f"
  rm -f xen.git.xsabot/outbox/pace smtp/*.eml
  xsabot -c xsabot.conf run >/dev/null
  xsabot -c xsabot.conf run >/dev/null
  same 2 "$(mails)"
'
test_expect 'after five days it is given up, and said' '
  fresh "$to_a" "transport = smtp://127.0.0.1:1"
  run
  sed -i "s/^queued .*/queued $(($(date +%s) - 5 * 86400 - 60))/" xen.git.xsabot/outbox/new/*
  again
  same 1 "$(count_files xen.git.xsabot/outbox/failed)"
  grep -q "given up" err
'
test_expect 'a run that could not write its mails is made up for, once' '
  fresh "$to_a" "$(plain)"
  mkdir -p xen.git.xsabot/outbox
  echo >xen.git.xsabot/outbox/new
  run
  same 0 "$(mails)"
  rm xen.git.xsabot/outbox/new
  run
  run
  same 1 "$(mails)"
'
test_expect 'templates with fields that do not exist are told by check-config, all of them' '
  fresh "$to_a" "$(plain)" "templates = $PWD/broken"
  mkdir -p broken
  printf "%s\n" "Subject: {line} {nothing}" "" "{else}" >broken/held.txt
  printf "%s\n" "no subject" >broken/found.txt
  echo x >broken/holding.txt
  exits 78 xsabot -c xsabot.conf check-config 2>err
  grep -q "held.txt:1: {nothing}: no such field" err
  grep -q "held.txt:3: {else}" err
  grep -q "found.txt:1: " err
  grep -q "holding.txt: no template" err
'
done_testing
