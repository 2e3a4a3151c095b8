#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The fewest commits that make a failing candidate pass a command. The project
# here is a shell program: a name that is not defined is its compile error.
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"

make_line xen.git xen 4.17
commit_file xen lib.sh "$(printf '# %s\\n' {1..30})" 'lib: a place for functions'
commit_file xen main.sh 'set -e\n. ./lib.sh\n. ./run.sh\n' 'main: it runs'
commit_file xen run.sh ':\n' 'run: nothing yet'
git -C xen tag RELEASE-4.17.1
push xen staging-4.17 RELEASE-4.17.1
mkdir "$SANDBOX/tmp"
export TMPDIR=$SANDBOX/tmp

# lib NAME...: lib.sh as in the release, with functions of these names, each at a place of its own.
lib() {
  local i name
  for i in {1..30}; do
    printf '# %s\\n' "$i"
    for name; do [ "${name#*=}" != "$i" ] || printf '%s() {\\n\\t:\\n}\\n' "${name%%=*}"; done
  done
}

# noise N: commits that have nothing to do with anything.
noise() {
  local i
  for ((i = 0; i < $1; i++)); do
    another
    commit "noise$ANOTHER" 'x\n' "noise: $i" >/dev/null
  done
}

# search [OPTION]...: for the command "sh main.sh", each run of which adds a line to runs; into found.
RUN='echo run >>'$SANDBOX'/work/runs; sh main.sh'
search() {
  git -C xen push -qf origin HEAD:refs/heads/staging-4.17
  : >runs
  xsabot -C xen.git ${CONF:+-c "$CONF"} search 4.17 --rules-version=1 --command "$RUN" "$@" >found
}

# found_are COMMIT...: just these were found.
found_are() { same "$(printf '%s\n' "$@" | sort)" "$(sed -n "s/^\([0-9a-f]\{40\}\) = .*/\1/p" found | sort)"; }
runs() { wc -l <runs; }
# gone PID: it has ended, waited for or not.
gone() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status"; }
no_leftovers() { same 0 "$(count_files "$TMPDIR")"; }

