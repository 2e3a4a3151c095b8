/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A page a line: what is picked and why, what is left out, what blocks. */
#include "pages-impl.h"

#include "util/alloc.h"
#include "words/advice.h"

#include <string.h>

static void entry(struct xb_xml *x, const char *term, const char *text)
{
	if (!text)
		return;
	xb_xml_leaf(x, "dt", term);
	xb_page_others(x, "dd", text);
}

static void id_entry(struct xb_xml *x, const char *term, const char *name, const char *hex)
{
	if (!hex)
		return;
	xb_xml_leaf(x, "dt", term);
	xb_xml_open(x, "dd");
	if (name)
		xb_xml_textf(x, "%s, ", name);
	xb_page_id(x, hex);
	xb_xml_close(x);
}

static void facts(struct xb_xml *x, const struct xb_pages_line *l)
{
	const json_t *base = json_object_get(l->target, "base");
	const char *derived = xb_json_str(l->status, "derived"), *state = xb_json_str(l->status, "state");

	xb_xml_open(x, "dl");
	if (state) {
		xb_xml_leaf(x, "dt", "State");
		xb_xml_open(x, "dd");
		xb_page_state(x, state);
		xb_xml_close(x);
	}
	entry(x, "Why", xb_json_str(l->status, "why"));
	id_entry(x, "Release", xb_json_str(base, "tag"), xb_json_str(base, "commit"));
	id_entry(x, "Branch", xb_page_branch(l), derived ? derived : xb_json_str(l->plan, "chain_tip"));
	id_entry(x, "Stable branch", xb_json_str(l->target, "tip_ref"), xb_json_str(l->target, "tip"));
	xb_xml_close(x);
}

static void commands(const struct xb_pages *p, struct xb_xml *x, const struct xb_pages_line *l)
{
	const char *clone = p->in.config->pages.clone;
	const char *tag = xb_json_str(json_object_get(l->target, "base"), "tag");
	XB_AUTOFREE char *branch = xb_advice_quoted(xb_page_branch(l));
	XB_AUTOFREE char *range = tag ? xb_asprintf("%s..%s", tag, xb_page_branch(l)) : NULL;
	XB_AUTOFREE char *quoted = range ? xb_advice_quoted(range) : NULL;

	xb_xml_open(x, "pre");
	xb_xml_open(x, "code");
	xb_xml_textf(x, "git clone -b %s %s\n", branch, *clone ? clone : "URL");
	if (quoted)
		xb_xml_textf(x, "git log --first-parent --no-merges %s\n", quoted);
	xb_xml_close(x);
	xb_xml_close(x);
}

/* Links to the advisories of the list IDS. */
static void advisory_links(struct xb_xml *x, const json_t *ids)
{
	const json_t *one;
	size_t i;

	xb_xml_open(x, "td");
	json_array_foreach(ids, i, one)
	{
		const char *id = json_string_value(one);
		XB_AUTOFREE char *file = xb_file_name(id ? id : "");
		XB_AUTOFREE char *href = xb_asprintf("../advisory/%s.html", file);

		if (i)
			xb_xml_text(x, ", ");
		xb_xml_link(x, href, id);
	}
	xb_xml_close(x);
}

/* ---- advisories ---- */

static void advisory_row(struct xb_xml *x, const struct xb_pages_line *l, const json_t *row)
{
	const char *id = xb_json_str(row, "id"), *state = xb_json_str(row, "state");
	XB_AUTOFREE char *file = xb_file_name(id);
	XB_AUTOFREE char *href = xb_asprintf("../advisory/%s.html#%s", file, l->file);
	XB_AUTOFREE char *count = xb_asprintf("%zu", json_array_size(xb_page_files(row)));

	xb_xml_open(x, "tr");
	xb_xml_open(x, "th");
	xb_xml_attr(x, "scope", "row");
	xb_xml_link(x, href, id);
	xb_xml_close(x);
	xb_xml_open(x, "td");
	xb_page_state(x, state);
	xb_xml_close(x);
	xb_page_cell_text(x, count);
	xb_xml_open(x, "td");
	xb_xml_attr(x, "class", "wide");
	if (xb_json_str(row, "title"))
		xb_xml_leaf(x, "bdi", xb_json_str(row, "title"));
	if (xb_json_str(row, "why"))
		xb_page_others(x, "p", xb_json_str(row, "why"));
	xb_xml_close(x);
	xb_xml_close(x);
}

