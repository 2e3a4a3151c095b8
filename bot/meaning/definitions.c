/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "definitions.h"

#include "odb/store.h"
#include "odb/oidmap.h"
#include "odb/tree.h"
#include "util/alloc.h"

/* Tables are forgotten above this many bytes. */
#define SHARE ((size_t)6 << 20)

struct xb_definitions {
	struct xb_store *s;
	struct xb_oidmap tables; /* struct xb_deftable by blob */
	size_t bytes;
};

struct xb_definitions *xb_definitions_new(struct xb_store *s)
{
	struct xb_definitions *d = xb_calloc(1, sizeof *d);

	d->s = s;
	xb_oidmap_init(&d->tables, 1);
	return d;
}

static void free_table(void *value)
{
	struct xb_deftable *t = value;

	XB_FREE(t->v, t->names, t);
}

void xb_definitions_free(struct xb_definitions *d)
{
	if (!d)
		return;
	xb_oidmap_clear(&d->tables, free_table);
	free(d);
}

void xb_definitions_trim(struct xb_definitions *d)
{
	if (d->bytes <= SHARE)
		return;
	xb_oidmap_clear(&d->tables, free_table);
	d->bytes = 0;
}

static uint64_t key_of(enum xb_block_kind kind, const char *name, size_t n)
{
	return xb_hash_bytes(name, n) + (uint64_t)kind;
}

static void take(void *ctx, const struct xb_block *b)
{
	struct xb_deftable *t = ctx;
	struct xb_definition *x = XB_PUSH(t, v, n, cap);

	*x = (struct xb_definition){.key = key_of(b->kind, b->p, b->n),
				    .text = b->text,
				    .name = t->names_n,
				    .line = b->line,
				    .lines = b->last - b->line + 1,
				    .kind = b->kind,
				    .local = b->local};
	xb_grow((void *)&t->names, &t->names_cap, t->names_n + b->n + 1, 1);
	memcpy(t->names + t->names_n, b->p, b->n);
	t->names[t->names_n + b->n] = '\0';
	t->names_n += b->n + 1;
}

static int by_key(const void *a, const void *b)
{
	const struct xb_definition *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

/* A name that is defined more than once, under #if perhaps, is one definition of all these texts. */
static void fold(struct xb_deftable *t)
{
	size_t to = 0;

	if (t->n)
		qsort(t->v, t->n, sizeof *t->v, by_key);
	for (size_t k = 0; k < t->n; k++) {
		if (!to || t->v[to - 1].key != t->v[k].key) {
			t->v[to++] = t->v[k];
			continue;
		}
		t->v[to - 1].text = xb_hash_mix(t->v[to - 1].text, t->v[k].text);
		if (t->v[k].lines > t->v[to - 1].lines)
			t->v[to - 1].lines = t->v[k].lines;
	}
	t->n = to;
}

struct xb_err *xb_definitions_of(struct xb_definitions *d, const git_oid *blob, const char *path,
				 const struct xb_deftable **out)
{
	XB_AUTOBLOB struct xb_blob b = XB_BLOB_INIT;
	struct xb_deftable *t = xb_oidmap_get(&d->tables, blob);

	*out = t;
	if (t)
		return NULL;
	if (!git_oid_is_zero(blob))
		XB_TRY(xb_blob_open(d->s, blob, &b));
	t = xb_calloc(1, sizeof *t);
	xb_blocks(xb_lang_of(path), b.p, b.n, take, t);
	fold(t);
	d->bytes += sizeof *t + t->cap * sizeof *t->v + t->names_cap;
	xb_oidmap_set(&d->tables, blob, t);
	*out = t;
	return NULL;
}

struct xb_err *xb_definitions_in(struct xb_definitions *d, const git_oid *root, const char *path,
				 git_oid *blob, const struct xb_deftable **out)
{
	static const git_oid none;
	struct xb_entry e;

	XB_TRY(xb_tree_lookup_path(d->s, root, path, &e));
	*blob = xb_entry_is_file(&e) ? e.oid : none;
	return xb_definitions_of(d, blob, path, out);
}

static const struct xb_definition *find(const struct xb_deftable *t, uint64_t key)
{
	size_t lo = 0, hi = t->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->v[mid].key < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < t->n && t->v[lo].key == key ? &t->v[lo] : NULL;
}

uint64_t xb_deftable_text(const struct xb_deftable *t, uint64_t key)
{
	const struct xb_definition *x = find(t, key);

	return x ? x->text : 0;
}