# one_needed: a security fix that calls what an earlier commit defines, among others. Sets NEED and FIX.
one_needed() {
  begin
  noise 3
  NEED=$(commit lib.sh "$(lib helper_one=10)" 'lib: add helper_one')
  noise 3
  FIX=$(commit run.sh 'helper_one\n' 'run: fix

This is XSA-1.')
  noise 2
}

test_expect 'a commit that adds what the output names' '
  one_needed
  search
  found_are "$NEED"
  no_leftovers
'
test_expect '... with few runs: the candidate, the tip, it' '
  one_needed
  search
  same 3 "$(runs)"
'
test_expect '... before the first fix that follows it, and why' '
  one_needed
  search
  grep -qxF "$NEED lib: add helper_one" found
  grep -qxF "    before $FIX run: fix" found
  grep -q "it brings helper_one, which the output names without it" found
'
test_expect '... as commands that can be typed' '
  one_needed
  search
  grep "git notes" found >cmd
  grep -qxF "git push origin refs/notes/xsa" found
  git -C xen fetch -q origin
  (cd xen && sh -e ../cmd)
  git -C xen push -q origin refs/notes/xsa
  search
  grep -q "the candidate passes: nothing is needed" found
  git -C xen update-ref -d refs/notes/xsa
'
test_expect '... to a note that is there already' '
  one_needed
  git -C xen push -qf origin HEAD:refs/heads/staging-4.17
  note_on "$NEED" "Reviewed-by: somebody"
  search
  grep -q "git notes --ref=xsa append -m .Prerequisite-of: $FIX. ${NEED:0:12}" found
'
test_expect '... as lines of the configuration' '
  one_needed
  search
  tree=$(sed -n "s/.*its tree is //p" found)
  sed -n "/^\[picks\]/,\$p" found >picks
  set_config "$(cat picks)"
  search
  grep -q "nothing is needed" found
  planned
  picks_are "$NEED" "$FIX"
  same "$tree" "$(line ".picks[-1].tree")"
'
test_expect 'nothing is applied' '
  one_needed
  git -C xen push -qf origin HEAD:refs/heads/staging-4.17
  git -C xen.git for-each-ref >before
  find xen.git -type f | sort >before.files
  search
  git -C xen.git for-each-ref >after
  find xen.git -type f | sort >after.files
  cmp before after
  cmp before.files after.files
'
test_expect 'two that are needed, one for the other' '
  begin
  noise 2
  a=$(commit lib.sh "$(lib helper_one=10)" "lib: add helper_one")
  noise 2
  b=$(commit other.sh "helper_one\n" "other: new")
  noise 2
  fix=$(commit run.sh ". ./other.sh\n" "run: fix

This is XSA-1.")
  search
  found_are "$a" "$b"
'
test_expect 'two that are needed by two fixes, each before its own' '
  begin
  a=$(commit one.sh "helper_one() { :; }\n" "one: add helper_one")
  fix1=$(commit run.sh ". ./one.sh\nhelper_one\n" "run: fix

This is XSA-1.")
  noise 1
  b=$(commit two.sh "helper_two() { :; }\n" "two: add helper_two")
  fix2=$(commit run.sh ". ./one.sh\nhelper_one\n. ./two.sh\nhelper_two\n" "run: fix more

This is XSA-2.")
  search
  found_are "$a" "$b"
  grep -qx "$a = Prerequisite-of: $fix1" found
  grep -qx "$b = Prerequisite-of: $fix2" found
'
test_expect 'what comes after all fixes' '
  begin
  fix=$(commit run.sh "helper_one\n" "run: fix

This is XSA-1.")
  noise 3
  later=$(commit lib.sh "$(lib helper_one=10)" "lib: the forgotten part")
  noise 2
  search
  found_are "$later"
  grep -qxF "    for $fix run: fix" found
'
test_expect 'where the output names nothing, all are searched' '
  one_needed
  search --command "sh main.sh >/dev/null 2>&1"
  found_are "$NEED"
'
test_expect '... two of them' '
  begin
  noise 4
  a=$(commit one.sh "true\n" "one")
  noise 4
  b=$(commit two.sh "true\n" "two")
  noise 4
  commit run.sh "fixed\n" "run: fix

This is XSA-1." >/dev/null
  search --command "! grep -q fixed run.sh || { test -e one.sh && test -e two.sh; }"
  found_are "$a" "$b"
'
test_expect 'what a found commit needs by text is no business of the annotations' '
  begin
  a=$(commit lib.sh "$(lib helper_zero=10)" "lib: zero")
  b=$(commit lib.sh "$(lib helper_zero=10 | sed "s/:/helper_one() { :; }; :/")" "lib: add helper_one within")
  commit run.sh "helper_zero\nhelper_one\n" "run: fix

This is XSA-1." >/dev/null
  search
  found_are "$b"
'
test_expect 'a revert comes with what it reverts, or not at all' '
  begin
  a=$(commit lib.sh "$(lib helper_one=10)" "lib: add helper_one")
  r=$(commit lib.sh "$(lib)" "Revert \"lib: add helper_one\"

This reverts commit $a.")
  b=$(commit lib.sh "$(lib helper_one=20)" "lib: add helper_one elsewhere")
  commit run.sh "helper_one\n" "run: fix

This is XSA-1." >/dev/null
  search
  found_are "$b"
'
test_expect 'an excluded commit is not looked at' '
  one_needed
  set_config "[picks]" "$NEED = Exclude: not here"
  exits 1 search
  grep -q "not the plan with all other commits" found
  no_leftovers
'
test_expect 'nothing is needed' '
  begin
  commit run.sh "true\n" "run: fix

This is XSA-1." >/dev/null
  search
  grep -q "nothing is needed" found
  same 1 "$(runs)"
'
test_expect 'nothing helps' '
  one_needed
  exits 1 search --command "false"
  grep -q "staging tip fails as well" found
  no_leftovers
'
test_expect 'an empty plan' '
  begin
  commit one.sh "x\n" "one" >/dev/null
  exits 1 search --command "test -e one.sh"
  grep -q "the plan is empty" found
'
test_expect 'a command that can not tell' '
  one_needed
  exits 1 search --command "exit 125"
  grep -q "can.t tell about the candidate" found
'
test_expect '... about some sets' '
  one_needed
  search --command "test -e run.sh || exit 125; ls | grep -q ^noise && ! test -e CHANGES && exit 125; sh main.sh"
  found_are "$NEED"
'

# ---- the command

test_expect 'a command out of time is killed with its children, and fails' '
  one_needed
  exits 1 search --timeout 1 --command "echo \$\$ >>$PWD/pids; sleep 1000 & echo \$! >>$PWD/pids; wait"
  grep -q "staging tip fails" found
  for pid in $(cat pids); do until_true 30 gone "$pid"; done
  no_leftovers
'
test_expect 'what it leaves running is killed' '
  begin
  commit run.sh "true\n" "run: fix

This is XSA-1." >/dev/null
  search --command "sleep 1000 & echo \$! >$PWD/pid"
  until_true 30 gone "$(cat pid)"
'
test_expect 'a clean environment, no input, a home of its own' '
  one_needed
  export GIT_DIR=/nowhere SECRET=1
  exits 1 search --command "env | sort >$PWD/env; cat >$PWD/input; pwd >$PWD/pwd; false"
  unset GIT_DIR
  same "HOME LC_ALL PATH PWD TMPDIR TZ" "$(cut -d= -f1 env | grep -vx -e _ -e OLDPWD -e SHLVL | xargs)"
  test ! -s input
  grep -q "^$TMPDIR/xsabot-......./tree$\|^$TMPDIR/xsabot-....../tree$" pwd
'
test_expect 'much output, without an end of line' '
  one_needed
  exits 1 search --command "head -c 3000000 /dev/zero | tr \"\\\\0\" x; false"
'
test_expect 'the tree: modes, links, submodules, odd names' '
  begin
  printf "#!/bin/sh\nexit 0\n" >xen/tool
  chmod +x xen/tool
  ln -s run.sh xen/link
  ln -s ../../../../outside xen/out
  ln -s gone xen/dangling
  mkdir "xen/a b"
  printf "x" >"xen/a b/-n \$(touch hit)"
  git -C xen add .
  git -C xen update-index --add --cacheinfo 160000,$(git -C xen rev-parse RELEASE-4.17.0),sub
  tick
  git -C xen commit -q -m "many kinds

This is XSA-1."
  echo precious >"$SANDBOX/outside"
  search --command "./tool && ! test -x run.sh && test -h link && test -h dangling && test -h out && test -d sub &&
    test -z \"\$(ls sub)\" && test -f \"a b/-n \\\$(touch hit)\" && ! test -e hit && ln -s / rootlink"
  grep -q "nothing is needed" found
  same precious "$(cat "$SANDBOX/outside")"
  no_leftovers
'
test_expect 'files that the command made unwritable go as well' '
  begin
  commit run.sh "true\n" "run: fix

This is XSA-1." >/dev/null
  search --command "mkdir -p d/e && touch d/e/f && chmod 0 d/e && chmod 500 d"
  no_leftovers
'

# ---- resumed

test_expect 'a search that is run again runs nothing again' '
  one_needed
  rm -f state
  search --state state
  cp found first
  search --state state
  same 0 "$(runs)"
  sed 1d first >first.rest
  sed 1d found >found.rest
  cmp first.rest found.rest
'
test_expect 'a search that was stopped goes on where it was' '
  one_needed
  rm -f state
  search --state state
  all=$(runs)
  head -n 2 state >part
  head -n 3 state | tail -n 1 | head -c 50 >>part
  search --state part
  same $((all - 2)) "$(runs)"
  found_are "$NEED"
'
test_expect 'another command, or time limit, is another test' '
  one_needed
  rm -f state
  search --state state
  search --state state --timeout 1000
  [ "$(runs)" -gt 0 ]
'
test_expect 'a search ends after as many tests as it may make, and the next goes on there' '
  one_needed
  rm -f state
  exits 75 search --state state --tests=2 2>err
  grep "2 tests were made, and no more now; the same command goes on from there" err
  same 2 "$(runs)"
  search --state state --tests=1
  same 1 "$(runs)"
  found_are "$NEED"
'
test_expect 'lines that are no verdicts are ignored' '
  one_needed
  printf "what\n%080d\n\n" 0 >state
  search --state state 2>err
  grep -q "2 lines are no verdicts" err
  found_are "$NEED"
'
test_expect 'verdicts are kept in the state directory where there is one' '
  one_needed
  mkdir -p xen.git.xsabot
  search
  search
  same 0 "$(runs)"
  rm -r xen.git.xsabot
'
test_expect 'a signal: the command dies, nothing is left, what is known is kept' '
  one_needed
  rm -f state pid
  git -C xen push -qf origin HEAD:refs/heads/staging-4.17
  "$XSABOT" -C xen.git search 4.17 --state state --command "echo \$\$ >$PWD/pid.new; mv $PWD/pid.new $PWD/pid; test -e CHANGES.not || exec sleep 1000" >found 2>err &
  bot=$!
  until_true 60 test -e pid
  kill -TERM "$bot"
  exits 75 wait "$bot"
  until_true 30 gone "$(cat pid)"
  no_leftovers
'

test_expect 'usage' '
  begin
  exits 64 xsabot -C xen.git search 4.17
  exits 64 xsabot -C xen.git search --command true
  exits 64 xsabot -C xen.git search 4.99 --command true
  exits 64 xsabot -C xen.git search 4.17 --command true --timeout 1x
  exits 64 xsabot -C xen.git search 4.17 --command true --timeout 0
  exits 64 xsabot -C xen.git search 4.17 --command true --format=ids
'
done_testing
