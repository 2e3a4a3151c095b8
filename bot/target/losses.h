/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was published is never taken away silently. What a plan lacks of it, and
 * nobody left out openly (by a note, by its revert, by a base that has it),
 * speaks against the plan until a person accepts that.
 */
#ifndef XB_LOSSES_H
#define XB_LOSSES_H

#include "target.h"

/*
 * Why the published chain STATE must not give way to the first N picks of the
 * plan: added to OUT, unless nothing speaks against it.
 */
struct xb_err *xb_losses_find(const struct xb_publish_inputs *in, const struct xb_state *state,
			      const struct xb_plan *plan, size_t n, struct xb_whys *out) XB_MUST_CHECK;

/* Did a person take back something of what was published, and PLAN goes without it? */
bool xb_losses_withdrawn(const struct xb_state *state, const struct xb_plan *plan);

#endif
