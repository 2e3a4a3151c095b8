/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A page an advisory: its state on each line and why, its patches, and the commands to take them. */
#include "pages-impl.h"

#include "util/alloc.h"
#include "words/advice.h"

#include <string.h>

enum { FEW = 12 /* commits in one command */ };

static void join(const json_t *list, struct xb_buf *out)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (out->n)
			xb_buf_adds(out, ", ");
		xb_buf_adds(out, json_string_value(one) ? json_string_value(one) : "");
	}
}

/* All that any line calls it. */
static void aliases(const struct xb_pages *p, const struct xb_pages_advisory *a, struct xb_buf *out)
{
	json_t *seen = json_object(), *list = json_array();

	for (size_t i = 0; i < p->lines.n; i++) {
		const json_t *all = json_object_get(xb_page_row(&p->lines.v[i], a->id), "aliases");
		json_t *one;
		size_t k;

		json_array_foreach(all, k, one)
		{
			if (json_object_get(seen, json_string_value(one)))
				continue;
			json_object_set_new(seen, json_string_value(one), json_true());
			json_array_append(list, one);
		}
	}
	join(list, out);
	json_decref(list);
	json_decref(seen);
}

static void entry(struct xb_xml *x, const char *term, const char *text)
{
	if (!text || !*text)
		return;
	xb_xml_leaf(x, "dt", term);
	xb_page_others(x, "dd", text);
}

static void facts(const struct xb_pages *p, struct xb_xml *x, const struct xb_pages_advisory *a)
{
	XB_AUTOBUF struct xb_buf names = XB_BUF_INIT;
	XB_AUTOFREE char *issue = a->issue ? xb_asprintf("%lld", (long long)a->issue) : NULL;

	aliases(p, a, &names);
	xb_xml_open(x, "dl");
	entry(x, "Also", names.p);
	entry(x, "Public", a->public_time);
	entry(x, "Version", issue);
	if (!names.p && !a->public_time && !issue)
		entry(x, "Known from", "the messages of commits alone");
	xb_xml_close(x);
}

/* ---- one line's part ---- */

static void patches(struct xb_xml *x, const struct xb_pages_line *l, const json_t *files)
{
	static const char *const names[] = {"Patch", "Role", "Commit", "Subject", "SHA-256", NULL};
	const json_t *one;
	size_t i, n;

	xb_page_table(x, NULL, "Patches");
	xb_page_columns(x, names);
	json_array_foreach(files, i, one)
	{
		const json_t *k = xb_page_pick(l, json_string_value(one), &n);

		xb_xml_open(x, "tr");
		xb_page_patch(x, l, k, "../");
		xb_page_cell_text(x, xb_json_str(k, "role"));
		xb_xml_open(x, "td");
		xb_page_id(x, xb_json_str(k, "derived"));
		xb_xml_close(x);
		xb_xml_open(x, "td");
		xb_xml_attr(x, "class", "wide");
		xb_xml_leaf(x, "bdi", xb_json_str(k, "subject"));
		xb_xml_close(x);
		xb_xml_open(x, "td");
		xb_xml_attr(x, "class", "sum");
		xb_xml_leaf(x, "code", xb_json_str(k, "sha256"));
		xb_xml_close(x);
		xb_xml_close(x);
	}
	xb_page_table_end(x);
}

static void commands(struct xb_xml *x, const struct xb_pages_advisory *a, const struct xb_pages_line *l,
		     const json_t *files)
{
	XB_AUTOFREE char *id = xb_advice_quoted(a->id), *name = xb_advice_quoted(l->name);
	const json_t *one;
	size_t i, n;

	xb_xml_open(x, "pre");
	xb_xml_open(x, "code");
	if (json_array_size(files) && json_array_size(files) <= FEW) {
		xb_xml_text(x, "git cherry-pick");
		json_array_foreach(files, i, one)
		{
			const char *derived =
			    xb_json_str(xb_page_pick(l, json_string_value(one), &n), "derived");

			xb_xml_textf(x, " %.12s", derived ? derived : "");
		}
		xb_xml_text(x, "\n");
	}
	xb_xml_textf(x, "xsabot explain %s %s\n", id, name);
	xb_xml_close(x);
	xb_xml_close(x);
}

static void commits(struct xb_xml *x, const json_t *row)
{
	const json_t *all = json_object_get(row, "commits"), *one;
	size_t i;

	if (!json_array_size(all))
		return;
	xb_xml_open(x, "p");
	xb_xml_text(x, "Commits: ");
	json_array_foreach(all, i, one)
	{
		if (i)
			xb_xml_text(x, ", ");
		xb_page_id(x, json_string_value(one));
	}
	xb_xml_close(x);
}

static void line(struct xb_xml *x, const struct xb_pages_advisory *a, const struct xb_pages_line *l)
{
	const json_t *row = xb_page_row(l, a->id), *files = xb_page_files(row);
	XB_AUTOFREE char *href = xb_asprintf("../line/%s.html", l->file);

	if (!row)
		return;
	xb_xml_open(x, "h2");
	xb_xml_attr(x, "id", l->file);
	xb_xml_link(x, href, l->name);
	xb_xml_text(x, " ");
	xb_page_state(x, xb_json_str(row, "state"));
	xb_xml_close(x);
	if (xb_json_str(row, "why"))
		xb_page_others(x, "p", xb_json_str(row, "why"));
	if (json_array_size(files))
		patches(x, l, files);
	else
		commits(x, row);
	commands(x, a, l, files);
}

/* ---- the page ---- */

static struct xb_err *page(const struct xb_pages *p, const struct xb_pages_advisory *a)
{
	XB_AUTOFREE char *path = xb_asprintf("advisory/%s.html", a->file);
	XB_AUTOFREE char *title =
	    xb_asprintf("%s%s%s", a->id, a->title ? ": " : "", a->title ? a->title : "");
	struct xb_xml *x = xb_page_begin(title, "../", NULL);

	xb_page_others(x, "h1", title);
	facts(p, x, a);
	for (size_t i = p->lines.n; i--;)
		line(x, a, &p->lines.v[i]);
	return xb_page_end(p, x, path);
}

struct xb_err *xb_pages_advisories(const struct xb_pages *p)
{
	for (size_t i = 0; i < p->advisories.n; i++)
		XB_TRY(page(p, &p->advisories.v[i]));
	return NULL;
}
