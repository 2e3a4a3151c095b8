/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include "repo/git.h"

#include <strings.h>

/* Deeper directories than this are no one's source tree, and recursion must end. */
#define MAX_DEPTH 256

static bool parse_mode(const unsigned char **p, const unsigned char *end, uint32_t *mode)
{
	uint32_t m = 0;
	const unsigned char *s = *p;

	if (s == end || *s == '0') /* no tool but broken ones pads the mode */
		return false;
	for (; s < end && *s >= '0' && *s <= '7' && m < 010000000; s++)
		m = m << 3 | (uint32_t)(*s - '0');
	if (s == end || *s != ' ')
		return false;
	*p = s + 1;
	*mode = m;
	return m == XB_MODE_TREE || m == XB_MODE_FILE || m == XB_MODE_EXEC || m == XB_MODE_LINK ||
	       m == XB_MODE_GITLINK;
}

static bool name_ok(const char *name, size_t len)
{
	if (!len || memchr(name, '/', len))
		return false;
	if (name[0] != '.')
		return !(len == 5 && !strncasecmp(name, "git~1", 5));
	return !(len == 1 || (len == 2 && name[1] == '.') || (len == 4 && !strncasecmp(name, ".git", 4)));
}

int xb_entry_cmp(const struct xb_entry *a, const struct xb_entry *b)
{
	size_t n = a->len < b->len ? a->len : b->len;
	int c = memcmp(a->name, b->name, n);
	unsigned char x, y;

	if (c)
		return c;
	x = a->len > n ? (unsigned char)a->name[n] : xb_entry_is_tree(a) ? '/' : '\0';
	y = b->len > n ? (unsigned char)b->name[n] : xb_entry_is_tree(b) ? '/' : '\0';
	return x < y ? -1 : x > y;
}

bool xb_tree_next(struct xb_tree_iter *it, struct xb_entry *e)
{
	const unsigned char *p = it->p;
	uint32_t mode = 0;

	if (p == it->end)
		return false;
	/* The form was checked when the tree was opened. */
	for (; *p != ' '; p++)
		mode = mode << 3 | (uint32_t)(*p - '0');
	e->mode = mode;
	e->name = (const char *)++p;
	e->len = strlen(e->name);
	p += e->len + 1;
	memcpy(e->oid.id, p, GIT_OID_RAWSZ);
	it->p = p + GIT_OID_RAWSZ;
	return true;
}

/* Says what is wrong with a tree's bytes, or NULL. */
static const char *fault(const unsigned char *p, const unsigned char *end)
{
	struct xb_entry e = {0}, last = {0}, last_file = {0};

	for (; p < end; p += GIT_OID_RAWSZ) {
		const unsigned char *nul;

		if (!parse_mode(&p, end, &e.mode))
			return "has an entry with a mode that does not exist";
		nul = memchr(p, '\0', (size_t)(end - p));
		if (!nul || end - nul - 1 < GIT_OID_RAWSZ)
			return "ends in the middle of an entry";
		e.name = (const char *)p;
		e.len = (size_t)(nul - p);
		if (!name_ok(e.name, e.len))
			return "has an entry named like nothing that may be checked out ('.', '..', '.git', "
			       "'' or with '/')";
		if (last.name && xb_entry_cmp(&last, &e) >= 0)
			return "has entries that are not in order or repeated";
		/* A file `d` and a directory `d` are apart in the order: `d`, `d.c`, `d/`. */
		if (xb_entry_is_tree(&e) && last_file.name && last_file.len == e.len &&
		    !memcmp(last_file.name, e.name, e.len))
			return "has a file and a directory of one name";
		memcpy(e.oid.id, nul + 1, GIT_OID_RAWSZ);
		if (git_oid_is_zero(&e.oid))
			return "has an entry without an object";
		last = e;
		if (!xb_entry_is_tree(&e) && !(last_file.name && e.len > last_file.len &&
					       !memcmp(e.name, last_file.name, last_file.len) &&
					       (unsigned char)e.name[last_file.len] < '/'))
			last_file = e;
		p = nul + 1;
	}
	return NULL;
}

struct xb_err *xb_tree_open(struct xb_store *s, const git_oid *oid, struct xb_tree_iter *it)
{
	struct xb_obj *o;
	const char *why;

	*it = (struct xb_tree_iter){0};
	if (git_oid_is_zero(oid))
		return NULL;
	XB_TRY(xb_store_get(s, oid, GIT_OBJECT_TREE, &o));
	if (!o->checked && !o->made) {
		why = fault(o->data, o->data + o->len);
		if (why)
			return xb_err_new(XB_E_HOSTILE, "tree %s %s", xb_hex(oid).s, why);
		o->checked = true;
	}
	it->p = o->data;
	it->end = o->data + o->len;
	return NULL;
}

