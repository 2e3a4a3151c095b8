/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can be done about a commit that can't be picked, as commands (advice.h): see
 * it with plain git, and settle it by an annotation.
 */
#ifndef XB_WORDS_SETTLE_H
#define XB_WORDS_SETTLE_H

#include "advice.h"
#include "plan/plan.h"

/* A commit that can't be picked, under either policy; all borrowed. */
struct xb_stuck {
	size_t window, wanted; /* as in struct xb_plan_blocked */
	const struct xb_strv *advisories, *before, *candidates;
	const struct xb_pick *conflict;
	const char *why;
	bool held; /* the line is held before it; else it is left out */
};
struct xb_stuck xb_stuck_of(const struct xb_plan_blocked *b);

/* Why a person said that the candidate ID is not to be taken; NULL: nobody did. Borrowed. */
const struct xb_plan_left *xb_stuck_excluded(const struct xb_plan *p, const char *id);
/* The first of the candidates that may be taken; NULL: none. Borrowed. */
const char *xb_stuck_candidate(const struct xb_plan *p, const struct xb_stuck *s);

/* ---- seeing it ---- */

struct xb_reproduce {
	const struct xb_plan *plan;
	const struct xb_stuck *stuck;
	git_oid start;     /* where the picks begin that are still to be made: */
	size_t from;       /* those of the plan from this one on */
	const char *build; /* gives what has all of them, for when they are too many to be typed */
};
/* The commands, with BETWEEN between them: the last one fails as it did here. Owned. */
char *xb_stuck_reproduce(const struct xb_reproduce *r, const char *between);

/* ---- settling it ---- */

enum { XB_WAYS = 3 };

struct xb_way {
	const char *when; /* "it is not for this line" */
	struct xb_strv commands;
};
/* Each is a way of its own; before any come xb_advice_fetch_notes, after it xb_advice_push_notes. */
struct xb_ways {
	struct xb_way v[XB_WAYS];
	size_t n;
};
/* None, where annotations by notes are off. */
void xb_stuck_ways(const struct xb_config *c, const struct xb_plan *p, const struct xb_stuck *s,
		   struct xb_ways *out);
void xb_ways_release(struct xb_ways *w);

/* Such a name as may stand for what a commit is needed by, in an annotation: a word, not too long. */
bool xb_is_word(const char *s);

#endif
