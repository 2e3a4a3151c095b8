/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first page, and that of all advisories. */
#include "pages-impl.h"

#include "text/json.h"
#include "util/alloc.h"
#include "words/advice.h"

#include <string.h>

/* ---- advisories by lines ---- */

static void matrix_head(const struct xb_pages *p, struct xb_xml *x)
{
	xb_xml_open(x, "thead");
	xb_xml_open(x, "tr");
	xb_xml_open(x, "th");
	xb_xml_attr(x, "scope", "col");
	xb_xml_text(x, "Advisory");
	xb_xml_close(x);
	for (size_t i = p->lines.n; i--;) {
		XB_AUTOFREE char *href = xb_asprintf("line/%s.html", p->lines.v[i].file);

		xb_xml_open(x, "th");
		xb_xml_attr(x, "scope", "col");
		xb_xml_link(x, href, p->lines.v[i].name);
		xb_xml_close(x);
	}
	xb_xml_open(x, "th");
	xb_xml_attr(x, "scope", "col");
	xb_xml_text(x, "Title");
	xb_xml_close(x);
	xb_xml_close(x);
	xb_xml_close(x);
}

static void matrix_row(const struct xb_pages *p, struct xb_xml *x, const struct xb_pages_advisory *a)
{
	XB_AUTOFREE char *href = xb_asprintf("advisory/%s.html", a->file);

	xb_xml_open(x, "tr");
	xb_xml_open(x, "th");
	xb_xml_attr(x, "scope", "row");
	xb_xml_link(x, href, a->id);
	xb_xml_close(x);
	for (size_t i = p->lines.n; i--;)
		xb_page_cell(p, x, a, &p->lines.v[i]);
	xb_xml_open(x, "td");
	xb_xml_attr(x, "class", "title");
	if (a->title)
		xb_xml_leaf(x, "bdi", a->title);
	xb_xml_close(x);
	xb_xml_close(x);
	xb_xml_text(x, "\n");
}

void xb_page_matrix(const struct xb_pages *p, struct xb_xml *x, bool current_only)
{
	size_t n = 0;

	for (size_t i = 0; i < p->advisories.n; i++)
		n += !current_only || p->advisories.v[i].current;
	if (!n) {
		xb_xml_leaf(x, "p", "None.");
		return;
	}
	xb_page_table(x, "matrix", "Advisories by lines");
	matrix_head(p, x);
	xb_xml_open(x, "tbody");
	for (size_t i = 0; i < p->advisories.n; i++)
		if (!current_only || p->advisories.v[i].current)
			matrix_row(p, x, &p->advisories.v[i]);
	xb_page_table_end(x);
}

/* ---- lines ---- */

static void line_state(struct xb_xml *x, const struct xb_pages_line *l)
{
	const char *state = xb_json_str(l->status, "state");

	xb_xml_open(x, "td");
	if (!l->table)
		xb_page_state(x, "nothing");
	else if (state)
		xb_page_state(x, state);
	else if (json_array_size(json_object_get(l->plan, "blocked")))
		xb_page_state(x, "blocked");
	else
		xb_xml_text(x, "\u2013");
	xb_xml_close(x);
}

static void line_row(struct xb_xml *x, const struct xb_pages_line *l)
{
	const json_t *picks = json_object_get(l->table, "picks");
	const char *tag = xb_json_str(json_object_get(l->target, "base"), "tag");
	XB_AUTOFREE char *href = xb_asprintf("line/%s.html", l->file);
	XB_AUTOFREE char *count = l->table ? xb_asprintf("%zu", json_array_size(picks)) : NULL;

	xb_xml_open(x, "tr");
	xb_xml_open(x, "th");
	xb_xml_attr(x, "scope", "row");
	xb_xml_link(x, href, l->name);
	xb_xml_close(x);
	line_state(x, l);
	xb_xml_classed(x, "td", "once", tag ? tag : "\u2013");
	xb_page_cell_text(x, count);
	xb_xml_classed(x, "td", "once", xb_page_branch(l));
	xb_xml_close(x);
}

