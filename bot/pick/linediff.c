/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "linediff-impl.h"

#include "util/alloc.h"

#include <string.h>

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
	free(p.a.changed - 1);
	free(p.b.changed - 1);
	free(p.count_a);
	free(p.count_b);
	return ok;
}

void xb_changes_release(struct xb_changes *c)
{
	free(c->v);
	*c = (struct xb_changes){0};
}
