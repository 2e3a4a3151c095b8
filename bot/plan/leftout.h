/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a security branch costs: the commits of the window that are not in it,
 * and which of them look as if someone might miss them: first those that make
 * a difference at a place that a fix touched.
 */
#ifndef XB_LEFTOUT_H
#define XB_LEFTOUT_H

#include "classify/rules.h"
#include "plan.h"

struct xb_leftout {
	size_t window; /* index in the plan's window */
	char *fixes;   /* "Fixes: ID" of something that the branch has; NULL: none */
	char *words;   /* words of an advisory in its message; NULL: none */
	char *residue; /* what stands as the stable branch never had it, for want of it; NULL: nothing */
};

struct xb_leftouts {
	struct xb_leftout *v; /* by how much they matter, then in staging order; merges are not listed */
	size_t n, cap;
};

struct xb_err *xb_leftout_find(const struct xb_plan *p, const struct xb_rules *rules,
			       struct xb_leftouts *out) XB_MUST_CHECK;
void xb_leftouts_release(struct xb_leftouts *l);

#endif
