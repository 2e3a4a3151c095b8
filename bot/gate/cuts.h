/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a candidate may end when not all of a plan can be published: at whole
 * bundles and whole advisories, and with all of a disclosure or nothing of it.
 * And which of these prefixes is to be published, or tested, given what is known
 * of them. Pure: what is known is asked of the caller.
 */
#ifndef XB_CUTS_H
#define XB_CUTS_H

#include "disclosure.h"
#include "plan/plan.h"

/* Numbers of picks, ascending. */
struct xb_cuts {
	size_t *v;
	size_t n, cap;
};

struct xb_cuts_options {
	const struct xb_plan *plan;
	size_t from; /* so many picks are published already */
	size_t to;   /* the whole candidate */
	struct xb_metadata *metadata;
	/*
	 * Fixes whose commits are no more than so many seconds apart are one
	 * disclosure where the metadata does not say more; 0: they are not.
	 */
	unsigned quiet;
};

/* The prefixes longer than `from`, the last of which is `to`; none when these are equal. */
void xb_cuts_find(const struct xb_cuts_options *o, struct xb_cuts *out);
void xb_cuts_release(struct xb_cuts *b);

enum xb_answer {
	XB_ANSWER_PASS,
	XB_ANSWER_FAIL,
	XB_ANSWER_SOON,  /* a test can give it now */
	XB_ANSWER_LATER, /* somebody else gives it, or it is tried again some time */
};

struct xb_choice {
	size_t passed; /* 1 + the index of the bound to publish; 0: none */
	size_t failed; /* 1 + the index of the shortest bound that is known to fail and keeps the rest back */
	size_t wanted; /* 1 + the index of the bound whose answer would help; 0: nothing is open */
};

/*
 * The whole is asked about first. While that is not known, the longest prefix
 * that is known to have passed is to be published. When it fails, the failure is
 * searched by halves between that prefix and the whole: fails and passes need not
 * alternate only once, but what is found has itself passed, and the bound after it
 * fails.
 */
struct xb_choice xb_cuts_choose(const struct xb_cuts *b, enum xb_answer (*ask)(void *ctx, size_t picks),
				void *ctx);

#endif
