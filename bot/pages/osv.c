/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OSV records (https://ossf.github.io/osv-schema/), one an advisory and line: the
 * commits of the branch and of the stable branch that complete the fix. The
 * schema follows no cherry-picks, so each line names its own. Where a fix is not
 * complete no commit is named as one. What introduced it is not known: the range
 * begins with the release, which lacks the fix.
 */
#include "pages-impl.h"

#include "text/json.h"
#include "util/alloc.h"

#include <string.h>

static json_t *event(const char *kind, const char *commit)
{
	json_t *o = json_object();

	json_object_set_new(o, kind, json_string(commit));
	return o;
}

/* The last commits of the fix; nothing where it isn't complete. */
static void add_fixed(const struct xb_pages_line *l, const json_t *row, json_t *events)
{
	const json_t *files = xb_page_files(row), *one, *last = NULL;
	const char *state = xb_json_str(row, "state");
	size_t i, n;

	if (!state || strcmp(state, "applied") != 0)
		return;
	json_array_foreach(files, i, one)
	{
		const json_t *k = xb_page_pick(l, json_string_value(one), &n);
		const char *role = xb_json_str(k, "role");

		if (role && !strcmp(role, "security"))
			last = k;
	}
	if (!last)
		return;
	json_array_append_new(events, event("fixed", xb_json_str(last, "derived")));
	json_array_append_new(events, event("fixed", xb_json_str(last, "staging")));
}

static json_t *affected(const struct xb_pages *p, const struct xb_pages_line *l, const json_t *row)
{
	const json_t *base = json_object_get(l->target, "base");
	json_t *events = json_array(), *range = json_object(), *ranges = json_array(),
	       *versions = json_array();
	json_t *o = json_object();

	json_array_append_new(events, event("introduced", xb_json_str(base, "commit")));
	add_fixed(l, row, events);
	json_object_set_new(range, "type", json_string("GIT"));
	json_object_set_new(range, "repo", json_string(p->in.config->pages.clone));
	json_object_set_new(range, "events", events);
	json_array_append_new(ranges, range);
	json_object_set_new(o, "ranges", ranges);
	if (xb_json_str(base, "tag"))
		json_array_append_new(versions, json_string(xb_json_str(base, "tag")));
	json_object_set_new(o, "versions", versions);
	return o;
}

/* "2026-01-31 12:00" as OSV has it; NULL: it is no such time. */
static json_t *published(const char *time)
{
	XB_AUTOFREE char *s = NULL;

	if (!time || strlen(time) != 16 || strspn(time, "0123456789- :") != 16 || time[4] != '-' ||
	    time[10] != ' ' || time[13] != ':')
		return NULL;
	s = xb_asprintf("%.10sT%.5s:00Z", time, time + 11);
	return json_string(s);
}

static json_t *record(const struct xb_pages *p, const struct xb_pages_line *l, const json_t *row)
{
	const char *id = xb_json_str(row, "id"), *title = xb_json_str(row, "title");
	XB_AUTOFREE char *name = xb_asprintf("x_%s-%s", id, l->name),
			 *date = xb_page_date(xb_page_row_time(l, row));
	json_t *o = json_object(), *own = json_object(), *list = json_array();
	json_t *when = published(xb_json_str(row, "public_time"));

	json_object_set_new(o, "schema_version", json_string("1.7.0"));
	json_object_set_new(o, "id", json_string(name));
	json_object_set_new(o, "modified", json_string(date));
	if (when)
		json_object_set_new(o, "published", when);
	json_object_set(o, "aliases", json_object_get(row, "aliases"));
	if (title)
		json_object_set_new(o, "summary", json_string(title));
	json_array_append_new(list, affected(p, l, row));
	json_object_set_new(o, "affected", list);
	json_object_set_new(own, "advisory", json_string(id));
	json_object_set_new(own, "line", json_string(l->name));
	json_object_set(own, "state", json_object_get(row, "state"));
	json_object_set_new(o, "database_specific", own);
	return o;
}

static struct xb_err *add(const struct xb_pages *p, const struct xb_pages_line *l,
			  const struct xb_pages_advisory *a, const json_t *row)
{
	XB_AUTOFREE char *path = xb_asprintf("osv/%s/%s.json", l->file, a->file), *text = NULL;
	json_t *o = record(p, l, row);
	struct xb_buf b = XB_BUF_INIT;

	b.p = text = xb_json_dump(o, JSON_INDENT(1));
	json_decref(o);
	b.n = text ? strlen(text) : 0;
	return xb_site_add(p->site, path, &b);
}

struct xb_err *xb_pages_osv(const struct xb_pages *p)
{
	for (size_t i = 0; *p->in.config->pages.clone && i < p->lines.n; i++)
		for (size_t k = 0; k < p->advisories.n; k++) {
			const json_t *row = xb_page_row(&p->lines.v[i], p->advisories.v[k].id);

			if (json_array_size(xb_page_files(row)))
				XB_TRY(add(p, &p->lines.v[i], &p->advisories.v[k], row));
		}
	return NULL;
}
