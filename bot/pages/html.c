/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages-impl.h"

#include "util/alloc.h"

#include <string.h>

/* No script, no frame, nothing from elsewhere, no form. */
#define POLICY "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"

static void meta(struct xb_xml *x, const char *key, const char *name, const char *content)
{
	xb_xml_open(x, "meta");
	xb_xml_attr(x, key, name);
	xb_xml_attr(x, "content", content);
	xb_xml_close(x);
}

static void refer(struct xb_xml *x, const char *rel, const char *type, const char *up, const char *to)
{
	XB_AUTOFREE char *href = xb_asprintf("%s%s", up, to);

	xb_xml_open(x, "link");
	xb_xml_attr(x, "rel", rel);
	if (type)
		xb_xml_attr(x, "type", type);
	xb_xml_attr(x, "href", href);
	xb_xml_close(x);
}

static void head(struct xb_xml *x, const char *title, const char *up, const char *feed)
{
	xb_xml_open(x, "head");
	xb_xml_open(x, "meta");
	xb_xml_attr(x, "charset", "utf-8");
	xb_xml_close(x);
	meta(x, "http-equiv", "Content-Security-Policy", POLICY);
	meta(x, "name", "viewport", "width=device-width, initial-scale=1");
	meta(x, "name", "referrer", "no-referrer");
	meta(x, "name", "color-scheme", "light dark");
	xb_xml_leaf(x, "title", title);
	refer(x, "stylesheet", NULL, up, "style.css");
	refer(x, "alternate", "application/atom+xml", up, feed ? feed : "feed.atom");
	xb_xml_close(x);
}

static void menu(struct xb_xml *x, const char *up)
{
	static const char *const items[][2] = {{"index.html", "Lines"},
					       {"all.html", "All advisories"},
					       {"feed.atom", "Feed"},
					       {"advisories.json", "JSON"}};

	xb_xml_open(x, "nav");
	xb_xml_attr(x, "aria-label", "Pages");
	for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
		XB_AUTOFREE char *href = xb_asprintf("%s%s", up, items[i][0]);

		xb_xml_link(x, href, items[i][1]);
		xb_xml_text(x, "\n");
	}
	xb_xml_close(x);
}

struct xb_xml *xb_page_begin(const char *title, const char *up, const char *feed)
{
	struct xb_xml *x = xb_xml_new(XB_XML_HTML);

	xb_xml_open(x, "html");
	xb_xml_attr(x, "lang", "en");
	head(x, title, up, feed);
	xb_xml_open(x, "body");
	menu(x, up);
	xb_xml_open(x, "main");
	return x;
}

struct xb_err *xb_page_end(const struct xb_pages *p, struct xb_xml *x, const char *path)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	XB_TRY(xb_xml_finish(x, &b));
	return xb_site_add(p->site, path, &b);
}

static const char *word_of(const char *state)
{
	return !strcmp(state, "applied-in-base") ? "in release" : state;
}

void xb_page_state(struct xb_xml *x, const char *state)
{
	XB_AUTOFREE char *class = xb_asprintf("state s-%s", state);

	xb_xml_classed(x, "span", class, word_of(state));
}

/* What the metadata says of an advisory that no commit of the line names. */
static const char *without_row(const struct xb_pages *p, const struct xb_pages_advisory *a,
			       const struct xb_pages_line *l)
{
	const char *line = xb_json_str(l->target, "line");

	return line && xb_metadata_has_recipes(p->in.metadata, a->id) &&
		       !xb_metadata_affects(p->in.metadata, line, a->id)
		   ? "not here"
		   : NULL;
}

void xb_page_cell(const struct xb_pages *p, struct xb_xml *x, const struct xb_pages_advisory *a,
		  const struct xb_pages_line *l)
{
	const json_t *row = xb_page_row(l, a->id);
	const char *state = row ? xb_json_str(row, "state") : without_row(p, a, l);
	XB_AUTOFREE char *href = xb_asprintf("advisory/%s.html#%s", a->file, l->file);

	xb_xml_open(x, "td");
	if (row && state) {
		XB_AUTOFREE char *class = xb_asprintf("state s-%s", state);

		xb_xml_open(x, "a");
		xb_xml_attr(x, "class", class);
		xb_xml_attr(x, "href", href);
		xb_xml_text(x, word_of(state));
		xb_xml_close(x);
	} else {
		xb_xml_classed(x, "span", "dim", state ? state : "\u2013");
	}
	xb_xml_close(x);
}

void xb_page_id(struct xb_xml *x, const char *hex)
{
	xb_xml_open(x, "code");
	if (hex)
		xb_xml_textf(x, "%.12s", hex);
	xb_xml_close(x);
}

void xb_page_others(struct xb_xml *x, const char *element, const char *text)
{
	xb_xml_open(x, element);
	if (text)
		xb_xml_leaf(x, "bdi", text);
	xb_xml_close(x);
}

/* ---- tables ---- */

void xb_page_columns(struct xb_xml *x, const char *const *names)
{
	xb_xml_open(x, "thead");
	xb_xml_open(x, "tr");
	for (; *names; names++) {
		xb_xml_open(x, "th");
		xb_xml_attr(x, "scope", "col");
		xb_xml_text(x, *names);
		xb_xml_close(x);
	}
	xb_xml_close(x);
	xb_xml_close(x);
	xb_xml_open(x, "tbody");
}

/* A table that is wider than the page scrolls by itself, also by keys. */
void xb_page_table(struct xb_xml *x, const char *class, const char *label)
{
	xb_xml_open(x, "div");
	xb_xml_attr(x, "class", "scroll");
	xb_xml_attr(x, "role", "region");
	xb_xml_attr(x, "aria-label", label);
	xb_xml_attr(x, "tabindex", "0");
	xb_xml_open(x, "table");
	if (class)
		xb_xml_attr(x, "class", class);
}

void xb_page_table_end(struct xb_xml *x)
{
	xb_xml_close(x); /* tbody */
	xb_xml_close(x);
	xb_xml_close(x);
}

void xb_page_cell_text(struct xb_xml *x, const char *text)
{
	xb_xml_leaf(x, "td", text ? text : "\u2013");
}

void xb_page_patch(struct xb_xml *x, const struct xb_pages_line *l, const json_t *k, const char *up)
{
	const char *file = xb_json_str(k, "file");
	XB_AUTOFREE char *href = xb_asprintf("%spatches/%s/%s", up, l->file, file ? file : "");

	xb_xml_open(x, "td");
	xb_xml_attr(x, "class", "file");
	if (file && xb_json_str(k, "sha256"))
		xb_xml_link(x, href, file);
	else
		xb_xml_text(x, file);
	xb_xml_close(x);
}
