/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prerequisites that are found: the few earlier commits of staging without
 * which a bundle does not apply.
 */
#ifndef XB_DISCOVER_H
#define XB_DISCOVER_H

#include "definitions.h"
#include "plan/planner.h"

/*
 * B was tried for commit I and A says how it went. Where it failed, adds to B
 * what makes it apply, and tries again; A then is the outcome.
 */
struct xb_err *xb_discover(struct xb_planner *p, size_t i, struct xb_bundle *b,
			   struct xb_attempt *a) XB_MUST_CHECK;
/* Was commit I found to be needed, in the search that was the last? */
bool xb_discover_needs(const struct xb_planner *p, size_t i);
/* Adds to a pick what was found out about the item. */
struct xb_err *xb_discover_explain(struct xb_planner *p, const struct xb_bundle_item *item,
				   struct xb_plan_pick *out) XB_MUST_CHECK;
/* Adds to the text WHY, which it takes over, that the search's budget is spent. */
char *xb_discover_spent(const struct xb_planner *p, char *why);
/* Who touched what in the window; for the plan's whole life. Borrowed. */
struct xb_blame *xb_discover_blame(struct xb_planner *p);
/* The first path that commits I and J both change and that is no bookkeeping; NULL: none. Borrowed. */
struct xb_err *xb_discover_shared_path(struct xb_planner *p, size_t i, size_t j,
				       const char **out) XB_MUST_CHECK;
/* What files define; for the plan's whole life. Borrowed. */
struct xb_definitions *xb_discover_definitions(struct xb_planner *p);
/* Names the commits that may settle a block. */
struct xb_err *xb_discover_candidates(struct xb_planner *p, struct xb_plan_blocked *blocked) XB_MUST_CHECK;

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

/* What is remembered between needs; made by the first that needs it. */
void xb_discovery_free(struct xb_discovery *d);

#endif
