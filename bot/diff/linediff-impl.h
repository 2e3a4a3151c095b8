/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the line diff share; only for linediff.c, histogram.c,
 * myers.c and slide.c. In a pair, equal lines have equal classes in both
 * files; each part marks lines as changed. Every loop that could grow faster
 * than the input pays from `work`; a part that returns false ran out of it,
 * or met a case where git fails.
 */
#ifndef XB_LINEDIFF_IMPL_H
#define XB_LINEDIFF_IMPL_H

#include "linediff.h"

struct xb_side {
	const uint32_t *cls;
	bool *changed; /* changed[-1] and changed[n] exist and stay false */
	size_t n;
};

/* Lines a0 .. a1-1 of the first file against b0 .. b1-1 of the second. */
struct xb_region {
	size_t a0, a1, b0, b1;
};

struct xb_pair {
	struct xb_side a, b;
	size_t n_cls;                /* all classes */
	size_t n_cls_a;              /* those that occur in `a`, numbered from 0 as they first appear */
	uint32_t *count_a, *count_b; /* scratch of n_cls each, all 0 between uses; count_b made by myers.c */
	uint64_t work;
};

static inline bool xb_pay(struct xb_pair *p, size_t cost)
{
	if (p->work < cost)
		return false;
	p->work -= cost;
	return true;
}

/* Marks what changed between the two whole files. */
bool xb_histogram(struct xb_pair *p);
/*
 * Marks anew what changed within R, as git's default algorithm sees the region
 * taken alone. OLD and NEW are P's two sides, in either order; in R `a` is OLD.
 */
bool xb_myers(struct xb_pair *p, struct xb_side *old, struct xb_side *new, const struct xb_region *r);
/* Slides the changes of SIDE; OTHER is the other one of P's two sides. */
bool xb_slide(struct xb_pair *p, struct xb_side *side, struct xb_side *other, unsigned rules);

#endif
