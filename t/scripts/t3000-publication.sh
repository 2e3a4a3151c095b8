#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# TAP: publishing into a repository that others use, clean up, crash and fill
# at the same time. Usage: t3000-publication.sh PUBLISH-DRIVER
# XSABOT_TEST_LONG=1: kill and fail at every system call (minutes).
set -u
D=$(realpath "$1")
W=$(mktemp -d)
trap 'cd /; umount -l "$W/small" 2>/dev/null; rm -rf "$W"' EXIT
cd "$W" || exit 1
for v in $(env | sed -n 's/^\(GIT_[A-Z_]*\)=.*/\1/p'); do unset "$v"; done
export HOME=$W TZ=UTC LC_ALL=C GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.com \
	GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.com
umask 022
n=0
failed=0
RANDOM=1 # the same sample each time

ok() { # TITLE COMMAND...
	local title=$1
	shift
	n=$((n + 1))
	if "$@" >log 2>&1; then
		echo "ok $n - $title"
	else
		failed=$((failed + 1))
		echo "not ok $n - $title"
		sed 's/^/# /' log
	fi
}
skip() { # TITLE WHY
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}

# A public repository P with a human branch of some commits.
make_public() {
	git init -q --bare -b main "$1"
	local tree c='' i
	tree=$(git -C "$1" mktree </dev/null)
	for i in 1 2 3; do
		c=$(git -C "$1" commit-tree ${c:+-p "$c"} -m "human $i" "$tree")
	done
	git -C "$1" update-ref refs/heads/main "$c"
}
at() { git -C "$1" rev-parse -q --verify "$2"; }
says() { # TEXT COMMAND...: the command's whole output
	local want=$1 got
	shift
	got=$("$@" 2>&1)
	[ "$got" = "$want" ] || { echo "wanted: $want"; echo "got: $got"; return 1; }
}
fails_with() { # STATUS PATTERN COMMAND...
	local want=$1 pattern=$2 rc=0
	shift 2
	"$@" >out 2>&1 || rc=$?
	cat out
	[ $rc = "$want" ] && grep -q -- "$pattern" out || { echo "status $rc, wanted $want: $pattern"; return 1; }
}
sound() { # PUBLIC: fsck has nothing to say
	local out
	out=$(git -C "$1" fsck --strict --no-dangling 2>&1) && [ -z "$(grep -v '^notice' <<<"$out")" ] || {
		echo "$out"
		return 1
	}
}
nothing_left() { # PUBLIC STATE
	local left
	left=$(find "$1" \( -name '*.lock' -o -name '*.keep*' -o -name 'xsabot-*' \) -print
		find "$2/pack" "$2/intent" -type f -print
		find "$2" -name '*.tmp-*' -print)
	[ -z "$left" ] || { echo "left: $left"; return 1; }
}
whole_packs() { # PUBLIC: each pack has its index, each index its pack
	local f
	for f in "$1"/objects/pack/pack-*; do
		case $f in
		*.pack) [ -e "${f%.pack}.idx" ] ;;
		*.idx) [ -e "${f%.idx}.pack" ] ;;
		esac || { echo "$f is alone"; return 1; }
	done
}

# --- what takes long goes on behind the rest: a lock that stays, all retries through

behind() {
	make_public lockp
	mkdir -p lockp/refs/xsabot
	: >lockp/refs/xsabot/s.lock
	"$D" publish locks lockp refs/heads/a refs/xsabot/s >lock.out 2>&1
}
behind &
behind_pid=$!

# --- the plain case

