/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which deleted path may have become which added one. A merge only asks whether
 * there can be any rename at all, by git's measure of similarity; if so, git
 * decides (its choice hangs on the order in which it walks, and more).
 */
#ifndef XB_RENAME_H
#define XB_RENAME_H

#include "odb/store.h"
#include "odb/tree.h"

struct xb_rename_path {
	char *path;
	uint32_t mode;
	git_oid oid;
	bool relevant; /* a source: its fate matters to the merge */
	long pair;     /* result: a source's destination, a destination's source; -1: none */
};

struct xb_renames {
	struct {
		struct xb_rename_path *v; /* in the order of the trees */
		size_t n, cap;
	} deleted, added;
	bool undecidable; /* too many */
};

/* Lists what SIDE lacks of BASE and what it adds (not directories), with `pair` -1 and `relevant` false. */
struct xb_err *xb_renames_list(struct xb_store *s, const git_oid *base, const git_oid *side,
			       struct xb_renames *out) XB_MUST_CHECK;
/*
 * Fills in the pairs, as a person would: files of equal contents, then the most
 * similar ones. Good for following a file's history, not for merging.
 */
struct xb_err *xb_renames_guess(struct xb_store *s, struct xb_renames *r) XB_MUST_CHECK;
/*
 * Could git find a rename, if it looked for what became of the relevant sources?
 * No: there is none. Yes: there may be, or it is too much work to tell. Any two
 * files of equal contents count, and a relevant source and a new file that are
 * as similar as git's threshold says.
 */
struct xb_err *xb_renames_possible(struct xb_store *s, const struct xb_renames *r, bool *out) XB_MUST_CHECK;
/* The deleted entry of this path, or NULL. */
struct xb_rename_path *xb_renames_deleted(struct xb_renames *r, const char *path);
void xb_renames_release(struct xb_renames *r);

#endif
