/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "residue.h"

#include "planner.h"
#include "meaning/mixtures.h"
#include "repo/git.h"
#include "util/alloc.h"

struct looking {
	struct xb_planner *p;
	struct xb_residue *out;
};

void xb_residue_release(struct xb_residue *r)
{
	for (size_t k = 0; k < r->n; k++) {
		XB_FREE(r->v[k].path, r->v[k].name);
		xb_strv_release(&r->v[k].advisories);
		xb_strv_release(&r->v[k].by);
	}
	free(r->v);
	*r = (struct xb_residue){0};
}

static bool is_absent(const struct xb_planner *p, size_t i)
{
	enum xb_fate f = p->board.c[i].fate;

	return f != XB_FATE_PICKED && f != XB_FATE_EMPTY && p->plan->window.v[i].n_parents <= 1;
}

/* Whose picks changed it, and which absent commits do. */
static struct xb_err *attribute(struct xb_planner *p, const struct xb_touched *t, struct xb_residue_item *out)
{
	for (size_t i = 0; i <= p->board.at && i < p->plan->window.n; i++) {
		bool picked = p->board.c[i].fate == XB_FATE_PICKED, changes;

		if (!picked && !is_absent(p, i))
			continue;
		XB_TRY(xb_mixtures_changes(p->meaning, i, t->path, t->what->key, &changes));
		if (!changes)
			continue;
		if (picked)
			xb_strv_add_all_new(&out->advisories,
					    &p->plan->picks.v[p->board.c[i].pick].advisories);
		else
			xb_strv_add_new(&out->by, xb_hex(&p->plan->window.v[i].oid).s);
	}
	return NULL;
}

static struct xb_err *see(void *ctx, const struct xb_touched *t)
{
	const struct looking *l = ctx;
	struct xb_residue_item *r;

	l->out->touched++;
	l->out->tested += t->how == XB_STANDS_TESTED;
	l->out->once += t->how == XB_STANDS_ONCE;
	if (t->how != XB_STANDS_NEVER)
		return NULL;
	r = XB_PUSH(l->out, v, n, cap);
	r->path = xb_strdup(t->path);
	r->name = xb_strdup(t->name);
	r->kind = t->what->kind;
	return attribute(l->p, t, r);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static struct xb_err *touched_paths(struct xb_planner *p, struct xb_strv *out)
{
	for (size_t k = 0; k < p->plan->picks.n; k++) {
		const struct xb_touches *all;

		XB_TRY(xb_blame_touches(xb_board_blame(&p->board), p->plan->picks.v[k].window, &all));
		for (size_t m = 0; m < all->n; m++)
			xb_strv_add_new(out, all->v[m].path);
	}
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, by_text);
	return NULL;
}

struct xb_err *xb_residue_find(struct xb_planner *p, struct xb_residue *out)
{
	struct looking l = {p, out};
	XB_AUTOSTRV struct xb_strv paths = {0};

	if (!p->plan->picks.n)
		return NULL;
	xb_meaning_begin(p->meaning);
	XB_TRY(touched_paths(p, &paths));
	for (size_t k = 0; k < paths.n; k++)
		XB_TRY(xb_mixtures_each(p->meaning, &p->plan->base_tree, &p->board.tip, paths.v[k], see, &l));
	if (xb_meaning_spent(p->meaning))
		xb_board_warn(&p->board, xb_strdup("not all places that fixes touch were compared with the "
						   "stable branch: there are too many"));
	return NULL;
}
