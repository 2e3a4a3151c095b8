/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pick.h"

#include "pick-impl.h"
#include "util/alloc.h"

static const struct xb_entry nothing;

/* The full path of an entry of the directory being merged; owned. */
static char *path_of(const struct xb_pick_walk *w, const struct xb_entry *e)
{
	return xb_asprintf("%.*s%.*s", (int)w->path.n, w->path.n ? w->path.p : "", (int)e->len, e->name);
}

static void add_hard(struct xb_pick_walk *w, enum xb_hard_kind kind, const struct xb_entry *b,
		     const struct xb_entry *o, const struct xb_entry *t)
{
	struct xb_hard *h = XB_PUSH(&w->hard, v, n, cap);

	h->kind = kind;
	h->path = path_of(w, b->mode ? b : t);
	h->base = *b;
	h->ours = *o;
	h->theirs = *t;
}

static void conflict_here(struct xb_pick_walk *w, enum xb_conflict_kind kind, const struct xb_entry *b,
			  const struct xb_entry *o, const struct xb_entry *t, const char *why)
{
	XB_AUTOFREE char *path = path_of(w, t->mode ? t : b);

	xb_pick_conflict(w, kind, path, b, o, t, why);
}

/*
 * Both added it. git merges the contents of regular files with an empty base:
 * clean where one is empty, or an attribute says how.
 */
static struct xb_err *both_added(struct xb_pick_walk *w, const struct xb_entry *o, const struct xb_entry *t)
{
	XB_AUTOFREE char *path = path_of(w, t);
	struct xb_obj *a = NULL, *b = NULL;
	bool interferes = false;

	if (xb_entry_is_file(o) && xb_entry_is_file(t) && !git_oid_equal(&o->oid, &t->oid)) {
		XB_TRY(xb_picker_interferes(w->p, w->tip, path, &interferes));
		XB_TRY(xb_store_get(w->s, &o->oid, GIT_OBJECT_BLOB, &a));
		XB_TRY(xb_store_get(w->s, &t->oid, GIT_OBJECT_BLOB, &b));
	}
	if (interferes)
		xb_pick_conflict(w, XB_CONFLICT_UNDECIDABLE, path, &nothing, o, t,
				 "a .gitattributes file may set how this path is merged");
	else if (a && b && (!a->len || !b->len))
		xb_pick_conflict(w, XB_CONFLICT_UNDECIDABLE, path, &nothing, o, t,
				 "both sides add it, one of them empty");
	else
		xb_pick_conflict(w, XB_CONFLICT_ADD_ADD, path, &nothing, o, t,
				 "both sides add it, differently");
	return NULL;
}

/* The merged directory is to have E, or with mode 0 nothing, under the name of NAME. */
static void edit(struct xb_edits *edits, const struct xb_entry *name, const struct xb_entry *e)
{
	struct xb_entry *to = XB_PUSH(edits, v, n, cap);

	*to = *e;
	to->name = name->name;
	to->len = name->len;
}

/* No directory among the three, all different, and the commit changes it. */
static struct xb_err *merge_files(struct xb_pick_walk *w, const struct xb_entry *b, const struct xb_entry *o,
				  const struct xb_entry *t, struct xb_edits *edits)
{
	struct xb_entry merged = *o;
	XB_AUTOFREE char *path = NULL;

	if (!b->mode)
		return both_added(w, o, t);
	if (!o->mode || !t->mode) {
		add_hard(w, o->mode ? XB_HARD_DELETED_MODIFIED : XB_HARD_MODIFIED_MISSING, b, o, t);
		return NULL;
	}
	if (!xb_pick_one_kind(o, t) || !xb_pick_one_kind(b, o)) {
		/* Mostly a conflict; but git compares ids across kinds. */
		conflict_here(w, XB_CONFLICT_UNDECIDABLE, b, o, t,
			      "file, link or submodule: both sides change it, differently");
		return NULL;
	}
	path = path_of(w, b);
	XB_TRY(xb_pick_merge_entries(w, path, b, o, t, &merged));
	if (!merged.mode) {
		struct xb_conflict *c = &w->out->v[w->out->n - 1];

		c->in_place = c->kind != XB_CONFLICT_UNDECIDABLE; /* which may be the attributes' doing */
		return NULL;
	}
	if (!xb_entry_same(&merged, o))
		edit(edits, b, &merged);
	return NULL;
}

static struct xb_err *merge_dirs(struct xb_pick_walk *w, const struct xb_entry *b, const struct xb_entry *o,
				 const struct xb_entry *t, git_oid *out);

struct deleted_dir {
	struct xb_pick_walk *w;
	const char *dir;
};

