/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "brings.h"

#include "blob.h"
#include "clex.h"
#include "tree.h"
#include "util/alloc.h"

struct xb_brings {
	struct xb_store *s;
	const struct xb_window *w;
	struct xb_changed *v; /* one for each commit */
};

struct xb_brings *xb_brings_new(struct xb_store *s, const struct xb_window *w)
{
	struct xb_brings *b = xb_calloc(1, sizeof *b);

	b->s = s;
	b->w = w;
	b->v = xb_calloc(w->n, sizeof *b->v);
	return b;
}

static void release_file(struct xb_changed_file *f)
{
	for (size_t i = 0; i < f->brought.n; i++)
		free(f->brought.v[i].name);
	for (size_t i = 0; i < f->lost.n; i++)
		free(f->lost.v[i].name);
	for (size_t i = 0; i < f->used.n; i++)
		free(f->used.v[i].name);
	free(f->brought.v);
	free(f->lost.v);
	free(f->used.v);
	free(f->path);
}

void xb_brings_free(struct xb_brings *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->w->n; i++) {
		for (size_t k = 0; k < b->v[i].n; k++)
			release_file(&b->v[i].v[k]);
		free(b->v[i].v);
	}
	free(b->v);
	free(b);
}

static struct xb_err *add_file(void *ctx, const char *path, const struct xb_entry *a, const struct xb_entry *e)
{
	struct xb_changed *c = ctx;
	struct xb_changed_file *f;
	enum xb_lang lang = xb_lang_of(path);

	if ((a->mode && !xb_entry_is_file(a)) || (e->mode && !xb_entry_is_file(e)))
		return NULL;
	if (lang == XB_LANG_NONE)
		return NULL;
	f = XB_PUSH(c, v, n, cap);
	f->path = xb_strdup(path);
	f->lang = lang;
	if (a->mode)
		f->old_id = a->oid;
	if (e->mode)
		f->new_id = e->oid;
	return NULL;
}

struct xb_err *xb_brings_files(struct xb_brings *b, size_t i, struct xb_changed **out)
{
	const struct xb_hist *h = &b->w->v[i];

	*out = &b->v[i];
	if (b->v[i].known || h->n_parents > 1)
		return NULL;
	b->v[i].known = true;
	return xb_tree_diff(b->s, &h->parent_tree, &h->tree, add_file, &b->v[i]);
}

struct collect {
	struct xb_changed_file *f;
	const struct xb_lineset *added;
	struct xb_blob old;
};

static void collect_brought(void *ctx, const struct xb_def *d)
{
	struct collect *c = ctx;
	struct xb_brought *x;

	if (!xb_lineset_any(c->added, d->line, d->last))
		return;
	x = XB_PUSH(&c->f->brought, v, n, cap);
	x->name = xb_memdup0(d->p, d->n);
	x->kind = d->kind;
	x->args = d->args;
	x->old_args = XB_ARGS_UNKNOWN;
	x->line = d->line;
	if (d->kind == XB_DEF_PATTERN)
		x->fresh = !memmem(c->old.p, c->old.n, d->p, d->n);
	else
		x->fresh = !xb_lang_mentions(c->f->lang, c->old.p, c->old.n, d->p, d->n);
}

/* How many arguments the old file's declarations say. */
static void collect_old_args(void *ctx, const struct xb_def *d)
{
	struct xb_changed_file *f = ctx;

	for (size_t i = 0; i < f->brought.n; i++) {
		struct xb_brought *x = &f->brought.v[i];

		if (!x->fresh && x->kind == d->kind && strlen(x->name) == d->n && !memcmp(x->name, d->p, d->n))
			x->old_args = d->args;
	}
}

struct xb_err *xb_brings_brought(struct xb_brings *b, struct xb_changed_file *f)
{
	XB_AUTOBLOB struct xb_blob new_blob = XB_BLOB_INIT;
	struct collect c = {.f = f, .old = XB_BLOB_INIT};
	struct xb_lineset added = {0};
	bool stale = false;
	struct xb_err *err;

	if (f->brought_known || git_oid_is_zero(&f->new_id))
		return NULL;
	XB_TRY(xb_blob_open(b->s, &f->new_id, &new_blob));
	err = xb_blob_open(b->s, &f->old_id, &c.old);
	if (err)
		return err;
	f->brought_known = true;
	c.added = &added;
	xb_added_lines(c.old.p, c.old.n, new_blob.p, new_blob.n, &added, NULL);
	xb_lang_defs(f->lang, new_blob.p, new_blob.n, collect_brought, &c);
	for (size_t i = 0; i < f->brought.n; i++)
		stale |= !f->brought.v[i].fresh && f->brought.v[i].args >= 0;
	if (stale)
		xb_lang_defs(f->lang, c.old.p, c.old.n, collect_old_args, f);
	xb_lineset_release(&added);
	xb_blob_close(&c.old);
	return NULL;
}

struct losing {
	struct xb_changed_file *f;
	const struct xb_lineset *gone;
	struct xb_hashmap had, has, done; /* how often; those that were looked at */
};

static void count_words(struct xb_hashmap *m, const struct xb_blob *b)
{
	struct xb_clex lx;
	struct xb_token t, w;

	xb_clex_init(&lx, b->p, b->n);
	while (xb_clex_next(&lx, &t)) {
		size_t from = 0;

		if (t.kind == XB_TOK_IDENT)
			++*xb_hashmap_at(m, xb_hash_bytes(t.p, t.n));
		while (t.kind == XB_TOK_STRING && xb_clex_word(&t, &from, &w))
			++*xb_hashmap_at(m, xb_hash_bytes(w.p, w.n));
	}
}

