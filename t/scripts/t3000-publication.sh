#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Publishing into a repository that others use, clean up, crash and fill
# at the same time. Usage: t3000-publication.sh PUBLISH-DRIVER
# XSABOT_TEST_LONG=1: kill and fail at every system call (minutes).
D=$(realpath "$1")
. "$(dirname "$0")/../lib/lib.sh"
. "$T_DIR/line-lib.sh"
at_exit 'umount -l "$SANDBOX/work/small"'
RANDOM=1 # the same sample each time

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
# at REPO REV: where that is; nothing: it isn't.
at() { git -C "$1" rev-parse -q --verify "$2" || :; }
gives() { # TEXT COMMAND...: the command's whole output
	local want=$1 got
	shift
	got=$("$@" 2>&1) || :
	[ "$got" = "$want" ] || { echo "wanted: $want"; echo "got: $got"; return 1; }
}
fails_with() { # STATUS PATTERN COMMAND...
	local want=$1 pattern=$2 rc=0
	shift 2
	"$@" >out 2>&1 || rc=$?
	cat out
	[ $rc = "$want" ] && grep -q -- "$pattern" out || { echo "status $rc, wanted $want: $pattern"; return 1; }
}
sound() { same '' "$(git -C "$1" fsck --strict --no-dangling 2>&1 | grep -v '^notice')"; }
nothing_left() { # PUBLIC STATE
	local left
	left=$(find "$1" \( -name '*.lock' -o -name '*.keep*' -o -name 'xsabot-*' \) -print
		find "$2/pack" "$2/intent" -type f -print
		find "$2" -name '*.tmp-*' -print)
	[ -z "$left" ] || { echo "left: $left"; return 1; }
}
# recovers RESULT SWEPT STATE PUBLIC AGE
recovers() { gives "test $1"$'\n'"swept $2" quietly "$D" recover "${@:3}"; }
quietly() { "$@" 2>/dev/null; }
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
test_expect 'a new ref' '
	gives done "$D" publish s p refs/heads/a
'
first=$(at p refs/heads/a)
test_expect 'it fast-forwards' '
	gives done "$D" publish s p refs/heads/a
	gives "$first" at p refs/heads/a^
'
test_expect 'two refs in one publication' '
	gives done "$D" publish s p refs/heads/a refs/xsabot/state/a
	gives "$(at p refs/heads/a)" at p refs/xsabot/state/a
'
test_expect 'git fsck --strict' '
	sound p
