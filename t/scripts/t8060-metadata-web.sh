#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Metadata by its address: fetched once, asked for again, checked; and all works without.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
need python3

make_line xen.git xen 4.17
make_advisory xen 1
push xen staging-4.17
mkdir -p web/xsa
jq -n '[{xsas: [{xsa: "1", title: "a bound", version: 2, public_time: "2020-01-01 12:00"}, {xsa: "2", title: "another", version: 1}]}]' >web/xsa/xsa.json
printf '%s' '{"XSA": 1, "Recipes": {"4.17": {"Recipes": {"xen": {"Prereqs": null}}}}}' >web/xsa/xsa1.meta
touch -d '2020-01-01' web/xsa/*

# A server that writes its port to web/port when it is ready, and what was asked of it to web/log.
cat >server.py <<'END'
import functools, http.server, os, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    def log_request(self, code='-', size='-'):
        with open('web/log', 'a') as f: f.write('%s %d\n' % (self.path, int(code)))
    def log_message(self, *args): pass
    def do_GET(self):
        if os.path.exists('web/moved'):
            self.send_response(302); self.send_header('Location', 'file:///etc/passwd'); self.end_headers(); return
        super().do_GET()
s = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(Handler, directory='web'))
with open('web/port.new', 'w') as f: f.write(str(s.server_address[1]))
os.rename('web/port.new', 'web/port')
s.serve_forever()
END
python3 server.py &
SERVER=$!
at_exit "kill $SERVER"
until_true 20 test -s web/port
printf '%s\n' '[repository]' "path = $PWD/xen.git" '[rules]' "metadata = http://127.0.0.1:$(cat web/port)/xsa" >xsabot.conf
HERE=xen.git.xsabot/metadata

# later: the list is newer than any before, for a server that tells times by seconds.
later() {
  echo $(($(cat clock) + 60)) >clock
  touch -d "@$(cat clock)" web/xsa/xsa.json
}
date -d '2021-01-01' +%s >clock
bot() { exits "${STATUS-0}" xsabot -c xsabot.conf "$@" >out 2>&1 || { cat out; return 1; }; }
said() { grep -e "$1" out || { cat out; return 1; }; }
asked() { cat web/log; : >web/log; }

test_expect 'a run fetches the list, and what it names, of which one is not there' '
  bot run
  cmp web/xsa/xsa.json "$HERE/xsa.json"
  cmp web/xsa/xsa1.meta "$HERE/xsa1.meta"
  same "/xsa/xsa.json 200 /xsa/xsa1.meta 200 /xsa/xsa2.meta 404" "$(asked | sort | xargs)"
  bot advisories 4.17
  said "applied *XSA-1: a bound (public 2020-01-01 12:00)"
'
test_expect 'the next run asks nothing; a person may: only whether there is a newer list' '
  bot run
  same "" "$(asked)"
  bot fetch
  same "/xsa/xsa.json 304" "$(asked)"
'
test_expect 'an advisory that was issued again is fetched again, and no other' '
  sed -i "s/\"version\": 2/\"version\": 3/" web/xsa/xsa.json
  later
  bot fetch
  same "/xsa/xsa.json 200 /xsa/xsa1.meta 200" "$(asked | xargs)"
'
test_expect 'what is no list takes the place of nothing' '
  cp web/xsa/xsa.json good.json
  for bad in "<html>no</html>" "{}" ""; do
    printf "%s" "$bad" >web/xsa/xsa.json
    later
    STATUS=70 bot fetch
    said "xsa.json is no list of advisories"
    cmp good.json "$HERE/xsa.json"
  done
'
test_expect '... nor what is too large' '
  head -c 17000000 /dev/zero | tr "\\0" " " >web/xsa/xsa.json
  later
  STATUS=70 bot fetch
  said "it has more than 16777216 bytes"
  cmp good.json "$HERE/xsa.json"
'
test_expect '... nor where the server sends to' '
  touch web/moved
  STATUS=75 bot fetch
  said "the server says 302"
  cmp good.json "$HERE/xsa.json"
  rm web/moved
'
test_expect 'a bad file of an advisory keeps no other from its turn' '
  jq ".[0].xsas[0].version = 4 | .[0].xsas[1].version = 2" good.json >web/xsa/xsa.json
  later
  echo "{" >web/xsa/xsa1.meta
  printf "%s" "{\"XSA\": 2, \"Recipes\": {\"4.17\": {\"Recipes\": {\"xen\": {}}}}}" >web/xsa/xsa2.meta
  bot fetch
  said "xsa1.meta is no JSON of an advisory"
  jq -e ".XSA == 1" "$HERE/xsa1.meta"
  STATUS=1 bot advisories 4.17
  said "missing *XSA-2"
'
test_expect 'without the server all works, with what is there; a run says so, and is no failure' '
  kill "$SERVER"
  until_true 20 eval "! kill -0 $SERVER"
  STATUS=75 bot fetch
  jq ".next = 0" "$HERE/record.json" >r && mv r "$HERE/record.json"
  bot run
  said "metadata: http://127.0.0.1.*; what is here is used, and it is tried again"
  bot run
  fails grep "metadata: http" out
  STATUS=1 bot advisories 4.17
  said "missing *XSA-2"
'
test_expect 'where the program that fetches is not installed, that is said' '
  mkdir -p alone/bin
  cp "$XSABOT" alone/bin/xsabot
  exits 78 alone/bin/xsabot -c xsabot.conf fetch >out 2>&1
  said "xsabot-fetch is not installed beside xsabot"
'
test_expect 'other addresses are refused' '
  sed "s#^metadata = .*#metadata = ftp://example.org/xsa#" xsabot.conf >ftp.conf
  exits 78 xsabot -c ftp.conf check-config >out 2>&1
  said "is no address on the web"
'
done_testing
