#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Our line merge and rename similarity against real git, on generated cases.
#   t0200-merge-oracle.sh <merge-tool>
# MERGE_CASES: the number of merges compared (default 12000, similarities a third of it);
# MERGE_SEED: where the generator starts; MERGE_GIT: the git to ask.
set -u
tool=$(realpath "$1") || exit 1
cases=${MERGE_CASES:-12000}
seed=${MERGE_SEED:-1}
git=${MERGE_GIT:-git}
batch=3000

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
for v in $(env | sed -n 's/^\(GIT_[A-Z_]*\)=.*/\1/p'); do unset "$v"; done
export HOME="$work" TZ=UTC LC_ALL=C GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null

version=$($git version | sed -n 's/^git version \([0-9]*\)\.\([0-9]*\)\.*\([0-9]*\).*/\1 \2 \3/p')
# shellcheck disable=SC2086
set -- $version
at_least() { # of <major> <minor> <patch>: the wanted minor and patch of version 2
	[ "$1" -gt 2 ] || { [ "$1" -eq 2 ] && { [ "$2" -gt "$4" ] || { [ "$2" -eq "$4" ] && [ "${3:-0}" -ge "$5" ]; }; }; }
}
if [ $# -lt 2 ] || ! at_least "$1" "$2" "${3:-0}" 38 0; then
	echo "1..0 # SKIP git merge-tree --write-tree needs git 2.38"
	exit 0
fi
rules=0
at_least "$1" "$2" "${3:-0}" 43 2 && rules=$((rules + 1))
at_least "$1" "$2" "${3:-0}" 54 0 && rules=$((rules + 2))

new_repo() {
	rm -rf "$work/repo"
	$git init -q --bare "$work/repo" && cd "$work/repo" || exit 1
}

# Lists "path blob", or "path conflict", as git merges ours and theirs.
git_says() {
	$git merge-tree --write-tree --name-only --no-messages ours theirs >out || [ $? -eq 1 ] || return 1
	tree=$(sed -n 1p out)
	sed -n '2,$p' out | sed '/^$/d' | sort -u >conflicts
	$git ls-tree -r "$tree" | awk 'NR == FNR { bad[$0]; next }
		{ print $4, $4 in bad ? "conflict" : $3 }' conflicts -
}

we_say() {
	conflict=$(printf conflict | $git hash-object --stdin)
	$git ls-tree -r mine | awk -v c="$conflict" '{ print $4, $3 == c ? "conflict" : $3 }'
}

# Compares one batch; the number of files shows that all were there.
merge_batch() { # <seed> <count>
	new_repo
	"$tool" cases "$rules" "$1" "$2" | $git fast-import --quiet || return 1
	git_says >git.list && we_say >mine.list || return 1
	[ "$(wc -l <mine.list)" -eq "$2" ] || return 1
	diff git.list mine.list >differences && return 0
	sed -n 's/^[<>]/# seed '"$1"' count '"$2"' &/p' differences | head -20
	return 1
}

pair_batch() { # <seed> <count>
	new_repo
	"$tool" pairs "$rules" "$1" "$2" 2>mine.list | $git fast-import --quiet || return 1
	$git ls-tree src | awk '{ print $4, $3 }' >src.list
	$git ls-tree dst | awk '{ print $4, $3 }' >dst.list
	join src.list dst.list >pairs
	[ "$(wc -l <pairs)" -eq "$2" ] || return 1
	# diff-tree answers in the order it is asked, each pair under a line of its own.
	cut -d ' ' -f 2,3 pairs | $git diff-tree --stdin -r --raw -M01% |
		awk 'NR == FNR { name[NR] = $1; next }
			!/^:/ { i++; next }
			$5 ~ /^R/ && $3 != $4 { print name[i], substr($5, 2) }' pairs - >git.list
	diff git.list mine.list >differences && return 0
	sed -n 's/^[<>]/# seed '"$1"' count '"$2"' &/p' differences | head -20
	return 1
}

run() { # <title> <function> <count>
	left=$3 at=$seed ok=1
	while [ "$left" -gt 0 ]; do
		n=$((left < batch ? left : batch))
		$2 "$at" "$n" || ok=0
		left=$((left - n)) at=$((at + 1))
	done
	number=$((number + 1))
	[ $ok -eq 1 ] && echo "ok $number - $1 ($3 cases)" || echo "not ok $number - $1 ($3 cases)"
}

number=0
echo 1..2
run 'merges have the verdict and the bytes of git' merge_batch "$cases"
run 'rename similarities are those of git' pair_batch $((cases / 3))