static bool in_release_alone(const json_t *row)
{
	const char *state = xb_json_str(row, "state");

	return state && !strcmp(state, "applied-in-base") && !json_array_size(xb_page_files(row));
}

static void advisories(struct xb_xml *x, const struct xb_pages_line *l)
{
	static const char *const names[] = {"Advisory", "State", "Picks", "Title, and why", NULL};
	const json_t *rows = json_object_get(l->table, "advisories"), *row;
	size_t i, n = 0;

	json_array_foreach(rows, i, row)
	{
		n += !in_release_alone(row);
	}
	if (!n)
		return;
	xb_xml_leaf(x, "h2", "Advisories");
	xb_page_table(x, NULL, "Advisories");
	xb_page_columns(x, names);
	json_array_foreach(rows, i, row)
	{
		if (!in_release_alone(row))
			advisory_row(x, l, row);
	}
	xb_page_table_end(x);
}

static void in_release(struct xb_xml *x, const struct xb_pages_line *l)
{
	const json_t *rows = json_object_get(l->table, "advisories"), *row;
	size_t i, n = 0;

	json_array_foreach(rows, i, row)
	{
		n += in_release_alone(row);
	}
	if (!n)
		return;
	xb_xml_open(x, "details");
	xb_xml_leaf(x, "summary", "Those that the release has");
	xb_xml_open(x, "ul");
	xb_xml_attr(x, "class", "flow");
	json_array_foreach(rows, i, row)
	{
		const char *id = xb_json_str(row, "id");
		XB_AUTOFREE char *file = xb_file_name(id);
		XB_AUTOFREE char *href = xb_asprintf("../advisory/%s.html", file);

		if (!in_release_alone(row))
			continue;
		xb_xml_open(x, "li");
		xb_xml_link(x, href, id);
		xb_xml_close(x);
	}
	xb_xml_close(x);
	xb_xml_close(x);
}

/* ---- picks ---- */

static void pick_row(struct xb_xml *x, const struct xb_pages_line *l, const json_t *k, const json_t *planned)
{
	xb_xml_open(x, "tr");
	xb_page_patch(x, l, k, "../");
	xb_xml_leaf(x, "td", xb_json_str(k, "role"));
	advisory_links(x, json_object_get(k, "advisories"));
	xb_xml_open(x, "td");
	xb_page_id(x, xb_json_str(k, "derived"));
	xb_xml_close(x);
	xb_xml_open(x, "td");
	xb_page_id(x, xb_json_str(k, "staging"));
	xb_xml_close(x);
	xb_xml_open(x, "td");
	xb_xml_attr(x, "class", "wide");
	xb_xml_leaf(x, "bdi", xb_json_str(k, "subject"));
	if (xb_json_str(planned, "why"))
		xb_page_others(x, "p", xb_json_str(planned, "why"));
	if (json_is_false(json_object_get(k, "published")))
		xb_xml_classed(x, "p", "dim", "not published");
	xb_xml_close(x);
	xb_xml_close(x);
}

static void picks(struct xb_xml *x, const struct xb_pages_line *l)
{
	static const char *const names[] = {
	    "Patch", "Role", "Advisories", "Commit", "From", "Subject, and why", NULL};
	const json_t *all = json_object_get(l->table, "picks"), *one;
	const json_t *planned = json_object_get(l->plan, "picks");
	size_t i;

	xb_xml_leaf(x, "h2", "Picks, in their order");
	if (!json_array_size(all)) {
		xb_xml_leaf(x, "p", "None: the branch is the release.");
		return;
	}
	xb_page_table(x, NULL, "Picks");
	xb_page_columns(x, names);
	json_array_foreach(all, i, one)
	{
		pick_row(x, l, one, json_array_get(planned, i));
	}
	xb_page_table_end(x);
}

/* ---- what is not there ---- */

