/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "headers.h"

#include "lang/clex.h"
#include "lang/lang.h"
#include "odb/store.h"
#include "odb/oidmap.h"
#include "odb/tree.h"
#include "util/alloc.h"
#include "util/hashmap.h"

#define MAX_ARCHES 63
#define ALL_ARCHES 1u /* the bit of what is of no architecture alone */

/* What files below one first directory can see. */
struct part {
	char *top;               /* with its slash; "" for the tree's own files */
	git_oid tree;            /* the root that was looked at last */
	struct xb_hashmap names; /* hash -> bits of architectures */
	struct xb_oidmap seen;   /* blobs */
};

struct xb_headers {
	struct xb_store *s;
	struct {
		struct part *v;
		size_t n, cap;
	} parts;
	char *arches[MAX_ARCHES];
	size_t n_arches;
};

struct xb_headers *xb_headers_new(struct xb_store *s)
{
	struct xb_headers *k = xb_calloc(1, sizeof *k);

	k->s = s;
	return k;
}

void xb_headers_free(struct xb_headers *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->parts.n; i++) {
		free(k->parts.v[i].top);
		xb_hashmap_release(&k->parts.v[i].names);
		xb_oidmap_clear(&k->parts.v[i].seen, NULL);
	}
	for (size_t i = 0; i < k->n_arches; i++)
		free(k->arches[i]);
	XB_FREE(k->parts.v, k);
}

/* The bit of a path's architecture. Too many to tell apart: all. */
static uint64_t arch_bit(struct xb_headers *k, const char *path)
{
	size_t n;
	const char *arch = xb_lang_arch(path, &n);

	if (!n || (n == 7 && !memcmp(arch, "generic", 7)))
		return ALL_ARCHES;
	for (size_t i = 0; i < k->n_arches; i++)
		if (strlen(k->arches[i]) == n && !memcmp(k->arches[i], arch, n))
			return (uint64_t)1 << (i + 1);
	if (k->n_arches == MAX_ARCHES)
		return ALL_ARCHES;
	k->arches[k->n_arches++] = xb_memdup0(arch, n);
	return (uint64_t)1 << k->n_arches;
}

struct walk {
	struct xb_headers *k;
	struct part *part;
};

static struct xb_err *learn(struct walk *w, const char *path, const git_oid *oid)
{
	XB_AUTOBLOB struct xb_blob b = XB_BLOB_INIT;
	uint64_t bit = arch_bit(w->k, path);
	struct xb_clex lx;
	struct xb_token t, word;

	XB_TRY(xb_blob_open(w->k->s, oid, &b));
	xb_clex_init(&lx, b.p, b.n);
	while (xb_clex_next(&lx, &t)) {
		size_t from = 0;

		if (t.kind == XB_TOK_IDENT)
			*xb_hashmap_at(&w->part->names, xb_hash_bytes(t.p, t.n)) |= bit;
		while (t.kind == XB_TOK_STRING && xb_clex_word(&t, &from, &word))
			*xb_hashmap_at(&w->part->names, xb_hash_bytes(word.p, word.n)) |= bit;
	}
	return NULL;
}

/* A header, new against the tree that was looked at before. */
static struct xb_err *see_file(void *ctx, const char *path, const struct xb_entry *a,
			       const struct xb_entry *e)
{
	struct walk *w = ctx;

	(void)a;
	if (!xb_entry_is_file(e) || xb_lang_of(path) != XB_LANG_HEADER ||
	    !xb_lang_in_reach(path, w->part->top))
		return NULL;
	if (xb_oidmap_get(&w->part->seen, &e->oid))
		return NULL;
	xb_oidmap_set(&w->part->seen, &e->oid, w);
	return learn(w, path, &e->oid);
}

static struct part *part_of(struct xb_headers *k, const char *path)
{
	size_t n = strchr(path, '/') ? strcspn(path, "/") + 1 : 0;
	struct part *part;

	for (size_t i = 0; i < k->parts.n; i++)
		if (strlen(k->parts.v[i].top) == n && !memcmp(k->parts.v[i].top, path, n))
			return &k->parts.v[i];
	part = XB_PUSH(&k->parts, v, n, cap);
	part->top = xb_memdup0(path, n);
	return part;
}

static struct xb_err *look(struct xb_headers *k, struct part *part, const git_oid *root)
{
	struct walk w = {k, part};

	XB_TRY(xb_tree_diff(k->s, &part->tree, root, see_file, &w));
	part->tree = *root;
	return NULL;
}

struct xb_err *xb_headers_has(struct xb_headers *k, const git_oid *root, const char *from, const char *name,
			      size_t n, bool *out)
{
	struct part *part = part_of(k, from);
	uint64_t bit = arch_bit(k, from), *bits;

	XB_TRY(look(k, part, root));
	bits = xb_hashmap_find(&part->names, xb_hash_bytes(name, n));
	*out = bits && (bit == ALL_ARCHES || *bits & (bit | ALL_ARCHES));
	return NULL;
}
