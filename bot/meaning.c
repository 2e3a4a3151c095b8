/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "meaning.h"

#include "util/alloc.h"

struct xb_err *xb_meaning_find(struct xb_planner *p, const struct xb_bundle *b, const git_oid *tree,
			       struct xb_meaning_hits *out)
{
	(void)p;
	(void)b;
	(void)tree;
	*out = (struct xb_meaning_hits){0};
	return NULL;
}

void xb_meaning_hits_release(struct xb_meaning_hits *h)
{
	for (size_t i = 0; i < h->n; i++) {
		free(h->v[i].path);
		free(h->v[i].name);
	}
	free(h->v);
	*h = (struct xb_meaning_hits){0};
}
