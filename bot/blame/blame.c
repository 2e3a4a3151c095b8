/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "blame.h"

#include "odb/oidmap.h"
#include "pick/rename.h"
#include "util/alloc.h"

struct xb_blame {
	struct xb_picker *picker;
	struct xb_store *s;
	const struct xb_window *w;
	struct xb_touches *touches; /* one for each commit of the window */
	struct xb_oidmap changes;   /* struct xb_changes by old and new blob */
};

struct xb_blame *xb_blame_new(struct xb_picker *picker, const struct xb_window *w)
{
	struct xb_blame *b = xb_calloc(1, sizeof *b);

	b->picker = picker;
	b->s = xb_picker_store(picker);
	b->w = w;
	b->touches = xb_calloc(w->n ? w->n : 1, sizeof *b->touches);
	xb_oidmap_init(&b->changes, 2);
	return b;
}

static void free_changes(void *value)
{
	xb_changes_release(value);
	free(value);
}

void xb_touches_release(struct xb_touches *t)
{
	for (size_t i = 0; i < t->n; i++) {
		XB_FREE(t->v[i].path, t->v[i].from);
	}
	free(t->v);
	*t = (struct xb_touches){0};
}

void xb_blame_free(struct xb_blame *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->w->n; i++)
		xb_touches_release(&b->touches[i]);
	free(b->touches);
	xb_oidmap_clear(&b->changes, free_changes);
	free(b);
}

static struct xb_err *add_touch(void *ctx, const char *path, const struct xb_entry *old,
				const struct xb_entry *now)
{
	struct xb_touch *t = XB_PUSH((struct xb_touches *)ctx, v, n, cap);

	t->path = xb_strdup(path);
	t->old_mode = old->mode;
	t->new_mode = now->mode;
	if (old->mode)
		t->old_id = old->oid;
	if (now->mode)
		t->new_id = now->oid;
	return NULL;
}

struct xb_err *xb_touches_between(struct xb_store *s, const git_oid *old_tree, const git_oid *new_tree,
				  struct xb_touches *out)
{
	struct xb_err *err = xb_tree_diff(s, old_tree, new_tree, add_touch, out);

	if (err)
		xb_touches_release(out);
	return err;
}

struct xb_err *xb_blame_touches(struct xb_blame *b, size_t i, const struct xb_touches **out)
{
	const struct xb_hist *h = &b->w->v[i];
	struct xb_touches *t = &b->touches[i];
	struct xb_err *err;

	*out = t;
	if (t->known)
		return NULL;
	t->known = true;
	if (h->n_parents > 1)
		return NULL;
	err = xb_touches_between(b->s, &h->parent_tree, &h->tree, t);
	t->known = true;
	if (!err || err->code != XB_E_HOSTILE)
		return err;
	xb_err_free(err);
	return NULL;
}

static struct xb_touch *find_touch(struct xb_touches *t, const char *path)
{
	for (size_t k = 0; k < t->n; k++)
		if (!strcmp(t->v[k].path, path))
			return &t->v[k];
	return NULL;
}

static void note_renames(struct xb_touches *t, const struct xb_renames *r)
{
	for (size_t k = 0; k < r->added.n && !r->undecidable; k++) {
		const struct xb_rename_path *to = &r->added.v[k];
		struct xb_touch *touch = to->pair >= 0 ? find_touch(t, to->path) : NULL;

		if (!touch || touch->from)
			continue;
		touch->from = xb_strdup(r->deleted.v[to->pair].path);
		touch->from_id = r->deleted.v[to->pair].oid;
	}
}

/* Finds out which of the paths that commit I adds it renamed. */
static struct xb_err *find_renames(struct xb_blame *b, size_t i)
{
	const struct xb_hist *h = &b->w->v[i];
	struct xb_touches *t = &b->touches[i];
	XB_AUTO(xb_renames_release) struct xb_renames r = {0};

	if (t->renames_known)
		return NULL;
	t->renames_known = true;
	XB_TRY(xb_renames_list(b->s, &h->parent_tree, &h->tree, &r));
	XB_TRY(xb_renames_guess(b->s, &r));
	note_renames(t, &r);
	return NULL;
}

