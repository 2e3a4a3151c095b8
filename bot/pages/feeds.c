/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Atom (RFC 4287): an entry is an advisory on a line, applied. Its id depends on
 * the line, the advisory and the version in which that was issued; its time is
 * that of the commits.
 */
#include "pages-impl.h"

#include "packs/sha1.h"
#include "repo/git.h"
#include "text/json.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 200 /* entries, the newest */ };

struct entry {
	const struct xb_pages_line *line;
	const struct xb_pages_advisory *advisory;
	const json_t *row;
	int64_t time;
};

struct entries {
	struct entry *v;
	size_t n, cap;
};

static int newest_first(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? 1 : -1;
	return x->line == y->line ? strcmp(x->advisory->id, y->advisory->id)
				  : strcmp(x->line->name, y->line->name);
}

static void collect(const struct xb_pages *p, const struct xb_pages_line *only, struct entries *out)
{
	for (size_t i = 0; i < p->lines.n; i++)
		for (size_t k = 0; k < p->advisories.n; k++) {
			const struct xb_pages_line *l = &p->lines.v[i];
			const json_t *row = xb_page_row(l, p->advisories.v[k].id);

			if ((only && l != only) || !json_array_size(xb_page_files(row)))
				continue;
			*XB_PUSH(out, v, n, cap) =
			    (struct entry){l, &p->advisories.v[k], row, xb_page_row_time(l, row)};
		}
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, newest_first);
	if (out->n > MOST)
		out->n = MOST;
}

/* A name-based UUID (RFC 4122, version 5's form) of NAME; owned. */
static char *urn(const char *name)
{
	git_oid sum;
	unsigned char *b = sum.id;

	xb_object_id(GIT_OBJECT_BLOB, name, strlen(name), &sum);
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x50);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	return xb_asprintf("urn:uuid:%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
			   b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
			   b[13], b[14], b[15]);
}

/* With [pages] url the whole address; else as seen from the feed. */
static char *address(const struct xb_pages *p, const char *up, const char *path)
{
	const char *url = p->in.config->pages.url;

	return xb_asprintf("%s%s", *url ? url : up, path);
}

static void link_to(struct xb_xml *x, const char *rel, const char *href)
{
	xb_xml_open(x, "link");
	xb_xml_attr(x, "rel", rel);
	xb_xml_attr(x, "href", href);
	xb_xml_close(x);
}

static void times(struct xb_xml *x, int64_t time)
{
	XB_AUTOFREE char *date = xb_page_date(time);

	xb_xml_leaf(x, "updated", date);
}

static void content(struct xb_xml *x, const struct entry *e)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	const json_t *files = xb_page_files(e->row), *one;
	const char *why = xb_json_str(e->row, "why");
	size_t i, n;

	if (why)
		xb_buf_addf(&b, "%s\n", why);
	json_array_foreach(files, i, one)
	{
		const json_t *k = xb_page_pick(e->line, json_string_value(one), &n);
		const char *subject = xb_json_str(k, "subject"), *id = xb_json_str(k, "derived");

		xb_buf_addf(&b, "%.12s %s\n", id ? id : "", subject ? subject : "");
	}
	xb_xml_open(x, "content");
	xb_xml_attr(x, "type", "text");
	xb_xml_text(x, b.p);
	xb_xml_close(x);
}

static void add_entry(const struct xb_pages *p, struct xb_xml *x, const struct entry *e, const char *up)
{
	const struct xb_pages_advisory *a = e->advisory;
	XB_AUTOFREE char *name =
	    xb_asprintf("%s\n%s\n%lld", e->line->name, a->id, (long long)xb_json_num(e->row, "issue"));
	XB_AUTOFREE char *id = urn(name), *path = xb_asprintf("advisory/%s.html#%s", a->file, e->line->file);
	XB_AUTOFREE char *href = address(p, up, path);

	xb_xml_open(x, "entry");
	xb_xml_leaf(x, "id", id);
	xb_xml_open(x, "title");
	xb_xml_textf(x, "%s: %s %s%s%s", e->line->name, a->id, xb_json_str(e->row, "state"),
		     a->title ? ": " : "", a->title ? a->title : "");
	xb_xml_close(x);
	times(x, e->time);
	link_to(x, "alternate", href);
	content(x, e);
	xb_xml_close(x);
}

static int64_t base_time(const struct xb_pages *p, const struct xb_pages_line *only)
{
	int64_t last = 0;

	for (size_t i = 0; i < p->lines.n; i++) {
		const json_t *t = p->lines.v[i].times;
		int64_t at =
		    json_integer_value(json_array_get(t, json_array_size(t) ? json_array_size(t) - 1 : 0));

		if (!only || only == &p->lines.v[i])
			last = at > last ? at : last;
	}
	return last;
}

/* All lines where ONLY is NULL. */
static struct xb_err *feed(const struct xb_pages *p, const struct xb_pages_line *only, const char *path,
			   const char *up)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	XB_AUTOFREE char *name = xb_asprintf("feed\n%s\n%s", only ? only->name : "", p->in.config->pages.url);
	XB_AUTOFREE char *id = urn(name), *self = address(p, up, path);
	XB_AUTOFREE char *page = only ? xb_asprintf("line/%s.html", only->file) : xb_strdup("index.html");
	XB_AUTOFREE char *shown = address(p, up, page);
	struct xb_xml *x = xb_xml_new(XB_XML_FEED);
	struct entries all = {0};

	collect(p, only, &all);
	xb_xml_open(x, "feed");
	xb_xml_attr(x, "xmlns", "http://www.w3.org/2005/Atom");
	xb_xml_leaf(x, "id", id);
	xb_xml_open(x, "title");
	xb_xml_textf(x, "%s%sreleases with security fixes", only ? only->name : "", only ? ": " : "");
	xb_xml_close(x);
	times(x, all.n ? all.v[0].time : base_time(p, only));
	xb_xml_open(x, "author");
	xb_xml_leaf(x, "name", p->in.config->committer_name);
	xb_xml_close(x);
	link_to(x, "self", self);
	link_to(x, "alternate", shown);
	for (size_t i = 0; i < all.n; i++)
		add_entry(p, x, &all.v[i], up);
	free(all.v);
	XB_TRY(xb_xml_finish(x, &b));
	return xb_site_add(p->site, path, &b);
}

struct xb_err *xb_pages_feeds(const struct xb_pages *p)
{
	XB_TRY(feed(p, NULL, "feed.atom", ""));
	for (size_t i = 0; i < p->lines.n; i++) {
		XB_AUTOFREE char *path = xb_asprintf("line/%s.atom", p->lines.v[i].file);

		if (p->lines.v[i].table)
			XB_TRY(feed(p, &p->lines.v[i], path, "../"));
	}
	return NULL;
}
