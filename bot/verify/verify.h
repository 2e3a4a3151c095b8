/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a derived ref have what it should? Recomputes the plan with the inputs
 * that the state ref records, then with those of now. Needs no state directory
 * and writes nothing, so that anyone can do it in a clone.
 */
#ifndef XB_VERIFY_H
#define XB_VERIFY_H

#include "classify/rules.h"
#include "plan/plan.h"

enum xb_verified {
	XB_VERIFIED_SAME,
	XB_VERIFIED_BEHIND,    /* a prefix of the plan: the rest is to come, or recorded as blocked */
	XB_VERIFIED_DIFFERS,   /* `text` says where */
	XB_VERIFIED_CANT_TELL, /* `text` says what is missing here */
	XB_VERIFIED_NOTHING,   /* no staging, no release, and no derived ref */
};

struct xb_verify_result {
	enum xb_verified what;
	char *text; /* for people; never NULL after a call without error */
};

struct xb_verify_inputs {
	git_repository *repo;
	const struct xb_config *config;
	const struct xb_rules *rules;
	const struct xb_target *target;
	bool with_git; /* git computes each pick, too */
	bool frozen;   /* the line has ended, or the release is no longer kept: as of its end */
};

struct xb_err *xb_verify(const struct xb_verify_inputs *in, struct xb_verify_result *out) XB_MUST_CHECK;

/*
 * Appends to OUT the derived refs that have a record in REPO and are not among its targets so far; each a
 * target without a plan, to be judged as of its end. NAME: that one alone; NULL: all.
 */
struct xb_err *xb_verify_frozen(git_repository *repo, const struct xb_config *config, const char *name,
				struct xb_targets *out) XB_MUST_CHECK;
void xb_verify_result_release(struct xb_verify_result *r);

#endif
