/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of a pick share; only for pick.c, which walks the directories,
 * pick-entry.c, which merges what stands at one path, pick-renames.c, which
 * settles what a rename could change where there is none, and pick-git.c, which
 * asks git. The walk puts aside what is `hard`; xb_pick_settle comes after it,
 * once.
 */
#ifndef XB_PICK_IMPL_H
#define XB_PICK_IMPL_H

#include "pick.h"
#include "util/buf.h"

/* What can't be decided without looking for renames. */
enum xb_hard_kind {
	XB_HARD_MODIFIED_MISSING,
	XB_HARD_DELETED_MODIFIED,
	XB_HARD_DELETED_BOTH,
	XB_HARD_ADDED_TO_MISSING,
	XB_HARD_DIR_REMOVED,
};

struct xb_hard {
	enum xb_hard_kind kind;
	char *path;
	struct xb_entry base, ours, theirs;
};

/* One pick under way. */
struct xb_pick_walk {
	struct xb_picker *p;
	struct xb_store *s;
	const git_oid *tip, *parent, *commit; /* trees */
	struct xb_pick *out;
	struct xb_buf path; /* of the directory being merged, with its slash */
	struct {
		struct xb_hard *v;
		size_t n, cap;
	} hard;
	unsigned depth;
};

/* Adds a conflict to the result, borrowed until the next; WHY is static text. */
struct xb_conflict *xb_pick_conflict(struct xb_pick_walk *w, enum xb_conflict_kind kind, const char *path,
				     const struct xb_entry *b, const struct xb_entry *o,
				     const struct xb_entry *t, const char *why);
/* Are both regular files, or both links, or both submodules? */
bool xb_pick_one_kind(const struct xb_entry *a, const struct xb_entry *b);
/*
 * Merges three entries of one kind that exist on all sides, modes apart from
 * contents. OUT with mode 0: that was a conflict, and is in the result.
 */
struct xb_err *xb_pick_merge_entries(struct xb_pick_walk *w, const char *path, const struct xb_entry *b,
				     const struct xb_entry *o, const struct xb_entry *t,
				     struct xb_entry *out) XB_MUST_CHECK;
/* Settles what is hard where nothing can have been renamed, and else leaves it undecided; changes *TREE, the
 * result so far. */
struct xb_err *xb_pick_settle(struct xb_pick_walk *w, git_oid *tree) XB_MUST_CHECK;
/* Makes the result what git says. Not *DECIDED: git can't be asked, and it stays as it is. */
struct xb_err *xb_pick_ask_git(struct xb_pick_walk *w, bool *decided) XB_MUST_CHECK;
/* A conflict of the lines of three files, as M says, at the conflict C. */
void xb_pick_set_hunks(struct xb_conflict *c, const struct xb_merge3_result *m);

#endif
