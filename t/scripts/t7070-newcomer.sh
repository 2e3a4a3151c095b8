#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The commands of the README, taken from it as they stand, one after the other, by those whom they are for: on a
# repository that a group shares, with a umask of 027, without /etc/hosts. t/newcomer does the same in a Debian
# that was just made, with what it installed there.
#
# In a mount namespace: /srv, /etc and the passwords are not the machine's.
if [ -z "${NEWCOMER-}" ] && [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
  NEWCOMER=1 exec unshare -m "$0" "$@"
fi
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
[ -n "${NEWCOMER-}" ] || skip_all 'this needs root, and namespaces'
need runuser setpriv

# ---- a host

mount --make-rprivate /
cp -a /etc "$SANDBOX/etc"
rm -f "$SANDBOX/etc/hosts" "$SANDBOX/etc/xsabot.conf"
mount --bind "$SANDBOX/etc" /etc
mkdir -p /srv
mount -t tmpfs none /srv
printf 'git:x:4242:4242::/srv/home:/bin/sh\nalice:x:4243:4242::/srv/home:/bin/sh\ndown:x:4244:4244::/srv/home:/bin/sh\n' >>/etc/passwd
printf 'xen:x:4242:\ndown:x:4244:\n' >>/etc/group
mkdir -p /srv/home /srv/git "$SANDBOX/bin"
ln -sf "$XSABOT" "$SANDBOX/bin/xsabot"
PATH=$SANDBOX/bin:$PATH
unset -f xsabot
chmod 755 "$SANDBOX" "$SANDBOX/work"
chmod 777 /srv/home
chmod 1777 "$SANDBOX/work"
export HOME=/srv/home
git config --global safe.directory '*'
chmod 644 "$GIT_CONFIG_GLOBAL"
chown 4242:4242 /srv/git

# section TITLE [FROM [TO]]: the commands of that part of the README, without what is said beside them; those after
# the line that has FROM, up to the one that has TO.
section() {
  awk -v title="$1" -v from="${2-}" -v to="${3-}" '
    /^-+$/ { is = last == title; begun = from == "" }
    is && begun && to != "" && index($0, to) { exit }
    is && begun && /^    [a-z]/ { sub(/^    /, ""); sub(/   .*/, ""); print }
    is && !begun && index($0, from) { begun = 1 }
    { last = $0 }' "$T_SRC/README"
}
# as USER FILE [SED-OPTION...]: gives the commands there, one after the other, and shows each.
as() {
  local user=$1 file=$2
  shift 2
  sed "$@" -e '' "$file" >"$file.$user"
  [ -s "$file.$user" ] || { echo "no command"; return 1; }
  runuser -u "$user" -- bash -e -x "$PWD/$file.$user"
}

# ---- a repository on it, as committers have made it

umask 027
runuser -u git -- git init -q --bare --shared=0664 /srv/git/xen.git
make_line local.git work 4.17 7 >/dev/null
git -C work remote set-url origin /srv/git/xen.git
chmod -R a+rX work local.git
fix() {
  make_advisory work "$1" "${@:2}"
  chown -R 4243:4242 work
  runuser -u alice -- git -C work push -q /srv/git/xen.git HEAD:refs/heads/staging-4.17 refs/tags/RELEASE-4.17.7
}
fix 407
ln -s xen.git /srv/git/project.git

section 'For an administrator' 'Then, as root' 'and as the user' >admin-root
section 'For an administrator' 'and as the user' 'check-config names' >admin-git
section 'For a downstream' '' 'The branch always' >downstream
section 'For a downstream' 'In a mirror clone' 'By advisory' >mirror
section 'For a downstream' 'By advisory' 'Know what you take' >advisories
section 'For a stable maintainer' '' 'The words' >maintainer

test_expect 'the README has commands for each of them' '
  for f in admin-root admin-git downstream mirror advisories maintainer; do [ "$(wc -l <$f)" -ge 2 ] || { echo $f; false; }; done
  grep -c "^runuser -u git" admin-git | grep 3
'
test_expect 'an administrator installs it' '
  bash -e -x admin-root
  bash -e -x admin-git >out 2>&1 || { cat out; false; }
  cat out
  grep "^4.17: refs/heads/xsa-4.17 is now .*RELEASE-4.17.7, 1 pick" out
  fails grep "^WRONG" out
'
test_expect '... it goes on after a push by a committer' '
  fix 408
  same 1 "$(count_files /srv/git/xen.git.xsabot/spool/new)"
  runuser -u git -- xsabot -c /etc/xsabot.conf run
  runuser -u git -- xsabot -c /etc/xsabot.conf status
  runuser -u git -- xsabot -c /etc/xsabot.conf doctor >out || { cat out; false; }
'
test_expect '... and a committer can do what git does by itself' '
  runuser -u alice -- git -C /srv/git/xen.git pack-refs --all
  runuser -u alice -- git -C /srv/git/xen.git gc -q
  fix 409
  runuser -u git -- xsabot -c /etc/xsabot.conf run
  runuser -u git -- xsabot -c /etc/xsabot.conf doctor >out || { cat out; false; }
'
# Who only reads does so as others are served: through git, by an account that may read.
chmod 755 /srv/git
test_expect 'a downstream takes the branch' '
  mkdir down
  chown down down
  cd down
  sed -n 1p ../downstream >../first
  sed 1d ../downstream >../rest
  (cd .. && chmod a+r first rest downstream mirror advisories maintainer)
  cp ../first ../rest .
  chown down first rest .
  sed "s,URL,/srv/git/project.git," first >f
  chmod a+r f
  runuser -u down -- bash -e -x f
  sed "s/^/cd project; /; s/\$/ >>..\/out/" rest >r
  chmod a+r r
  runuser -u down -- bash -c "while read -r l; do bash -e -c \"\$l\" || exit 1; done" <r
  grep "^RELEASE-4.17.7" out
  grep -c "0001-" out
'
test_expect '... recomputes it in a mirror clone' '
  sed "s,URL,/srv/git/project.git," mirror >down/m
  chmod a+r down/m
  cd down
  runuser -u down -- bash -e -x m >out 2>&1 || { cat out; false; }
  grep "^4.17: .*good" out || { cat out; false; }
  grep "XSA-407" out
'
test_expect '... and asks by advisory' '
  cp "$T_SRC/README" down/README
  cd down
  printf "%s" "{\"XSA\": 999, \"SupportedVersions\": [\"4.17\"], \"Trees\": [\"xen\"], \"Recipes\": {}}" >xsa999.meta
  id=$(git -C project rev-parse RELEASE-4.17.7^{commit})
  sed -e "s, ID\b, $id,; s, DIR\b, exported,; s,^git show,git -C project.git show," ../advisories |
    sed "/pages/s/exported/pages/" >a
  chmod a+r a xsa999.meta
  n=0
  while read -r l; do
    n=$((n + 1))
    rc=0
    runuser -u down -- bash -c "$l" >o 2>e </dev/null || rc=$?
    [ $rc -le 1 ] || { echo "status $rc: $l"; cat o e; exit 1; }
  done <a
  [ $n -ge 6 ]
  ls exported/series
'
test_expect 'a maintainer settles something by a note' '
  commit=$(git -C work rev-parse HEAD)
  git -C work remote set-url origin /srv/git/xen.git
  sed "s,COMMIT,$commit,; s,^git,git -C work," maintainer | grep -v "^git -C work fetch" >m
  [ "$(wc -l <m)" = 2 ]
  chmod a+r m
  chown -R 4243:4242 work
  runuser -u alice -- bash -e -x m
  runuser -u git -- xsabot -c /etc/xsabot.conf run >/dev/null || [ $? = 1 ]
  git -C /srv/git/xen.git notes --ref=xsa show "$commit" | grep "Prerequisite-of: XSA-407"
'
test_expect 'units for it, as the README says' '
  section "For an administrator" "The units are printed" "watch. does what" >units
  sed -n 1p units | sed "s,/etc/systemd/system,$PWD/system," >u
  bash -e -x u
  grep "^User=git" system/xsabot-watch.service
  grep "^ReadWritePaths=/srv/git/xen.git$" system/xsabot-watch.service
'
done_testing
