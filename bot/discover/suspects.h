/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commits of the window that may settle a conflict: those that touched the
 * conflicting lines before the commit that conflicts, and are not in the tree
 * that it met. A rank says how strongly a commit is suspected.
 */
#ifndef XB_SUSPECTS_H
#define XB_SUSPECTS_H

#include "blame/blame.h"
#include "board/bundle.h"

enum xb_suspicion {
	XB_SUSPECT_LINES,  /* was the last to touch a line of the place, or made the missing file */
	XB_SUSPECT_NEAR,   /* the same, a few lines around */
	XB_SUSPECT_BEFORE, /* touched the place before others did */
	XB_SUSPECT_FILE,   /* touched the file */
	XB_SUSPECT_ALL,    /* is there */
};

struct xb_suspect {
	size_t i;
	enum xb_suspicion rank;
};

struct xb_suspects {
	struct xb_suspect *v; /* by rank, then newest first */
	size_t n, cap;
};

/*
 * Member M of B does not apply, PICK says how. OUT is zeroed before. EXCLUDED:
 * commits that must not be picked are listed as well.
 */
struct xb_err *xb_suspects_find(struct xb_board *board, struct xb_blame *blame, const struct xb_bundle *b,
				size_t m, const struct xb_pick *pick, bool excluded,
				struct xb_suspects *out) XB_MUST_CHECK;
void xb_suspects_release(struct xb_suspects *s);

#endif
