/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages-impl.h"

#include "advisories/patch.h"
#include "lines/linenames.h"
#include "plan/plan-json.h"
#include "repo/git.h"
#include "text/json.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct xb_err *xb_pages_new(const struct xb_pages_inputs *in, struct xb_pages **out)
{
	XB_AUTOPTR(xb_pages) *p = NULL;

	XB_TRY(xb_xml_load());
	p = xb_calloc(1, sizeof *p);
	p->in = *in;
	XB_TRY(xb_site_open(in->dir, &p->site));
	*out = XB_STEAL(p);
	return NULL;
}

void xb_pages_free(struct xb_pages *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->lines.n; i++) {
		struct xb_pages_line *l = &p->lines.v[i];

		XB_FREE(l->name, l->file);
		json_decref(l->table);
		json_decref(l->plan);
		json_decref(l->target);
		json_decref(l->times);
		json_decref(l->rows);
		json_decref(l->index);
	}
	for (size_t i = 0; i < p->advisories.n; i++)
		free(p->advisories.v[i].file);
	XB_FREE(p->lines.v, p->advisories.v);
	xb_across_release(&p->across);
	xb_site_free(p->site);
	free(p);
}

/* ---- lines ---- */

static const json_t *status_of(const struct xb_pages *p, const char *name)
{
	const json_t *lines = json_object_get(p->in.status, "lines"), *one;
	size_t i;

	json_array_foreach(lines, i, one)
	{
		const char *is = xb_json_str(one, "name");

		if (is && !strcmp(is, name))
			return one;
	}
	return NULL;
}

static struct xb_pages_line *add(struct xb_pages *p, const struct xb_target *t)
{
	struct xb_pages_line *l = XB_PUSH(&p->lines, v, n, cap);

	l->name = xb_strdup(t->name);
	l->file = xb_file_name(t->name);
	l->target = xb_target_json(t);
	l->times = json_array();
	l->rows = json_object();
	l->index = json_object();
	l->status = status_of(p, t->name);
	return l;
}

void xb_pages_without_plan(struct xb_pages *p, const struct xb_target *t)
{
	add(p, t);
}

/* One that is too large to be read has none. */
static struct xb_err *add_patch(struct xb_pages *p, const struct xb_pages_line *l, const struct xb_table *t,
				const struct xb_table_pick *k)
{
	XB_AUTOFREE char *path = xb_asprintf("patches/%s/%s", l->file, k->file);
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;

	if (!k->sha256)
		return NULL;
	XB_TRY(xb_patch_format(t->plan->store, &k->pick->derived, &text));
	return xb_site_add(p->site, path, &text);
}

struct xb_err *xb_pages_line(struct xb_pages *p, const struct xb_table *t)
{
	struct xb_pages_line *l = add(p, t->plan->target);
	const json_t *list;
	json_t *row;
	size_t i;

	l->table = xb_table_json(t);
	xb_across_add(&p->across, t);
	l->plan = xb_plan_json(t->plan);
	for (i = 0; i < t->picks.n; i++) {
		json_array_append_new(l->times, json_integer((json_int_t)t->picks.v[i].pick->time));
		json_object_set_new(l->index, t->picks.v[i].file, json_integer((json_int_t)i));
	}
	json_array_append_new(l->times, json_integer((json_int_t)xb_plan_tip_time(t->plan, t->picks.n)));
	list = json_object_get(l->table, "advisories");
	json_array_foreach(list, i, row)
	{
		json_object_set(l->rows, xb_json_str(row, "id"), row);
	}
	for (i = 0; i < t->picks.n; i++)
		XB_TRY(add_patch(p, l, t, &t->picks.v[i]));
	return NULL;
}

/* ---- advisories ---- */

/* By the numbers in the names, the highest first. */
static int newest_first(const void *a, const void *b)
{
	const struct xb_pages_advisory *x = a, *y = b;
	int order = strverscmp(y->id, x->id);

	return order ? order : strcmp(y->id, x->id);
}

