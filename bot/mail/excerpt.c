/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "excerpt.h"

#include "text.h"
#include "util/alloc.h"
#include "util/vis.h"

enum { PLACES_MAX = 3, FILES_MAX = 6, LINES_MAX = 6, WIDTH_MAX = 160 };

static void add_line(struct xb_buf *out, const char *p, size_t n)
{
	XB_AUTOBUF struct xb_buf shown = XB_BUF_INIT;

	if (n && p[n - 1] == '\n')
		n--;
	if (n && p[n - 1] == '\r')
		n--;
	xb_vis(&shown, p, n > WIDTH_MAX ? WIDTH_MAX : n, XB_VIS_LINES);
	xb_buf_addf(out, "    | %s%s\n", shown.p ? shown.p : "", n > WIDTH_MAX ? " ..." : "");
}

/* What one side has in N lines from FROM on. */
static struct xb_err *add_side(struct xb_picker *p, const char *title, const struct xb_entry *e, size_t from,
			       size_t n, struct xb_buf *out)
{
	struct xb_text *t;
	size_t shown = n > LINES_MAX ? LINES_MAX - 1 : n;

	if (!e->mode || !n) {
		xb_buf_addf(out, "  %s nothing there\n", title);
		return NULL;
	}
	xb_buf_addf(out, "  %s\n", title);
	XB_TRY(xb_picker_text(p, &e->oid, &t));
	for (size_t i = from; i < from + shown && i < t->n; i++)
		add_line(out, xb_text_at(t, i), xb_text_size(t, i, i + 1));
	if (shown < n)
		xb_buf_addf(out, "    ... %zu more lines\n", n - shown);
	return NULL;
}

static struct xb_err *add_place(struct xb_picker *p, const struct xb_conflict *c, const struct xb_hunk *h,
				struct xb_buf *out)
{
	XB_AUTOFREE char *path = xb_text_safe(c->path);

	xb_buf_addf(out, "%s, line %zu of the branch:\n", path, h->ours + 1);
	XB_TRY(add_side(p, "the branch has", &c->ours, h->ours, h->ours_n, out));
	XB_TRY(add_side(p, "the commit expects", &c->base, h->base, h->base_n, out));
	return add_side(p, "and makes of it", &c->theirs, h->theirs, h->theirs_n, out);
}

static void add_more(size_t places, size_t files, struct xb_buf *out)
{
	if (places)
		xb_buf_addf(out, "... and %zu more place%s in these files\n", places, places == 1 ? "" : "s");
	if (files)
		xb_buf_addf(out, "... and %zu more file%s\n", files, files == 1 ? "" : "s");
}

/* The first places of the first files are shown in full, the other files by their names. */
struct xb_err *xb_excerpt(struct xb_picker *p, const struct xb_pick *conflict, struct xb_buf *out)
{
	size_t left = PLACES_MAX, more = 0;

	for (size_t i = 0; i < conflict->n && i < FILES_MAX; i++) {
		const struct xb_conflict *c = &conflict->v[i];
		size_t shown = 0;

		for (; shown < c->hunks.n && left; shown++, left--)
			XB_TRY(add_place(p, c, &c->hunks.v[shown], out));
		if (!shown) {
			XB_AUTOFREE char *path = xb_text_safe(c->path);

			xb_buf_addf(out, "%s: %s\n", path, c->why);
		}
	}
	for (size_t i = 0, seen = 0; i < conflict->n; i++)
		for (size_t k = 0; k < conflict->v[i].hunks.n; k++)
			more += ++seen > PLACES_MAX;
	add_more(more, conflict->n > FILES_MAX ? conflict->n - FILES_MAX : 0, out);
	return NULL;
}