void xb_tree_lookup(struct xb_tree_iter it, const char *name, size_t len, struct xb_entry *e)
{
	while (xb_tree_next(&it, e))
		if (e->len == len && !memcmp(e->name, name, len))
			return;
	*e = (struct xb_entry){.name = name, .len = len};
}

struct xb_err *xb_tree_lookup_path(struct xb_store *s, const git_oid *root, const char *path,
				   struct xb_entry *e)
{
	struct xb_tree_iter it;
	git_oid dir = *root;

	for (;;) {
		size_t len = strcspn(path, "/");

		XB_TRY(xb_tree_open(s, &dir, &it));
		xb_tree_lookup(it, path, len, e);
		if (!path[len] || !xb_entry_is_tree(e))
			break;
		dir = e->oid;
		path += len + 1;
	}
	if (strchr(path, '/'))
		e->mode = 0;
	return NULL;
}

static int cmp_entries(const void *a, const void *b)
{
	return xb_entry_cmp(a, b);
}

static void add_entry(struct xb_buf *b, const struct xb_entry *e)
{
	char mode[8];
	size_t n = sizeof mode;

	mode[--n] = ' ';
	for (uint32_t m = e->mode; m; m >>= 3)
		mode[--n] = (char)('0' + (m & 7));
	xb_buf_add(b, mode + n, sizeof mode - n);
	xb_buf_add(b, e->name, e->len);
	xb_buf_addc(b, '\0');
	xb_buf_add(b, e->oid.id, GIT_OID_RAWSZ);
}

static bool edited(const struct xb_edits *edits, const struct xb_entry *e)
{
	for (size_t i = 0; i < edits->n; i++)
		if (edits->v[i].len == e->len && !memcmp(edits->v[i].name, e->name, e->len))
			return true;
	return false;
}

/* What E names is there, and is what its mode says; a submodule's commit is elsewhere. */
static struct xb_err *check_entry(struct xb_store *s, const struct xb_entry *e)
{
	git_object_t want = xb_entry_is_tree(e) ? GIT_OBJECT_TREE : GIT_OBJECT_BLOB;
	XB_AUTORAW struct xb_raw raw = XB_RAW_INIT;

	if (e->mode == XB_MODE_GITLINK)
		return NULL;
	XB_TRY(xb_store_lend(s, &e->oid, SIZE_MAX, &raw));
	if (raw.type == want)
		return NULL;
	return xb_err_new(raw.type == GIT_OBJECT_INVALID ? XB_E_NOTFOUND : XB_E_HOSTILE,
			  "a tree can't be made: its entry '%.*s' names %s, which is %s", (int)e->len,
			  e->name, xb_hex(&e->oid).s,
			  raw.type == GIT_OBJECT_INVALID ? "not in the repository" : "of another type");
}

struct xb_err *xb_tree_check(const void *data, size_t len)
{
	const char *why = fault(data, (const unsigned char *)data + len);

	return why ? xb_err_new(XB_E_HOSTILE, "a tree can't be made: it %s", why) : NULL;
}

struct xb_err *xb_tree_write(struct xb_store *s, const void *data, size_t len, const struct xb_edits *new,
			     const git_oid *like, git_oid *out)
{
	XB_TRY(xb_tree_check(data, len));
	for (size_t i = 0; new &&i < new->n; i++)
		if (new->v[i].mode)
			XB_TRY(check_entry(s, &new->v[i]));
	return xb_store_put(s, GIT_OBJECT_TREE, data, len, like, out);
}

struct xb_err *xb_tree_splice(struct xb_store *s, const git_oid *old, struct xb_edits *edits, git_oid *out)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	struct xb_tree_iter it;
	const unsigned char *from, *at; /* FROM..AT: unchanged, not copied yet */
	struct xb_entry e;
	size_t i = 0;

	*out = *old;
	if (!edits->n)
		return NULL;
	qsort(edits->v, edits->n, sizeof *edits->v, cmp_entries);
	XB_TRY(xb_tree_open(s, old, &it));
	for (from = at = it.p; xb_tree_next(&it, &e); at = it.p) {
		if (edited(edits, &e)) {
			xb_buf_add(&b, from, (size_t)(at - from));
			from = it.p;
			continue;
		}
		for (; i < edits->n && xb_entry_cmp(&edits->v[i], &e) < 0; i++) {
			xb_buf_add(&b, from, (size_t)(at - from));
			from = at;
			if (edits->v[i].mode)
				add_entry(&b, &edits->v[i]);
		}
	}
	xb_buf_add(&b, from, (size_t)(at - from));
	for (; i < edits->n; i++)
		if (edits->v[i].mode)
			add_entry(&b, &edits->v[i]);
	if (!b.n) {
		memset(out, 0, sizeof *out);
		return NULL;
	}
	return xb_tree_write(s, b.p, b.n, edits, git_oid_is_zero(old) ? NULL : old, out);
}