static struct xb_err *deleted_path(void *ctx, const char *path, const struct xb_entry *b,
				   const struct xb_entry *now)
{
	struct deleted_dir *d = ctx;
	struct xb_hard *h;

	if (!b->mode || now->mode)
		return NULL;
	h = XB_PUSH(&d->w->hard, v, n, cap);
	h->kind = XB_HARD_DELETED_BOTH;
	h->path = xb_asprintf("%s%s", d->dir, path);
	h->base = *b;
	return NULL;
}

/* Both sides have NOW (perhaps nothing) for it. What is gone is fine, unless one of them renamed it. */
static struct xb_err *both_deleted(struct xb_pick_walk *w, const struct xb_entry *b,
				   const struct xb_entry *now)
{
	XB_AUTOFREE char *dir = NULL;
	struct deleted_dir d = {.w = w};

	if (!xb_entry_is_tree(b)) {
		add_hard(w, XB_HARD_DELETED_BOTH, b, &nothing, &nothing);
		return NULL;
	}
	dir = xb_asprintf("%.*s%.*s/", (int)w->path.n, w->path.n ? w->path.p : "", (int)b->len, b->name);
	d.dir = dir;
	return xb_tree_diff(w->s, &b->oid, xb_entry_is_tree(now) ? &now->oid : &nothing.oid, deleted_path,
			    &d);
}

static struct xb_err *merge_subtrees(struct xb_pick_walk *w, const struct xb_entry *b,
				     const struct xb_entry *o, const struct xb_entry *t,
				     struct xb_edits *edits)
{
	const struct xb_entry *any = b->mode ? b : t;
	struct xb_entry merged = {.mode = XB_MODE_TREE};
	size_t n = w->path.n;
	struct xb_err *err;

	if (b->mode && o->mode && !t->mode)
		add_hard(w, XB_HARD_DIR_REMOVED, b, o, t);
	xb_buf_add(&w->path, any->name, any->len);
	xb_buf_addc(&w->path, '/');
	err = merge_dirs(w, b, o, t, &merged.oid);
	xb_buf_setlen(&w->path, n);
	if (err)
		return err;
	if (git_oid_is_zero(&merged.oid))
		merged.mode = 0;
	if (merged.mode ? !git_oid_equal(&merged.oid, &o->oid) : o->mode)
		edit(edits, any, &merged);
	return NULL;
}

static bool tree_or_nothing(const struct xb_entry *e)
{
	return !e->mode || xb_entry_is_tree(e);
}

/*
 * One name that the commit changes (B and T differ). O_DIR: the tip has the
 * directory it is in, or the base hasn't either.
 */
static struct xb_err *merge_name(struct xb_pick_walk *w, const struct xb_entry *b, const struct xb_entry *o,
				 const struct xb_entry *t, bool o_dir, struct xb_edits *edits)
{
	if (xb_entry_same(o, t))
		return !o->mode || xb_entry_is_tree(b) ? both_deleted(w, b, o) : NULL;
	if (!b->mode && !o->mode && !o_dir) {
		add_hard(w, XB_HARD_ADDED_TO_MISSING, b, o, t);
		return NULL;
	}
	if (xb_entry_same(o, b)) {
		edit(edits, b->mode ? b : t, t);
		return NULL;
	}
	if (tree_or_nothing(b) && tree_or_nothing(o) && tree_or_nothing(t))
		return merge_subtrees(w, b, o, t, edits);
	if (!xb_entry_is_tree(b) && !xb_entry_is_tree(o) && !xb_entry_is_tree(t))
		return merge_files(w, b, o, t, edits);
	if (!b->mode)
		conflict_here(w, XB_CONFLICT_TYPE, b, o, t, "a file on one side, a directory on the other");
	else
		conflict_here(
		    w, XB_CONFLICT_UNDECIDABLE, b, o, t,
		    "a file became a directory or a directory a file, and the other side changed it");
	return NULL;
}

/* B, O, T: directories or nothing. *OUT is the merged directory, zero when nothing is left. */
static struct xb_err *merge_dirs(struct xb_pick_walk *w, const struct xb_entry *b, const struct xb_entry *o,
				 const struct xb_entry *t, git_oid *out)
{
	struct xb_tree_iter ib, it, io, all_b, all_t;
	struct xb_edits edits = {0};
	struct xb_entry eb, et, eo;
	bool more_b, more_t, o_dir = o->mode || !b->mode;
	struct xb_err *err = NULL;

	if (++w->depth > 256)
		return xb_err_new(XB_E_HOSTILE, "directories nested too deeply: %s", w->path.p);
	XB_TRY(xb_tree_open(w->s, &b->oid, &ib));
	XB_TRY(xb_tree_open(w->s, &t->oid, &it));
	XB_TRY(xb_tree_open(w->s, &o->oid, &io));
	all_b = ib;
	all_t = it;
	more_b = xb_tree_next(&ib, &eb);
	more_t = xb_tree_next(&it, &et);
	while (!err && (more_b || more_t)) {
		int c = !more_b ? 1 : !more_t ? -1 : xb_entry_cmp(&eb, &et);
		struct xb_entry b1 = eb, t1 = et;
		bool skip = c == 0 && xb_entry_same(&eb, &et);

		if (c < 0)
			xb_tree_lookup(all_t, eb.name, eb.len, &t1); /* perhaps as another type */
		if (c > 0) {
			xb_tree_lookup(all_b, et.name, et.len, &b1);
			skip = b1.mode != 0; /* comes or came with the base's entry */
		}
		if (!skip) {
			const struct xb_entry *any = c <= 0 ? &eb : &et;

			xb_tree_lookup(io, any->name, any->len, &eo);
			err = merge_name(w, &b1, &eo, &t1, o_dir, &edits);
		}
		if (c <= 0)
			more_b = xb_tree_next(&ib, &eb);
		if (c >= 0)
			more_t = xb_tree_next(&it, &et);
	}
	if (!err)
		err = xb_tree_splice(w->s, &o->oid, &edits, out);
	free(edits.v);
	w->depth--;
	return err;
}