static void commit_row(struct xb_xml *x, const json_t *one, const char *what)
{
	xb_xml_open(x, "tr");
	xb_xml_open(x, "td");
	xb_page_id(x, xb_json_str(one, "commit"));
	xb_xml_close(x);
	xb_page_cell_text(x, what);
	advisory_links(x, json_object_get(one, "advisories"));
	xb_xml_open(x, "td");
	xb_xml_attr(x, "class", "wide");
	xb_xml_leaf(x, "bdi", xb_json_str(one, "subject"));
	if (xb_json_str(one, "why"))
		xb_page_others(x, "p", xb_json_str(one, "why"));
	xb_xml_close(x);
	xb_xml_close(x);
}

static void commits(struct xb_xml *x, const struct xb_pages_line *l, const char *key, const char *heading)
{
	static const char *const names[] = {"Commit", "What", "Advisories", "Subject, and why", NULL};
	const json_t *all = json_object_get(l->plan, key), *one;
	size_t i;

	if (!json_array_size(all))
		return;
	xb_xml_leaf(x, "h2", heading);
	xb_page_table(x, NULL, heading);
	xb_page_columns(x, names);
	json_array_foreach(all, i, one)
	{
		const char *reason = xb_json_str(one, "reason");

		commit_row(x, one, reason ? reason : "does not apply");
	}
	xb_page_table_end(x);
}

static void residue(struct xb_xml *x, const struct xb_pages_line *l)
{
	static const char *const names[] = {"Name", "Kind", "File", "Advisories", NULL};
	const json_t *all = json_object_get(l->plan, "residue"), *one;
	size_t i;

	if (!json_array_size(all))
		return;
	xb_xml_leaf(x, "h2", "Mixtures");
	xb_xml_leaf(
	    x, "p",
	    "Definitions that a pick changed and that stand in the branch as the stable branch never had "
	    "them: nobody has tested these there.");
	xb_page_table(x, NULL, "Mixtures");
	xb_page_columns(x, names);
	json_array_foreach(all, i, one)
	{
		xb_xml_open(x, "tr");
		xb_page_cell_text(x, xb_json_str(one, "name"));
		xb_page_cell_text(x, xb_json_str(one, "kind"));
		xb_page_cell_text(x, xb_json_str(one, "path"));
		advisory_links(x, json_object_get(one, "advisories"));
		xb_xml_close(x);
	}
	xb_page_table_end(x);
}

static void notices(struct xb_xml *x, const struct xb_pages_line *l)
{
	const json_t *all = json_object_get(l->table, "notices"), *one;
	size_t i;

	if (!json_array_size(all))
		return;
	xb_xml_leaf(x, "h2", "To look at");
	xb_xml_open(x, "ul");
	json_array_foreach(all, i, one)
	{
		xb_page_others(x, "li", json_string_value(one));
	}
	xb_xml_close(x);
}

/* ---- the page ---- */

static struct xb_err *page(const struct xb_pages *p, const struct xb_pages_line *l)
{
	XB_AUTOFREE char *path = xb_asprintf("line/%s.html", l->file),
			 *feed = xb_asprintf("line/%s.atom", l->file);
	struct xb_xml *x = xb_page_begin(l->name, "../", l->table ? feed : NULL);
	XB_AUTOFREE char *own = xb_asprintf("%s.atom", l->file);

	xb_xml_leaf(x, "h1", l->name);
	facts(x, l);
	if (l->table) {
		commands(p, x, l);
		xb_xml_open(x, "p");
		xb_xml_link(x, own, "Feed of this line");
		xb_xml_close(x);
		commits(x, l, "blocked", "Blocked");
		notices(x, l);
		advisories(x, l);
		in_release(x, l);
		picks(x, l);
		commits(x, l, "left_out", "Left out");
		residue(x, l);
	} else {
		xb_xml_leaf(x, "p",
			    "There is no plan: the stable branch is not there, or contains no release.");
	}
	return xb_page_end(p, x, path);
}

struct xb_err *xb_pages_lines(const struct xb_pages *p)
{
	for (size_t i = 0; i < p->lines.n; i++)
		XB_TRY(page(p, &p->lines.v[i]));
	return NULL;
}
