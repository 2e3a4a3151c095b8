/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "batch.h"

#include "hooks/event.h"
#include "util/alloc.h"
#include "util/bytes.h"

#include <stdint.h>
#include <string.h>

void xb_spool_batch_release(struct xb_spool_batch *batch)
{
	xb_strv_release(&batch->refs);
	xb_strv_release(&batch->files);
	*batch = (struct xb_spool_batch){0};
}

static void add_ref(struct xb_spool_batch *out, const char *ref, size_t n)
{
	if (!out->full && out->refs.n >= XB_SPOOL_MAX_REFS) {
		xb_strv_sort_unique(&out->refs);
		/* Half of it: with less room won, each further ref might mean sorting again. */
		out->full = out->refs.n > XB_SPOOL_MAX_REFS / 2;
	}
	if (out->full)
		out->rescan = true;
	else
		*XB_PUSH(&out->refs, v, n, cap) = xb_memdup0(ref, n);
}

/* A decimal number of the N bytes at *P, moved past it; SIZE_MAX when there is none. */
static size_t take_number(const char **p, const char *end)
{
	size_t v = 0;
	const char *s = *p;

	while (*p < end && **p >= '0' && **p <= '9' && *p - s < 10)
		v = v * 10 + (size_t)(*(*p)++ - '0');
	return *p == s ? SIZE_MAX : v;
}

/* The N bytes at P, behind "end ": true when they are "<REFS> <skipped lines>\n". */
static bool end_ok(const char *p, size_t n, size_t refs, struct xb_spool_batch *out)
{
	const char *end = p + n;
	size_t count = take_number(&p, end), skipped;

	if (p == end || *p++ != ' ')
		return false;
	skipped = take_number(&p, end);
	if (count != refs || skipped == SIZE_MAX || p != end - 1 || *p != '\n')
		return false;
	if (!count || skipped)
		out->rescan = true;
	return true;
}

/* The lines after the first; false unless the last, and only the last, is a right `end`. */
static bool parse_body(const char *p, const char *stop, struct xb_spool_batch *out)
{
	size_t refs = 0, n;

	for (; p < stop; p += n) {
		const char *lf = memchr(p, '\n', (size_t)(stop - p));
		struct xb_event_line line;

		n = lf ? (size_t)(lf - p) + 1 : (size_t)(stop - p);
		if (xb_begins(p, n, "end "))
			return p + n == stop && end_ok(p + 4, n - 4, refs, out);
		if (xb_begins(p, n, "rescan\n"))
			out->rescan = true;
		if (!xb_begins(p, n, "ref "))
			continue;
		if (!xb_event_parse_line(p + 4, n - 4, &line))
			return false;
		refs++;
		add_ref(out, line.ref, line.ref_len);
	}
	return false;
}

bool xb_spool_parse(const char *p, size_t n, struct xb_spool_batch *out)
{
	size_t magic = strlen(XB_EVENT_MAGIC);

	if (xb_begins(p, n, XB_EVENT_MAGIC))
		return parse_body(p + magic, p + n, out);
	/* Of a newer hook: something was pushed, that is all we can tell. */
	if (xb_begins(p, n, XB_EVENT_WORD) && n > magic && p[strlen(XB_EVENT_WORD)] >= '1' &&
	    p[strlen(XB_EVENT_WORD)] <= '9' && p[n - 1] == '\n') {
		out->rescan = true;
		return true;
	}
	return false;
}
