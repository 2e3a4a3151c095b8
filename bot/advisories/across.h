/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advisories across lines: one that an older and a newer line have and a line
 * between them has not was perhaps forgotten there. What the metadata says of the
 * line settles it. (That newer lines alone have one is no sign: what it fixes may
 * have come with them.)
 */
#ifndef XB_ADVISORIES_ACROSS_H
#define XB_ADVISORIES_ACROSS_H

#include "table.h"

struct xb_across_line {
	char *line;
	struct xb_strv ids; /* sorted */
};

/* Lines in the order of their versions; zeroed is empty. */
struct xb_across {
	struct xb_across_line *v;
	size_t n, cap;
};

/* Notes what a line has; of its several releases the first counts. */
void xb_across_add(struct xb_across *a, const struct xb_table *t);
/* Appends what a person should look at, a sentence each. */
void xb_across_notices(const struct xb_across *a, struct xb_metadata *metadata, struct xb_strv *out);
void xb_across_release(struct xb_across *a);

#endif
