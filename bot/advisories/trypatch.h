/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Do patch files apply to a tree? `git apply`, as a child in a quarantine
 * (quarantine.h), takes one after the other, without fuzz; what it makes goes into
 * the store's memory and nowhere else: such files may be under embargo.
 */
#ifndef XB_ADVISORIES_TRYPATCH_H
#define XB_ADVISORIES_TRYPATCH_H

#include "odb/store.h"
#include "plan/plan.h"
#include "util/buf.h"

#include <stdbool.h>

struct xb_patchset {
	struct xb_patchfile {
		char *name;
		struct xb_buf text;
	} * v;
	size_t n, cap;
};

/* Reads the file PATH into SET. */
struct xb_err *xb_patchset_read(struct xb_patchset *set, const char *path) XB_MUST_CHECK;
void xb_patchset_release(struct xb_patchset *set);

struct xb_tried {
	bool applies;
	bool there;     /* it doesn't, because all of it is there already */
	char *where;    /* it doesn't: the file of the set, and git's words about it */
	git_oid *trees; /* it does: after each file, in the store */
};

/*
 * Tries SET on TREE. OBJECTS: the directory of the objects that are not the store's own. A file that is no
 * patch: XB_E_USAGE. Release OUT in each case.
 */
struct xb_err *xb_patchset_try(struct xb_store *s, const char *objects, const git_oid *tree,
			       const struct xb_patchset *set, struct xb_tried *out) XB_MUST_CHECK;
void xb_tried_release(struct xb_tried *t);

/*
 * What would the plan of a line be, were patch files commits at the tip of its
 * stable branch? They become some, in memory: the repository, as long as this
 * process has it open, reads them, and no file of them is written.
 */

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
