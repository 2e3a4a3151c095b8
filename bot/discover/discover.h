/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prerequisites that are found: the few earlier commits of staging without
 * which a bundle does not apply.
 */
#ifndef XB_DISCOVER_H
#define XB_DISCOVER_H

#include "board/bundle.h"
#include "meaning/meaning.h"

/* Why commit I is there: without it NEED doesn't apply, or lacks NAME. Window indices. */
struct xb_finding {
	size_t i, need;
	enum xb_evidence_kind kind;
	char *path;
	size_t line;
	char *name;
	enum xb_meaning_how how; /* for XB_EV_MEANING, XB_EV_SERIES, XB_EV_DEFINITION */
};

struct xb_findings {
	struct xb_finding *v;
	size_t n, cap;
};

/*
 * B was tried for commit I and A says how it went. Where it failed, adds to B
 * what makes it apply, and tries again; A then is the outcome. FOUND, zeroed
 * before, says why each of those is there; release it.
 */
struct xb_err *xb_discover(struct xb_board *board, struct xb_meaning *m, size_t i, struct xb_bundle *b,
			   struct xb_attempt *a, struct xb_findings *found) XB_MUST_CHECK;
/* Was commit I found to be needed? */
bool xb_findings_have(const struct xb_findings *f, size_t i);
void xb_findings_release(struct xb_findings *f);
/* Adds to OUT the full ids of commits that may settle the conflict of commit I. */
struct xb_err *xb_discover_candidates(struct xb_board *board, size_t i, const struct xb_pick *conflict,
				      struct xb_strv *out) XB_MUST_CHECK;

/*
 * Picks that may be tried for one need, before its search is given up and the
 * line blocks; and how many of them more may be spent on finding a smaller set.
 * Both are part of the rules: they change plans.
 */
#ifndef XB_DISCOVER_BUDGET /* a test has another */
#define XB_DISCOVER_BUDGET 20000
#endif
#define XB_DISCOVER_EXTRA 1000
/*
 * The bytes of files that may be merged for all needs of a line, so that a plan ends in
 * seconds whatever its files are like. Each pick counts as many more. A search that is over
 * it is given up, and so is each one after that.
 */
#ifndef XB_DISCOVER_WORK
#define XB_DISCOVER_WORK (UINT64_C(300) << 20)
#endif
#define XB_DISCOVER_PICK (16u << 10)

#endif
