/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "beside.h"

#include "odb/ancestry.h"
#include "repo/git.h"
#include "util/alloc.h"

struct xb_err *xb_beside_check(const struct xb_beside *b, const git_oid *commit, char **why_not)
{
	git_oid fork;
	bool in = true;
	int rc = git_merge_base(&fork, b->repo, commit, b->tip);

	*why_not = NULL;
	if (rc == GIT_ENOTFOUND) {
		*why_not = xb_strdup("it has no history in common with the branch");
		return NULL;
	}
	if (rc)
		return xb_err_git(XB_E_IO, rc, "cannot find where %s left the branch", xb_hex(commit).s);
	if (b->floor)
		XB_TRY(xb_ancestor_of(b->store, b->floor, &fork, &in));
	if (!in) {
		*why_not = xb_strdup("it left the branch before the newest release that the branch contains");
		return NULL;
	}
	/* All others at once: one by one, each answer would read the whole history. */
	rc = b->n_others ? git_graph_reachable_from_any(b->repo, commit, b->others, b->n_others) : 0;
	if (rc < 0)
		return xb_err_git(XB_E_IO, rc, "cannot find the branches that have %s", xb_hex(commit).s);
	if (rc)
		*why_not = xb_strdup("it is on the branch of another line");
	return NULL;
}
