/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The difference of two files as git's merge sees it: the change script that
 * git's "histogram" algorithm gives, with its fall-back to Myers' algorithm
 * and its sliding of changes, no whitespace options, no indent heuristic.
 * There are many correct scripts for two files; which one is taken decides
 * whether a merge conflicts, so this gives git's or says that it cannot.
 *
 * The rules are those of git's xdiff: the histogram by Shawn O. Pearce's
 * description in JGit, "An O(ND) Difference Algorithm and its Variations" by
 * Eugene W. Myers (Algorithmica 1, 1986) with the two cut-offs of GNU diff.
 */
#ifndef XB_LINEDIFF_H
#define XB_LINEDIFF_H

#include "linetext.h"

#include <stdbool.h>
#include <stddef.h>

/* git's answers changed with its versions; the rules are chosen by bits. */
enum xb_git_rules {
	XB_GIT_2_39 = 0,
	XB_GIT_LAST_SPAN = 1, /* since 2.43.2: similarity counts a last span without LF (similarity.h) */
	XB_GIT_REDIFF = 2,    /* since 2.54: changes that slid are compared again */
	XB_GIT_2_54 = XB_GIT_LAST_SPAN | XB_GIT_REDIFF,
};

/* Lines a .. a+an-1 of the first file became lines b .. b+bn-1 of the second; from 0; an or bn may be 0. */
struct xb_change {
	size_t a, an, b, bn;
};

/* In ascending order, with at least one common line between two changes. */
struct xb_changes {
	struct xb_change *v;
	size_t n, cap;
};

/*
 * Compares A (the old text) with B and fills OUT, emptied first. RULES: bits of
 * xb_git_rules. False: undecided, because the work would exceed a generous
 * bound or git itself gives up here; OUT is empty then. The same input has
 * always the same answer.
 */
bool xb_diff(struct xb_text *a, struct xb_text *b, unsigned rules, struct xb_changes *out);
void xb_changes_release(struct xb_changes *c);

#endif
