/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trying bundles, many that are much alike: what picking a commit onto a tree
 * gave is remembered while the trees are. Each pick takes one from a budget,
 * remembered or not, so that its end falls at the same place wherever it is
 * run; but what a bundle begins with as the one tried before it did is free.
 */
#ifndef XB_TRIAL_H
#define XB_TRIAL_H

#include "odb/oidmap.h"
#include "board/bundle.h"

struct xb_trials {
	struct xb_board *board;
	struct xb_oidmap memo;  /* struct xb_pick by tree and commit */
	size_t mark;            /* of the store: what is older is not ours */
	size_t bytes;           /* made before */
	unsigned long left;     /* of the budget */
	struct xb_meter *meter; /* borrowed: what it cost so far */
	size_t *last;           /* the commits that the last trial picked */
	size_t n_last, cap_last;
};

struct xb_outcome {
	size_t failed; /* window index of the member that does not apply; SIZE_MAX: all do */
	const struct xb_pick
	    *pick; /* failed: how. Borrowed until the next trial; NULL: the budget is spent */
};

void xb_trials_init(struct xb_trials *t, struct xb_board *board, struct xb_meter *meter,
		    unsigned long budget);
/* Forgets all trees that trials made. */
void xb_trials_release(struct xb_trials *t);
struct xb_err *xb_trials_run(struct xb_trials *t, const struct xb_bundle *b,
			     struct xb_outcome *out) XB_MUST_CHECK;

#endif
