/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prerequisites that are found: the few earlier commits of staging without
 * which a bundle does not apply.
 */
#ifndef XB_DISCOVER_H
#define XB_DISCOVER_H

#include "planner.h"

/*
 * B was tried for commit I and A says how it went. Where it failed, adds to B
 * what makes it apply, and tries again; A then is the outcome.
 */
struct xb_err *xb_discover(struct xb_planner *p, size_t i, struct xb_bundle *b, struct xb_attempt *a) XB_MUST_CHECK;
/* Adds to a pick what was found out about the item. */
struct xb_err *xb_discover_explain(struct xb_planner *p, const struct xb_bundle_item *item,
				   struct xb_plan_pick *out) XB_MUST_CHECK;
/* Names the commits that may settle a block. */
struct xb_err *xb_discover_candidates(struct xb_planner *p, struct xb_plan_blocked *blocked) XB_MUST_CHECK;

#endif
