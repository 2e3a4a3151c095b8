/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "linediff.h"

#include "linediff-impl.h"
#include "util/alloc.h"

#include <string.h>

/* ---- texts as lines ---- */

void xb_text_init(struct xb_text *t, const char *data, size_t len)
{
	*t = (struct xb_text){.data = len ? data : "", .len = len};
}

void xb_text_release(struct xb_text *t)
{
	XB_FREE(t->start, t->cls, t->slots);
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

static bool classify_text(struct xb_text *t, uint64_t *work)
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
	if (classify_text(t, work))
		return true;
	XB_FREE(t->cls, t->slots);
	t->cls = NULL;
	t->slots = NULL;
	return false;
}

/* Steps of about a nanosecond; an honest file of ten thousand lines takes some ten thousand. */
#define WORK ((uint64_t)1 << 27)

/* What the two files have in common at both ends, in whole lines, in bytes. */
struct ends {
	size_t head, tail;
};

/* The number of equal bytes at the start of P and Q, N at most. */
static size_t same_head(const char *p, const char *q, size_t n)
{
	size_t i = 0;
	while (n - i >= 4096 && !memcmp(p + i, q + i, 4096))
		i += 4096;
	while (n - i >= 64 && !memcmp(p + i, q + i, 64))
		i += 64;
	while (i < n && p[i] == q[i])
		i++;
	return i;
}

/* The number of equal bytes before P and Q, N at most. */
static size_t same_tail(const char *p, const char *q, size_t n)
{
	size_t i = 0;
	while (n - i >= 4096 && !memcmp(p - i - 4096, q - i - 4096, 4096))
		i += 4096;
	while (n - i >= 64 && !memcmp(p - i - 64, q - i - 64, 64))
		i += 64;
	while (i < n && p[-(ptrdiff_t)i - 1] == q[-(ptrdiff_t)i - 1])
		i++;
	return i;
}

static struct ends common_ends(const struct xb_text *a, const struct xb_text *b)
{
	size_t n = a->len < b->len ? a->len : b->len;
	struct ends e = {.head = same_head(a->data, b->data, n)};
	while (e.head && a->data[e.head - 1] != '\n')
		e.head--;
	e.tail = same_tail(a->data + a->len, b->data + b->len, n - e.head);
	/* The lines of the tail begin behind an LF that is common too. */
	const char *lf = e.tail ? memchr(a->data + a->len - e.tail, '\n', e.tail) : NULL;
	e.tail = lf ? (size_t)(a->data + a->len - lf - 1) : 0;
	return e;
}

/* The classes of B's own lines FROM .. TO-1: those of A where a line is there too, new ones after them
 * otherwise. */
static bool classify_middle(struct xb_pair *p, const struct xb_text *a, const struct xb_text *b,
			    uint32_t *cls, size_t from, size_t to)
{
	size_t n_own = xb_line_slots(to - from);
	XB_AUTOFREE struct xb_line_slot *own = xb_calloc(n_own, sizeof *own);
	for (size_t i = from; i < to; i++) {
		const char *line = xb_text_at(b, i);
		size_t n = xb_text_size(b, i, i + 1);
		uint64_t h = xb_line_hash(line, n);
		struct xb_line_slot *s = xb_line_find(a, a->slots, a->n_slots, h, line, n, &p->work);
		if (s && s->line) {
			cls[i] = a->cls[s->line - 1];
			continue;
		}
		s = s ? xb_line_find(b, own, n_own, h, line, n, &p->work) : NULL;
		if (!s)
			return false;
		if (!s->line) {
			*s = (struct xb_line_slot){.tag = (uint32_t)(h >> 32), .line = (uint32_t)i + 1};
			cls[i] = (uint32_t)p->n_cls++;
		} else {
			cls[i] = cls[s->line - 1];
		}
	}
	return true;
}

/* Gives B's classes, owned by the caller; NULL: out of work. Lines of the common ends need no look at their
 * bytes. */
static uint32_t *classify(struct xb_pair *p, struct xb_text *a, struct xb_text *b)
{
	struct ends e = common_ends(a, b);
	size_t head = xb_text_line(a, e.head), tail = a->n - xb_text_line(a, a->len - e.tail);
	xb_text_split_like(b, a, e.head, e.tail);
	uint32_t *cls = xb_malloc((b->n + 1) * sizeof *cls);
	if (head)
		memcpy(cls, a->cls, head * sizeof *cls);
	if (tail)
		memcpy(cls + b->n - tail, a->cls + a->n - tail, tail * sizeof *cls);
	if (classify_middle(p, a, b, cls, head, b->n - tail))
		return cls;
	free(cls);
	return NULL;
}

static bool *new_marks(size_t n)
{
	bool *m = xb_calloc(n + 2, sizeof *m);
	return m + 1;
}

static void collect(const struct xb_pair *p, struct xb_changes *out)
{
	size_t i = 0, j = 0;
	while (i < p->a.n || j < p->b.n) {
		struct xb_change c = {.a = i, .b = j};
		while (p->a.changed[i])
			i++;
		while (p->b.changed[j])
			j++;
		c.an = i - c.a;
		c.bn = j - c.b;
		if (c.an || c.bn) {
			*XB_PUSH(out, v, n, cap) = c;
		} else { /* an unchanged line, the same in both */
			i++;
			j++;
		}
	}
}

static bool mark_changes(struct xb_pair *p, unsigned rules, struct xb_changes *out)
{
	if (!xb_histogram(p) || !xb_slide(p, &p->a, &p->b, rules) || !xb_slide(p, &p->b, &p->a, rules))
		return false;
	collect(p, out);
	return true;
}

bool xb_diff(struct xb_text *a, struct xb_text *b, unsigned rules, struct xb_changes *out)
{
	struct xb_pair p = {.work = WORK};
	XB_AUTOFREE uint32_t *cls = NULL;
	bool ok;
	out->n = 0;
	if (a->len > XB_TEXT_MAX || b->len > XB_TEXT_MAX || !xb_text_index(a, &p.work))
		return false;
	p.n_cls = p.n_cls_a = a->n_cls;
	cls = classify(&p, a, b);
	if (!cls)
		return false;
	p.a = (struct xb_side){a->cls, new_marks(a->n), a->n};
	p.b = (struct xb_side){cls, new_marks(b->n), b->n};
	p.count_a = xb_calloc(p.n_cls, sizeof *p.count_a);
	ok = mark_changes(&p, rules, out);
	XB_FREE(p.a.changed - 1, p.b.changed - 1, p.count_a, p.count_b);
	return ok;
}

void xb_changes_release(struct xb_changes *c)
{
	free(c->v);
	*c = (struct xb_changes){0};
}
