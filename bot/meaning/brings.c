/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "brings.h"

#include "lang/clex.h"
#include "odb/store.h"
#include "odb/tree.h"
#include "util/alloc.h"

/* Both versions of a file, and what is new and gone between them. */
struct pair {
	const struct xb_changed_file *of;
	struct xb_blob old, now;
	struct xb_lineset added, gone;
};

struct xb_brings {
	struct xb_store *s;
	const struct xb_window *w;
	struct xb_changed *v; /* one for each commit */
	struct pair last;     /* several things are asked of one file in a row */
};

static void close_pair(struct pair *p)
{
	xb_blob_close(&p->old);
	xb_blob_close(&p->now);
	xb_lineset_release(&p->added);
	xb_lineset_release(&p->gone);
	p->of = NULL;
}

/* What the store lends may go when it is trimmed. */
static bool is_lasting(const struct xb_blob *b)
{
	return b->raw.packed || b->raw.odb || !b->n;
}

/* *OUT is good until the next call. */
static struct xb_err *open_pair(struct xb_brings *b, const struct xb_changed_file *f, const struct pair **out)
{
	struct pair *p = &b->last;

	*out = p;
	if (p->of == f && is_lasting(&p->old) && is_lasting(&p->now))
		return NULL;
	close_pair(p);
	XB_TRY(xb_blob_open(b->s, &f->old_id, &p->old));
	XB_TRY(xb_blob_open(b->s, &f->new_id, &p->now));
	xb_added_lines(p->old.p, p->old.n, p->now.p, p->now.n, &p->added, &p->gone);
	p->of = f;
	return NULL;
}

struct xb_brings *xb_brings_new(struct xb_store *s, const struct xb_window *w)
{
	struct xb_brings *b = xb_calloc(1, sizeof *b);

	b->s = s;
	b->w = w;
	b->v = xb_calloc(w->n, sizeof *b->v);
	b->last.old = b->last.now = (struct xb_blob)XB_BLOB_INIT;
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
	XB_FREE(f->brought.v, f->lost.v, f->used.v);
	xb_hashmap_release(&f->ended);
	free(f->path);
}

static void release_files(struct xb_changed *c)
{
	for (size_t i = 0; i < c->n; i++)
		release_file(&c->v[i]);
	c->n = 0;
}

void xb_brings_free(struct xb_brings *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->w->n; i++) {
		release_files(&b->v[i]);
		free(b->v[i].v);
	}
	close_pair(&b->last);
	XB_FREE(b->v, b);
}

static struct xb_err *add_file(void *ctx, const char *path, const struct xb_entry *a,
			       const struct xb_entry *e)
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
	struct xb_err *err;

	*out = &b->v[i];
	if (b->v[i].known || h->n_parents > 1)
		return NULL;
	b->v[i].known = true;
	err = xb_tree_diff(b->s, &h->parent_tree, &h->tree, add_file, &b->v[i]);
	if (!err || err->code != XB_E_HOSTILE)
		return err;
	xb_err_free(err); /* a commit of so many files brings nothing that is looked for */
	release_files(&b->v[i]);
	return NULL;
}

static bool is_name(const char *name, const char *p, size_t n)
{
	return strlen(name) == n && !memcmp(name, p, n);
}

/* Searches through the bytes that are cheaper than a list of all names. */
#define MAX_GLANCES 64

struct collect {
	struct xb_changed_file *f;
	const struct pair *p;
	struct xb_hashmap words; /* of the other version; filled when needed */
	unsigned glances;
};

/* Has the other version, OTHER, the name? Most names are seen not to be there at a glance. */
static bool other_has(struct collect *c, const struct xb_blob *other, const char *p, size_t n)
{
	bool glance = !xb_lang_is_c(c->f->lang) || (!c->words.n && c->glances++ < MAX_GLANCES);

	if (!n || (glance && !memmem(other->p, other->n, p, n)))
		return false;
	if (!xb_lang_is_c(c->f->lang))
		return true;
	if (!c->words.n)
		xb_lang_c_words(other->p, other->n, &c->words);
	return xb_hashmap_find(&c->words, xb_hash_bytes(p, n)) != NULL;
}

