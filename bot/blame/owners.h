/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose lines a commit takes away: of the lines that it removes or replaces,
 * those that commits of the window or fixes that the base has added, by the commit
 * that did. Lines without a letter or digit, and those with a version number, belong
 * to nobody. A pure function of the history before it.
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

/* A fix that the base has changed a file from one blob to the other. */
struct xb_base_touch {
	const struct xb_hist *fix;
	git_oid old_id, new_id;
};

/* Who knows what the fixes of the base did to PATH: newest first, borrowed. */
struct xb_base_touches {
	struct xb_err *(*of)(void *ctx, const char *path, const struct xb_base_touch **v, size_t *n);
	void *ctx;
};

struct xb_base_owner {
	const struct xb_hist *fix;
	size_t lines;
};

struct xb_base_owners {
	struct xb_base_owner *v; /* in no particular order */
	size_t n, cap;
	size_t lines; /* that go in all */
};

/*
 * Of commit I, the fixes of the base, where they added more than half of what goes and changed each file that
 * loses lines; else OUT, zeroed before, has none. A file that the window renamed is nobody's.
 */
struct xb_err *xb_base_owners_find(struct xb_blame *b, struct xb_picker *picker,
				   const struct xb_base_touches *base, size_t i,
				   struct xb_base_owners *out) XB_MUST_CHECK;
void xb_base_owners_release(struct xb_base_owners *o);

#endif