'
test_expect 'git verify-pack' '
	git -C p verify-pack "$PWD"/p/objects/pack/*.idx
'
test_expect 'nothing is left over' '
	nothing_left p s
'
test_expect 'recovery finds nothing to do' '
	gives "swept 0" "$D" recover s p
'

# --- what is refused

before=$(git -C p for-each-ref)
packs=$(find p/objects/pack | sort)
git -C p symbolic-ref refs/heads/link refs/heads/a
test_expect 'a symbolic ref is refused' '
	gives "refused 0 is a symbolic ref, which is never written" "$D" publish s p refs/heads/link
'
git -C p symbolic-ref -d refs/heads/link
test_expect "HEAD's target is refused" '
	gives "refused 0 is what HEAD points to, which is never written" "$D" publish s p refs/heads/main
'
test_expect 'so is a ref that the caller does not allow' '
	gives "refused 0 is not a ref that may be written here" "$D" publish s p refs/tags/v1
'
for bad in refs/heads/../x refs/heads/a.lock HEAD refs/heads/ 'refs/heads/a b'; do
	test_expect "so is the name '$bad'" '
		gives "is not a ref that may be written here" "$D" move p "$bad" "$(at p main)" "$(at p main^)"
	'
done
clash='clashes with another ref, whose name is a part of this one or the other way round'
test_expect 'a ref below a ref is refused' '
	gives "refused 0 $clash" "$D" publish s p refs/heads/a/b
'
test_expect 'a ref above a ref is refused' '
	gives "refused 0 $clash" "$D" publish s p refs/xsabot/state
'
git -C p pack-refs --all --prune
test_expect '... also when the refs are packed' '
	gives "refused 0 $clash" "$D" publish s p refs/heads/a/b/c
'
test_expect 'the second of two is refused: none moves' '
	gives "refused 1 $clash" "$D" publish s p refs/heads/a refs/xsabot/state
'
test_expect 'a watched ref that moved: none moves' '
	gives "stale 0 was moved by someone else" "$D" stale s p refs/heads/a refs/heads/main
'
test_expect 'all refs are where they were' '
	gives "$before" git -C p for-each-ref
'
test_expect "no pack was placed but the stale one's" '
	[ $(($(find p/objects/pack | wc -l) - $(wc -l <<<"$packs"))) = 2 ]
'
test_expect 'nothing is left over' '
	nothing_left p s
'

# --- a pack that is not what it should be

make_public badp
git -C badp branch a main^
before=$(git -C badp for-each-ref)
test_expect 'a pack that lacks an object: nothing moves' '
	fails_with 70 "needs, is not in the public repository" "$D" spoilt missing bads badp refs/heads/a
'
test_expect 'an object that is not what its id says: nothing moves' '
	fails_with 70 "has other contents than its name says" "$D" spoilt false bads badp refs/heads/a
'
test_expect 'all refs are where they were' '
	gives "$before" git -C badp for-each-ref
'
test_expect 'nothing is left over' '
	nothing_left badp bads
'

# --- somebody else's move

a=$(at p refs/heads/a)
zero=0000000000000000000000000000000000000000
moved='was moved by someone else'
test_expect 'a ref that is elsewhere is not moved' '
	gives "$moved" "$D" move p refs/heads/a "$first" "$(at p main)"
'
test_expect 'a ref that should not exist is not moved' '
	gives "$moved" "$D" move p refs/heads/a $zero "$(at p main)"
'
test_expect 'a ref that was deleted is not made' '
	gives "$moved" "$D" move p refs/heads/gone "$first" "$a"
'
test_expect 'a ref that is there already' '
	gives "was there already" "$D" move p refs/heads/a "$first" "$a"
'
test_expect 'none of these changed it' '
	gives "$a" at p refs/heads/a
'

compete() { # each writer appends to one chain; each success must be in it
	local tree i old new theirs=0 ours
	make_public cp
	"$D" publish cs cp refs/heads/a >/dev/null
	tree=$(git -C cp mktree </dev/null)
	rm -f stop
	(while ! [ -e stop ]; do "$D" publish cs cp refs/heads/a || :; done >ours 2>&1) &
	for i in $(seq 40); do
		pause 0.0$((RANDOM % 9))
		old=$(at cp refs/heads/a)
		new=$(git -C cp commit-tree -p "$old" -m "theirs $i" "$tree")
		git -C cp update-ref refs/heads/a "$new" "$old" 2>/dev/null && theirs=$((theirs + 1))
	done
	: >stop
	wait $! || :
	ours=$(grep -c '^done$' ours)
	echo "ours $ours theirs $theirs chain $(git -C cp rev-list --count refs/heads/a)"
	sort ours | uniq -c
	! grep -v -e '^done$' -e "^refused 0 $moved" ours &&
		[ "$theirs" -gt 5 ] && [ "$ours" -gt 2 ] &&
		[ $((ours + theirs + 1)) = "$(git -C cp rev-list --count refs/heads/a)" ]
}
test_expect 'two writers of one ref: each success is in the history' '
	compete
'
sed 's/^/# /' "$SANDBOX/log" | head -3
test_expect '... and it is sound' '
	sound cp
	nothing_left cp cs
'

# --- other people's gc

soak() {
	local gcs=0 rc=0
	make_public gp
	rm -f stop
	(while ! [ -e stop ]; do
		{ git -C gp gc -q --prune=now; git -C gp repack -adq; git -C gp pack-refs --all --prune; } || :
		echo gc
	done >gcs 2>&1) &
	"$D" loop 120 gs gp refs/heads/a >loops 2>&1 || rc=$?
	: >stop
	wait $! || :
	echo "$(grep -c '^done$' loops) publications, $(grep -c '^gc$' gcs) rounds of gc, repack and pack-refs"
	sort loops | uniq -c | sort -rn | head
	[ $rc = 0 ] && [ "$(grep -c '^done$' loops)" = 120 ]
}
test_expect 'publications beside gc --prune=now, repack -ad and pack-refs' '
	soak
'
sed 's/^/# /' "$SANDBOX/log" | head -1
test_expect '... lose nothing' '
	gives 120 git -C gp rev-list --count refs/heads/a
	sound gp
	nothing_left gp gs
'

# --- who may read the packs

make_public sp
mkdir ss
chgrp 65534 sp/objects/pack 2>/dev/null && chmod g+s sp/objects/pack
test_expect 'a publication into a setgid directory' '
	gives done "$D" publish ss sp refs/heads/a
	same "444 $(stat -c %g sp/objects/pack)" "$(stat -c "%a %g" sp/objects/pack/*.pack)"
'
git -C sp config core.sharedRepository 0640
rm -f before && ls sp/objects/pack >before
test_expect 'core.sharedRepository = 0640' '
	gives done "$D" publish ss sp refs/heads/a
	same "440 440" "$(for f in $(ls sp/objects/pack | grep -vxFf before); do stat -c %a sp/objects/pack/$f; done | xargs)"
'

# --- what is not opened

make_public bad
git -C bad config extensions.refStorage reftable
test_expect 'reftable is refused, and it is said why' '
	fails_with 78 "extensions.refstorage = reftable" "$D" open bad
'
git -C bad config extensions.refStorage files
test_expect '... refs as files are fine' '
	"$D" open bad
'
git -C bad config extensions.somethingNew true
test_expect 'an unknown extension is refused' '
	fails_with 78 "extensions.somethingnew" "$D" open bad
'
git -C bad config --unset extensions.somethingNew
git -C bad config extensions.partialClone origin
test_expect 'a partial clone gets a warning' '
	fails_with 0 "partial clone" "$D" open bad
'
git -C bad config core.repositoryFormatVersion 2
test_expect 'a later repository format is refused' '
	fails_with 78 "format 2" "$D" open bad
'
git init -q --bare --object-format=sha256 sha256
test_expect 'SHA-256 is refused' '
	fails_with 78 "has sha256 objects" "$D" open sha256
'
chmod o+w sp
test_expect 'a repository that everybody can write to is refused' '
	fails_with 78 "chmod o-w" "$D" open sp
'
chmod o-w sp
if [ "$(id -u)" = 0 ]; then
	chown 65534 sp
	test_expect "another user's repository is refused with the remedy" '
		fails_with 78 "run it as" "$D" open sp
	'
	chown 0 sp
else
	skip "another user's repository is refused with the remedy" 'needs root'
fi
test_expect 'a missing repository is an error' '
	fails_with 70 "nowhere" "$D" open nowhere
'
chmod g+w ss
test_expect 'a state directory that others can write to is refused' '
	fails_with 78 "chmod go-w" "$D" publish ss sp refs/heads/a
'
chmod g-w ss
test_expect 'a second instance gives way and names the first' '
	fails_with 75 "another instance (pid [0-9]*) holds" "$D" hold-lock ss "$D" publish ss sp refs/heads/a
	"$D" hold-lock ss sh -c "sleep 5 >/dev/null 2>&1 & echo \$! >sleeps"
	gives done "$D" publish ss sp refs/heads/a
	kill "$(cat sleeps)"
'

# --- no room

full() { # for less and less room: an error of exit status 75 and nothing moved, or all is well
	local room rc old now no=0
	for room in 120 96 80 72 64 56 52 48 44 40 36 32 28 24 20 16 12 8 4 0; do
		old=$(at small/p refs/heads/a)
		dd if=/dev/zero of=small/fill bs=4k 2>/dev/null || :
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
	test_expect 'a full disk is a temporary error, and nothing is half' '
		full
	'
	sed 's/^/# /' "$SANDBOX/log"
	test_expect '... with room again it goes on' '
		gives done "$D" publish small/s small/p refs/heads/a
	'
	test_expect 'a state directory on another file system' '
		gives done "$D" publish small/s2 p refs/heads/a
		sound p
		nothing_left p small/s2
	'
	umount small
else
	skip 'a full disk' 'no tmpfs can be mounted'
	skip 'a state directory on another file system' 'no tmpfs can be mounted'
fi

# --- the lock that stayed

wait $behind_pid || :
test_expect 'a locked ref: the others have moved, and it is said' '
	gives "partial 1 is locked" cat lock.out
'
keep=$(basename "$(ls lockp/objects/pack/*.keep)" .keep)
test_expect '... and the .keep stays' '
	[ -n "$keep" ]
'
test_expect 'meanwhile nothing else is published under that name' '
	fails_with 75 "an earlier publication of test is not finished" "$D" publish locks lockp refs/heads/c
'
test_expect 'recovery leaves a young lock alone' '
	recovers locked 0 locks lockp 600
	[ -e "lockp/objects/pack/$keep.keep" ]
'
echo "$(at lockp main)" >lockp/refs/xsabot/s.lock
test_expect "... and one with somebody else's value" '
	recovers locked 0 locks lockp 0
'
: >lockp/refs/xsabot/s.lock # as if opened by us, and nothing written yet
test_expect '... and an empty one that is young' '
	recovers locked 0 locks lockp 600
'
at lockp refs/heads/a >lockp/refs/xsabot/s.lock # from before we began: not by us
touch -r locks/intent/test.json -d '-1 second' lockp/refs/xsabot/s.lock
test_expect '... and a young one with our value from before the intent' '
	recovers locked 0 locks lockp 600
'
at lockp refs/heads/a | cut -c1-20 | tr -d '\n' >lockp/refs/xsabot/s.lock
test_expect '... and one with a part of our value' '
	recovers locked 0 locks lockp 600
'
at lockp refs/heads/a | cut -c1-20 | tr -d '\n' >lockp/refs/xsabot/s.lock
test_expect 'an old lock with a part of our value goes, and the move is made' '
	recovers complete 1 locks lockp 0
	gives "$(at lockp refs/heads/a)" at lockp refs/xsabot/s
	nothing_left lockp locks
'
killed_at() { # CALL LOCK ARG...: a publication, killed at this call of this lock
	(strace -f -o trace -e trace="$1" -e inject="$1:signal=KILL:when=1" -P "$PWD/$2" "$D" publish "${@:3}") >/dev/null 2>&1 || :
} 2>/dev/null
# A new ref is a link of its lock file; here the crash came right after the link.
make_public linkp
killed_at unlink linkp/refs/heads/a.lock links linkp refs/heads/a
if [ -e linkp/refs/heads/a.lock ]; then
	test_expect 'a lock file that is a second name of its ref goes at once' '
		recovers complete 1 links linkp 600
		nothing_left linkp links
	'
else
	skip 'a lock file that is a second name of its ref' 'no strace'
fi
# One that exists is replaced by its lock file; here the crash came right before that.
make_public wholep
"$D" publish wholes wholep refs/heads/a refs/xsabot/s >/dev/null
killed_at rename wholep/refs/xsabot/s.lock wholes wholep refs/heads/a refs/xsabot/s
if [ -e wholep/refs/xsabot/s.lock ]; then
	test_expect 'a young lock file with all of our value goes at once, and the move is made' '
		recovers complete 1 wholes wholep 600
		gives "$(at wholep refs/heads/a)" at wholep refs/xsabot/s
		nothing_left wholep wholes
	'
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
save_scene k
others() { git -C "$1" for-each-ref | grep -v -e refs/heads/a$ -e refs/xsabot/; }
old=$(at k/p refs/heads/a)
human=$(others k/p)

invariants() { # PUBLIC STATE, after a fault and one recovery
	local a s
	"$D" recover "$2" "$1" 0 1 >rec 2>&1 || { echo recovery; cat rec; return 1; }
	sound "$1" && whole_packs "$1" && nothing_left "$1" "$2" || return 1
	gives "$human" others "$1" || return 1
	a=$(at "$1" refs/heads/a) s=$(at "$1" refs/xsabot/state/a)
	case $a,$s in
	"$old", | "$new,$new") ;;
	*) echo "a is $a, state is $s, old $old, new $new"; return 1 ;;
	esac
	gives done "$D" publish "$2" "$1" refs/heads/a refs/xsabot/state/a
}
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
				gives "$new" at k/p refs/heads/a || return 1
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
					[ $rc != 0 ] || gives "$new" at k/p refs/xsabot/state/a || { echo "lie: $sc $when $e"; return 1; }
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
		grep INJECTED trace | grep '"[^"]*/objects/pack/pack-[^"]*") ' >/dev/null || continue
		points=$((points + 1))
		[ $rc = 70 ] && nothing_left k/p k/s && whole_packs k/p && gives "$old" at k/p refs/heads/a || return 1
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
	test_expect 'killed at system calls, recovered: old or new, whole, nothing left' '
		sweep
	'
	sed 's/^/# /' "$SANDBOX/log" | tail -1
	list=${list/mmap exit_group/}
	test_expect 'system calls that fail: no false success, nothing half' '
		errors
	'
	sed 's/^/# /' "$SANDBOX/log" | tail -1
	test_expect 'a pack whose parts can be placed only in part is taken back at once' '
		half_placed
	'
else
	skip 'killed at system calls' 'no strace'
	skip 'system calls that fail' 'no strace'
	skip 'a pack whose parts can be placed only in part' 'no strace'
fi

done_testing
