/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Before anybody sees a pick, git computes it again (gitmerge.h): a difference is
 * a fault of ours, or a change of git's. What was found equal is remembered by
 * the tree that was picked onto and the commit, in STATE/cross-check; losing that
 * costs time alone.
 */
#ifndef XB_CROSSCHECK_H
#define XB_CROSSCHECK_H

#include "plan/plan.h"
#include "state/stateref.h"

struct xb_crosscheck {
	const struct xb_plan *plan;
	size_t n;                   /* its first N picks... */
	const struct xb_state *old; /* ...without those that are published by this; NULL: all */
	const char *state_dir;      /* NULL: nothing is remembered */
};

struct xb_crosschecked {
	size_t at;    /* the first pick that differs; SIZE_MAX: none does */
	size_t asked; /* how many picks git was asked about */
	char *why;    /* owned; AT: both trees, and git's version; else why git could not be asked, or NULL */
};

struct xb_err *xb_crosscheck(const struct xb_crosscheck *c, struct xb_crosschecked *out) XB_MUST_CHECK;

#endif
