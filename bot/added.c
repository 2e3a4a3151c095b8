/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "added.h"

#include "hashmap.h"
#include "util/alloc.h"

struct cut {
	const char *p, *end;
	size_t line; /* of p, from 1 */
};

static const char *line_end(const char *p, const char *end)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));

	return nl ? nl + 1 : end;
}

/* Skips what both begin with, line by line. */
static void trim_head(struct cut *a, struct cut *b)
{
	while (a->p < a->end && b->p < b->end) {
		const char *e = line_end(a->p, a->end);
		size_t n = (size_t)(e - a->p);

		if (line_end(b->p, b->end) != b->p + n || memcmp(a->p, b->p, n))
			return;
		a->p = e;
		b->p += n;
		a->line++;
		b->line++;
	}
}

/* Cuts off what both end with. */
static void trim_tail(struct cut *a, struct cut *b)
{
	const char *x = a->end, *y = b->end, *stop_x = x, *stop_y = y;

	while (x > a->p && y > b->p && x[-1] == y[-1]) {
		x--;
		y--;
		if ((x == a->p || x[-1] == '\n') && (y == b->p || y[-1] == '\n')) {
			stop_x = x;
			stop_y = y;
		}
	}
	a->end = stop_x;
	b->end = stop_y;
}

static void count_lines(struct cut c, struct xb_hashmap *count)
{
	for (const char *e; c.p < c.end; c.p = e) {
		e = line_end(c.p, c.end);
		++*xb_hashmap_at(count, xb_hash_bytes(c.p, (size_t)(e - c.p)));
	}
}

/* The lines of C that are not, or no more, in COUNT, which is used up. */
static void mark(struct cut c, struct xb_hashmap *count, struct xb_lineset *out)
{
	size_t lines = c.line;

	for (const char *p = c.p; p < c.end; p = line_end(p, c.end))
		lines++;
	out->lines = lines;
	out->bits = xb_calloc(lines / 8 + 1, 1);
	for (const char *e; c.p < c.end; c.p = e, c.line++) {
		uint64_t *n;

		e = line_end(c.p, c.end);
		n = xb_hashmap_find(count, xb_hash_bytes(c.p, (size_t)(e - c.p)));
		if (n && *n)
			--*n;
		else
			out->bits[c.line / 8] |= (unsigned char)(1 << c.line % 8);
	}
}

static void one_side(struct cut had, struct cut has, struct xb_lineset *out)
{
	struct xb_hashmap count = {0};

	*out = (struct xb_lineset){0};
	if (has.p == has.end)
		return;
	count_lines(had, &count);
	mark(has, &count, out);
	xb_hashmap_release(&count);
}

void xb_added_lines(const char *old, size_t old_len, const char *new_text, size_t new_len,
		    struct xb_lineset *added, struct xb_lineset *gone)
{
	struct cut a = {old, old + old_len, 1}, b = {new_text, new_text + new_len, 1};

	trim_head(&a, &b);
	trim_tail(&a, &b);
	if (added)
		one_side(a, b, added);
	if (gone)
		one_side(b, a, gone);
}

bool xb_lineset_any(const struct xb_lineset *s, size_t first, size_t last)
{
	for (; first <= last && first <= s->lines; first++)
		if (xb_lineset_has(s, first))
			return true;
	return false;
}

void xb_lineset_release(struct xb_lineset *s)
{
	free(s->bits);
	*s = (struct xb_lineset){0};
}
