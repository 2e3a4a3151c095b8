/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pick-impl.h"
#include "rename.h"
#include "util/alloc.h"

/* What either side did with files, as far as renames go. */
struct both {
	struct xb_renames ours, theirs;
};

static void mark(struct xb_renames *r, const char *path)
{
	struct xb_rename_path *p = xb_renames_deleted(r, path);

	if (p)
		p->relevant = true;
}

static void mark_below(struct xb_renames *r, const char *dir)
{
	size_t n = strlen(dir);

	for (size_t i = 0; i < r->deleted.n; i++)
		if (!strncmp(r->deleted.v[i].path, dir, n))
			r->deleted.v[i].relevant = true;
}

/* The commit adds PATH below a directory that the tip doesn't have: the topmost such one, with a slash. */
static struct xb_err *missing_dir(struct xb_pick_walk *w, const char *path, char **out)
{
	char *dir = *out = xb_strdup(path);
	struct xb_entry e;

	for (char *slash = strchr(dir, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		XB_TRY(xb_tree_lookup_path(w->s, w->tip, dir, &e));
		*slash = '/';
		if (!e.mode) {
			slash[1] = '\0';
			break;
		}
	}
	return NULL;
}

static struct xb_err *extra_path(void *ctx, const char *path, const struct xb_entry *b,
				 const struct xb_entry *o)
{
	bool *found = ctx;

	(void)path;
	*found |= !b->mode && o->mode;
	return NULL;
}

/* A source is relevant, as in merge-ort, where it matters to the merge what became of it. */
static struct xb_err *mark_relevant(struct xb_pick_walk *w, const struct xb_hard *h, struct both *r)
{
	XB_AUTOFREE char *dir = NULL;
	bool extra = false;

	switch (h->kind) {
	case XB_HARD_MODIFIED_MISSING:
		mark(&r->ours, h->path);
		break;
	case XB_HARD_DELETED_MODIFIED:
		mark(&r->theirs, h->path);
		break;
	case XB_HARD_DELETED_BOTH:
		mark(&r->ours, h->path);
		mark(&r->theirs, h->path);
		break;
	case XB_HARD_ADDED_TO_MISSING: /* did the tip's side rename the directory? */
		XB_TRY(missing_dir(w, h->path, &dir));
		mark_below(&r->ours, dir);
		break;
	case XB_HARD_DIR_REMOVED: /* did the commit, while the tip has files of its own there? */
		dir = xb_asprintf("%s/", h->path);
		XB_TRY(xb_tree_diff(w->s, &h->base.oid, &h->ours.oid, extra_path, &extra));
		if (extra)
			mark_below(&r->theirs, dir);
		break;
	}
	return NULL;
}

static struct xb_err *may_rename(struct xb_pick_walk *w, struct both *r, bool *out)
{
	XB_TRY(xb_renames_list(w->s, w->parent, w->tip, &r->ours));
	XB_TRY(xb_renames_list(w->s, w->parent, w->commit, &r->theirs));
	for (size_t i = 0; i < w->hard.n; i++)
		XB_TRY(mark_relevant(w, &w->hard.v[i], r));
	XB_TRY(xb_renames_possible(w->s, &r->ours, out));
	return *out ? NULL : xb_renames_possible(w->s, &r->theirs, out);
}

/* Nothing was renamed. */
static struct xb_err *decide(struct xb_pick_walk *w, const struct xb_hard *h, git_oid *tree)
{
	git_oid out;

	switch (h->kind) {
	case XB_HARD_MODIFIED_MISSING:
		xb_pick_conflict(w, XB_CONFLICT_MODIFY_DELETE, h->path, &h->base, &h->ours, &h->theirs,
				 "the commit changes a file that isn't there");
		break;
	case XB_HARD_DELETED_MODIFIED:
		xb_pick_conflict(w, XB_CONFLICT_DELETE_MODIFY, h->path, &h->base, &h->ours, &h->theirs,
				 "the commit deletes a file that has other contents here");
		break;
	case XB_HARD_ADDED_TO_MISSING:
		XB_TRY(xb_tree_set_path(w->s, tree, h->path, &h->theirs, &out));
		*tree = out;
		break;
	case XB_HARD_DELETED_BOTH:
	case XB_HARD_DIR_REMOVED:
		break;
	}
	return NULL;
}

struct xb_err *xb_pick_settle(struct xb_pick_walk *w, git_oid *tree)
{
	struct both r = {0};
	bool possible = false;
	struct xb_err *err = may_rename(w, &r, &possible);

	for (size_t i = 0; !err && i < w->hard.n; i++) {
		const struct xb_hard *h = &w->hard.v[i];

		if (possible)
			xb_pick_conflict(w, XB_CONFLICT_UNDECIDABLE, h->path, &h->base, &h->ours, &h->theirs,
					 "a file may have been renamed");
		else
			err = decide(w, h, tree);
	}
	xb_renames_release(&r.ours);
	xb_renames_release(&r.theirs);
	return err;
}
