/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rename.h"

#include "diff/merge3.h"
#include "odb/oidmap.h"
#include "util/alloc.h"
#include "util/bytes.h"

#include <string.h>

/* ---- how similar two files are ---- */

enum {
	SPAN = 64,
	HASH_BASE = 107927, /* the hashes are below it: 17 bits */
	DIGIT = 9,          /* bits sorted by in one pass */
};

struct spans {
	struct xb_span *v;
	size_t n, cap;
};

/* The running hash of a span. */
struct roll {
	uint32_t hi, lo, n;
};

static void roll_byte(struct roll *r, unsigned char c)
{
	uint32_t old = r->hi;
	r->hi = ((r->hi << 7) ^ (r->lo >> 25)) + c;
	r->lo = (r->lo << 7) ^ (old >> 25);
	r->n++;
}

static void end_span(struct spans *all, struct roll *r)
{
	if (all->n == all->cap)
		xb_grow((void *)&all->v, &all->cap, all->n + 1, sizeof *all->v);
	all->v[all->n++] = (struct xb_span){(r->hi + r->lo * 0x61) % HASH_BASE, r->n};
	*r = (struct roll){0};
}

static void cut(struct spans *all, const char *p, size_t n, unsigned rules)
{
	struct roll r = {0};
	bool text = !xb_is_binary(p, n);
	for (size_t i = 0; i < n; i++) {
		if (text && p[i] == '\r' && i + 1 < n && p[i + 1] == '\n')
			continue;
		roll_byte(&r, (unsigned char)p[i]);
		if (r.n == SPAN || p[i] == '\n')
			end_span(all, &r);
	}
	if (r.n && rules & XB_GIT_LAST_SPAN)
		end_span(all, &r);
}

/* One pass of a radix sort. */
static void sort_pass(struct xb_span *to, const struct xb_span *from, size_t n, unsigned shift)
{
	size_t at[1 << DIGIT] = {0}, sum = 0;
	for (size_t i = 0; i < n; i++)
		at[from[i].hash >> shift & ((1 << DIGIT) - 1)]++;
	for (size_t d = 0; d < 1 << DIGIT; d++) {
		size_t count = at[d];
		at[d] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		to[at[from[i].hash >> shift & ((1 << DIGIT) - 1)]++] = from[i];
}

static void sort_spans(struct spans *all)
{
	XB_AUTOFREE struct xb_span *tmp = xb_malloc(all->n * sizeof *tmp);
	sort_pass(tmp, all->v, all->n, 0);
	sort_pass(all->v, tmp, all->n, DIGIT);
}

/* Adds up the spans of one hash. */
static void gather(struct spans *all)
{
	size_t n = 0;
	for (size_t i = 0; i < all->n; i++) {
		if (n && all->v[n - 1].hash == all->v[i].hash)
			all->v[n - 1].bytes += all->v[i].bytes;
		else
			all->v[n++] = all->v[i];
	}
	all->n = n;
}

void xb_spans_init(struct xb_spans *s, const char *p, size_t n, unsigned rules)
{
	struct spans all = {0};
	cut(&all, p, n, rules);
	if (all.n) {
		sort_spans(&all);
		gather(&all);
	}
	*s = (struct xb_spans){.size = n, .v = all.v, .n = all.n};
}

void xb_spans_release(struct xb_spans *s)
{
	free(s->v);
	*s = (struct xb_spans){0};
}

bool xb_similarity_possible(size_t src_size, size_t dst_size, unsigned minimum)
{
	uint64_t max = src_size > dst_size ? src_size : dst_size;
	uint64_t min = src_size < dst_size ? src_size : dst_size;
	return dst_size && max * (XB_SIMILARITY_MAX - minimum) >= (max - min) * XB_SIMILARITY_MAX;
}

static uint64_t bytes_in_both(const struct xb_spans *a, const struct xb_spans *b)
{
	uint64_t sum = 0;
	size_t i = 0, j = 0;
	while (i < a->n && j < b->n) {
		const struct xb_span *x = &a->v[i], *y = &b->v[j];
		if (x->hash == y->hash)
			sum += x->bytes < y->bytes ? x->bytes : y->bytes;
		i += x->hash <= y->hash;
		j += y->hash <= x->hash;
	}
	return sum;
}

unsigned xb_similarity(const struct xb_spans *src, const struct xb_spans *dst, unsigned minimum)
{
	uint64_t max = src->size > dst->size ? src->size : dst->size;
	if (!xb_similarity_possible(src->size, dst->size, minimum))
		return 0;
	return (unsigned)(bytes_in_both(src, dst) * XB_SIMILARITY_MAX / max);
}

#define HALF (XB_SIMILARITY_MAX / 2) /* diffcore: at least half kept */
#define MAX_PATHS 20000
#define MAX_PAIRS 200000
#define MAX_BYTES (16u << 20) /* of files that are looked at before it counts as too much */

static struct xb_err *list_path(void *ctx, const char *path, const struct xb_entry *a,
				const struct xb_entry *b)
{
	struct xb_renames *r = ctx;
	struct xb_rename_path *p;
	const struct xb_entry *e = a->mode ? a : b;

	if (a->mode && b->mode)
		return NULL;
	if (r->deleted.n + r->added.n >= MAX_PATHS) {
		r->undecidable = true;
		return NULL;
	}
	p = a->mode ? XB_PUSH(&r->deleted, v, n, cap) : XB_PUSH(&r->added, v, n, cap);
	p->path = xb_strdup(path);
	p->mode = e->mode;
	p->oid = e->oid;
	p->pair = -1;
	return NULL;
}

struct xb_err *xb_renames_list(struct xb_store *s, const git_oid *base, const git_oid *side,
			       struct xb_renames *out)
{
	*out = (struct xb_renames){0};
	return xb_tree_diff(s, base, side, list_path, out);
}

void xb_renames_release(struct xb_renames *r)
{
	for (size_t i = 0; i < r->deleted.n; i++)
		free(r->deleted.v[i].path);
	for (size_t i = 0; i < r->added.n; i++)
		free(r->added.v[i].path);
	XB_FREE(r->deleted.v, r->added.v);
	*r = (struct xb_renames){0};
}

static struct xb_rename_path *by_path(struct xb_rename_path *v, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(v[i].path, path))
			return &v[i];
	return NULL;
}

