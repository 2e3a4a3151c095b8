/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pick-impl.h"
#include "rename.h"
#include "util/alloc.h"

/* The renames of both sides, for what is hard. */
struct both {
	struct xb_renames ours, theirs;
};

static void mark_relevant(struct xb_pick_walk *w, struct both *r)
{
	for (size_t i = 0; i < w->hard.n; i++) {
		const struct xb_hard *h = &w->hard.v[i];
		struct xb_rename_path *p;

		if (h->kind == XB_HARD_MODIFIED_MISSING || h->kind == XB_HARD_DELETED_BOTH) {
			p = xb_renames_deleted(&r->ours, h->path);
			if (p)
				p->relevant = true;
		}
		if (h->kind == XB_HARD_DELETED_MODIFIED || h->kind == XB_HARD_DELETED_BOTH) {
			p = xb_renames_deleted(&r->theirs, h->path);
			if (p)
				p->relevant = true;
		}
	}
}

static struct xb_rename_path *renamed_to(struct xb_renames *r, const char *path)
{
	struct xb_rename_path *p = xb_renames_deleted(r, path);

	return p && p->pair >= 0 ? &r->added.v[p->pair] : NULL;
}

static struct xb_err *set_path(struct xb_pick_walk *w, git_oid *tree, const char *path,
			       const struct xb_entry *e)
{
	git_oid out;

	XB_TRY(xb_tree_set_path(w->s, tree, path, e, &out));
	*tree = out;
	return NULL;
}

/*
 * PATH is the new name of a renamed file and both sides have it: git then merges
 * it with the old file as the base, so that two additions need not conflict.
 */
static void more_than_added(struct xb_pick_walk *w, const char *path)
{
	for (size_t i = 0; i < w->out->n; i++) {
		struct xb_conflict *c = &w->out->v[i];

		if (c->kind != XB_CONFLICT_ADD_ADD || strcmp(c->path, path) != 0)
			continue;
		c->kind = XB_CONFLICT_UNDECIDABLE;
		c->why = "both sides have it, one of them by renaming";
	}
}

/*
 * The commit changes a file that the tip has under another name, or the commit
 * renames a file that the tip has in another form: the contents are merged and
 * stand under the new name.
 */
static struct xb_err *merge_renamed(struct xb_pick_walk *w, const struct xb_hard *h,
				    const struct xb_rename_path *to, bool ours, git_oid *tree)
{
	struct xb_entry at = {.mode = to->mode, .oid = to->oid}, other, merged;
	const struct xb_entry *o = ours ? &at : &h->ours, *t = ours ? &h->theirs : &at;

	/* Is the new name taken on the other side? */
	XB_TRY(xb_tree_lookup_path(w->s, ours ? w->commit : w->tip, to->path, &other));
	if (other.mode) {
		more_than_added(w, to->path);
		xb_pick_conflict(w, XB_CONFLICT_UNDECIDABLE, h->path, &h->base, &h->ours, &h->theirs,
				 "renamed on one side to a path that the other side has");
		return NULL;
	}
	if (!xb_pick_one_kind(o, t) || !xb_pick_one_kind(&h->base, o)) {
		xb_pick_conflict(w, XB_CONFLICT_UNDECIDABLE, h->path, &h->base, &h->ours, &h->theirs,
				 "renamed, and its kind changed");
		return NULL;
	}
	XB_TRY(xb_pick_merge_entries(w, to->path, &h->base, o, t, &merged));
	if (!merged.mode)
		return NULL;
	if (!ours)
		XB_TRY(set_path(w, tree, h->path, &(struct xb_entry){0}));
	return set_path(w, tree, to->path, &merged);
}