struct xb_err *xb_tree_set_path(struct xb_store *s, const git_oid *root, const char *path,
				const struct xb_entry *e, git_oid *out)
{
	size_t len = strcspn(path, "/");
	struct xb_entry one = *e;
	struct xb_edits edits = {.v = &one, .n = 1, .cap = 1};
	struct xb_tree_iter it;
	struct xb_entry dir;

	if (path[len]) {
		git_oid below = {{0}};

		XB_TRY(xb_tree_open(s, root, &it));
		xb_tree_lookup(it, path, len, &dir);
		if (xb_entry_is_tree(&dir))
			below = dir.oid;
		XB_TRY(xb_tree_set_path(s, &below, path + len + 1, e, &one.oid));
		one.mode = git_oid_is_zero(&one.oid) ? 0 : XB_MODE_TREE;
	}
	one.name = path;
	one.len = len;
	return xb_tree_splice(s, root, &edits, out);
}

struct diff {
	struct xb_store *s;
	xb_tree_diff_fn fn;
	void *ctx;
	struct xb_buf path;
	unsigned depth, n, most;
};

static struct xb_err *diff_dirs(struct diff *d, const git_oid *a, const git_oid *b);

/* One name; either may be absent (mode 0). A file and a directory of one name come as two calls. */
static struct xb_err *diff_entry(struct diff *d, const struct xb_entry *a, const struct xb_entry *b)
{
	static const struct xb_entry none;
	const struct xb_entry *any = a->mode ? a : b;
	size_t n = d->path.n;
	struct xb_err *err;

	if (xb_entry_same(a, b))
		return NULL;
	if (d->n++ == d->most)
		return xb_err_new(XB_E_HOSTILE, "there are more than %u files in a tree, or between two",
				  d->most);
	xb_buf_add(&d->path, any->name, any->len);
	if (xb_entry_is_tree(any)) {
		xb_buf_addc(&d->path, '/');
		err = diff_dirs(d, a->mode ? &a->oid : &none.oid, b->mode ? &b->oid : &none.oid);
	} else {
		err = d->fn(d->ctx, d->path.p, a, b);
	}
	xb_buf_setlen(&d->path, n);
	return err;
}

static struct xb_err *diff_dirs(struct diff *d, const git_oid *a, const git_oid *b)
{
	static const struct xb_entry none;
	struct xb_tree_iter ia, ib;
	struct xb_entry ea, eb;
	bool more_a, more_b;

	if (++d->depth > MAX_DEPTH)
		return xb_err_new(XB_E_HOSTILE, "directories nested deeper than %d: %s", MAX_DEPTH,
				  d->path.p);
	XB_TRY(xb_tree_open(d->s, a, &ia));
	XB_TRY(xb_tree_open(d->s, b, &ib));
	more_a = xb_tree_next(&ia, &ea);
	more_b = xb_tree_next(&ib, &eb);
	while (more_a || more_b) {
		int c = !more_a ? 1 : !more_b ? -1 : xb_entry_cmp(&ea, &eb);

		XB_TRY(diff_entry(d, c <= 0 ? &ea : &none, c >= 0 ? &eb : &none));
		if (c <= 0)
			more_a = xb_tree_next(&ia, &ea);
		if (c >= 0)
			more_b = xb_tree_next(&ib, &eb);
	}
	d->depth--;
	return NULL;
}

static struct xb_err *see_nothing(void *ctx, const char *path, const struct xb_entry *a,
				  const struct xb_entry *b)
{
	(void)ctx;
	(void)path;
	(void)a;
	(void)b;
	return NULL;
}

struct xb_err *xb_tree_is_bounded(struct xb_store *s, const git_oid *tree)
{
	struct diff d = {.s = s, .fn = see_nothing, .most = XB_TREE_MAX};
	static const git_oid none;
	struct xb_err *err = diff_dirs(&d, &none, tree);

	xb_buf_release(&d.path);
	return err;
}

struct xb_err *xb_tree_diff(struct xb_store *s, const git_oid *a, const git_oid *b, xb_tree_diff_fn fn,
			    void *ctx)
{
	struct diff d = {.s = s, .fn = fn, .ctx = ctx, .most = XB_TREE_DIFF_MAX};
	struct xb_err *err = NULL;

	if (!git_oid_equal(a, b))
		err = diff_dirs(&d, a, b);
	xb_buf_release(&d.path);
	return err;
}