struct xb_rename_path *xb_renames_deleted(struct xb_renames *r, const char *path)
{
	return by_path(r->deleted.v, r->deleted.n, path);
}

static bool regular(const struct xb_rename_path *p)
{
	return p->mode == XB_MODE_FILE || p->mode == XB_MODE_EXEC;
}

static bool is_empty_blob(const git_oid *oid)
{
	static const unsigned char id[GIT_OID_RAWSZ] = {0xe6, 0x9d, 0xe2, 0x9b, 0xb2, 0xd1, 0xd6,
							0x43, 0x4b, 0x8b, 0x29, 0xae, 0x77, 0x5a,
							0xd8, 0xc2, 0xe4, 0x8c, 0x53, 0x91};

	return !memcmp(oid->id, id, sizeof id);
}

static bool any_relevant(const struct xb_renames *r)
{
	for (size_t i = 0; i < r->deleted.n; i++)
		if (r->deleted.v[i].relevant)
			return true;
	return false;
}

static bool any_identical(const struct xb_renames *r)
{
	struct xb_oidmap gone = {0};
	bool found = false;

	for (size_t i = 0; i < r->deleted.n; i++)
		if (!is_empty_blob(&r->deleted.v[i].oid))
			xb_oidmap_set(&gone, &r->deleted.v[i].oid, &r->deleted.v[i]);
	for (size_t i = 0; i < r->added.n && !found; i++)
		found = xb_oidmap_get(&gone, &r->added.v[i].oid) != NULL;
	xb_oidmap_clear(&gone, NULL);
	return found;
}

/* A file that may be half of a rename, cut up. */
struct part {
	struct xb_spans spans;
	bool crlf; /* an attribute says how these count */
};

static struct xb_err *cut_up(struct xb_store *s, const struct xb_rename_path *p, size_t *budget,
			     struct part *out)
{
	XB_AUTORAW struct xb_raw raw = XB_RAW_INIT;

	*out = (struct part){0};
	if (!regular(p) || is_empty_blob(&p->oid))
		return NULL;
	XB_TRY(xb_store_read(s, &p->oid, GIT_OBJECT_BLOB, &raw));
	*budget -= raw.len < *budget ? raw.len : *budget;
	if (!*budget)
		return NULL;
	out->crlf = memmem(raw.data, raw.len, "\r\n", 2) != NULL;
	xb_spans_init(&out->spans, (const char *)raw.data, raw.len, XB_GIT_2_39);
	return NULL;
}

static bool alike(const struct part *a, const struct part *b)
{
	if (!a->spans.size || !b->spans.size || !xb_similarity_possible(a->spans.size, b->spans.size, HALF))
		return false;
	return a->crlf || b->crlf || xb_similarity(&a->spans, &b->spans, HALF) >= HALF;
}

struct parts {
	struct part *v;
	size_t n, cap;
};