struct xb_err *xb_blame_touch_of(struct xb_blame *b, size_t i, const char *path, const struct xb_touch **out)
{
	const struct xb_touches *all;
	struct xb_touch *t;

	*out = NULL;
	XB_TRY(xb_blame_touches(b, i, &all));
	t = find_touch(&b->touches[i], path);
	if (t && !t->old_mode)
		XB_TRY(find_renames(b, i));
	*out = t;
	return NULL;
}

struct xb_err *xb_blame_changes(struct xb_blame *b, const git_oid *old_id, const git_oid *new_id,
				const struct xb_changes **out)
{
	git_oid key[2] = {*old_id, *new_id};
	struct xb_changes *c = xb_oidmap_get(&b->changes, key);
	struct xb_text *old, *now;

	*out = c;
	if (c)
		return NULL;
	xb_picker_trim(b->picker);
	XB_TRY(xb_picker_text(b->picker, old_id, &old));
	XB_TRY(xb_picker_text(b->picker, new_id, &now));
	c = xb_calloc(1, sizeof *c);
	if (!xb_diff(old, now, XB_GIT_2_39, c))
		*XB_PUSH(c, v, n, cap) = (struct xb_change){.an = old->n, .bn = now->n};
	xb_oidmap_set(&b->changes, key, c);
	*out = c;
	return NULL;
}

/* Lines LO up to and without HI; HI may be LO: the gap before that line. */
struct range {
	size_t lo, hi;
};

struct ranges {
	struct range *v;
	size_t n, cap;
};

static void add_range(struct ranges *r, size_t lo, size_t hi)
{
	*XB_PUSH(r, v, n, cap) = (struct range){lo, hi};
}

/* Where the range's first line came from; in a change, the change's first. */
static size_t map_lo(const struct xb_changes *c, size_t lo)
{
	size_t a = lo;

	for (size_t k = 0; k < c->n; k++) {
		const struct xb_change *x = &c->v[k];

		if (x->b + x->bn <= lo && !(x->b == lo && !x->bn))
			a = lo + x->a + x->an - x->b - x->bn;
		else
			return x->b <= lo ? x->a : a;
	}
	return a;
}

static size_t map_hi(const struct xb_changes *c, size_t hi)
{
	size_t a = hi;

	for (size_t k = 0; k < c->n; k++) {
		const struct xb_change *x = &c->v[k];

		if (x->b + x->bn <= hi)
			a = hi + x->a + x->an - x->b - x->bn;
		else
			return x->b < hi ? x->a + x->an : a;
	}
	return a;
}

static bool overlaps(const struct xb_change *x, const struct range *r)
{
	if (!x->bn || r->lo == r->hi)
		return x->b <= r->hi && x->b + x->bn >= r->lo;
	return x->b < r->hi && x->b + x->bn > r->lo;
}

static bool touches_any(const struct xb_changes *c, const struct ranges *r)
{
	for (size_t k = 0; k < c->n; k++)
		for (size_t m = 0; m < r->n; m++)
			if (overlaps(&c->v[k], &r->v[m]))
				return true;
	return false;
}

/* Follows the ranges to the old side, changed lines included. */
static void follow(const struct xb_changes *c, struct ranges *r)
{
	for (size_t m = 0; m < r->n; m++) {
		r->v[m].lo = map_lo(c, r->v[m].lo);
		r->v[m].hi = map_hi(c, r->v[m].hi);
	}
}

/* Follows the lines of one range that C leaves alone; gives the pieces to TO. */
static void follow_kept(const struct xb_changes *c, struct range r, struct ranges *to)
{
	size_t lo = r.lo, shift_a = 0, shift_b = 0;

	for (size_t k = 0; k < c->n && c->v[k].b < r.hi; k++) {
		const struct xb_change *x = &c->v[k];

		if (x->b > lo)
			add_range(to, lo + shift_a - shift_b, x->b + shift_a - shift_b);
		if (x->b + x->bn > lo)
			lo = x->b + x->bn;
		shift_a = x->a + x->an;
		shift_b = x->b + x->bn;
	}
	if (lo < r.hi)
		add_range(to, lo + shift_a - shift_b, r.hi + shift_a - shift_b);
}

