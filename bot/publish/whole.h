/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is all there that a branch needs? What a partial clone lacks, or damage took, is found before others fetch
 * it. */
#ifndef XB_WHOLE_H
#define XB_WHOLE_H

#include "util/err.h"

#include <git2.h>

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