static struct xb_err *any_similar(struct xb_store *s, const struct xb_renames *r, struct parts *sources,
				  bool *out)
{
	size_t budget = MAX_BYTES;

	for (size_t i = 0; i < r->deleted.n && budget; i++)
		if (r->deleted.v[i].relevant)
			XB_TRY(cut_up(s, &r->deleted.v[i], &budget, XB_PUSH(sources, v, n, cap)));
	*out = sources->n * r->added.n > MAX_PAIRS;
	for (size_t i = 0; i < r->added.n && budget && !*out; i++) {
		struct part dst;

		XB_TRY(cut_up(s, &r->added.v[i], &budget, &dst));
		for (size_t k = 0; k < sources->n && !*out; k++)
			*out = alike(&sources->v[k], &dst);
		xb_spans_release(&dst.spans);
	}
	*out |= !budget;
	return NULL;
}

struct xb_err *xb_renames_possible(struct xb_store *s, const struct xb_renames *r, bool *out)
{
	struct parts sources = {0};
	struct xb_err *err = NULL;

	*out = r->undecidable;
	if (*out || !r->added.n || !any_relevant(r))
		return NULL;
	*out = any_identical(r);
	if (!*out)
		err = any_similar(s, r, &sources, out);
	for (size_t i = 0; i < sources.n; i++)
		xb_spans_release(&sources.v[i].spans);
	free(sources.v);
	return err;
}

static void record(struct xb_renames *r, size_t src, size_t dst)
{
	r->deleted.v[src].pair = (long)dst;
	r->added.v[dst].pair = (long)src;
}

/* The source of an identical blob: unused, with the same base name if there is one, else the first. */
static void find_identical(struct xb_renames *r)
{
	for (size_t d = 0; d < r->added.n; d++) {
		const struct xb_rename_path *dst = &r->added.v[d];
		long best = -1;

		for (size_t i = 0; i < r->deleted.n; i++) {
			const struct xb_rename_path *src = &r->deleted.v[i];

			if (src->pair >= 0 || !git_oid_equal(&src->oid, &dst->oid) ||
			    is_empty_blob(&src->oid))
				continue;
			if ((!regular(src) || !regular(dst)) && src->mode != dst->mode)
				continue;
			if (best < 0 || !strcmp(xb_base_name(src->path), xb_base_name(dst->path)))
				best = (long)i;
			if (!strcmp(xb_base_name(src->path), xb_base_name(dst->path)))
				break;
		}
		if (best >= 0)
			record(r, (size_t)best, d);
	}
}

struct candidate {
	size_t src, dst;
	unsigned value;
};

struct candidates {
	struct candidate *v;
	size_t n, cap;
};

static int more_similar(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? 1 : -1;
	if (x->dst != y->dst)
		return x->dst < y->dst ? -1 : 1;
	return x->src < y->src ? -1 : x->src > y->src;
}

/* All pairs of what is left that are similar enough. */
static struct xb_err *rate(struct xb_store *s, const struct xb_renames *r, struct parts *sources,
			   struct candidates *out)
{
	size_t budget = MAX_BYTES;

	for (size_t i = 0; i < r->deleted.n; i++)
		XB_TRY(cut_up(s, &r->deleted.v[i], &budget, XB_PUSH(sources, v, n, cap)));
	for (size_t d = 0; d < r->added.n && budget; d++) {
		struct part dst;

		XB_TRY(cut_up(s, &r->added.v[d], &budget, &dst));
		for (size_t i = 0; i < sources->n && r->added.v[d].pair < 0; i++) {
			struct candidate c = {i, d, 0};

			if (r->deleted.v[i].pair >= 0 || !sources->v[i].spans.size || !dst.spans.size)
				continue;
			c.value = xb_similarity(&sources->v[i].spans, &dst.spans, HALF);
			if (c.value >= HALF)
				*XB_PUSH(out, v, n, cap) = c;
		}
		xb_spans_release(&dst.spans);
	}
	return NULL;
}

struct xb_err *xb_renames_guess(struct xb_store *s, struct xb_renames *r)
{
	struct parts sources = {0};
	struct candidates all = {0};
	struct xb_err *err = NULL;

	find_identical(r);
	if (!r->undecidable && r->deleted.n * r->added.n <= MAX_PAIRS)
		err = rate(s, r, &sources, &all);
	if (all.n)
		qsort(all.v, all.n, sizeof *all.v, more_similar);
	for (size_t i = 0; i < all.n && !err; i++)
		if (r->added.v[all.v[i].dst].pair < 0 && r->deleted.v[all.v[i].src].pair < 0)
			record(r, all.v[i].src, all.v[i].dst);
	for (size_t i = 0; i < sources.n; i++)
		xb_spans_release(&sources.v[i].spans);
	XB_FREE(sources.v, all.v);
	return err;
}
