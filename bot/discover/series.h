/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Series: what was put on the branch together with a fix, by one command, and
 * belongs to it. One command leaves neighbours whose committer dates are seconds
 * apart; part of the fix are those by its author and those that change its
 * files. A history whose dates say nothing drags nothing in: a run of more
 * neighbours than a series has is a mass import. Only what came up to the commit
 * at hand counts.
 */
#ifndef XB_SERIES_H
#define XB_SERIES_H

#include "meaning/meaning.h"

/* Adds to OUT what the fixes among the members of B lack of what came before them. */
struct xb_err *xb_series_find(struct xb_board *board, const struct xb_bundle *b,
			      struct xb_meaning_hits *out) XB_MUST_CHECK;
/* Is commit I a later part of a fix that is picked? *OF is its window index; SIZE_MAX: no. */
struct xb_err *xb_series_goes_on(struct xb_board *board, size_t i, size_t *of) XB_MUST_CHECK;

#endif
