/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a revert does in fact: a message may say that it reverts a commit of
 * which the change restores nothing. Lines are compared, whatever their place;
 * those without a letter or digit don't count.
 */
#ifndef XB_REVERTS_H
#define XB_REVERTS_H

#include "planner.h"

enum xb_reverted {
	XB_REVERTED_NOTHING, /* none of the lines that the other commit changed is restored */
	XB_REVERTED_PART,
	XB_REVERTED_ALL,
	XB_REVERTED_UNKNOWN, /* lines don't tell: modes, binary files, links */
};

/* How much of commit OF, of the window or of the base, does commit I of the window undo? */
struct xb_err *xb_reverts_in_fact(struct xb_planner *p, size_t i, const struct xb_hist *of,
				  enum xb_reverted *out) XB_MUST_CHECK;

#endif
