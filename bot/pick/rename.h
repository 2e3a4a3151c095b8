/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which deleted path became which added one, decided as git's merge-ort does:
 * first identical blobs, then equal base names that occur once, then the most
 * similar of all pairs (diffcore-rename with "relevant sources"; at least half
 * of the contents kept). Only relevant sources are searched beyond identity.
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
	bool undecidable; /* too many, or a guess by directories would come in */
};

/* Lists what SIDE lacks of BASE and what it adds (not directories), with `pair` -1 and `relevant` false. */
struct xb_err *xb_renames_list(struct xb_store *s, const git_oid *base, const git_oid *side,
			       struct xb_renames *out) XB_MUST_CHECK;
/* Fills in the pairs. Does nothing where no source is relevant. */
struct xb_err *xb_renames_find(struct xb_store *s, struct xb_renames *r) XB_MUST_CHECK;
/*
 * Could any deleted path below the directory DIR (a path that ends in a slash)
 * have become any added path? Then git may see DIR itself as renamed.
 */
struct xb_err *xb_renames_leave_dir(struct xb_store *s, const struct xb_renames *r, const char *dir,
				    bool *out) XB_MUST_CHECK;
/* The deleted entry of this path, or NULL. */
struct xb_rename_path *xb_renames_deleted(struct xb_renames *r, const char *path);
void xb_renames_release(struct xb_renames *r);

#endif
