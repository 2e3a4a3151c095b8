/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "patch.h"

#include "diff/linediff.h"
#include "odb/commit.h"
#include "odb/tree.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

enum { LINE = 52, BLOCK = 65535 };

static void store(struct xb_buf *out, const unsigned char *p, size_t n)
{
	uLong sum = adler32_z(adler32_z(0, NULL, 0), p, n);
	size_t at = 0;

	xb_buf_add(out, "\x78\x01", 2);
	do {
		size_t len = n - at < BLOCK ? n - at : BLOCK;
		unsigned char head[] = {at + len == n, (unsigned char)len, (unsigned char)(len >> 8),
					(unsigned char)~len, (unsigned char)(~len >> 8)};

		xb_buf_add(out, head, sizeof head);
		xb_buf_add(out, p + at, len);
		at += len;
	} while (at < n);
	for (int shift = 24; shift >= 0; shift -= 8)
		xb_buf_addc(out, (char)(sum >> shift));
}

static void put_four(struct xb_buf *out, const unsigned char *p, size_t n)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "!#$%&()*+-;<=>?@^_`{|}~";
	uint32_t v = 0;
	char five[5];

	for (size_t i = 0; i < 4; i++)
		v = v << 8 | (i < n ? p[i] : 0);
	for (size_t i = 5; i-- > 0; v /= 85)
		five[i] = digits[v % 85];
	xb_buf_add(out, five, sizeof five);
}

static void put_literal(struct xb_buf *out, const char *data, size_t len)
{
	XB_AUTOBUF struct xb_buf packed = XB_BUF_INIT;
	const unsigned char *p;

	store(&packed, (const unsigned char *)(data ? data : ""), len);
	p = (const unsigned char *)packed.p;
	xb_buf_addf(out, "literal %zu\n", len);
	for (size_t at = 0; at < packed.n; at += LINE) {
		size_t n = packed.n - at < LINE ? packed.n - at : LINE;

		xb_buf_addc(out, (char)(n <= 26 ? 'A' + n - 1 : 'a' + n - 27));
		for (size_t i = 0; i < n; i += 4)
			put_four(out, p + at + i, n - i);
		xb_buf_addc(out, '\n');
	}
	xb_buf_addc(out, '\n');
}

/* "GIT binary patch" and both contents; A or B may be NULL: nothing. */
static void put_binary(const char *a, size_t a_len, const char *b, size_t b_len, struct xb_buf *out)
{
	xb_buf_adds(out, "GIT binary patch\n");
	put_literal(out, b, b_len);
	put_literal(out, a, a_len);
}

enum {
	CONTEXT = 3,
	SNIFF = 8000, /* as far as git looks for a NUL */
	MAX_LINES = 1 << 21,
};

/* One side of a changed file. */
struct side {
	const struct xb_entry *e;
	const char *data;
	size_t len;
	char link[64]; /* a submodule, as git shows it */
};

/* What was read last for a side: a tree may have one file at hundreds of thousands of places. */
struct blob {
	git_oid oid;
	struct xb_raw raw;
};

struct walk {
	struct xb_store *store;
	struct xb_buf *out;
	struct blob old, now;
};

static bool is_there(const struct side *s)
{
	return s->e->mode != 0;
}

static bool is_binary(const struct side *s)
{
	return s->len > XB_TEXT_MAX || (s->len && memchr(s->data, '\0', s->len < SNIFF ? s->len : SNIFF));
}

static struct xb_err *read_blob(struct xb_store *store, const git_oid *oid, size_t max, struct blob *b)
{
	if (b->raw.data && git_oid_equal(&b->oid, oid))
		return NULL;
	xb_raw_release(&b->raw);
	b->oid = *oid;
	return xb_store_lend(store, oid, max, &b->raw);
}

/* *LEFT: how many bytes it may have, of all that the two sides may. */
static struct xb_err *load(struct xb_store *store, struct side *s, struct blob *b, size_t *left)
{
	if (!is_there(s))
		return NULL;
	if (s->e->mode == XB_MODE_GITLINK) {
		s->len =
		    (size_t)snprintf(s->link, sizeof s->link, "Subproject commit %s\n", xb_hex(&s->e->oid).s);
		s->data = s->link;
		return NULL;
	}
	XB_TRY(read_blob(store, &s->e->oid, *left, b));
	if (b->raw.type != GIT_OBJECT_BLOB) /* which says what is wrong with it */
		return xb_store_read(store, &s->e->oid, GIT_OBJECT_BLOB, &b->raw);
	if (!b->raw.data || b->raw.len > *left)
		return xb_err_new(XB_E_HOSTILE,
				  "file %s has %zu bytes, and %d MiB are taken of a file, before and after; "
				  "git format-patch takes more",
				  xb_hex(&s->e->oid).s, b->raw.len, XB_PATCH_MAX >> 20);
	s->data = (const char *)b->raw.data;
	s->len = b->raw.len;
	*left -= s->len;
	return NULL;
}

