/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "merges.h"

#include "odb/ancestry.h"
#include "repo/git.h"
#include "util/alloc.h"

size_t xb_merges_first_part(const struct xb_planner *p, size_t m)
{
	const struct xb_window *w = &p->plan->window;

	if (w->v[m].n_parents <= 1)
		return m;
	for (size_t i = m; i-- > 0;)
		if (git_oid_equal(&w->v[i].oid, &w->v[m].parent))
			return i + 1;
	return 0; /* its first parent is in the base */
}

bool xb_merges_has_part(const struct xb_planner *p, size_t m, size_t i)
{
	return i < m && i >= xb_merges_first_part(p, m);
}

/* A part that is a fix itself; SIZE_MAX: none. */
static size_t tagged_part(const struct xb_planner *p, size_t m)
{
	for (size_t i = xb_merges_first_part(p, m); i < m; i++)
		if (p->board.c[i].tagged &&
		    (p->board.c[i].fate == XB_FATE_PICKED || p->board.c[i].fate == XB_FATE_EMPTY))
			return i;
	return SIZE_MAX;
}

struct xb_err *xb_merges_settle(struct xb_planner *p, size_t m)
{
	const struct xb_hist *h = &p->plan->window.v[m];
	size_t part;
	bool had;

	if (!xb_finds_whole(&p->board) || h->n_parents <= 1 || !p->board.c[m].tagged ||
	    p->board.c[m].fate != XB_FATE_NONE)
		return NULL;
	XB_TRY(xb_ancestor_of(p->plan->store, &p->in->target->base, &h->parent, &had));
	part = tagged_part(p, m);
	if (!had)
		xb_left_out(p, m, XB_LEFT_IN_BASE, xb_strdup("it merges the release, which has the fix"));
	else if (part != SIZE_MAX)
		xb_left_out(p, m, XB_LEFT_MERGE,
			    xb_asprintf("what it merges is picked one by one, %.12s and others",
					xb_hex(&p->plan->window.v[part].oid).s));
	else
		return NULL;
	p->board.c[m].fate = XB_FATE_EMPTY;
	return NULL;
}
