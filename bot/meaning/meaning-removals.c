/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rule about removals: a member takes away what a file of the tree still
 * uses, and an earlier commit, not in the branch, is one that ended uses there.
 */
#include "meaning-impl.h"

#define MIN_NAME 4

/* Is what AT declared seen in FROM? */
static bool was_seen(const struct xb_changed_file *at, const struct xb_changed_file *from)
{
	if (at->lang == XB_LANG_HEADER)
		return xb_lang_visible(at->path, from->path);
	return !strcmp(at->path, from->path);
}

/* Does the change of G end a use that the tree still has? */
static struct xb_err *ends_use(struct xb_meant *c, struct xb_changed_file *g, const struct xb_lost *l,
			       bool *out)
{
	XB_AUTOBLOB struct xb_blob b = XB_BLOB_INIT;
	struct xb_entry e;

	XB_TRY(xb_brings_may_end(c->m->brings, g, l->name, out));
	if (!*out)
		return NULL;
	*out = false;
	XB_TRY(xb_tree_lookup_path(c->s, c->tree, g->path, &e));
	if (!xb_entry_is_file(&e))
		return NULL;
	XB_TRY(xb_blob_open(c->s, &e.oid, &b));
	if (xb_lang_mentions(g->lang, b.p, b.n, l->name, strlen(l->name)))
		XB_TRY(xb_brings_ends(c->m->brings, g, l->name, b.p, b.n, out));
	return NULL;
}

/* Does commit J end such a use in one of its files? */
static struct xb_err *look_at_commit(struct xb_meant *c, size_t j, const struct xb_changed_file *f,
				     const struct xb_lost *l)
{
	struct xb_changed *ch;
	bool ends = false;

	XB_TRY(xb_brings_files(c->m->brings, j, &ch));
	for (size_t k = 0; k < ch->n && !ends; k++)
		if (was_seen(f, &ch->v[k]))
			XB_TRY(ends_use(c, &ch->v[k], l, &ends));
	if (ends)
		xb_meant_hit(c, j, XB_MEANS_ENDS_USE, f->path, l->line, l->name);
	return NULL;
}

static bool may_be_used_elsewhere(const struct xb_lost *l)
{
	return l->kind != XB_DEF_FIELD && l->kind != XB_DEF_PATTERN && strlen(l->name) >= MIN_NAME;
}

/* Has an earlier commit changed the file? What a source file declares is seen nowhere else. */
static struct xb_err *may_matter(struct xb_meant *c, const struct xb_changed_file *f, bool *out)
{
	*out = f->lang == XB_LANG_HEADER;
	for (size_t j = 0; j < c->i && !*out; j++) {
		struct xb_changed *ch;

		if (!xb_meant_may_take(c, j))
			continue;
		XB_TRY(xb_brings_files(c->m->brings, j, &ch));
		for (size_t k = 0; k < ch->n && !*out; k++)
			*out = !strcmp(ch->v[k].path, f->path);
	}
	return NULL;
}

static struct xb_err *look_at_lost(struct xb_meant *c, const struct xb_changed_file *f,
				   const struct xb_lost *l)
{
	bool has;

	XB_TRY(xb_meant_own(c, l->name, &has));
	if (!has)
		XB_TRY(xb_meant_file_has(c, c->tree, f->path, l->name, &has));
	for (size_t j = 0; j < c->i && !has; j++)
		if (xb_meant_may_take(c, j))
			XB_TRY(look_at_commit(c, j, f, l));
	return NULL;
}

struct xb_err *xb_meant_removals(struct xb_meant *c, struct xb_changed_file *f)
{
	bool matters;

	XB_TRY(may_matter(c, f, &matters));
	if (!matters)
		return NULL;
	XB_TRY(xb_brings_lost(c->m->brings, f));
	for (size_t i = 0; i < f->lost.n; i++)
		if (may_be_used_elsewhere(&f->lost.v[i]))
			XB_TRY(look_at_lost(c, f, &f->lost.v[i]));
	return NULL;
}
