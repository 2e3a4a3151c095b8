/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which commits of the window bring a name: an index over brings.h. Headers,
 * assembler files and scripts are in it as soon as the commit is; what other
 * files bring is seen in the same file alone, so these are read when a member of
 * a bundle changes the same path.
 */
#ifndef XB_OFFERS_H
#define XB_OFFERS_H

#include "brings.h"

struct xb_offer {
	size_t commit; /* window index */
	const struct xb_changed_file *file;
	const struct xb_brought *what;
	size_t next; /* of the same hash; SIZE_MAX: none */
};

struct xb_offers {
	struct xb_brings *brings; /* borrowed */
	struct xb_offer *v;
	size_t n, cap;
	size_t upto;             /* commits before this one were looked at */
	struct xb_hashmap names; /* hash -> index of the newest offer, plus 1 */
};

/* May the commit be needed? The others are passed over for good. */
typedef bool (*xb_offers_want_fn)(void *ctx, size_t i);

/* Takes in the commits before BEFORE that WANT wants. */
struct xb_err *xb_offers_extend(struct xb_offers *o, size_t before, xb_offers_want_fn want,
				void *ctx) XB_MUST_CHECK;
/* Takes in what those commits bring in the file PATH, in whatever language. */
struct xb_err *xb_offers_path(struct xb_offers *o, const char *path, size_t before, xb_offers_want_fn want,
			      void *ctx) XB_MUST_CHECK;
/* The first offer of NAME, or NULL; and the one after O. In no particular order. */
const struct xb_offer *xb_offers_first(const struct xb_offers *o, const char *name, size_t n);
const struct xb_offer *xb_offers_next(const struct xb_offers *o, const struct xb_offer *at);
void xb_offers_release(struct xb_offers *o);

#endif
