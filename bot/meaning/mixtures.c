/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mixtures.h"

#include "meaning-impl.h"
#include "odb/tree.h"
#include "util/alloc.h"

/* In a longer definition two changes seldom meet; what stands there is told, and picked by people. */
#define LONGEST 80

/* What commit I does to PATH as a file; NULL: nothing. */
static struct xb_err *touch_at(struct xb_meaning *m, size_t i, const char *path, const struct xb_touch **out)
{
	const struct xb_touches *all;

	*out = NULL;
	XB_TRY(xb_blame_touches(xb_board_blame(m->board), i, &all));
	for (size_t lo = 0, hi = all->n; lo < hi;) { /* in tree order, which for files is that of strcmp */
		size_t mid = lo + (hi - lo) / 2;
		int order = strcmp(all->v[mid].path, path);

		if (!order) {
			*out = &all->v[mid];
			return NULL;
		}
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* Has the base, or a version of the window so far, the definition with this text? */
static struct xb_err *was_once(struct xb_meaning *m, const char *path, uint64_t key, uint64_t text, bool *out)
{
	struct xb_definitions *d = m->definitions;
	const struct xb_deftable *t;
	git_oid blob;

	XB_TRY(xb_definitions_in(d, &m->board->base_tree, path, &blob, &t));
	*out = xb_deftable_text(t, key) == text;
	for (size_t i = 0; i <= m->board->at && i < m->board->window->n && !*out; i++) {
		const struct xb_touch *touch;

		*out = !xb_meaning_charge(m, XB_MEANING_GLANCE); /* what isn't known is no mixture */
		if (*out)
			break;
		XB_TRY(touch_at(m, i, path, &touch));
		if (!touch || !touch->new_mode)
			continue;
		xb_meaning_charge(m, XB_MEANING_QUESTION);
		XB_TRY(xb_definitions_of(d, &touch->new_id, path, &t));
		*out = xb_deftable_text(t, key) == text;
	}
	return NULL;
}

struct xb_err *xb_mixtures_each(struct xb_meaning *m, const git_oid *from, const git_oid *tree,
				const char *path, struct xb_err *(*fn)(void *ctx, const struct xb_touched *t),
				void *ctx)
{
	struct xb_definitions *d = m->definitions;
	const struct xb_deftable *before, *now, *staging;
	git_oid a, t, s;

	if (!xb_blocks_known(xb_lang_of(path)))
		return NULL;
	xb_definitions_trim(d);
	XB_TRY(xb_definitions_in(d, tree, path, &t, &now));
	XB_TRY(xb_definitions_in(d, from, path, &a, &before));
	XB_TRY(xb_definitions_in(d, &m->board->window->v[m->board->at].tree, path, &s, &staging));
	if (git_oid_is_zero(&t) || git_oid_is_zero(&s) || git_oid_equal(&a, &t))
		return NULL;
	for (size_t k = 0; k < now->n; k++) {
		const struct xb_definition *x = &now->v[k];
		struct xb_touched touched = {.path = path, .what = x, .name = xb_deftable_name(now, x)};
		bool once = false;

		if (xb_deftable_text(before, x->key) == x->text)
			continue;
		if (xb_deftable_text(staging, x->key) == x->text) {
			touched.how = XB_STANDS_TESTED;
		} else {
			XB_TRY(was_once(m, path, x->key, x->text, &once));
			touched.how = once ? XB_STANDS_ONCE : XB_STANDS_NEVER;
		}
		XB_TRY(fn(ctx, &touched));
	}
	return NULL;
}

struct xb_err *xb_mixtures_changes(struct xb_meaning *m, size_t i, const char *path, uint64_t key, bool *out)
{
	struct xb_definitions *d = m->definitions;
	const struct xb_deftable *old, *now;
	const struct xb_touch *touch;

	*out = false;
	XB_TRY(touch_at(m, i, path, &touch));
	if (!touch)
		return NULL;
	XB_TRY(xb_definitions_of(d, &touch->old_id, path, &old));
	XB_TRY(xb_definitions_of(d, &touch->new_id, path, &now));
	*out = xb_deftable_text(old, key) != xb_deftable_text(now, key);
	return NULL;
}

struct finding {
	struct xb_meaning *m;
	const struct xb_bundle *b;
	struct xb_meaning_hits *out;
};

/* The last member that changes what was touched; SIZE_MAX: none. */
static struct xb_err *member_of(const struct finding *f, const struct xb_touched *t, size_t *out)
{
	bool changes = false;

	*out = SIZE_MAX;
	for (size_t k = f->b->n; k-- > 0 && !changes;) {
		XB_TRY(xb_mixtures_changes(f->m, f->b->v[k].i, t->path, t->what->key, &changes));
		if (changes)
			*out = f->b->v[k].i;
	}
	return NULL;
}

static struct xb_err *find_providers(void *ctx, const struct xb_touched *t)
{
	const struct finding *f = ctx;
	size_t member;

	if (t->how != XB_STANDS_NEVER || t->what->lines > LONGEST)
		return NULL;
	XB_TRY(member_of(f, t, &member));
	for (size_t j = 0; member != SIZE_MAX && j < member; j++) {
		struct xb_meaning_hit *h;
		bool changes;

		if (f->m->board->window->v[j].n_parents > 1 || !xb_bundle_free_to_take(f->m->board, f->b, j))
			continue;
		XB_TRY(xb_mixtures_changes(f->m, j, t->path, t->what->key, &changes));
		if (!changes)
			continue;
		h = XB_PUSH(f->out, v, n, cap);
		*h = (struct xb_meaning_hit){
		    .provider = j, .needed_by = member, .line = t->what->line, .how = XB_MEANS_MIXED};
		h->path = xb_strdup(t->path);
		h->name = xb_strdup(t->name);
	}
	return NULL;
}

/* The paths that members touch, each once. */
static struct xb_err *paths_of(struct xb_meaning *m, const struct xb_bundle *b, struct xb_strv *out)
{
	for (size_t k = 0; k < b->n; k++) {
		const struct xb_touches *all;

		XB_TRY(xb_blame_touches(xb_board_blame(m->board), b->v[k].i, &all));
		for (size_t t = 0; t < all->n; t++)
			xb_strv_add_new(out, all->v[t].path);
	}
	return NULL;
}

struct xb_err *xb_mixtures_find(struct xb_meaning *m, const struct xb_bundle *b, const git_oid *tree,
				struct xb_meaning_hits *out)
{
	struct finding f = {m, b, out};
	XB_AUTOSTRV struct xb_strv paths = {0};

	XB_TRY(paths_of(m, b, &paths));
	for (size_t k = 0; k < paths.n; k++)
		XB_TRY(xb_mixtures_each(m, &m->board->tip, tree, paths.v[k], find_providers, &f));
	return NULL;
}
