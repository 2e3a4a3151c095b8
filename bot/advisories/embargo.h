/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What would the plan of a line be, were patch files commits at the tip of its
 * stable branch? They become some, in memory: the repository, as long as this
 * process has it open, reads them, and no file of them is written.
 */
#ifndef XB_ADVISORIES_EMBARGO_H
#define XB_ADVISORIES_EMBARGO_H

#include "plan/plan.h"
#include "trypatch.h"

/* From here on, what is written to REPO's objects stays in memory. */
struct xb_err *xb_embargo_begin(git_repository *repo) XB_MUST_CHECK;
/*
 * Makes a commit of each tree of TRIED, in S, on top of TIP; TIPS has room for as many as SET has. They are
 * said to be fixes of the advisory ID by an annotation that is put into CONFIG.
 */
struct xb_err *xb_embargo_commit(struct xb_store *s, struct xb_config *config, const char *id,
				 const struct xb_patchset *set, const struct xb_tried *tried,
				 const git_oid *tip, git_oid *tips) XB_MUST_CHECK;

#endif
