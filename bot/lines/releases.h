/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The releases of a line: the tags that its pattern matches, as commits, in the
 * order of their versions. Other refs, however alike, are none.
 */
#ifndef XB_RELEASES_H
#define XB_RELEASES_H

#include "refnames.h"
#include "odb/ancestry.h"
#include "refs/refpat.h"

struct xb_release {
	char *ref; /* full name of the tag */
	char *n;   /* "1" of 4.17.1; "" for a pattern without {n} */
	git_oid commit;
	char *trouble; /* why the commit can't be told; NULL: it is known */
};

struct xb_releases {
	struct xb_release *v;
	size_t n, cap;
};

/*
 * Finds those of LINE, those that can't be read included. OUT is zeroed before, and the caller's in each
 * case.
 */
struct xb_err *xb_releases_find(const struct xb_refnames *refs, const struct xb_refpat *pat, const char *line,
				struct xb_releases *out) XB_MUST_CHECK;
/* The highest that the history of TIP contains, or NULL. An error where a higher one can't be read. */
struct xb_err *xb_releases_highest(const struct xb_releases *r, struct xb_ancestry *tip,
				   const struct xb_release **out) XB_MUST_CHECK;
void xb_releases_release(struct xb_releases *r);
#define XB_AUTORELEASES __attribute__((cleanup(xb_releases_release)))

#endif
