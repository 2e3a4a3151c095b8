/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "suspects.h"

#include "util/alloc.h"

/* Lines around a conflict in which others' changes count: git-deps' default, and a patch's context. */
#define CONTEXT_TIGHT 1
#define CONTEXT_WIDE 3

struct search {
	struct xb_board *board;
	struct xb_blame *blame;
	const struct xb_bundle *b;
	size_t m;
	bool excluded;
	struct xb_suspects *out;
};

void xb_suspects_release(struct xb_suspects *s)
{
	free(s->v);
	*s = (struct xb_suspects){0};
}

/* Can't be added: it is in already, or must not be in. */
static bool is_settled(void *ctx, size_t i)
{
	const struct search *s = ctx;

	if (s->excluded && s->board->c[i].fate == XB_FATE_EXCLUDED)
		return false;
	return s->board->window->v[i].n_parents > 1 || !xb_bundle_free_to_take(s->board, s->b, i);
}

static void suspect(struct search *s, size_t i, enum xb_suspicion rank)
{
	struct xb_suspects *out = s->out;

	if (is_settled(s, i))
		return;
	for (size_t k = 0; k < out->n; k++) {
		if (out->v[k].i != i)
			continue;
		if (rank < out->v[k].rank)
			out->v[k].rank = rank;
		return;
	}
	*XB_PUSH(out, v, n, cap) = (struct xb_suspect){i, rank};
}

/* The name that the conflicting file has before commit M; the tip may know it by another. */
static struct xb_err *name_before(struct search *s, const struct xb_conflict *c, const char **out)
{
	const struct xb_touches *t;

	*out = c->path;
	XB_TRY(xb_blame_touches(s->blame, s->m, &t));
	for (size_t k = 0; k < t->n; k++)
		if (!strcmp(t->v[k].path, c->path))
			return NULL;
	for (size_t k = 0; k < t->n; k++) {
		if (!t->v[k].old_mode || !c->base.mode || !git_oid_equal(&t->v[k].old_id, &c->base.oid))
			continue;
		*out = t->v[k].path;
		return NULL;
	}
	return NULL;
}

static struct xb_err *by_lines(struct search *s, const char *path, const struct xb_conflict *c,
			       const struct xb_hunks *hunks, size_t context, enum xb_suspicion rank)
{
	struct xb_place at = {.before = s->m,
			      .path = path,
			      .blob = &c->base.oid,
			      .hunks = hunks->v,
			      .n_hunks = hunks->n,
			      .context = context,
			      .through = is_settled,
			      .ctx = s};
	struct xb_touchers found = {0};
	struct xb_err *err = xb_blame_place(s->blame, &at, &found);

	for (size_t k = 0; k < found.n && !err; k++)
		suspect(s, found.v[k].i, found.v[k].first ? rank : XB_SUSPECT_BEFORE);
	free(found.v);
	return err;
}

/* A conflict of whole files has no hunks: all that the commit changes counts. */
static struct xb_err *hunks_of(struct search *s, const struct xb_conflict *c, struct xb_hunks *out)
{
	const struct xb_changes *changes;

	for (size_t k = 0; k < c->hunks.n; k++)
		*XB_PUSH(out, v, n, cap) = c->hunks.v[k];
	if (out->n || !xb_entry_is_file(&c->theirs))
		return NULL;
	XB_TRY(xb_blame_changes(s->blame, &c->base.oid, &c->theirs.oid, &changes));
	for (size_t k = 0; k < changes->n; k++)
		*XB_PUSH(out, v, n, cap) =
		    (struct xb_hunk){.base = changes->v[k].a, .base_n = changes->v[k].an};
	return NULL;
}

static struct xb_err *by_place(struct search *s, const char *path, const struct xb_conflict *c)
{
	struct xb_hunks hunks = {0};
	struct xb_err *err;

	if (!xb_entry_is_file(&c->base))
		return NULL;
	err = hunks_of(s, c, &hunks);
	if (!err)
		err = by_lines(s, path, c, &hunks, CONTEXT_TIGHT, XB_SUSPECT_LINES);
	if (!err)
		err = by_lines(s, path, c, &hunks, CONTEXT_WIDE, XB_SUSPECT_NEAR);
	free(hunks.v);
	return err;
}

static struct xb_err *by_file(struct search *s, const char *path, const struct xb_conflict *c)
{
	struct xb_touchers found = {0};
	struct xb_err *err = xb_blame_path(s->blame, s->m, path, &found);

	for (size_t k = 0; k < found.n && !err; k++)
		suspect(s, found.v[k].i,
			found.v[k].first && !c->ours.mode ? XB_SUSPECT_LINES : XB_SUSPECT_FILE);
	free(found.v);
	return err;
}

static struct xb_err *by_conflict(struct search *s, const struct xb_conflict *c)
{
	const char *path;

	XB_TRY(name_before(s, c, &path));
	XB_TRY(by_place(s, path, c));
	XB_TRY(by_file(s, path, c));
	return strcmp(path, c->path) ? by_file(s, c->path, c) : NULL;
}

static int by_rank(const void *x, const void *y)
{
	const struct xb_suspect *a = x, *b = y;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return a->i > b->i ? -1 : 1;
}

struct xb_err *xb_suspects_find(struct xb_board *board, struct xb_blame *blame, const struct xb_bundle *b,
				size_t m, const struct xb_pick *pick, bool excluded, struct xb_suspects *out)
{
	struct search s = {board, blame, b, m, excluded, out};

	for (size_t k = 0; k < pick->n; k++)
		XB_TRY(by_conflict(&s, &pick->v[k]));
	for (size_t i = 0; i < m && !excluded; i++)
		suspect(&s, i, XB_SUSPECT_ALL);
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, by_rank);
	return NULL;
}
