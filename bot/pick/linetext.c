/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "linetext.h"

#include "util/alloc.h"

#include <string.h>

void xb_text_init(struct xb_text *t, const char *data, size_t len)
{
	*t = (struct xb_text){.data = len ? data : "", .len = len};
}

void xb_text_release(struct xb_text *t)
{
	free(t->start);
	free(t->cls);
	free(t->slots);
	*t = (struct xb_text){0};
}

/* Writes the start of each line in [FROM, TO) of T; gives the number of all lines so far. */
static size_t scan_lines(struct xb_text *t, size_t n, size_t *cap, size_t from, size_t to)
{
	while (from < to) {
		const char *lf = memchr(t->data + from, '\n', to - from);
		if (n + 2 > *cap)
			xb_grow((void *)&t->start, cap, n + 2, sizeof *t->start);
		t->start[n++] = (uint32_t)from;
		from = lf ? (size_t)(lf - t->data) + 1 : to;
	}
	return n;
}

void xb_text_split(struct xb_text *t)
{
	size_t cap = 0;
	if (t->start)
		return;
	xb_grow((void *)&t->start, &cap, t->len / 24 + 2, sizeof *t->start);
	t->n = scan_lines(t, 0, &cap, 0, t->len);
	t->start[t->n] = (uint32_t)t->len;
}

size_t xb_text_line(const struct xb_text *t, size_t at)
{
	size_t lo = 0, hi = t->n;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (t->start[mid] < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void xb_text_split_like(struct xb_text *t, const struct xb_text *like, size_t head, size_t tail)
{
	size_t n_head = xb_text_line(like, head), from = xb_text_line(like, like->len - tail),
	       n_tail = like->n - from;
	size_t cap = 0, n;
	if (t->start)
		return;
	xb_grow((void *)&t->start, &cap, n_head + n_tail + 64, sizeof *t->start);
	memcpy(t->start, like->start, n_head * sizeof *t->start);
	n = scan_lines(t, n_head, &cap, head, t->len - tail);
	xb_grow((void *)&t->start, &cap, n + n_tail + 1, sizeof *t->start);
	for (size_t i = 0; i < n_tail; i++) /* unsigned arithmetic: the shift may be downwards */
		t->start[n + i] = like->start[from + i] + (uint32_t)t->len - (uint32_t)like->len;
	t->n = n + n_tail;
	t->start[t->n] = (uint32_t)t->len;
}

static uint64_t load(const char *p, size_t n)
{
	uint64_t v = 0;
	memcpy(&v, p, n);
	return v;
}

static uint64_t stir(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

/* Only a filter before bytes are compared, so it need not be strong; floods are caught by the work budget. */
uint64_t xb_line_hash(const char *p, size_t n)
{
	uint64_t h = n * 0xff51afd7ed558ccdu;
	for (; n >= 8; p += 8, n -= 8)
		h = stir(h, load(p, 8));
	if (n >= 4) {
		h = stir(h, load(p, 4) << 32 | load(p + n - 4, 4));
		n = 0;
	}
	if (n)
		h = stir(h, (uint64_t)(unsigned char)p[0] << 16 | (uint64_t)(unsigned char)p[n / 2] << 8 |
				(unsigned char)p[n - 1]);
	h *= 0xc4ceb9fe1a85ec53u;
	return h ^ h >> 32;
}

size_t xb_line_slots(size_t count)
{
	size_t n = 16;
	while (n < count + count / 2)
		n *= 2;
	return n;
}

struct xb_line_slot *xb_line_find(const struct xb_text *t, struct xb_line_slot *slots, size_t n_slots,
				  uint64_t hash, const char *p, size_t n, uint64_t *work)
{
	uint32_t tag = (uint32_t)(hash >> 32);
	for (size_t at = hash & (n_slots - 1);; at = (at + 1) & (n_slots - 1)) {
		struct xb_line_slot *s = &slots[at];
		if (!s->line)
			return s;
		if (s->tag == tag && xb_text_size(t, s->line - 1, s->line) == n &&
		    !memcmp(xb_text_at(t, s->line - 1), p, n))
			return s;
		if (!*work)
			return NULL;
		--*work;
	}
}

static bool classify(struct xb_text *t, uint64_t *work)
{
	for (size_t i = 0; i < t->n; i++) {
		const char *p = xb_text_at(t, i);
		size_t n = xb_text_size(t, i, i + 1);
		uint64_t h = xb_line_hash(p, n);
		struct xb_line_slot *s = xb_line_find(t, t->slots, t->n_slots, h, p, n, work);
		if (!s)
			return false;
		if (!s->line) {
			*s = (struct xb_line_slot){.tag = (uint32_t)(h >> 32), .line = (uint32_t)i + 1};
			t->cls[i] = (uint32_t)t->n_cls++;
		} else {
			t->cls[i] = t->cls[s->line - 1];
		}
	}
	return true;
}

bool xb_text_index(struct xb_text *t, uint64_t *work)
{
	if (t->cls)
		return true;
	xb_text_split(t);
	t->n_slots = xb_line_slots(t->n);
	t->slots = xb_calloc(t->n_slots, sizeof *t->slots);
	t->cls = xb_calloc(t->n + 1, sizeof *t->cls);
	t->n_cls = 0;
	if (classify(t, work))
		return true;
	free(t->cls);
	free(t->slots);
	t->cls = NULL;
	t->slots = NULL;
	return false;
}
