/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rename.h"

#include "similarity.h"
#include "util/alloc.h"
#include "util/bytes.h"

#define HALF (XB_SIMILARITY_MAX / 2)               /* diffcore: at least half kept */
#define BASENAME_LEAST (XB_SIMILARITY_MAX * 3 / 4) /* the same base name: half-way from there to identity */
#define MAX_PATHS 20000
#define MAX_PAIRS 200000
#define BEST 4 /* candidates that are kept for a destination */

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
	free(r->deleted.v);
	free(r->added.v);
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

static void record(struct xb_renames *r, size_t src, size_t dst)
{
	r->deleted.v[src].pair = (long)dst;
	r->added.v[dst].pair = (long)src;
}

static bool is_empty_blob(const git_oid *oid)
{
	static const unsigned char id[GIT_OID_RAWSZ] = {0xe6, 0x9d, 0xe2, 0x9b, 0xb2, 0xd1, 0xd6,
							0x43, 0x4b, 0x8b, 0x29, 0xae, 0x77, 0x5a,
							0xd8, 0xc2, 0xe4, 0x8c, 0x53, 0x91};

	return !memcmp(oid->id, id, sizeof id);
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

/* Similarity by content; 0 unless both are regular files and it is at least LEAST. */
static struct xb_err *score(struct xb_store *s, const struct xb_rename_path *src,
			    const struct xb_rename_path *dst, unsigned least, unsigned *out)
{
	struct xb_spans a, b;
	struct xb_obj *oa, *ob;

	*out = 0;
	if (!regular(src) || !regular(dst) || is_empty_blob(&src->oid) || is_empty_blob(&dst->oid))
		return NULL;
	XB_TRY(xb_store_get(s, &src->oid, GIT_OBJECT_BLOB, &oa));
	XB_TRY(xb_store_get(s, &dst->oid, GIT_OBJECT_BLOB, &ob));
	xb_spans_init(&a, (const char *)oa->data, oa->len, XB_GIT_2_39);
	xb_spans_init(&b, (const char *)ob->data, ob->len, XB_GIT_2_39);
	*out = xb_similarity(&a, &b, least);
	xb_spans_release(&a);
	xb_spans_release(&b);
	if (*out < least)
		*out = 0;
	return NULL;
}

static bool wanted(const struct xb_rename_path *src)
{
	return src->relevant && src->pair < 0;
}

/* How many open sources (or, with sources false, open destinations) have this base name; *LAST is one. */
static unsigned count_named(const struct xb_renames *r, bool sources, const char *name, size_t *last)
{
	const struct xb_rename_path *v = sources ? r->deleted.v : r->added.v;
	size_t n = sources ? r->deleted.n : r->added.n;
	unsigned count = 0;

	for (size_t i = 0; i < n; i++) {
		if ((sources ? !wanted(&v[i]) : v[i].pair >= 0) || strcmp(xb_base_name(v[i].path), name) != 0)
			continue;
		count++;
		*last = i;
	}
	return count;
}

/* A file was renamed out of the directory of PATH: git then guesses by directory where names are ambiguous.
 */
static bool neighbour_renamed(const struct xb_renames *r, const char *path)
{
	size_t dir = (size_t)(xb_base_name(path) - path);

	for (size_t i = 0; i < r->deleted.n; i++)
		if (r->deleted.v[i].pair >= 0 && !strncmp(r->deleted.v[i].path, path, dir))
			return true;
	return false;
}

static struct xb_err *find_by_basename(struct xb_store *s, struct xb_renames *r)
{
	for (size_t i = 0; i < r->deleted.n; i++) {
		const struct xb_rename_path *src = &r->deleted.v[i];
		size_t dst = 0, other = 0;
		unsigned dsts, value;

		if (!wanted(src))
			continue;
		dsts = count_named(r, false, xb_base_name(src->path), &dst);
		if (!dsts)
			continue;
		if (dsts > 1 || count_named(r, true, xb_base_name(src->path), &other) > 1) {
			if (neighbour_renamed(r, src->path))
				r->undecidable = true;
			continue;
		}
		XB_TRY(score(s, src, &r->added.v[dst], BASENAME_LEAST, &value));
		if (value)
			record(r, i, dst);
	}
	return NULL;
}

struct candidate {
	unsigned value;
	bool same_name;
	size_t src, dst;
	size_t seq; /* keeps the sort stable */
};

static int worse(const struct candidate *a, const struct candidate *b)
{
	if (a->value != b->value)
		return a->value < b->value ? 1 : -1;
	return (int)b->same_name - (int)a->same_name;
}

static int cmp_candidates(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int c = worse(x, y);

	return c ? c : x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* Keeps the BEST candidates of a destination as diffcore does: the worst gives way to a better one. */
static void keep_best(struct candidate *four, const struct candidate *c)
{
	size_t worst = 0;

	for (size_t i = 1; i < BEST; i++)
		if (worse(&four[i], &four[worst]) > 0)
			worst = i;
	if (worse(&four[worst], c) > 0) {
		size_t seq = four[worst].seq;

		four[worst] = *c;
		four[worst].seq = seq;
	}
}

static struct xb_err *find_by_content(struct xb_store *s, struct xb_renames *r, struct candidate *all,
				      size_t *n)
{
	for (size_t d = 0; d < r->added.n; d++) {
		struct candidate *four = &all[*n];

		if (r->added.v[d].pair >= 0)
			continue;
		for (size_t k = 0; k < BEST; k++)
			four[k] = (struct candidate){.seq = *n + k};
		for (size_t i = 0; i < r->deleted.n; i++) {
			const struct xb_rename_path *src = &r->deleted.v[i], *dst = &r->added.v[d];
			struct candidate c = {.src = i, .dst = d};

			if (!wanted(src))
				continue;
			XB_TRY(score(s, src, dst, HALF, &c.value));
			c.same_name = !strcmp(xb_base_name(src->path), xb_base_name(dst->path));
			keep_best(four, &c);
		}
		*n += BEST;
	}
	return NULL;
}

static struct xb_err *find_similar(struct xb_store *s, struct xb_renames *r)
{
	XB_AUTOFREE struct candidate *all = NULL;
	size_t n = 0, sources = 0;
	struct xb_err *err;

	for (size_t i = 0; i < r->deleted.n; i++)
		sources += wanted(&r->deleted.v[i]);
	if (!sources || !r->added.n)
		return NULL;
	if (sources * r->added.n > MAX_PAIRS) {
		r->undecidable = true;
		return NULL;
	}
	all = xb_calloc(r->added.n * BEST, sizeof *all);
	err = find_by_content(s, r, all, &n);
	if (err)
		return err;
	qsort(all, n, sizeof *all, cmp_candidates);
	for (size_t i = 0; i < n && all[i].value >= HALF; i++)
		if (r->added.v[all[i].dst].pair < 0 && r->deleted.v[all[i].src].pair < 0)
			record(r, all[i].src, all[i].dst);
	return NULL;
}

struct xb_err *xb_renames_find(struct xb_store *s, struct xb_renames *r)
{
	bool any = false;

	for (size_t i = 0; i < r->deleted.n; i++)
		any |= r->deleted.v[i].relevant;
	if (!any || !r->added.n)
		return NULL;
	find_identical(r);
	XB_TRY(find_by_basename(s, r));
	return find_similar(s, r);
}

struct xb_err *xb_renames_leave_dir(struct xb_store *s, const struct xb_renames *r, const char *dir,
				    bool *out)
{
	size_t len = strlen(dir), tried = 0;

	*out = false;
	for (size_t i = 0; i < r->deleted.n; i++) {
		const struct xb_rename_path *src = &r->deleted.v[i];

		if (strncmp(src->path, dir, len) != 0)
			continue;
		for (size_t d = 0; d < r->added.n; d++) {
			unsigned value = 0;

			if (!strncmp(r->added.v[d].path, dir, len))
				continue;
			if (++tried > MAX_PAIRS || git_oid_equal(&src->oid, &r->added.v[d].oid)) {
				*out = true;
				return NULL;
			}
			XB_TRY(score(s, src, &r->added.v[d], HALF, &value));
			if (value) {
				*out = true;
				return NULL;
			}
		}
	}
	return NULL;
}
