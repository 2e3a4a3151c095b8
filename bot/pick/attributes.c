/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attributes.h"

#include "odb/tree.h"
#include "util/alloc.h"
#include "util/bytes.h"
#include "util/strv.h"

#include <fnmatch.h>

/* A file is known by its lines that set another merge than that of text; usually none. */

static void free_patterns(void *value)
{
	xb_strv_release(value);
	free(value);
}

void xb_attributes_init(struct xb_oidmap *cache)
{
	xb_oidmap_init(cache, 2);
}

void xb_attributes_clear(struct xb_oidmap *cache)
{
	xb_oidmap_clear(cache, free_patterns);
}

struct token {
	const char *p;
	size_t n;
};

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of the line that ends at END. */
static bool next_token(const char **at, const char *end, struct token *out)
{
	while (*at < end && blank(**at))
		++*at;
	out->p = *at;
	while (*at < end && !blank(**at))
		++*at;
	out->n = (size_t)(*at - out->p);
	return out->n > 0;
}

static bool is(const struct token *t, const char *word)
{
	return t->n == strlen(word) && !memcmp(t->p, word, t->n);
}

/* Could the word make git merge otherwise than as text? MACROS: names that could. */
static bool chooses(struct token t, const struct xb_strv *macros)
{
	struct token name = t;

	if (is(&t, "merge") || is(&t, "!merge") || is(&t, "merge=text"))
		return false;
	if (*name.p == '-' || *name.p == '!')
		name.p++, name.n--;
	if (memchr(name.p, '=', name.n))
		name.n = (size_t)((const char *)memchr(name.p, '=', name.n) - name.p);
	if (is(&name, "merge") || is(&name, "binary"))
		return true;
	for (size_t i = 0; i < macros->n; i++)
		if (is(&name, macros->v[i]))
			return true;
	return false;
}

static void add_macro(struct xb_strv *macros, const char *name, size_t n)
{
	XB_AUTOFREE char *own = xb_memdup0(name, n);

	xb_strv_add_new(macros, own);
}

/* A line, PATTERN ATTR…: the pattern is kept where an attribute chooses. [attr]NAME ATTR…: the name is. */
static void parse_line(const char *line, const char *end, struct xb_strv *macros, struct xb_strv *patterns)
{
	static const char macro[] = "[attr]";
	struct token first, t;

	if (!next_token(&line, end, &first) || *first.p == '#')
		return;
	if (*first.p == '"') /* may hold blanks: the whole of it counts for all paths */
		first = (struct token){"**", 2};
	while (next_token(&line, end, &t)) {
		if (!chooses(t, macros))
			continue;
		if (first.n > strlen(macro) && !memcmp(first.p, macro, strlen(macro)))
			add_macro(macros, first.p + strlen(macro), first.n - strlen(macro));
		else if (patterns)
			*XB_PUSH(patterns, v, n, cap) = xb_memdup0(first.p, first.n);
		return;
	}
}

static struct xb_err *parse(struct xb_store *s, const git_oid *blob, struct xb_strv *macros,
			    struct xb_strv *patterns)
{
	static const char bom[] = "\357\273\277";
	struct xb_obj *o;
	const char *p, *end;

	XB_TRY(xb_store_get(s, blob, GIT_OBJECT_BLOB, &o));
	p = (const char *)o->data;
	end = p + o->len;
	if (o->len >= strlen(bom) && !memcmp(p, bom, strlen(bom)))
		p += strlen(bom);
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		parse_line(p, nl ? nl : end, macros, patterns);
		p = nl ? nl + 1 : end;
	}
	return NULL;
}

/* The patterns of a file; TOP, the file at the top of the tree (zero: none), has the macros. */
static struct xb_err *load(struct xb_store *s, struct xb_oidmap *cache, const git_oid *blob,
			   const git_oid *top, struct xb_strv **out)
{
	git_oid key[2] = {*blob, *top};
	struct xb_strv macros = {0};
	struct xb_err *err = NULL;
	size_t n;

	*out = xb_oidmap_get(cache, key);
	if (*out)
		return NULL;
	*out = xb_calloc(1, sizeof **out);
	do { /* a macro may be made of one that comes after it */
		n = macros.n;
		err = git_oid_is_zero(top) ? NULL : parse(s, top, &macros, NULL);
	} while (!err && macros.n > n);
	if (!err)
		err = parse(s, blob, &macros, *out);
	xb_strv_release(&macros);
	if (err) {
		free_patterns(*out);
		return err;
	}
	xb_oidmap_set(cache, key, *out);
	return NULL;
}

/* Could the pattern match PATH, which is below the directory of its file? Errs on the side of yes. */
static bool may_match(const char *pattern, const char *path)
{
	size_t n = strlen(pattern);

	if (n && pattern[n - 1] == '/') /* directories, which have no attributes here */
		return false;
	if (strstr(pattern, "**"))
		return true;
	if (!strchr(pattern, '/'))
		path = xb_base_name(path);
	return fnmatch(*pattern == '/' ? pattern + 1 : pattern, path, 0) != FNM_NOMATCH;
}

static bool matches(const struct xb_strv *p, const char *path)
{
	for (size_t i = 0; i < p->n; i++)
		if (may_match(p->v[i], path))
			return true;
	return false;
}

struct xb_err *xb_attributes_interfere(struct xb_store *s, struct xb_oidmap *cache, const git_oid *root,
				       const char *path, bool *out)
{
	static const char name[] = ".gitattributes";
	git_oid dir = *root, top = {{0}};
	const char *p = path;

	*out = false;
	for (;;) {
		size_t len = strcspn(p, "/");
		struct xb_tree_iter it;
		struct xb_entry e;

		XB_TRY(xb_tree_open(s, &dir, &it));
		xb_tree_lookup(it, name, sizeof name - 1, &e);
		if (xb_entry_is_file(&e)) {
			struct xb_strv *found;

			if (p == path)
				top = e.oid;
			XB_TRY(load(s, cache, &e.oid, &top, &found));
			if (matches(found, p)) {
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
