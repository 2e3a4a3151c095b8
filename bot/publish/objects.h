/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes into a pack: all that a new value needs, but for what refs reach now,
 * and will as long as it is not published. That the repository happens to have
 * an object says nothing: whatever no ref reaches goes with the next `git gc`.
 */
#ifndef XB_OBJECTS_H
#define XB_OBJECTS_H

#include "packs/pack.h"
#include "plan/plan.h"
#include "util/err.h"

#include <git2.h>

/* Borrowed from the plan's store; V is the caller's to free. */
struct xb_objects {
	struct xb_pack_object *v;
	size_t n, cap;
};

/*
 * Appends what the first N_PICKS of the chain need beyond the base, the tip of staging, and the history of
 * PUBLISHED, the value of a ref (zero: none). Whoever moves a ref to it watches the refs of these.
 */
struct xb_err *xb_objects_of_chain(const struct xb_plan *p, size_t n_picks, const git_oid *published,
				   struct xb_objects *out) XB_MUST_CHECK;
/* Appends the commit OID and what its tree has that its first parent's has not. */
struct xb_err *xb_objects_of_commit(const struct xb_plan *p, const git_oid *oid,
				    struct xb_objects *out) XB_MUST_CHECK;

/* ---- is a history whole ---- */

/* Is all there that a branch needs? What a partial clone lacks, or damage took, is found before others fetch
 * it. */

/*
 * All that the tree of COMMIT has, and that of BEFORE has not (a commit; zero, or one that isn't there:
 * none), is in ODB. XB_E_NOTFOUND names what is not, and by what it is needed.
 */
struct xb_err *xb_whole_tree(git_odb *odb, const git_oid *commit, const git_oid *before) XB_MUST_CHECK;
/*
 * The same for COMMIT and all commits in its history that those of the history of BASE are not; of the tip
 * all of the tree.
 */
struct xb_err *xb_whole_history(git_repository *repo, const git_oid *commit,
				const git_oid *base) XB_MUST_CHECK;

#endif
