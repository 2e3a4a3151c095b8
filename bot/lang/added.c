/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "added.h"

#include "util/alloc.h"
#include "util/bytes.h"
#include "util/hashmap.h"

#include <stdint.h>
#include <string.h>

struct cut {
	const char *p, *end;
	size_t line; /* of p, from 1 */
};

static size_t size(const struct cut *c)
{
	return (size_t)(c->end - c->p);
}

static const char *line_end(const char *p, const char *end)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));

	return nl ? nl + 1 : end;
}

/* Skips the lines that both begin with. */
static void trim_head(struct cut *a, struct cut *b)
{
	size_t max = size(a) < size(b) ? size(a) : size(b), n = xb_common_head(a->p, b->p, max);

	if (n < size(a) || n < size(b)) { /* not beyond the last line that is whole in both */
		const char *nl = memrchr(a->p, '\n', n);

		n = nl ? (size_t)(nl + 1 - a->p) : 0;
	}
	a->line += xb_count_newlines(a->p, n);
	b->line = a->line;
	a->p += n;
	b->p += n;
}

static bool begins_line(const struct cut *c, const char *p)
{
	return p == c->p || p[-1] == '\n';
}

/* Cuts off the lines that both end with. */
static void trim_tail(struct cut *a, struct cut *b)
{
	size_t max = size(a) < size(b) ? size(a) : size(b), n = xb_common_tail(a->end, b->end, max);

	if (!begins_line(a, a->end - n) || !begins_line(b, b->end - n)) {
		const char *nl = memchr(a->end - n, '\n', n);

		n = nl ? (size_t)(a->end - nl - 1) : 0;
	}
	a->end -= n;
	b->end -= n;
}

/* The hashes of the lines of C; the caller's. */
static uint64_t *hash_lines(struct cut c, size_t *n)
{
	uint64_t *v = xb_calloc(xb_count_newlines(c.p, size(&c)) + 1, sizeof *v);

	for (*n = 0; c.p < c.end; ++*n) {
		const char *e = line_end(c.p, c.end);

		v[*n] = xb_hash_bytes(c.p, (size_t)(e - c.p));
		c.p = e;
	}
	return v;
}

/* The lines, the first of which is LINE, of which the other side has not as many: its count is in FIELD. */
static void mark(const uint64_t *v, size_t n, size_t line, struct xb_hashmap *count, uint64_t field,
		 struct xb_lineset *out)
{
	out->lines = line + n;
	out->bits = xb_calloc(out->lines / 8 + 1, 1);
	for (size_t i = 0; i < n; i++, line++) {
		uint64_t *c = xb_hashmap_find(count, v[i]);

		if (c && *c / field & UINT32_MAX)
			*c -= field;
		else
			out->bits[line / 8] |= (unsigned char)(1 << line % 8);
	}
}

/* What the lines of both are is counted in the two halves of a number. */
#define OLD UINT64_C(1)
#define NEW (UINT64_C(1) << 32)

static void compare(struct cut a, struct cut b, struct xb_lineset *added, struct xb_lineset *gone)
{
	struct xb_hashmap count = {0};
	size_t n, m;
	XB_AUTOFREE uint64_t *old = hash_lines(a, &n);
	XB_AUTOFREE uint64_t *now = hash_lines(b, &m);

	for (size_t i = 0; i < n; i++)
		*xb_hashmap_at(&count, old[i]) += OLD;
	for (size_t i = 0; i < m; i++)
		*xb_hashmap_at(&count, now[i]) += NEW;
	if (added && m)
		mark(now, m, b.line, &count, OLD, added);
	if (gone && n)
		mark(old, n, a.line, &count, NEW, gone);
	xb_hashmap_release(&count);
}

void xb_added_lines(const char *old, size_t old_len, const char *new_text, size_t new_len,
		    struct xb_lineset *added, struct xb_lineset *gone)
{
	struct cut a = {old, old + old_len, 1}, b = {new_text, new_text + new_len, 1};

	if (added)
		*added = (struct xb_lineset){0};
	if (gone)
		*gone = (struct xb_lineset){0};
	trim_head(&a, &b);
	trim_tail(&a, &b);
	compare(a, b, added, gone);
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
