/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a candidate may end when not all of a plan can be published: at whole
 * bundles and whole advisories, and with all of a disclosure or nothing of it.
 * And which of these prefixes is to be published, or tested, given what is known
 * of them. Pure: what is known is asked of the caller.
 */
#ifndef XB_CUTS_H
#define XB_CUTS_H

#include "advisories/metadata.h"
#include "classify/rules.h"
#include "plan/plan.h"

/*
 * When advisories became public, by the project's list of them (xsa.json, in the
 * directory of metadata): those of one time are one disclosure, which appears
 * whole on a branch or not at all. The list informs; it never changes a plan.
 */

/* Of a disclosure, a part is there, and a part is not. */
struct xb_lack {
	size_t pick;          /* the first of the plan's picks that belongs to it */
	const char *advisory; /* of that pick; borrowed from the plan */
	const char
	    *lacks; /* what the line needs as well and has not; NULL: nothing. Borrowed from the metadata */
	int64_t until; /* seconds since 1970: then nobody waits for it any more */
};

/* One whose fix never comes must not keep others from being published for longer: seconds. */
#define XB_LACK_MAX (INT64_C(24) * 3600)

/*
 * Looks for that among the picks FROM..TO of the plan P. What an advisory is to the line, where the line says
 * nothing of it, is known from its own metadata.
 */
struct xb_err *xb_disclosures_lack(struct xb_metadata *m, const struct xb_rules *rules,
				   const struct xb_plan *p, size_t from, size_t to, int64_t now,
				   struct xb_lack *out) XB_MUST_CHECK;

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
