/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes into a pack: the objects that a plan made and the repository lacks. */
#ifndef XB_OBJECTS_H
#define XB_OBJECTS_H

#include "odb/pack.h"
#include "plan/plan.h"

/* Borrowed from the plan's store; V is the caller's to free. */
struct xb_objects {
	struct xb_pack_object *v;
	size_t n, cap;
};

/* Appends those of the first N_PICKS of the chain, and of the N_MORE commits MORE, which the plan's store
 * made.
 */
struct xb_err *xb_objects_collect(const struct xb_plan *p, size_t n_picks, const git_oid *more, size_t n_more,
				  struct xb_objects *out) XB_MUST_CHECK;

#endif