/* A path as git prints it: quoted where it has what a line or a quotation mark would end. */
static void put_path(struct xb_buf *out, const char *prefix, const char *path)
{
	bool quote = false;

	for (const char *p = path; *p; p++)
		quote |= (unsigned char)*p < ' ' || (unsigned char)*p >= 0x7f || *p == '"' || *p == '\\';
	if (!quote) {
		xb_buf_addf(out, "%s%s", prefix, path);
		return;
	}
	xb_buf_addf(out, "\"%s", prefix);
	for (const char *p = path; *p; p++) {
		if (*p == '"' || *p == '\\')
			xb_buf_addf(out, "\\%c", *p);
		else if ((unsigned char)*p < ' ' || (unsigned char)*p >= 0x7f)
			xb_buf_addf(out, "\\%03o", (unsigned char)*p);
		else
			xb_buf_addc(out, *p);
	}
	xb_buf_addc(out, '"');
}

/* "--- a/PATH"; a name with a blank ends in a TAB, for patch(1). */
static void put_name(struct xb_buf *out, const char *mark, const char *prefix, const char *path)
{
	xb_buf_adds(out, mark);
	if (prefix)
		put_path(out, prefix, path);
	else
		xb_buf_adds(out, "/dev/null");
	xb_buf_adds(out, prefix && strchr(path, ' ') ? "\t\n" : "\n");
}

static void put_header(struct xb_buf *out, const char *path, const struct side *a, const struct side *b)
{
	static const git_oid none;

	xb_buf_adds(out, "diff --git ");
	put_path(out, "a/", path);
	xb_buf_addc(out, ' ');
	put_path(out, "b/", path);
	xb_buf_addc(out, '\n');
	if (!is_there(a))
		xb_buf_addf(out, "new file mode %06o\n", b->e->mode);
	else if (!is_there(b))
		xb_buf_addf(out, "deleted file mode %06o\n", a->e->mode);
	else if (a->e->mode != b->e->mode)
		xb_buf_addf(out, "old mode %06o\nnew mode %06o\n", a->e->mode, b->e->mode);
	if (is_there(a) && is_there(b) && git_oid_equal(&a->e->oid, &b->e->oid))
		return;
	xb_buf_addf(out, "index %s..%s", xb_hex(is_there(a) ? &a->e->oid : &none).s,
		    xb_hex(is_there(b) ? &b->e->oid : &none).s);
	if (is_there(a) && a->e->mode == b->e->mode)
		xb_buf_addf(out, " %06o", a->e->mode);
	xb_buf_addc(out, '\n');
}

static void put_lines(struct xb_buf *out, char mark, const struct xb_text *t, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		size_t n = xb_text_size(t, i, i + 1);

		xb_buf_addc(out, mark);
		xb_buf_add(out, xb_text_at(t, i), n);
		if (xb_text_at(t, i)[n - 1] != '\n')
			xb_buf_adds(out, "\n\\ No newline at end of file\n");
	}
}

/* "12,3": an empty range names the line before it. */
static void put_range(struct xb_buf *out, char mark, size_t from, size_t n)
{
	xb_buf_addf(out, "%c%zu", mark, n ? from + 1 : from);
	if (n != 1)
		xb_buf_addf(out, ",%zu", n);
}

