/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a mirror gets: derived refs as they were published, by the bot's own ledger, their state refs, and
 * the notes and fix-ups that `verify` reads. No other ref ever; in particular
 * no derived ref that someone else made or moved.
 */
#ifndef XB_MIRROR_REFS_H
#define XB_MIRROR_REFS_H

#include "config/config.h"
#include "util/strv.h"

#include <git2.h>

struct xb_mirror_ref {
	char *name;
	git_oid oid;
	bool derived;
	bool rewrite; /* history = rewrite: it may go elsewhere than forward */
	bool scratch; /* a candidate, of no lasting value: it goes there from wherever it is */
};

struct xb_mirror_refs {
	struct xb_mirror_ref *v;
	size_t n, cap;
	bool more; /* there are more than are dealt with */
	/* Derived refs that were published and aren't where they were put, so that they go nowhere. */
	struct xb_strv left;
};

enum {
	XB_MIRROR_OWN = 1, /* what the bot writes, candidates for a test system included, and nothing
			    * else: for where the rest comes from */
};

struct xb_err *xb_mirror_refs_find(git_repository *repo, const struct xb_config *config, unsigned flags,
				   struct xb_mirror_refs *out) XB_MUST_CHECK;
void xb_mirror_refs_release(struct xb_mirror_refs *r);

#endif
