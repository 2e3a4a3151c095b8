/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose lines a commit takes away: of the lines that it removes or replaces,
 * those that commits of the window added, by the commit that did. Lines without
 * a letter or digit belong to nobody. A pure function of the history before it.
 */
#ifndef XB_OWNERS_H
#define XB_OWNERS_H

#include "blame.h"

struct xb_owner {
	size_t i; /* window index */
	size_t lines;
};

struct xb_owners {
	struct xb_owner *v; /* in no particular order */
	size_t n, cap;
	size_t lines; /* that go in all, whoever added them */
};

/* Of commit I; nothing goes with a merge. OUT is zeroed before; release it. */
struct xb_err *xb_owners_find(struct xb_blame *b, struct xb_picker *picker, size_t i,
			      struct xb_owners *out) XB_MUST_CHECK;
void xb_owners_release(struct xb_owners *o);

#endif
