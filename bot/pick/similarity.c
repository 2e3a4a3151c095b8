/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "similarity.h"

#include "merge3.h"
#include "util/alloc.h"

#include <string.h>

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
