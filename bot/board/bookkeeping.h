/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bookkeeping: files in which every commit writes, a changelog, release notes, a
 * version, as [rules] bookkeeping names them. Where such a file conflicts, the
 * branch keeps its own text there, and that is no conflict; so it never makes a
 * prerequisite.
 */
#ifndef XB_BOOKKEEPING_H
#define XB_BOOKKEEPING_H

#include "board.h"

/*
 * Picks the change from the tree FROM to the tree *TO onto TIP. Where bookkeeping
 * conflicts, it is left out of the change: *TO is then the tree without it, and
 * KEPT, which may be NULL, gets the paths.
 */
struct xb_err *xb_bookkeeping_pick(struct xb_board *board, const git_oid *tip, const git_oid *from,
				   git_oid *to, struct xb_pick *out, struct xb_strv *kept) XB_MUST_CHECK;

#endif
