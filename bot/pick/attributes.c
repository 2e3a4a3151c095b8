/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attributes.h"

#include "odb/tree.h"
#include "util/alloc.h"
#include "util/bytes.h"
#include "util/strv.h"

#include <fnmatch.h>

/* A file is known by the patterns of its lines that set how something is merged; usually none. */

static void free_patterns(void *value)
{
	xb_strv_release(value);
	free(value);
}

void xb_attributes_clear(struct xb_oidmap *cache)
{
	xb_oidmap_clear(cache, free_patterns);
}

static bool about_merging(const char *token, size_t len)
{
	static const char *const names[] = {"merge", "binary", "conflict-marker-size"};
	size_t skip = len && (*token == '-' || *token == '!');

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t n = strlen(names[i]);

		if (len - skip >= n && !memcmp(token + skip, names[i], n) &&
		    (len - skip == n || token[skip + n] == '='))
			return true;
	}
	return false;
}

/* A line: PATTERN ATTR…, or [attr]MACRO ATTR…; a macro may be used anywhere, so it counts for all paths. */
static void parse_line(struct xb_strv *p, const char *line, const char *end)
{
	const char *s = line, *word;

	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	if (s == end || *s == '#')
		return;
	word = s;
	while (s < end && *s != ' ' && *s != '\t' && *s != '\r')
		s++;
	for (const char *t = s; t < end;) {
		const char *from;

		while (t < end && (*t == ' ' || *t == '\t' || *t == '\r'))
			t++;
		from = t;
		while (t < end && *t != ' ' && *t != '\t' && *t != '\r')
			t++;
		if (about_merging(from, (size_t)(t - from))) {
			*XB_PUSH(p, v, n, cap) = *word == '[' || *word == '"'
						     ? xb_strdup("*")
						     : xb_memdup0(word, (size_t)(s - word));
			return;
		}
	}
}

static struct xb_err *load(struct xb_store *s, struct xb_oidmap *cache, const git_oid *blob,
			   struct xb_strv **out)
{
	struct xb_obj *o;

	*out = xb_oidmap_get(cache, blob);
	if (*out)
		return NULL;
	XB_TRY(xb_store_get(s, blob, GIT_OBJECT_BLOB, &o));
	*out = xb_calloc(1, sizeof **out);
	for (const char *p = (const char *)o->data, *end = p + o->len; p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		parse_line(*out, p, nl ? nl : end);
		p = nl ? nl + 1 : end;
	}
	xb_oidmap_set(cache, blob, *out);
	return NULL;
}

/* A pattern without a slash is matched with the base name; one with a slash counts as a match. */
static bool matches(const struct xb_strv *p, const char *base)
{
	for (size_t i = 0; i < p->n; i++)
		if (strchr(p->v[i], '/') || !fnmatch(p->v[i], base, 0))
			return true;
	return false;
}

struct xb_err *xb_attributes_interfere(struct xb_store *s, struct xb_oidmap *cache, const git_oid *root,
				       const char *path, bool *out)
{
	static const char name[] = ".gitattributes";
	const char *base = xb_base_name(path), *p = path;
	git_oid dir = *root;

	*out = false;
	for (;;) {
		size_t len = strcspn(p, "/");
		struct xb_tree_iter it;
		struct xb_entry e;

		XB_TRY(xb_tree_open(s, &dir, &it));
		xb_tree_lookup(it, name, sizeof name - 1, &e);
		if (xb_entry_is_file(&e)) {
			struct xb_strv *found;

			XB_TRY(load(s, cache, &e.oid, &found));
			if (matches(found, base)) {
				*out = true;
				return NULL;
			}
		}
		if (!p[len])
			return NULL;
		xb_tree_lookup(it, p, len, &e);
		if (!xb_entry_is_tree(&e))
			return NULL;
		dir = e.oid;
		p += len + 1;
	}
}
