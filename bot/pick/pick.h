/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One cherry-pick, in memory: the three-way merge of a commit's tree and a tip's
 * tree with the commit's parent's tree as the base. The verdict and the tree
 * are those of `git cherry-pick` (merge-ort with its defaults); what can't be
 * decided exactly as there is XB_PICK_UNDECIDABLE, never a guess.
 *
 * Only directories that the commit changes are looked at. Where a path is
 * missing on one side, renames are searched as git does (rename.h).
 */
#ifndef XB_PICK_H
#define XB_PICK_H

#include "merge3.h"
#include "odb/store.h"
#include "odb/tree.h"

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
	XB_CONFLICT_RENAME,        /* renamed on one side, deleted on the other */
	XB_CONFLICT_UNDECIDABLE,   /* the rule in `why` can't be followed exactly */
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
	struct xb_conflict *v;
	size_t n, cap;
};

/* What is remembered between picks: merged files, and files cut into lines. */
struct xb_picker;

struct xb_picker *xb_picker_new(struct xb_store *s); /* borrows S */
void xb_picker_free(struct xb_picker *p);

/*
 * Picks the change from the tree PARENT (zero: none) to the tree COMMIT onto
 * the tree TIP. *OUT is filled in each case without an error; release it.
 */
struct xb_err *xb_pick(struct xb_picker *p, const git_oid *tip, const git_oid *parent, const git_oid *commit,
		       struct xb_pick *out) XB_MUST_CHECK;
void xb_pick_release(struct xb_pick *pick);
/* A place where nothing borrowed is in use: keeps memory bounded. */
void xb_picker_trim(struct xb_picker *p);
/* Forgets what was made since MARK (of xb_store_mark): always this, not xb_store_rollback, beside a picker.
 */
void xb_picker_rollback(struct xb_picker *p, size_t mark);
/* How many picks were tried so far. */
unsigned long xb_picker_trials(const struct xb_picker *p);
struct xb_store *xb_picker_store(const struct xb_picker *p);
/* The lines of a blob; borrowed until the next xb_picker_trim. */
struct xb_err *xb_picker_text(struct xb_picker *p, const git_oid *blob, struct xb_text **out) XB_MUST_CHECK;

const char *xb_conflict_kind_name(enum xb_conflict_kind kind);

#endif