static void collect_brought(void *ctx, const struct xb_def *d)
{
	struct collect *c = ctx;
	struct xb_brought *x;

	if (!xb_lineset_any(&c->p->added, d->line, d->last))
		return;
	x = XB_PUSH(&c->f->brought, v, n, cap);
	x->name = xb_memdup0(d->p, d->n);
	x->kind = d->kind;
	x->args = d->args;
	x->old_args = XB_ARGS_UNKNOWN;
	x->line = d->line;
	x->fresh = !other_has(c, &c->p->old, d->p, d->n);
}

struct stale {
	struct xb_changed_file *f;
	struct xb_hashmap at; /* of a name: its place in f->brought, plus 1 */
};

/* How many arguments the old file's declarations say. */
static void collect_old_args(void *ctx, const struct xb_def *d)
{
	struct stale *s = ctx;
	const uint64_t *at = xb_hashmap_find(&s->at, xb_hash_bytes(d->p, d->n));
	struct xb_brought *x = at ? &s->f->brought.v[*at - 1] : NULL;

	if (x && x->kind == d->kind && is_name(x->name, d->p, d->n))
		x->old_args = d->args;
}

static void compare_args(struct xb_changed_file *f, const struct xb_blob *old)
{
	struct stale s = {.f = f};

	for (size_t i = 0; i < f->brought.n; i++) {
		const struct xb_brought *x = &f->brought.v[i];

		if (!x->fresh && x->args >= 0)
			*xb_hashmap_at(&s.at, xb_hash_bytes(x->name, strlen(x->name))) = i + 1;
	}
	if (s.at.n)
		xb_lang_defs(f->lang, old->p, old->n, collect_old_args, &s);
	xb_hashmap_release(&s.at);
}

struct xb_err *xb_brings_brought(struct xb_brings *b, struct xb_changed_file *f)
{
	struct collect c = {.f = f};

	if (f->brought_known || git_oid_is_zero(&f->new_id))
		return NULL;
	XB_TRY(open_pair(b, f, &c.p));
	f->brought_known = true;
	if (!c.p->added.bits)
		return NULL;
	xb_lang_defs(f->lang, c.p->now.p, c.p->now.n, collect_brought, &c);
	xb_hashmap_release(&c.words);
	compare_args(f, &c.p->old);
	return NULL;
}

static void collect_lost(void *ctx, const struct xb_def *d)
{
	struct collect *c = ctx;
	struct xb_lost *x;

	if (!xb_lineset_has(&c->p->gone, d->line) || other_has(c, &c->p->now, d->p, d->n))
		return;
	x = XB_PUSH(&c->f->lost, v, n, cap);
	*x = (struct xb_lost){.name = xb_memdup0(d->p, d->n), .kind = d->kind, .line = d->line};
}

struct xb_err *xb_brings_lost(struct xb_brings *b, struct xb_changed_file *f)
{
	struct collect c = {.f = f};

	if (f->lost_known || git_oid_is_zero(&f->old_id) || !xb_lang_is_c(f->lang))
		return NULL;
	XB_TRY(open_pair(b, f, &c.p));
	f->lost_known = true;
	if (c.p->gone.bits)
		xb_lang_defs(f->lang, c.p->old.p, c.p->old.n, collect_lost, &c);
	xb_hashmap_release(&c.words);
	return NULL;
}

/* Calls FN for each line of TEXT that is in SET, until it gives false. */
typedef bool (*line_fn)(void *ctx, const char *p, size_t n);

static void each_line(const struct xb_blob *text, const struct xb_lineset *set, line_fn fn, void *ctx)
{
	const char *p = text->p, *end = p + text->n;

	for (size_t line = 1; p < end && line <= set->lines; line++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((nl ? nl : end) - p);

		if (xb_lineset_has(set, line) && !fn(ctx, p, n))
			return;
		p = nl ? nl + 1 : end;
	}
}

