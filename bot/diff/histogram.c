/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The histogram algorithm. In a region, the common run of lines that is the
 * longest, or holds the rarest line, splits it in two, and so on down. A line
 * that occurs more often than MAX_CHAIN times in the old file starts no run;
 * when only such lines are common, the region is left to Myers' algorithm.
 */
#include "linediff-impl.h"

#include "util/alloc.h"

#include <string.h>

enum { MAX_CHAIN = 64 };
#define NONE UINT32_MAX

/* The old side of one region, and the best common run so far. */
struct index {
	struct xb_pair *p;
	struct xb_region r;
	uint32_t *first;       /* by class: its first line in the region, valid where p->count_a is not 0 */
	uint32_t *next;        /* by line: the next line of the same class, or NONE */
	uint32_t rarest;       /* no class that occurs more often than this starts a run */
	bool common;           /* some line is common */
	struct xb_region best; /* a0 == a1: none */
};

struct regions {
	struct xb_region *v;
	size_t n, cap;
};

/*
 * git keeps the classes of a region in a hash table and fails when a bucket
 * would hold more than MAX_CHAIN. True when that happens here; it takes a huge
 * file with a region of hundreds of lines that collide.
 */
static bool chain_overflows(const struct index *x)
{
	size_t n = x->r.a1 - x->r.a0;
	unsigned bits = 1;
	while ((size_t)1 << bits < n)
		bits++;
	if (n <= MAX_CHAIN || x->p->n_cls_a >> bits < MAX_CHAIN)
		return false;

	size_t mask = ((size_t)1 << bits) - 1;
	XB_AUTOFREE unsigned char *len = xb_calloc(mask + 1, 1);
	for (size_t i = x->r.a0; i < x->r.a1; i++) {
		size_t cls = x->p->a.cls[i];
		/* Only the first line of a class takes a place: count it where its list begins. */
		if (x->first[cls] == i && len[(cls + (cls >> bits)) & mask]++ == MAX_CHAIN)
			return true;
	}
	return false;
}

static void index_region(struct index *x)
{
	const uint32_t *cls = x->p->a.cls;
	for (size_t i = x->r.a1; i-- > x->r.a0;) {
		uint32_t c = cls[i];
		x->next[i] = x->p->count_a[c]++ ? x->first[c] : NONE;
		x->first[c] = (uint32_t)i;
	}
}

static void unindex_region(struct index *x)
{
	for (size_t i = x->r.a0; i < x->r.a1; i++)
		x->p->count_a[x->p->a.cls[i]] = 0;
}

/* Extends a run to both sides within the region; gives how often its rarest line occurs in the old file. */
static uint32_t extend(const struct index *x, struct xb_region *run)
{
	const uint32_t *a = x->p->a.cls, *b = x->p->b.cls, *count = x->p->count_a;
	uint32_t rare = count[a[run->a0]];
	while (run->a0 > x->r.a0 && run->b0 > x->r.b0 && a[run->a0 - 1] == b[run->b0 - 1]) {
		run->a0--;
		run->b0--;
		if (rare > count[a[run->a0]])
			rare = count[a[run->a0]];
	}
	while (run->a1 < x->r.a1 && run->b1 < x->r.b1 && a[run->a1] == b[run->b1]) {
		if (rare > count[a[run->a1]])
			rare = count[a[run->a1]];
		run->a1++;
		run->b1++;
	}
	return rare;
}

/* A run wins by length or by a rarer line; a single line wins nothing over none by its length. */
static void keep_better(struct index *x, const struct xb_region *run, uint32_t rare)
{
	size_t have = x->best.a1 > x->best.a0 ? x->best.a1 - x->best.a0 : 1;
	if (run->a1 - run->a0 > have || rare < x->rarest) {
		x->best = *run;
		x->rarest = rare;
	}
}

/* Tries all runs through line B; gives the next line to try in *NEXT. */
static bool try_line(struct index *x, size_t b, size_t *next)
{
	uint32_t c = x->p->b.cls[b];
	*next = b + 1;
	if (c >= x->p->n_cls_a || !x->p->count_a[c])
		return true;
	x->common = true;
	if (x->p->count_a[c] > x->rarest)
		return true;
	for (uint32_t a = x->first[c]; a != NONE;) {
		struct xb_region run = {a, (size_t)a + 1, b, b + 1};
		uint32_t rare = extend(x, &run);
		if (!xb_pay(x->p, run.a1 - run.a0))
			return false;
		if (run.b1 > *next)
			*next = run.b1;
		keep_better(x, &run, rare);
		/* Occurrences inside the run just seen are passed over. */
		while (a != NONE && a < run.a1)
			a = x->next[a];
	}
	return true;
}

/* Finds the best run of X->r; false when out of work or where git fails. */
static bool find_best(struct index *x)
{
	bool ok = true;
	x->rarest = MAX_CHAIN + 1;
	x->common = false;
	x->best = (struct xb_region){0};
	index_region(x);
	if (chain_overflows(x))
		ok = false;
	for (size_t b = x->r.b0; ok && b < x->r.b1;)
		ok = try_line(x, b, &b);
	unindex_region(x);
	return ok && xb_pay(x->p, x->r.a1 - x->r.a0);
}

static void mark(struct xb_side *s, size_t from, size_t to)
{
	memset(s->changed + from, true, to - from);
}

static void push(struct regions *todo, size_t a0, size_t a1, size_t b0, size_t b1)
{
	if (a0 == a1 && b0 == b1)
		return;
	*XB_PUSH(todo, v, n, cap) = (struct xb_region){a0, a1, b0, b1};
}

static bool split(struct index *x, struct regions *todo)
{
	const struct xb_region *r = &x->r, *best = &x->best;
	if (r->a0 < r->a1 && r->b0 < r->b1) {
		if (!find_best(x))
			return false;
		if (x->common && x->rarest > MAX_CHAIN)
			return xb_myers(x->p, &x->p->a, &x->p->b, r);
		if (best->a0 < best->a1) {
			push(todo, r->a0, best->a0, r->b0, best->b0);
			push(todo, best->a1, r->a1, best->b1, r->b1);
			return true;
		}
	}
	mark(&x->p->a, r->a0, r->a1);
	mark(&x->p->b, r->b0, r->b1);
	return true;
}

/* The regions do not influence each other, so any order will do. */
bool xb_histogram(struct xb_pair *p)
{
	struct index x = {.p = p,
			  .first = xb_malloc(p->n_cls_a * sizeof *x.first),
			  .next = xb_malloc(p->a.n * sizeof *x.next)};
	struct regions todo = {0};
	bool ok = true;
	push(&todo, 0, p->a.n, 0, p->b.n);
	while (ok && todo.n) {
		x.r = todo.v[--todo.n];
		ok = split(&x, &todo);
	}
	XB_FREE(todo.v, x.first, x.next);
	return ok;
}
