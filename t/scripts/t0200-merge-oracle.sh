#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Our line merge and rename similarity against real git, on generated cases.
#   t0200-merge-oracle.sh <merge-tool>
# MERGE_CASES: the number of merges compared (default 12000, similarities a third of it);
# MERGE_SEED: where the generator starts; MERGE_GIT: the git to ask.
tool=$(realpath "$1")
. "$(dirname "$0")/../lib/lib.sh"
export GIT_CONFIG_GLOBAL=/dev/null
cases=${MERGE_CASES:-12000}
seed=${MERGE_SEED:-1}
git=${MERGE_GIT:-git}
batch=3000

read -r major minor patch < <($git version | sed -n 's/^git version \([0-9]*\)\.\([0-9]*\)\.*\([0-9]*\).*/\1 \2 \3/p') || :
# at_least MINOR PATCH: of version 2.
at_least() {
	[ "$major" -gt 2 ] ||
		{ [ "$major" -eq 2 ] && { [ "$minor" -gt "$1" ] || { [ "$minor" -eq "$1" ] && [ "${patch:-0}" -ge "$2" ]; }; }; }
}
{ [ -n "${minor-}" ] && at_least 38 0; } || skip_all 'git merge-tree --write-tree needs git 2.38'
rules=0
! at_least 43 2 || rules=$((rules + 1))
! at_least 54 0 || rules=$((rules + 2))

new_repo() {
	rm -rf repo
	$git init -q --bare repo
	cd repo
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
merge_batch() ( # <seed> <count>
	new_repo
	"$tool" cases "$rules" "$1" "$2" | $git fast-import --quiet || return 1
	git_says >git.list && we_say >mine.list || return 1
	[ "$(wc -l <mine.list)" -eq "$2" ] || return 1
	diff git.list mine.list && return
	echo "seed $1 count $2"
	return 1
)

pair_batch() ( # <seed> <count>
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
	diff git.list mine.list && return
	echo "seed $1 count $2"
	return 1
)

# in_batches <function> <count>: all cases, until one differs.
in_batches() {
	local left=$2 at=$seed n
	while [ "$left" -gt 0 ]; do
		n=$((left < batch ? left : batch))
		$1 "$at" "$n" || return 1
		left=$((left - n)) at=$((at + 1))
	done
}

test_expect "merges have the verdict and the bytes of git ($cases cases)" '
	in_batches merge_batch "$cases"
'
test_expect "rename similarities are those of git ($((cases / 3)) cases)" '
	in_batches pair_batch $((cases / 3))
'
done_testing
