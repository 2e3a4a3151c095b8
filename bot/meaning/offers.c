/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offers.h"

#include "util/alloc.h"

static void add(struct xb_offers *o, size_t commit, const struct xb_changed_file *f,
		const struct xb_brought *what)
{
	uint64_t *head = xb_hashmap_at(&o->names, xb_hash_bytes(what->name, strlen(what->name)));
	struct xb_offer *x = XB_PUSH(o, v, n, cap);

	*x = (struct xb_offer){
	    .commit = commit, .file = f, .what = what, .next = *head ? (size_t)*head - 1 : SIZE_MAX};
	*head = o->n;
}

static struct xb_err *take_file(struct xb_offers *o, size_t commit, struct xb_changed_file *f)
{
	if (f->offered)
		return NULL;
	XB_TRY(xb_brings_brought(o->brings, f));
	f->offered = true;
	for (size_t i = 0; i < f->brought.n; i++)
		if (f->brought.v[i].kind != XB_DEF_PATTERN)
			add(o, commit, f, &f->brought.v[i]);
	return NULL;
}

/* Is what the file brings seen in other files? */
static bool is_seen(const struct xb_changed_file *f)
{
	return f->lang == XB_LANG_HEADER || xb_lang_is_offsets(f->path);
}

struct xb_err *xb_offers_extend(struct xb_offers *o, size_t before, xb_offers_want_fn want, void *ctx)
{
	for (; o->upto < before; o->upto++) {
		struct xb_changed *c;

		if (!want(ctx, o->upto))
			continue;
		XB_TRY(xb_brings_files(o->brings, o->upto, &c));
		for (size_t k = 0; k < c->n; k++)
			if (is_seen(&c->v[k]))
				XB_TRY(take_file(o, o->upto, &c->v[k]));
	}
	return NULL;
}

struct xb_err *xb_offers_path(struct xb_offers *o, const char *path, size_t before, xb_offers_want_fn want,
			      void *ctx)
{
	for (size_t i = 0; i < before; i++) {
		struct xb_changed *c;

		if (!want(ctx, i))
			continue;
		XB_TRY(xb_brings_files(o->brings, i, &c));
		for (size_t k = 0; k < c->n; k++)
			if (!strcmp(c->v[k].path, path))
				XB_TRY(take_file(o, i, &c->v[k]));
	}
	return NULL;
}

static const struct xb_offer *matching(const struct xb_offers *o, size_t at, const char *name, size_t n)
{
	for (; at != SIZE_MAX; at = o->v[at].next)
		if (strlen(o->v[at].what->name) == n && !memcmp(o->v[at].what->name, name, n))
			return &o->v[at];
	return NULL;
}

const struct xb_offer *xb_offers_first(const struct xb_offers *o, const char *name, size_t n)
{
	const uint64_t *head = xb_hashmap_find(&o->names, xb_hash_bytes(name, n));

	return head && *head ? matching(o, (size_t)*head - 1, name, n) : NULL;
}

const struct xb_offer *xb_offers_next(const struct xb_offers *o, const struct xb_offer *at)
{
	return matching(o, at->next, at->what->name, strlen(at->what->name));
}

void xb_offers_release(struct xb_offers *o)
{
	free(o->v);
	xb_hashmap_release(&o->names);
	*o = (struct xb_offers){0};
}
