/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which commits of the window touched a place of a file. The place is followed
 * backwards through the commits that change the file, under its older names as
 * well, so that lines which were deleted or moved away there are seen, too:
 * blame alone knows only lines that are still there. What was found out about
 * commits and about pairs of blobs is kept for the whole plan. All of it may
 * trim the picker (pick.h): callers hold nothing that is borrowed from there.
 */
#ifndef XB_BLAME_H
#define XB_BLAME_H

#include "classify/history.h"
#include "pick/pick.h"

/* A path that a commit changes; mode 0: it was not there, or it goes. */
struct xb_touch {
	char *path;
	uint32_t old_mode, new_mode;
	git_oid old_id, new_id;
	char *from;      /* the path that it was renamed from; NULL: none */
	git_oid from_id; /* the blob there */
};

struct xb_touches {
	struct xb_touch *v; /* in tree order */
	size_t n, cap;
	bool known, renames_known;
};

struct xb_blame;

/* Borrows both. */
struct xb_blame *xb_blame_new(struct xb_picker *picker, const struct xb_window *w);
void xb_blame_free(struct xb_blame *b);

/* What commit I of the window changes against its first parent; empty for a merge, and for more than
 * XB_TREE_DIFF_MAX. Borrowed. */
struct xb_err *xb_blame_touches(struct xb_blame *b, size_t i, const struct xb_touches **out) XB_MUST_CHECK;

/*
 * What differs between two trees: all of it at once, as what is borrowed from the store may go meanwhile.
 * More than XB_TREE_DIFF_MAX: XB_E_HOSTILE.
 */
struct xb_err *xb_touches_between(struct xb_store *s, const git_oid *old_tree, const git_oid *new_tree,
				  struct xb_touches *out) XB_MUST_CHECK;
void xb_touches_release(struct xb_touches *t);
/* What commit I does to PATH, with the rename that brought it there; NULL where nothing. Borrowed. */
struct xb_err *xb_blame_touch_of(struct xb_blame *b, size_t i, const char *path,
				 const struct xb_touch **out) XB_MUST_CHECK;

/* A commit that was found; FIRST: it is the last one that touched some line, and no deeper one. */
struct xb_toucher {
	size_t i;
	bool first;
};

struct xb_touchers {
	struct xb_toucher *v; /* newest first, each commit once */
	size_t n, cap;
};

/* The place: lines of the blob that PATH was before commit BEFORE. */
struct xb_place {
	size_t before;
	const char *path;
	const git_oid *blob;
	const struct xb_hunk *hunks; /* their base ranges count */
	size_t n_hunks;
	size_t context; /* lines around each hunk that count as well */
	/* Commits for which this is true are looked through. */
	bool (*through)(void *ctx, size_t i);
	void *ctx;
};

/* Adds the commits that touched the place to OUT, zeroed before. */
struct xb_err *xb_blame_place(struct xb_blame *b, const struct xb_place *at,
			      struct xb_touchers *out) XB_MUST_CHECK;
/* Adds the commits before BEFORE that touched PATH, under its older names as well; FIRST: it made the path.
 */
struct xb_err *xb_blame_path(struct xb_blame *b, size_t before, const char *path,
			     struct xb_touchers *out) XB_MUST_CHECK;
/* The lines where the blobs A and B differ; one change over all where that is undecided. Borrowed. */
struct xb_err *xb_blame_changes(struct xb_blame *b, const git_oid *old_id, const git_oid *new_id,
				const struct xb_changes **out) XB_MUST_CHECK;

#endif
