/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One cherry-pick, in memory: the three-way merge of a commit's tree and a tip's
 * tree with the commit's parent's tree as the base. The verdict and the tree
 * are those of `git cherry-pick` (merge-ort with its defaults). What can't be
 * decided here exactly as there, git itself decides (gitmerge.h): what an
 * attribute may have a say in, and all that a renamed file may be part of. Where
 * git can't be asked that is XB_PICK_UNDECIDABLE, never a guess.
 *
 * Only directories that the commit changes are looked at.
 */
#ifndef XB_PICK_H
#define XB_PICK_H

#include "odb/tree.h"
#include "picker.h"

enum xb_verdict {
	XB_PICK_CLEAN,
	XB_PICK_EMPTY, /* applies, and changes nothing: it is already there */
	XB_PICK_CONFLICT,
	XB_PICK_UNDECIDABLE,
};

enum xb_conflict_kind {
	XB_CONFLICT_CONTENT,       /* both changed the same lines */
	XB_CONFLICT_BINARY,        /* both changed a binary file, a symbolic link or a submodule */
	XB_CONFLICT_ADD_ADD,       /* both added it, differently */
	XB_CONFLICT_MODIFY_DELETE, /* the commit changes what the tip doesn't have */
	XB_CONFLICT_DELETE_MODIFY, /* the commit deletes what the tip has in another form */
	XB_CONFLICT_TYPE,          /* file, link, directory: one name, different kinds */
	XB_CONFLICT_RENAME,        /* renamed, in a way that git leaves to a person */
	XB_CONFLICT_UNDECIDABLE,   /* for git to decide; `why` says what about */
};

struct xb_hunks {
	struct xb_hunk *v; /* merge3.h says what a hunk is */
	size_t n, cap;
};

struct xb_conflict {
	enum xb_conflict_kind kind;
	char *path;
	const char *why;                    /* static text */
	struct xb_entry base, ours, theirs; /* mode 0: not there; names are not set */
	struct xb_hunks hunks;              /* XB_CONFLICT_CONTENT: which lines */
	bool in_place; /* a conflict of these three alone, each standing at `path` in its tree */
};

struct xb_pick {
	enum xb_verdict verdict;
	git_oid tree; /* CLEAN and EMPTY: the result */
	bool by_git;  /* git decided */
	struct xb_conflict *v;
	size_t n, cap;
};

/*
 * Picks the change from the tree PARENT (zero: none) to the tree COMMIT onto
 * the tree TIP. *OUT is filled in each case without an error; release it.
 */
struct xb_err *xb_pick(struct xb_picker *p, const git_oid *tip, const git_oid *parent, const git_oid *commit,
		       struct xb_pick *out) XB_MUST_CHECK;
void xb_pick_release(struct xb_pick *pick);

const char *xb_conflict_kind_name(enum xb_conflict_kind kind);

#endif