make_public p
ok 'a new ref' says done "$D" publish s p refs/heads/a
first=$(at p refs/heads/a)
ok 'it fast-forwards' says done "$D" publish s p refs/heads/a
ok '... from where it was' says "$first" at p refs/heads/a^
ok 'two refs in one publication' says done "$D" publish s p refs/heads/a refs/xsabot/state/a
ok '... are at the same commit' says "$(at p refs/heads/a)" at p refs/xsabot/state/a
ok 'git fsck --strict' sound p
ok 'git verify-pack' git -C p verify-pack "$W"/p/objects/pack/*.idx
ok 'nothing is left over' nothing_left p s
ok 'recovery finds nothing to do' says 'swept 0' "$D" recover s p

# --- what is refused

before=$(git -C p for-each-ref)
packs=$(find p/objects/pack | sort)
git -C p symbolic-ref refs/heads/link refs/heads/a
ok 'a symbolic ref is refused' says 'refused 0 is a symbolic ref, which is never written' \
	"$D" publish s p refs/heads/link
git -C p symbolic-ref -d refs/heads/link
ok "HEAD's target is refused" says 'refused 0 is what HEAD points to, which is never written' \
	"$D" publish s p refs/heads/main
ok 'so is a ref that the caller does not allow' says 'refused 0 is not a ref that may be written here' \
	"$D" publish s p refs/tags/v1
for bad in refs/heads/../x refs/heads/a.lock HEAD refs/heads/ 'refs/heads/a b'; do
	ok "so is the name '$bad'" says 'is not a ref that may be written here' \
		"$D" move p "$bad" "$(at p main)" "$(at p main^)"
done
clash='clashes with another ref, whose name is a part of this one or the other way round'
ok 'a ref below a ref is refused' says "refused 0 $clash" "$D" publish s p refs/heads/a/b
ok 'a ref above a ref is refused' says "refused 0 $clash" "$D" publish s p refs/xsabot/state
git -C p pack-refs --all --prune
ok '... also when the refs are packed' says "refused 0 $clash" "$D" publish s p refs/heads/a/b/c
ok 'the second of two is refused: none moves' says "refused 1 $clash" "$D" publish s p refs/heads/a refs/xsabot/state
ok 'a watched ref that moved: none moves' says 'stale 0 was moved by someone else' \
	"$D" stale s p refs/heads/a refs/heads/main
ok 'all refs are where they were' says "$before" git -C p for-each-ref
ok "no pack was placed but the stale one's" [ $(($(find p/objects/pack | wc -l) - $(wc -l <<<"$packs"))) = 2 ]
ok 'nothing is left over' nothing_left p s

# --- a pack that is not what it should be

make_public badp
git -C badp branch a main^
before=$(git -C badp for-each-ref)
ok 'a pack that lacks an object: nothing moves' fails_with 70 'needs, is not in the public repository' \
	"$D" spoilt missing bads badp refs/heads/a
ok 'an object that is not what its id says: nothing moves' fails_with 70 'has other contents than its name says' \
	"$D" spoilt false bads badp refs/heads/a
ok 'all refs are where they were' says "$before" git -C badp for-each-ref
ok 'nothing is left over' nothing_left badp bads

# --- somebody else's move

a=$(at p refs/heads/a)
zero=0000000000000000000000000000000000000000
moved='was moved by someone else'
ok 'a ref that is elsewhere is not moved' says "$moved" "$D" move p refs/heads/a "$first" "$(at p main)"
ok 'a ref that should not exist is not moved' says "$moved" "$D" move p refs/heads/a $zero "$(at p main)"
ok 'a ref that was deleted is not made' says "$moved" "$D" move p refs/heads/gone "$first" "$a"
ok 'a ref that is there already' says 'was there already' "$D" move p refs/heads/a "$first" "$a"
ok 'none of these changed it' says "$a" at p refs/heads/a

compete() { # each writer appends to one chain; each success must be in it
	local tree i old new theirs=0 ours
	make_public cp
	"$D" publish cs cp refs/heads/a
	tree=$(git -C cp mktree </dev/null)
	rm -f stop pipe
	mkfifo pipe
	(while ! [ -e stop ]; do "$D" publish cs cp refs/heads/a; done >ours 2>&1) &
	for i in $(seq 40); do
		read -rt 0.0$((RANDOM % 9)) <>pipe
		old=$(at cp refs/heads/a)
		new=$(git -C cp commit-tree -p "$old" -m "theirs $i" "$tree")
		git -C cp update-ref refs/heads/a "$new" "$old" 2>/dev/null && theirs=$((theirs + 1))
	done
	: >stop
	wait $!
	ours=$(grep -c '^done$' ours)
	echo "ours $ours theirs $theirs chain $(git -C cp rev-list --count refs/heads/a)"
	sort ours | uniq -c
	! grep -v -e '^done$' -e "^refused 0 $moved" ours &&
		[ "$theirs" -gt 5 ] && [ "$ours" -gt 2 ] &&
		[ $((ours + theirs + 1)) = "$(git -C cp rev-list --count refs/heads/a)" ]
}
ok 'two writers of one ref: each success is in the history' compete
sed 's/^/# /' log | head -3
ok '... and it is sound' sound cp
ok '... and nothing is left over' nothing_left cp cs

# --- other people's gc

soak() {
	local gcs=0 rc=0
	make_public gp
	rm -f stop
	(while ! [ -e stop ]; do
		git -C gp gc -q --prune=now; git -C gp repack -adq; git -C gp pack-refs --all --prune; echo gc
	done >gcs 2>&1) &
	"$D" loop 120 gs gp refs/heads/a >loops 2>&1 || rc=$?
	: >stop
	wait $!
	echo "$(grep -c '^done$' loops) publications, $(grep -c '^gc$' gcs) rounds of gc, repack and pack-refs"
	sort loops | uniq -c | sort -rn | head
	[ $rc = 0 ] && [ "$(grep -c '^done$' loops)" = 120 ]
}
ok 'publications beside gc --prune=now, repack -ad and pack-refs' soak
sed 's/^/# /' log | head -1
ok '... lose nothing' says 120 git -C gp rev-list --count refs/heads/a
ok '... and nothing is corrupt' sound gp
ok '... and nothing is left over' nothing_left gp gs

# --- who may read the packs

make_public sp
mkdir ss
chgrp 65534 sp/objects/pack 2>/dev/null && chmod g+s sp/objects/pack
ok 'a publication into a setgid directory' says done "$D" publish ss sp refs/heads/a
ok '... gives read-only files of that group' \
	says "444 $(stat -c %g sp/objects/pack)" sh -c 'stat -c "%a %g" sp/objects/pack/*.pack'
git -C sp config core.sharedRepository 0640
rm -f before && ls sp/objects/pack >before
ok 'core.sharedRepository = 0640' says done "$D" publish ss sp refs/heads/a
ok '... keeps others out' says '440 440' \
	sh -c 'echo $(for f in $(ls sp/objects/pack | grep -vxFf before); do stat -c %a sp/objects/pack/$f; done)'

# --- what is not opened

make_public bad
git -C bad config extensions.refStorage reftable
ok 'reftable is refused, and it is said why' fails_with 78 'extensions.refstorage = reftable' "$D" open bad
git -C bad config extensions.refStorage files
ok '... refs as files are fine' "$D" open bad
git -C bad config extensions.somethingNew true
ok 'an unknown extension is refused' fails_with 78 'extensions.somethingnew' "$D" open bad
git -C bad config --unset extensions.somethingNew
git -C bad config extensions.partialClone origin
ok 'a partial clone gets a warning' fails_with 0 'partial clone' "$D" open bad
git -C bad config core.repositoryFormatVersion 2
ok 'a later repository format is refused' fails_with 78 'format 2' "$D" open bad
git init -q --bare --object-format=sha256 sha256
ok 'SHA-256 is refused' fails_with 78 'has sha256 objects' "$D" open sha256
chmod o+w sp
ok 'a repository that everybody can write to is refused' fails_with 78 'chmod o-w' "$D" open sp
chmod o-w sp
if [ "$(id -u)" = 0 ]; then
	chown 65534 sp
	ok "another user's repository is refused with the remedy" fails_with 78 'run it as' "$D" open sp
	chown 0 sp
else
	skip "another user's repository is refused with the remedy" 'needs root'
fi
ok 'a missing repository is an error' fails_with 70 'nowhere' "$D" open nowhere
chmod g+w ss
ok 'a state directory that others can write to is refused' fails_with 78 'chmod go-w' "$D" publish ss sp refs/heads/a
chmod g-w ss
ok 'a second instance gives way and names the first' fails_with 75 'another instance (pid [0-9]*) holds' \
	"$D" hold-lock ss "$D" publish ss sp refs/heads/a
ok '... whose lock no child inherits' says done sh -c "'$D' hold-lock ss sh -c 'sleep 5 >/dev/null 2>&1 &'
	'$D' publish ss sp refs/heads/a"

# --- no room

full() { # for less and less room: an error of exit status 75 and nothing moved, or all is well
	local room rc old now no=0
	for room in 120 96 80 72 64 56 52 48 44 40 36 32 28 24 20 16 12 8 4 0; do
		old=$(at small/p refs/heads/a)
		dd if=/dev/zero of=small/fill bs=4k 2>/dev/null
		truncate -s $(($(stat -c %s small/fill) - room * 1024)) small/fill
		rc=0
		"$D" publish small/s small/p refs/heads/a >out 2>&1 || rc=$?
		now=$(at small/p refs/heads/a)
		case $rc in
		0) [ "$now" != "$old" ] ;;
		75) no=$((no + 1)) && [ "$now" = "$old" ] ;;
		*) false ;;
		esac || { echo "room $room: status $rc, $old -> $now"; cat out; return 1; }
		sound small/p && whole_packs small/p && nothing_left small/p small/s || { echo "room $room"; cat out; return 1; }
		rm small/fill
		git -C small/p gc -q --prune=now
	done
	echo "$no of 20 were refused"
	[ $no -ge 3 ]
}
mkdir small
if mount -t tmpfs -o size=2m tmpfs small 2>/dev/null; then
	make_public small/p
	"$D" publish small/s small/p refs/heads/a >/dev/null
	ok 'a full disk is a temporary error, and nothing is half' full
	sed 's/^/# /' log
	ok '... with room again it goes on' says done "$D" publish small/s small/p refs/heads/a
	ok 'a state directory on another file system' says done "$D" publish small/s2 p refs/heads/a
	ok '... is no trouble' sound p
	ok '... and leaves nothing' nothing_left p small/s2
	umount small
else
	skip 'a full disk' 'no tmpfs can be mounted'
	skip 'a state directory on another file system' 'no tmpfs can be mounted'
fi

# --- the lock that stayed

wait $behind_pid
ok 'a locked ref: the others have moved, and it is said' says 'partial 1 is locked' cat lock.out
keep=$(basename "$(ls lockp/objects/pack/*.keep)" .keep)
ok '... and the .keep stays' [ -n "$keep" ]
ok 'meanwhile nothing else is published under that name' \
	fails_with 75 'an earlier publication of test is not finished' "$D" publish locks lockp refs/heads/c
ok 'recovery leaves a young lock alone' says $'test locked\nswept 0' sh -c "'$D' recover locks lockp 600 2>/dev/null"
ok '... with its .keep' [ -e "lockp/objects/pack/$keep.keep" ]
echo "$(at lockp main)" >lockp/refs/xsabot/s.lock
ok "... and one with somebody else's value" says $'test locked\nswept 0' sh -c "'$D' recover locks lockp 0 2>/dev/null"
: >lockp/refs/xsabot/s.lock # as if opened by us, and nothing written yet
ok '... and an empty one that is young' says $'test locked\nswept 0' sh -c "'$D' recover locks lockp 600 2>/dev/null"
at lockp refs/heads/a >lockp/refs/xsabot/s.lock # from before we began: not by us
touch -r locks/intent/test.json -d '-1 second' lockp/refs/xsabot/s.lock
ok '... and a young one with our value from before the intent' says $'test locked\nswept 0' \
	sh -c "'$D' recover locks lockp 600 2>/dev/null"
at lockp refs/heads/a | cut -c1-20 | tr -d '\n' >lockp/refs/xsabot/s.lock
ok '... and one with a part of our value' says $'test locked\nswept 0' sh -c "'$D' recover locks lockp 600 2>/dev/null"
at lockp refs/heads/a | cut -c1-20 | tr -d '\n' >lockp/refs/xsabot/s.lock
ok 'an old lock with a part of our value goes, and the move is made' says $'test complete\nswept 1' \
	sh -c "'$D' recover locks lockp 0 2>/dev/null"
ok '... as intended' says "$(at lockp refs/heads/a)" at lockp refs/xsabot/s
ok '... and nothing is left over' nothing_left lockp locks
# A new ref is a link of its lock file; here the crash came right after the link.
make_public linkp
(strace -f -o trace -e trace=unlink -e inject=unlink:signal=KILL:when=1 -P "$W/linkp/refs/heads/a.lock" \
	"$D" publish links linkp refs/heads/a) >/dev/null 2>&1
if [ -e linkp/refs/heads/a.lock ]; then
	ok 'a lock file that is a second name of its ref goes at once' says $'test complete\nswept 1' \
		sh -c "'$D' recover links linkp 600 2>/dev/null"
	ok '... and nothing is left over' nothing_left linkp links
else
	skip 'a lock file that is a second name of its ref' 'no strace'
fi
# One that exists is replaced by its lock file; here the crash came right before that.
make_public wholep
"$D" publish wholes wholep refs/heads/a refs/xsabot/s >/dev/null
(strace -f -o trace -e trace=rename -e inject=rename:signal=KILL:when=1 -P "$W/wholep/refs/xsabot/s.lock" \
	"$D" publish wholes wholep refs/heads/a refs/xsabot/s) >/dev/null 2>&1
if [ -e wholep/refs/xsabot/s.lock ]; then
	ok 'a young lock file with all of our value goes at once, and the move is made' says $'test complete\nswept 1' \
		sh -c "'$D' recover wholes wholep 600 2>/dev/null"
	ok '... as intended' says "$(at wholep refs/heads/a)" at wholep refs/xsabot/s
	ok '... and nothing is left over' nothing_left wholep wholes
else
	skip 'a young lock file with all of our value' 'no strace'
fi

# --- killed (a leak checker can't work under strace)

export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"

mkdir k
make_public k/p
"$D" publish k/s k/p refs/heads/a >/dev/null
"$D" publish k/s k/p refs/heads/b >/dev/null
git -C k/p pack-refs --all
"$D" publish k/s k/p refs/heads/a >/dev/null
mv k tpl
others() { git -C "$1" for-each-ref | grep -v -e refs/heads/a$ -e refs/xsabot/; }
old=$(at tpl/p refs/heads/a)
human=$(others tpl/p)

invariants() { # PUBLIC STATE, after a fault and one recovery
	local a s
	"$D" recover "$2" "$1" 0 1 >rec 2>&1 || { echo recovery; cat rec; return 1; }
	sound "$1" && whole_packs "$1" && nothing_left "$1" "$2" || return 1
	says "$human" others "$1" || return 1
	a=$(at "$1" refs/heads/a) s=$(at "$1" refs/xsabot/state/a)
	case $a,$s in
	"$old", | "$new,$new") ;;
	*) echo "a is $a, state is $s, old $old, new $new"; return 1 ;;
	esac
	says done "$D" publish "$2" "$1" refs/heads/a refs/xsabot/state/a
}
fresh() { rm -rf k && cp -a tpl k; } # at the path where it was made: the vault names it
calls() { awk -v c="$1" '$2 == c {print $1}' counts; }
inject() { # SYSCALL N WHAT: k/p and k/s after the fault; the driver's status in $rc
	fresh
	rc=0
	(strace -f -o trace -e trace="$1" -e inject="$1:$3:when=$2" "$D" publish k/s k/p refs/heads/a refs/xsabot/state/a) \
		>out 2>&1 || rc=$?
} 2>/dev/null
step_of() { # how many of COUNT points are left out between two: writes are all tried
	[ -n "${XSABOT_TEST_LONG-}" ] && echo 1 && return
	case $1 in
	rename | link | unlink) echo 3 ;;
	*) echo $(($2 / 2 + 1)) ;;
	esac
}
sweep() {
	local sc c i points=0 complete=0 abandoned=0
	for sc in $list; do
		c=$(calls $sc)
		[ -n "$c" ] || continue
		for ((i = 1 + ($(step_of $sc "$c") > 1 ? RANDOM % $(step_of $sc "$c") : 0); i <= c; i += $(step_of $sc "$c"))); do
			inject $sc $i signal=KILL
			if [ $rc = 0 ]; then # it made one call less than the one that was counted
				says "$new" at k/p refs/heads/a || return 1
				continue
			fi
			grep -q 'killed by SIGKILL' trace || { echo "$sc $i: not killed: $rc"; return 1; }
			invariants k/p k/s || { echo "killed at $sc $i"; cat trace rec; return 1; }
			points=$((points + 1))
			grep -q '^test complete' rec && complete=$((complete + 1))
			grep -q '^test abandoned' rec && abandoned=$((abandoned + 1))
		done
	done
	echo "$points points, $complete completed from the intent, $abandoned abandoned"
	[ $points -ge 12 ]
}
# An error of one call, or of all from there on: success only with both refs at the new value.
errors() {
	local sc c i points=0 told=0 e when
	for e in $errlist; do
		for sc in $list; do
			c=$(calls $sc)
			for ((i = 1; i <= ${c:-0}; i += $(step_of $sc "$c"))); do
				for when in $i $i+; do
					inject $sc $when error=$e
					grep -q INJECTED trace || continue
					[ $rc != 0 ] || says "$new" at k/p refs/xsabot/state/a || { echo "lie: $sc $when $e"; return 1; }
					[ $rc = 0 ] || [ $sc = write ] || [ -s out ] || { echo "no message: $sc $when $e"; return 1; }
					[ $rc -lt 128 ] || { echo "died: $sc $when $e: $rc"; cat out; return 1; }
					invariants k/p k/s || { echo "$e at $sc $when"; cat out rec; return 1; }
					points=$((points + 1))
					[ $rc = 0 ] || told=$((told + 1))
				done
			done
		done
	done
	echo "$points points, $told failed with a message"
}
half_placed() {
	local i points=0
	for ((i = 1; i <= $(calls rename); i++)); do
		inject rename $i error=EIO
		grep INJECTED trace | grep -q '"[^"]*/objects/pack/pack-[^"]*") ' || continue
		points=$((points + 1))
		[ $rc = 70 ] && nothing_left k/p k/s && whole_packs k/p && says "$old" at k/p refs/heads/a || return 1
	done
	echo "$points points"
	[ $points = 3 ]
}
list='openat write fsync rename link unlink mkdir close chmod fchmod ftruncate flock'
errlist=ENOSPC
[ -z "${XSABOT_TEST_LONG-}" ] || {
	list="$list read newfstatat access getdents64 mmap exit_group"
	errlist='ENOSPC EIO EACCES EMFILE'
}
if fresh && (strace -f -c -U calls,name -o counts "$D" publish k/s k/p refs/heads/a refs/xsabot/state/a) >/dev/null 2>&1; then
	new=$(at k/p refs/heads/a)
	ok 'killed at system calls, recovered: old or new, whole, nothing left' sweep
	sed 's/^/# /' log | tail -1
	list=${list/mmap exit_group/}
	ok 'system calls that fail: no false success, nothing half' errors
	sed 's/^/# /' log | tail -1
	ok 'a pack whose parts can be placed only in part is taken back at once' half_placed
else
	skip 'killed at system calls' 'no strace'
	skip 'system calls that fail' 'no strace'
	skip 'a pack whose parts can be placed only in part' 'no strace'
fi

echo "1..$n"
[ $failed = 0 ]
