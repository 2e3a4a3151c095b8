/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "discover.h"
#include "util/alloc.h"
struct xb_err *xb_discover(struct xb_planner *p, size_t i, struct xb_bundle *b, struct xb_attempt *a)
{
	(void)p; (void)i; (void)b; (void)a;
	return NULL;
}
struct xb_err *xb_discover_explain(struct xb_planner *p, const struct xb_bundle_item *item, struct xb_plan_pick *out)
{
	(void)p; (void)item; 
	if (!out->why)
		out->why = xb_strdup("needed");
	return NULL;
}
struct xb_err *xb_discover_candidates(struct xb_planner *p, struct xb_plan_blocked *blocked)
{
	(void)p; (void)blocked;
	return NULL;
}