static void note(struct xb_pages *p, json_t *seen, const char *id, const json_t *row)
{
	const char *state = xb_json_str(row, "state");
	json_t *at = json_object_get(seen, id);
	struct xb_pages_advisory *a;

	if (!at) {
		json_object_set_new(seen, id, json_integer((json_int_t)p->advisories.n));
		a = XB_PUSH(&p->advisories, v, n, cap);
		a->id = id;
		a->file = xb_file_name(id);
	} else {
		a = &p->advisories.v[json_integer_value(at)];
	}
	if (!a->title)
		a->title = xb_json_str(row, "title");
	if (!a->public_time)
		a->public_time = xb_json_str(row, "public_time");
	if (!a->issue)
		a->issue = xb_json_num(row, "issue");
	a->current |=
	    !state || strcmp(state, "applied-in-base") != 0 || json_array_size(xb_page_files(row)) > 0;
}

static void list_advisories(struct xb_pages *p)
{
	json_t *seen = json_object();

	for (size_t i = 0; i < p->lines.n; i++) {
		const char *id;
		json_t *row;

		json_object_foreach(p->lines.v[i].rows, id, row)
		{
			note(p, seen, xb_json_str(row, "id"), row);
		}
	}
	json_decref(seen);
	if (p->advisories.n)
		qsort(p->advisories.v, p->advisories.n, sizeof *p->advisories.v, newest_first);
}

/* ---- all ---- */

static struct xb_err *add_table(const struct xb_pages *p)
{
	json_t *lines = json_array();
	XB_AUTOFREE char *text = NULL;
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < p->lines.n; i++)
		if (p->lines.v[i].table)
			json_array_append(lines, p->lines.v[i].table);
	b.p = text = xb_plan_json_dump(lines);
	b.n = strlen(text);
	return xb_site_add(p->site, "advisories.json", &b);
}

static struct xb_err *add_style(const struct xb_pages *p)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	xb_buf_adds(&b, xb_pages_style);
	return xb_site_add(p->site, "style.css", &b);
}

struct xb_err *xb_pages_write(struct xb_pages *p)
{
	list_advisories(p);
	XB_TRY(add_style(p));
	XB_TRY(add_table(p));
	XB_TRY(xb_pages_overview(p));
	XB_TRY(xb_pages_lines(p));
	XB_TRY(xb_pages_advisories(p));
	XB_TRY(xb_pages_feeds(p));
	XB_TRY(xb_pages_osv(p));
	XB_TRY(xb_pages_metrics(p));
	XB_TRY(xb_pages_numbers(p));
	return xb_site_show(p->site);
}

/* ---- of the model ---- */

const json_t *xb_page_row(const struct xb_pages_line *l, const char *id)
{
	return json_object_get(l->rows, id);
}

const json_t *xb_page_files(const json_t *row)
{
	return json_object_get(row, "files");
}

const json_t *xb_page_pick(const struct xb_pages_line *l, const char *file, size_t *number)
{
	const json_t *at = file ? json_object_get(l->index, file) : NULL;

	*number = (size_t)json_integer_value(at);
	return at ? json_array_get(json_object_get(l->table, "picks"), *number) : NULL;
}

int64_t xb_page_row_time(const struct xb_pages_line *l, const json_t *row)
{
	const json_t *files = xb_page_files(row), *one;
	int64_t last = 0;
	size_t i;

	json_array_foreach(files, i, one)
	{
		size_t n;
		int64_t at = 0;

		if (xb_page_pick(l, json_string_value(one), &n))
			at = json_integer_value(json_array_get(l->times, n));
		last = at > last ? at : last;
	}
	return last;
}

char *xb_page_date(int64_t time)
{
	struct tm tm = {0};
	time_t t = (time_t)time;
	char s[sizeof "9999-12-31T23:59:59Z"];

	if (!gmtime_r(&t, &tm) || !strftime(s, sizeof s, "%Y-%m-%dT%H:%M:%SZ", &tm))
		return xb_strdup("1970-01-01T00:00:00Z");
	return xb_strdup(s);
}

const char *xb_page_branch(const struct xb_pages_line *l)
{
	const char *ref = xb_json_str(l->target, "derived");

	if (!ref)
		return "";
	return strncmp(ref, XB_HEADS, strlen(XB_HEADS)) ? ref : ref + strlen(XB_HEADS);
}