/* The commit adds PATH below a directory that the tip doesn't have: did the tip's side rename it? */
static struct xb_err *added_to_missing(struct xb_pick_walk *w, struct both *r, const struct xb_hard *h,
				       git_oid *tree)
{
	XB_AUTOFREE char *dir = xb_strdup(h->path);
	struct xb_entry e;
	bool leaves = false;

	/* The topmost missing directory covers those below it. */
	for (char *slash = strchr(dir, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		XB_TRY(xb_tree_lookup_path(w->s, w->tip, dir, &e));
		*slash = '/';
		if (!e.mode) {
			slash[1] = '\0';
			break;
		}
	}
	XB_TRY(xb_renames_leave_dir(w->s, &r->ours, dir, &leaves));
	if (leaves) {
		xb_pick_conflict(w, XB_CONFLICT_UNDECIDABLE, h->path, &h->base, &h->ours, &h->theirs,
				 "added to a directory that may have been renamed");
		return NULL;
	}
	return set_path(w, tree, h->path, &h->theirs);
}

struct extra {
	bool found;
};

static struct xb_err *extra_path(void *ctx, const char *path, const struct xb_entry *b,
				 const struct xb_entry *o)
{
	struct extra *x = ctx;

	(void)path;
	if (!b->mode && o->mode)
		x->found = true;
	return NULL;
}

/* The commit removes a directory in which the tip has files of its own: did the commit rename it? */
static struct xb_err *dir_removed(struct xb_pick_walk *w, struct both *r, const struct xb_hard *h)
{
	XB_AUTOFREE char *dir = xb_asprintf("%s/", h->path);
	struct extra x = {0};
	bool leaves = false;

	XB_TRY(xb_tree_diff(w->s, &h->base.oid, &h->ours.oid, extra_path, &x));
	if (!x.found)
		return NULL;
	XB_TRY(xb_renames_leave_dir(w->s, &r->theirs, dir, &leaves));
	if (leaves)
		xb_pick_conflict(
		    w, XB_CONFLICT_UNDECIDABLE, h->path, &h->base, &h->ours, &h->theirs,
		    "the commit removes a directory, perhaps by renaming it, in which the tip has more "
		    "files");
	return NULL;
}

static struct xb_err *decide(struct xb_pick_walk *w, struct both *r, const struct xb_hard *h, git_oid *tree)
{
	const struct xb_rename_path *ours = NULL, *theirs = NULL;

	if (h->kind == XB_HARD_MODIFIED_MISSING || h->kind == XB_HARD_DELETED_BOTH)
		ours = renamed_to(&r->ours, h->path);
	if (h->kind == XB_HARD_DELETED_MODIFIED || h->kind == XB_HARD_DELETED_BOTH)
		theirs = renamed_to(&r->theirs, h->path);
	switch (h->kind) {
	case XB_HARD_MODIFIED_MISSING:
		if (ours)
			return merge_renamed(w, h, ours, true, tree);
		xb_pick_conflict(w, XB_CONFLICT_MODIFY_DELETE, h->path, &h->base, &h->ours, &h->theirs,
				 "the commit changes a file that isn't there");
		return NULL;
	case XB_HARD_DELETED_MODIFIED:
		if (theirs)
			return merge_renamed(w, h, theirs, false, tree);
		xb_pick_conflict(w, XB_CONFLICT_DELETE_MODIFY, h->path, &h->base, &h->ours, &h->theirs,
				 "the commit deletes a file that has other contents here");
		return NULL;
	case XB_HARD_DELETED_BOTH:
		if (ours && theirs && !strcmp(ours->path, theirs->path)) {
			if (ours->mode == theirs->mode && git_oid_equal(&ours->oid, &theirs->oid))
				return NULL; /* it is there already */
			more_than_added(w, ours->path);
			xb_pick_conflict(w, XB_CONFLICT_UNDECIDABLE, h->path, &h->base, &h->ours, &h->theirs,
					 "renamed to one name on both sides");
		} else if (ours && theirs)
			xb_pick_conflict(w, XB_CONFLICT_RENAME, h->path, &h->base, &h->ours, &h->theirs,
					 "renamed to two names");
		else if (ours || theirs)
			xb_pick_conflict(w, XB_CONFLICT_RENAME, h->path, &h->base, &h->ours, &h->theirs,
					 "renamed on one side and deleted on the other");
		return NULL;
	case XB_HARD_ADDED_TO_MISSING:
		return added_to_missing(w, r, h, tree);
	case XB_HARD_DIR_REMOVED:
		return dir_removed(w, r, h);
	}
	return NULL;
}

struct xb_err *xb_pick_settle(struct xb_pick_walk *w, git_oid *tree)
{
	struct both r = {0};
	struct xb_err *err = xb_renames_list(w->s, w->parent, w->tip, &r.ours);

	if (!err)
		err = xb_renames_list(w->s, w->parent, w->commit, &r.theirs);
	if (!err) {
		mark_relevant(w, &r);
		err = xb_renames_find(w->s, &r.ours);
	}
	if (!err)
		err = xb_renames_find(w->s, &r.theirs);
	for (size_t i = 0; !err && i < w->hard.n; i++) {
		const struct xb_hard *h = &w->hard.v[i];

		if (r.ours.undecidable || r.theirs.undecidable)
			xb_pick_conflict(w, XB_CONFLICT_UNDECIDABLE, h->path, &h->base, &h->ours, &h->theirs,
					 "too many or ambiguous renames");
		else
			err = decide(w, &r, h, tree);
	}
	xb_renames_release(&r.ours);
	xb_renames_release(&r.theirs);
	return err;
}