static void keep_untouched(const struct xb_changes *c, struct ranges *r)
{
	struct ranges out = {0};

	for (size_t m = 0; m < r->n; m++)
		follow_kept(c, r->v[m], &out);
	free(r->v);
	*r = out;
}

static void add_toucher(struct xb_touchers *out, size_t i, bool first)
{
	for (size_t k = 0; k < out->n; k++) {
		if (out->v[k].i != i)
			continue;
		out->v[k].first |= first;
		return;
	}
	*XB_PUSH(out, v, n, cap) = (struct xb_toucher){i, first};
}

/* One walk backwards. */
struct walk {
	struct xb_blame *b;
	const struct xb_place *at;
	struct xb_touchers *out;
	struct ranges open; /* lines that nobody was found for yet */
	struct ranges all;  /* the place, with all that it ever was */
	const char *path;
	git_oid blob;
	bool done;
};

static void start(struct walk *w)
{
	const struct xb_place *at = w->at;

	for (size_t k = 0; k < at->n_hunks; k++) {
		size_t lo = at->hunks[k].base, hi = lo + at->hunks[k].base_n + at->context;

		lo = lo > at->context ? lo - at->context : 0;
		add_range(&w->open, lo, hi);
		add_range(&w->all, lo, hi);
	}
}

/* The lines of OLD, or of nothing, became what the walk has reached. */
static struct xb_err *step_lines(struct walk *w, size_t i, const git_oid *old_id)
{
	bool through = w->at->through && w->at->through(w->at->ctx, i);
	const struct xb_changes *c;

	XB_TRY(xb_blame_changes(w->b, old_id, &w->blob, &c));
	if (!through && touches_any(c, &w->all))
		add_toucher(w->out, i, touches_any(c, &w->open));
	if (through)
		follow(c, &w->open);
	else
		keep_untouched(c, &w->open);
	follow(c, &w->all);
	w->blob = *old_id;
	return NULL;
}

static struct xb_err *step(struct walk *w, size_t i)
{
	const struct xb_touch *t;
	const struct xb_changes *c;

	XB_TRY(xb_blame_touch_of(w->b, i, w->path, &t));
	if (!t)
		return NULL;
	if (!xb_mode_is_file(t->new_mode)) { /* gone for a while, or no file then */
		add_toucher(w->out, i, false);
		return NULL;
	}
	if (!git_oid_equal(&t->new_id, &w->blob)) { /* staging order is not ancestry around a merge */
		XB_TRY(xb_blame_changes(w->b, &t->new_id, &w->blob, &c));
		follow(c, &w->open);
		follow(c, &w->all);
		w->blob = t->new_id;
	}
	if (xb_mode_is_file(t->old_mode))
		return step_lines(w, i, &t->old_id);
	if (t->from) {
		w->path = t->from;
		add_toucher(w->out, i, false);
		return step_lines(w, i, &t->from_id);
	}
	add_toucher(w->out, i, w->open.n > 0);
	w->done = true;
	return NULL;
}

struct xb_err *xb_blame_place(struct xb_blame *b, const struct xb_place *at, struct xb_touchers *out)
{
	struct walk w = {.b = b, .at = at, .out = out, .path = at->path, .blob = *at->blob};
	struct xb_err *err = NULL;

	start(&w);
	for (size_t i = at->before; i-- > 0 && !err && !w.done;)
		err = step(&w, i);
	XB_FREE(w.open.v, w.all.v);
	return err;
}

struct xb_err *xb_blame_path(struct xb_blame *b, size_t before, const char *path, struct xb_touchers *out)
{
	for (size_t i = before; i-- > 0;) {
		const struct xb_touch *t;

		XB_TRY(xb_blame_touch_of(b, i, path, &t));
		if (!t)
			continue;
		add_toucher(out, i, !t->old_mode);
		if (t->from)
			path = t->from;
	}
	return NULL;
}