/* The changes FROM..TO of C, which are so near each other that they are one hunk. */
static void put_hunk(struct xb_buf *out, const struct xb_text *a, const struct xb_text *b,
		     const struct xb_changes *c, size_t from, size_t to)
{
	const struct xb_change *first = &c->v[from], *last = &c->v[to - 1];
	size_t before = first->a < CONTEXT ? first->a : CONTEXT, end = last->a + last->an;
	size_t after = a->n - end < CONTEXT ? a->n - end : CONTEXT;
	size_t at = first->a - before, end_b = last->b + last->bn;

	xb_buf_adds(out, "@@ ");
	put_range(out, '-', at, end + after - at);
	xb_buf_addc(out, ' ');
	put_range(out, '+', first->b - before, end_b + after - (first->b - before));
	xb_buf_adds(out, " @@\n");
	for (size_t i = from; i < to; i++) {
		put_lines(out, ' ', a, at, c->v[i].a);
		put_lines(out, '-', a, c->v[i].a, c->v[i].a + c->v[i].an);
		put_lines(out, '+', b, c->v[i].b, c->v[i].b + c->v[i].bn);
		at = c->v[i].a + c->v[i].an;
	}
	put_lines(out, ' ', a, at, end + after);
}

static void put_text(struct xb_buf *out, const struct side *old, const struct side *now)
{
	struct xb_text a, b;
	struct xb_changes c = {0};

	xb_text_init(&a, old->data, old->len);
	xb_text_init(&b, now->data, now->len);
	xb_text_split(&a);
	xb_text_split(&b);
	/* Too much work, or memory: all for all is a difference as well. */
	if (a.n + b.n > MAX_LINES || !xb_diff(&a, &b, XB_GIT_2_39, &c))
		*XB_PUSH(&c, v, n, cap) = (struct xb_change){0, a.n, 0, b.n};
	for (size_t i = 0, to; i < c.n; i = to) {
		for (to = i + 1;
		     to < c.n && c.v[to].a - (c.v[to - 1].a + c.v[to - 1].an) <= (size_t)2 * CONTEXT;)
			to++;
		put_hunk(out, &a, &b, &c, i, to);
	}
	xb_changes_release(&c);
	xb_text_release(&a);
	xb_text_release(&b);
}

static void put_file(struct xb_buf *out, const char *path, const struct side *a, const struct side *b)
{
	put_header(out, path, a, b);
	if (a->len == b->len && (!a->len || !memcmp(a->data, b->data, a->len)))
		return; /* empty, or of the mode alone */
	if (is_binary(a) || is_binary(b)) {
		put_binary(a->data, a->len, b->data, b->len, out);
		return;
	}
	put_name(out, "--- ", is_there(a) ? "a/" : NULL, path);
	put_name(out, "+++ ", is_there(b) ? "b/" : NULL, path);
	put_text(out, a, b);
}

static struct xb_err *put_sides(struct walk *w, const char *path, struct side *old, struct side *now)
{
	static const struct xb_entry nothing;
	struct side none = {.e = &nothing};
	size_t left = XB_PATCH_MAX;

	XB_TRY(load(w->store, old, &w->old, &left));
	XB_TRY(load(w->store, now, &w->now, &left));
	if (is_there(old) && is_there(now) && (old->e->mode & 0170000) != (now->e->mode & 0170000)) {
		put_file(w->out, path, old, &none);
		put_file(w->out, path, &none, now);
	} else {
		put_file(w->out, path, old, now);
	}
	return NULL;
}

static struct xb_err *put_change(void *ctx, const char *path, const struct xb_entry *a,
				 const struct xb_entry *b)
{
	struct side old = {.e = a}, now = {.e = b};
	struct walk *w = ctx;

	XB_TRY(put_sides(w, path, &old, &now));
	if (w->out->n > 2 * (size_t)XB_PATCH_MAX)
		return xb_err_new(XB_E_HOSTILE, "it is longer than %d MiB; git format-patch takes more",
				  2 * XB_PATCH_MAX >> 20);
	return NULL;
}

static struct xb_err *read_commit(struct xb_store *s, const git_oid *oid, struct xb_commit *out)
{

	return xb_commit_load(s, oid, out);
}

struct xb_err *xb_patch_format(struct xb_store *s, const git_oid *commit, struct xb_buf *out)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT, parent = XB_COMMIT_INIT;
	struct walk w = {.store = s, .out = out, .old.raw = XB_RAW_INIT, .now.raw = XB_RAW_INIT};
	struct xb_err *err;

	XB_TRY(read_commit(s, commit, &c));
	if (c.n_parents)
		XB_TRY(read_commit(s, &c.parents[0], &parent));
	xb_patch_mail(commit, &c, out);
	err = xb_tree_diff(s, &parent.tree, &c.tree, put_change, &w);
	xb_raw_release(&w.old.raw);
	xb_raw_release(&w.now.raw);
	return err ? xb_err_wrap(err, "the patch of %s", xb_hex(commit).s) : NULL;
}
