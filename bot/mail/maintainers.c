/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "maintainers.h"

#include "odb/tree.h"
#include "util/address.h"
#include "util/alloc.h"

#include <fnmatch.h>
#include <string.h>
#include <strings.h>

enum { PEOPLE_MAX = 20, PATTERN_MAX = 300 };

struct section {
	struct xb_strv people;
	bool matches, excluded, all; /* all: its pattern is for whatever no other section has */
};

struct reader {
	const struct xb_strv *paths, *domains;
	struct section now;
	struct xb_strv *out, rest;
	bool any;
};

/* "dir/" is all below it; a pattern without wildcards at its end may name a directory, too; "*" stays within
 * one. */
static bool path_matches(const char *pattern, const char *path)
{
	size_t n = strlen(pattern);
	XB_AUTOFREE char *below = NULL;

	if (!n || n > PATTERN_MAX)
		return false;
	if (!fnmatch(pattern, path, FNM_PATHNAME))
		return true;
	below = xb_asprintf(pattern[n - 1] == '/' ? "%s*" : "%s/*", pattern);
	return !fnmatch(below, path, FNM_PATHNAME | FNM_LEADING_DIR);
}

static bool any_matches(const char *pattern, const struct xb_strv *paths)
{
	for (size_t i = 0; i < paths->n; i++)
		if (path_matches(pattern, paths->v[i]))
			return true;
	return false;
}

/* "Name <address>" or "address"; what is not in an allowed domain is nobody. */
static void add_person(struct reader *r, const char *value, size_t n)
{
	const char *open = memchr(value, '<', n),
		   *close = open ? memchr(open, '>', n - (size_t)(open - value)) : NULL;
	const char *from = open ? open + 1 : value;
	size_t len = close ? (size_t)(close - from) : open ? 0 : n;
	XB_AUTOFREE char *address = xb_memdup0(from, len);

	if (!len || !xb_address_ok(address, len))
		return;
	for (size_t i = 0; i < r->domains->n; i++)
		if (!strcasecmp(xb_address_domain(address), r->domains->v[i]) && r->now.people.n < PEOPLE_MAX)
			xb_strv_add_new(&r->now.people, address);
}

static void end_section(struct reader *r)
{
	struct xb_strv *to = r->now.all ? &r->rest : r->out;

	if (r->now.matches && !r->now.excluded) {
		r->any = r->any || !r->now.all;
		for (size_t i = 0; i < r->now.people.n && to->n < PEOPLE_MAX; i++)
			xb_strv_add_new(to, r->now.people.v[i]);
	}
	xb_strv_release(&r->now.people);
	r->now = (struct section){.all = false};
}

static void take_line(struct reader *r, const char *p, size_t n)
{
	size_t from = 2;

	if (n < 3 || p[1] != ':' || memchr(p, '\0', n))
		return;
	while (from < n && (p[from] == ' ' || p[from] == '\t'))
		from++;
	while (n > from && (p[n - 1] == ' ' || p[n - 1] == '\t' || p[n - 1] == '\r'))
		n--;
	if (p[0] == 'M') {
		add_person(r, p + from, n - from);
	} else if (p[0] == 'F' || p[0] == 'X') {
		XB_AUTOFREE char *pattern = xb_memdup0(p + from, n - from);
		bool all = !strcmp(pattern, "*") || !strcmp(pattern, "*/");

		if (p[0] == 'X')
			r->now.excluded |= any_matches(pattern, r->paths);
		else if (all)
			r->now.all = r->now.matches = true;
		else
			r->now.matches |= any_matches(pattern, r->paths);
	}
}

void xb_maintainers_match(const char *text, size_t n, const struct xb_strv *paths,
			  const struct xb_strv *domains, struct xb_strv *out)
{
	struct reader r = {.paths = paths, .domains = domains, .out = out};

	while (n) {
		const char *eol = memchr(text, '\n', n);
		size_t len = eol ? (size_t)(eol - text) : n;

		if (!len)
			end_section(&r);
		else
			take_line(&r, text, len);
		n -= eol ? len + 1 : len;
		text += eol ? len + 1 : len;
	}
	end_section(&r);
	for (size_t i = 0; !r.any && i < r.rest.n; i++)
		xb_strv_add_new(out, r.rest.v[i]);
	xb_strv_release(&r.rest);
}

struct xb_err *xb_maintainers_find(struct xb_store *s, const git_oid *root, const struct xb_strv *paths,
				   const struct xb_strv *domains, struct xb_strv *out)
{
	struct xb_entry e;
	struct xb_obj *o;

	XB_TRY(xb_tree_lookup_path(s, root, "MAINTAINERS", &e));
	if (!xb_entry_is_file(&e))
		return NULL;
	XB_TRY(xb_store_get(s, &e.oid, GIT_OBJECT_BLOB, &o));
	xb_maintainers_match((const char *)o->data, o->len, paths, domains, out);
	return NULL;
}