static void add_lost(struct losing *l, const struct xb_token *t)
{
	uint64_t h = xb_hash_bytes(t->p, t->n), *done, *has;
	struct xb_lost *x;

	if (t->n < 3 || !xb_lineset_has(l->gone, t->line))
		return;
	done = xb_hashmap_at(&l->done, h);
	has = xb_hashmap_find(&l->has, h);
	if ((*done)++ || (has && *has >= *xb_hashmap_at(&l->had, h)))
		return;
	x = XB_PUSH(&l->f->lost, v, n, cap);
	*x = (struct xb_lost){.name = xb_memdup0(t->p, t->n), .line = t->line, .gone = !has};
}

static void lose_words(struct losing *l, const struct xb_blob *old)
{
	struct xb_clex lx;
	struct xb_token t, w;

	xb_clex_init(&lx, old->p, old->n);
	while (xb_clex_next(&lx, &t)) {
		size_t from = 0;

		if (t.kind == XB_TOK_IDENT)
			add_lost(l, &t);
		while (t.kind == XB_TOK_STRING && xb_lineset_has(l->gone, t.line) && xb_clex_word(&t, &from, &w))
			add_lost(l, &w);
	}
}

static void mark_declared(void *ctx, const struct xb_def *d)
{
	struct losing *l = ctx;

	for (size_t i = 0; i < l->f->lost.n; i++) {
		struct xb_lost *x = &l->f->lost.v[i];

		if (!x->declared && strlen(x->name) == d->n && !memcmp(x->name, d->p, d->n)) {
			x->declared = true;
			x->kind = d->kind;
		}
	}
}

static bool is_c(enum xb_lang lang)
{
	return lang == XB_LANG_C || lang == XB_LANG_HEADER || lang == XB_LANG_ASM;
}

struct xb_err *xb_brings_lost(struct xb_brings *b, struct xb_changed_file *f)
{
	XB_AUTOBLOB struct xb_blob old = XB_BLOB_INIT, now = XB_BLOB_INIT;
	struct losing l = {.f = f};
	struct xb_lineset gone = {0};

	if (f->lost_known || git_oid_is_zero(&f->old_id) || !is_c(f->lang))
		return NULL;
	XB_TRY(xb_blob_open(b->s, &f->old_id, &old));
	XB_TRY(xb_blob_open(b->s, &f->new_id, &now));
	f->lost_known = true;
	l.gone = &gone;
	xb_added_lines(old.p, old.n, now.p, now.n, NULL, &gone);
	if (gone.bits) {
		count_words(&l.had, &old);
		count_words(&l.has, &now);
		lose_words(&l, &old);
	}
	if (f->lost.n)
		xb_lang_defs(f->lang, old.p, old.n, mark_declared, &l);
	xb_hashmap_release(&l.had);
	xb_hashmap_release(&l.has);
	xb_hashmap_release(&l.done);
	xb_lineset_release(&gone);
	return NULL;
}

static bool has_line(const char *text, size_t len, const char *line, size_t n)
{
	const char *end = text + len;

	for (const char *p = text; (p = memmem(p, (size_t)(end - p), line, n)); p++)
		if ((p == text || p[-1] == '\n') && (p + n == end || p[n] == '\n'))
			return true;
	return false;
}

struct xb_err *xb_brings_line_there(struct xb_brings *b, const struct xb_changed_file *f, const char *name,
				    const char *text, size_t len, bool *out)
{
	XB_AUTOBLOB struct xb_blob old = XB_BLOB_INIT, now = XB_BLOB_INIT;
	struct xb_lineset gone = {0};
	const char *p, *end, *nl;

	*out = false;
	XB_TRY(xb_blob_open(b->s, &f->old_id, &old));
	XB_TRY(xb_blob_open(b->s, &f->new_id, &now));
	xb_added_lines(old.p, old.n, now.p, now.n, NULL, &gone);
	p = old.p;
	end = p + old.n;
	for (size_t line = 1; p < end && !*out; line++, p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		nl = nl ? nl : end;
		if (xb_lineset_has(&gone, line) && memmem(p, (size_t)(nl - p), name, strlen(name)))
			*out = has_line(text, len, p, (size_t)(nl - p));
	}
	xb_lineset_release(&gone);
	return NULL;
}

struct using {
	struct xb_changed_file *f;
	struct xb_hashmap seen;
};

static void collect_used(void *ctx, const struct xb_use *u)
{
	struct using *c = ctx;
	uint64_t key = xb_hash_bytes(u->p, u->n) + (uint64_t)u->kind * 0x9e3779b97f4a7c15u + (uint64_t)(u->args + 2);
	uint64_t *seen;
	struct xb_used *x;

	if (u->n < 2)
		return;
	seen = xb_hashmap_at(&c->seen, key);
	if ((*seen)++)
		return;
	x = XB_PUSH(&c->f->used, v, n, cap);
	*x = (struct xb_used){.name = xb_memdup0(u->p, u->n), .kind = u->kind, .args = u->args, .line = u->line};
}

struct xb_err *xb_brings_used(struct xb_brings *b, struct xb_changed_file *f)
{
	XB_AUTOBLOB struct xb_blob old = XB_BLOB_INIT, now = XB_BLOB_INIT;
	struct using c = {.f = f};
	struct xb_lineset added = {0};

	if (f->used_known || git_oid_is_zero(&f->new_id))
		return NULL;
	XB_TRY(xb_blob_open(b->s, &f->old_id, &old));
	XB_TRY(xb_blob_open(b->s, &f->new_id, &now));
	f->used_known = true;
	xb_added_lines(old.p, old.n, now.p, now.n, &added, NULL);
	xb_lang_uses(f->lang, now.p, now.n, &added, collect_used, &c);
	xb_hashmap_release(&c.seen);
	xb_lineset_release(&added);
	return NULL;
}
