/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The three-way merge of one file with git's verdict and git's bytes: what
 * `git cherry-pick` and `git merge-tree` (merge-ort) do with a regular file
 * that both sides changed, without a merge driver or renormalisation, with the
 * default merge.conflictStyle (diff3 and zdiff3 would leave more conflicts).
 * The cases that git decides by object ids, before it looks at lines (a side
 * equal to the base or to the other side), are the caller's; only binary files
 * make a difference there. An add/add conflict is merged with an empty base.
 */
#ifndef XB_MERGE3_H
#define XB_MERGE3_H

#include "linediff.h"
#include "util/buf.h"

enum xb_merge3_verdict {
	XB_MERGE3_CLEAN,     /* the merged file is in `out` */
	XB_MERGE3_CONFLICT,  /* `hunks` say where */
	XB_MERGE3_BINARY,    /* a conflict: one of the files has a NUL in its first 8000 bytes or is huge */
	XB_MERGE3_UNDECIDED, /* too much work, or git fails here; ask git, or a person */
};

/* A place where both sides changed the base differently, in lines from 0; a count may be 0. */
struct xb_hunk {
	size_t base, base_n, ours, ours_n, theirs, theirs_n;
};

struct xb_merge3_result {
	enum xb_merge3_verdict verdict;
	struct xb_buf out;
	struct xb_hunk *v; /* ascending, before git narrows them down for its markers */
	size_t n, cap;
};

/*
 * Merges into R, which must be zeroed or released before; the caller releases
 * it. RULES: bits of xb_git_rules. The texts keep what was found out about
 * them; BASE gains most. They may be the same text.
 */
void xb_merge3(struct xb_text *base, struct xb_text *ours, struct xb_text *theirs, unsigned rules,
	       struct xb_merge3_result *r);
void xb_merge3_release(struct xb_merge3_result *r);

/* True when git takes the N bytes at P for binary: a NUL among the first 8000. */
bool xb_is_binary(const char *p, size_t n);

#endif