/* Words as bytes; whether they stand in a comment is looked at where it matters. */
static bool see_words(void *ctx, const char *p, size_t n)
{
	const char *end = p + n;

	while (p < end) {
		const char *w = p;

		while (p < end && xb_ident_part((unsigned char)*p))
			p++;
		if (p - w > 2)
			*xb_hashmap_at(ctx, xb_hash_bytes(w, (size_t)(p - w))) = 1;
		if (p == w) /* an escape parts words: \tNAME */
			p += *p == '\\' && end - p > 1 ? 2 : 1;
	}
	return true;
}

static struct xb_err *know_ended(struct xb_brings *b, struct xb_changed_file *f)
{
	const struct pair *p;

	if (f->ended_known || !xb_lang_is_c(f->lang))
		return NULL;
	XB_TRY(open_pair(b, f, &p));
	f->ended_known = true;
	each_line(&p->old, &p->gone, see_words, &f->ended);
	return NULL;
}

struct ending {
	const char *name;
	const char *text;
	size_t len;
	bool found, declared;
};

static bool see_line(void *ctx, const char *line, size_t n)
{
	struct ending *x = ctx;
	const char *end = x->text + x->len;

	if (!memmem(line, n, x->name, strlen(x->name)))
		return true;
	for (const char *p = x->text; (p = memmem(p, (size_t)(end - p), line, n)) && !x->found; p++)
		x->found = (p == x->text || p[-1] == '\n') && (p + n == end || p[n] == '\n');
	return !x->found;
}

static void see_declared(void *ctx, const struct xb_def *d)
{
	struct ending *x = ctx;

	x->declared |= is_name(x->name, d->p, d->n);
}

struct xb_err *xb_brings_may_end(struct xb_brings *b, struct xb_changed_file *f, const char *name, bool *out)
{
	XB_TRY(know_ended(b, f));
	*out = xb_hashmap_find(&f->ended, xb_hash_bytes(name, strlen(name))) != NULL;
	return NULL;
}

struct xb_err *xb_brings_ends(struct xb_brings *b, const struct xb_changed_file *f, const char *name,
			      const char *text, size_t len, bool *out)
{
	const struct pair *p;
	struct ending x = {.name = name, .text = text, .len = len};

	XB_TRY(open_pair(b, f, &p));
	each_line(&p->old, &p->gone, see_line, &x);
	if (x.found)
		xb_lang_defs(f->lang, p->old.p, p->old.n, see_declared, &x);
	*out = x.found && !x.declared;
	return NULL;
}

struct using
{
	struct xb_changed_file *f;
	struct xb_hashmap seen;
};

static void collect_used(void *ctx, const struct xb_use *u)
{
	struct using *c = ctx;
	uint64_t key =
	    xb_hash_bytes(u->p, u->n) + (uint64_t)u->kind * 0x9e3779b97f4a7c15u + (uint64_t)(u->args + 2);
	uint64_t *seen;
	struct xb_used *x;

	if (u->n < 2)
		return;
	seen = xb_hashmap_at(&c->seen, key);
	if ((*seen)++)
		return;
	x = XB_PUSH(&c->f->used, v, n, cap);
	*x = (struct xb_used){
	    .name = xb_memdup0(u->p, u->n), .kind = u->kind, .args = u->args, .line = u->line};
}

struct xb_err *xb_brings_used(struct xb_brings *b, struct xb_changed_file *f)
{
	const struct pair *p;
	struct using c = {.f = f};

	if (f->used_known || git_oid_is_zero(&f->new_id))
		return NULL;
	XB_TRY(open_pair(b, f, &p));
	f->used_known = true;
	if (p->added.bits)
		xb_lang_uses(f->lang, p->now.p, p->now.n, &p->added, collect_used, &c);
	xb_hashmap_release(&c.seen);
	return NULL;
}

/* ---- what a definition brings ---- */

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