static void lines(const struct xb_pages *p, struct xb_xml *x)
{
	static const char *const names[] = {"Line", "State", "On release", "Picks", "Branch", NULL};

	xb_page_table(x, NULL, "Lines");
	xb_page_columns(x, names);
	for (size_t i = p->lines.n; i--;)
		line_row(x, &p->lines.v[i]);
	xb_page_table_end(x);
}

/* ---- mirrors ---- */

static void mirror_row(struct xb_xml *x, const json_t *m)
{
	const char *state = xb_json_str(m, "state");

	xb_xml_open(x, "tr");
	xb_xml_open(x, "th");
	xb_xml_attr(x, "scope", "row");
	xb_xml_text(x, xb_json_str(m, "name"));
	xb_xml_close(x);
	xb_page_cell_text(x, state);
	xb_xml_open(x, "td");
	xb_xml_textf(x, "%lld", (long long)xb_json_num(m, "commits"));
	xb_xml_close(x);
	xb_xml_close(x);
}

static void mirrors(const struct xb_pages *p, struct xb_xml *x)
{
	static const char *const names[] = {"Mirror", "State", "Commits missing", NULL};
	const json_t *all = json_object_get(p->in.status, "mirrors"), *one;
	size_t i;

	if (!json_array_size(all))
		return;
	xb_xml_leaf(x, "h2", "Mirrors");
	xb_page_table(x, NULL, "Mirrors");
	xb_page_columns(x, names);
	json_array_foreach(all, i, one)
	{
		mirror_row(x, one);
	}
	xb_page_table_end(x);
}

/* ---- pages ---- */

static void how_to(const struct xb_pages *p, struct xb_xml *x)
{
	const char *branch = p->lines.n ? xb_page_branch(&p->lines.v[p->lines.n - 1]) : NULL;
	const char *clone = p->in.config->pages.clone;
	XB_AUTOFREE char *quoted = branch ? xb_advice_quoted(branch) : NULL;

	if (!quoted)
		return;
	xb_xml_leaf(x, "h2", "To take one");
	xb_xml_open(x, "pre");
	xb_xml_open(x, "code");
	xb_xml_textf(x, "git clone -b %s %s\ngit pull --ff-only    # at any later time\n", quoted,
		     *clone ? clone : "URL");
	xb_xml_close(x);
	xb_xml_close(x);
	xb_xml_leaf(
	    x, "p",
	    "A subset of a stable branch is a combination that its maintainers have not tested. Where you "
	    "can take the whole stable branch, do.");
}

static void notices(const struct xb_pages *p, struct xb_xml *x)
{
	XB_AUTOSTRV struct xb_strv all = {0};

	xb_across_notices(&p->across, p->in.metadata, &all);
	if (!all.n)
		return;
	xb_xml_leaf(x, "h2", "To look at");
	xb_xml_open(x, "ul");
	for (size_t i = 0; i < all.n; i++)
		xb_page_others(x, "li", all.v[i]);
	xb_xml_close(x);
}

static struct xb_err *index_page(const struct xb_pages *p)
{
	struct xb_xml *x = xb_page_begin("Releases with security fixes", "", NULL);

	xb_xml_leaf(x, "h1", "Releases with security fixes");
	xb_xml_leaf(
	    x, "p",
	    "Each line's last release, and on it the commits of its stable branch that fix security issues, "
	    "what repairs these, and what they need to apply; nothing else.");
	lines(p, x);
	xb_xml_leaf(x, "h2", "Advisories since the releases");
	xb_page_matrix(p, x, true);
	notices(p, x);
	how_to(p, x);
	mirrors(p, x);
	if (p->in.report) {
		xb_xml_open(x, "p");
		xb_xml_link(x, "numbers.html", "Numbers: what such branches took, over the years");
		xb_xml_close(x);
	}
	return xb_page_end(p, x, "index.html");
}

static struct xb_err *all_page(const struct xb_pages *p)
{
	struct xb_xml *x = xb_page_begin("All advisories", "", NULL);

	xb_xml_leaf(x, "h1", "All advisories");
	xb_page_matrix(p, x, false);
	return xb_page_end(p, x, "all.html");
}

struct xb_err *xb_pages_overview(const struct xb_pages *p)
{
	XB_TRY(index_page(p));
	return all_page(p);
}
