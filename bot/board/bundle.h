/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bundle: commits of the window that are picked together or not at all. What
 * its members are declared to need, and what repairs them, belongs to it.
 */
#ifndef XB_BUNDLE_H
#define XB_BUNDLE_H

#include "board.h"

/* A set of window indices, ascending; each with the one it is needed by (itself: for its own sake). */
struct xb_bundle {
	struct xb_bundle_item {
		size_t i, needed_by;
	} * v;
	size_t n, cap;
};

/* How trying a bundle went. */
struct xb_attempt {
	size_t failed;       /* position in the bundle; SIZE_MAX: all apply */
	size_t lacks;        /* failed: by its need of this commit, which was withdrawn; SIZE_MAX: none */
	bool spent;          /* failed: the search for what it needs was given up, its budget being spent */
	git_oid tree;        /* all apply: the resulting tree */
	git_oid onto;        /* failed: the tree that the pick met */
	struct xb_pick pick; /* failed: how */
};

bool xb_bundle_has(const struct xb_bundle *b, size_t i);
/* May commit I still be taken into B? Not what is in the branch, excluded or reverted. */
bool xb_bundle_free_to_take(const struct xb_board *board, const struct xb_bundle *b, size_t i);
struct xb_bundle_item *xb_bundle_add(struct xb_bundle *b, size_t i, size_t needed_by);
void xb_bundle_release(struct xb_bundle *b);
/* Adds what the members are declared to need, and what repairs them, until nothing is missing. */
struct xb_err *xb_bundle_close(struct xb_board *board, struct xb_bundle *b) XB_MUST_CHECK;

/* What is picked for a commit of the window: itself, or its replacement, checked. */
struct xb_source_commit {
	struct xb_hist hist; /* without its message */
	bool replaced;
};
struct xb_err *xb_bundle_source(struct xb_board *board, size_t i, struct xb_source_commit *out) XB_MUST_CHECK;
/* Sets *DOUBT (owned) where what is to be picked in place of commit I can't be. */
struct xb_err *xb_bundle_check_source(struct xb_board *board, size_t i, char **doubt) XB_MUST_CHECK;
/* Picks commit I of the window, or its replacement, onto the tree TIP. */
struct xb_err *xb_bundle_pick(struct xb_board *board, size_t i, const git_oid *tip,
			      struct xb_pick *out) XB_MUST_CHECK;
/* Picks all in order onto the chain so far. OUT->pick is the caller's to release where it failed. */
struct xb_err *xb_bundle_try(struct xb_board *board, const struct xb_bundle *b,
			     struct xb_attempt *out) XB_MUST_CHECK;

#endif