static bool any(const struct xb_pick *pick, bool undecided)
{
	for (size_t i = 0; i < pick->n; i++)
		if (undecided ? pick->v[i].kind == XB_CONFLICT_UNDECIDABLE : pick->v[i].in_place)
			return true;
	return false;
}

static void release_conflict(struct xb_conflict *c)
{
	XB_FREE(c->path, c->hunks.v);
}

/* What is undecided beside a conflict that is certain plays no part. */
static void drop_undecided(struct xb_pick *pick)
{
	size_t n = 0;

	for (size_t i = 0; i < pick->n; i++) {
		if (pick->v[i].kind == XB_CONFLICT_UNDECIDABLE)
			release_conflict(&pick->v[i]);
		else
			pick->v[n++] = pick->v[i];
	}
	pick->n = n;
}

/* Where renames are open only a conflict in place is certain: another may be a part of one. */
static struct xb_err *conclude(struct xb_pick_walk *w)
{
	struct xb_pick *out = w->out;
	bool decided = true;

	if (any(out, true)) {
		if (any(out, false))
			drop_undecided(out);
		else
			XB_TRY(xb_pick_ask_git(w, &decided));
	}
	if (!decided)
		out->verdict = XB_PICK_UNDECIDABLE;
	else if (out->n)
		out->verdict = XB_PICK_CONFLICT;
	else
		out->verdict = git_oid_equal(&out->tree, w->tip) ? XB_PICK_EMPTY : XB_PICK_CLEAN;
	return NULL;
}

struct xb_err *xb_pick(struct xb_picker *p, const git_oid *tip, const git_oid *parent, const git_oid *commit,
		       struct xb_pick *out)
{
	struct xb_pick_walk w = {
	    .p = p, .s = xb_picker_store(p), .tip = tip, .parent = parent, .commit = commit, .out = out};
	struct xb_entry b = {.mode = XB_MODE_TREE, .oid = *parent}, o = {.mode = XB_MODE_TREE, .oid = *tip},
			t = {.mode = XB_MODE_TREE, .oid = *commit};
	struct xb_err *err = NULL;

	xb_picker_count(p);
	*out = (struct xb_pick){.tree = *tip};
	if (!git_oid_equal(parent, commit))
		err = merge_dirs(&w, &b, &o, &t, &out->tree);
	if (!err && w.hard.n)
		err = xb_pick_settle(&w, &out->tree);
	if (!err && git_oid_is_zero(&out->tree)) /* nothing is left: a tree all the same */
		err = xb_tree_write(w.s, "", 0, NULL, NULL, &out->tree);
	for (size_t i = 0; i < w.hard.n; i++)
		free(w.hard.v[i].path);
	free(w.hard.v);
	xb_buf_release(&w.path);
	if (!err)
		err = conclude(&w);
	if (err)
		xb_pick_release(out);
	return err;
}

void xb_pick_release(struct xb_pick *pick)
{
	for (size_t i = 0; i < pick->n; i++)
		release_conflict(&pick->v[i]);
	free(pick->v);
	*pick = (struct xb_pick){0};
}

const char *xb_conflict_kind_name(enum xb_conflict_kind kind)
{
	static const char *const names[] = {
	    [XB_CONFLICT_CONTENT] = "content",
	    [XB_CONFLICT_BINARY] = "binary",
	    [XB_CONFLICT_ADD_ADD] = "add/add",
	    [XB_CONFLICT_MODIFY_DELETE] = "modify/delete",
	    [XB_CONFLICT_DELETE_MODIFY] = "delete/modify",
	    [XB_CONFLICT_TYPE] = "type",
	    [XB_CONFLICT_RENAME] = "rename/delete",
	    [XB_CONFLICT_UNDECIDABLE] = "undecidable",
	};

	return names[kind];
}
