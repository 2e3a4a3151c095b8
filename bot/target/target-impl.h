/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of one publication share: target.c decides and tells, move.c
 * makes the values of the refs and moves them, admission.c asks the gates. No one else includes this.
 */
#ifndef XB_TARGET_IMPL_H
#define XB_TARGET_IMPL_H

#include "owned.h"
#include "target.h"
#include "gate/admit.h"
#include "publish/objects.h"
#include "state/stateref.h"

/* One publication under way. */
struct xb_publishing {
	const struct xb_publish_inputs *in;
	struct xb_target *t;
	struct xb_plan *plan;
	struct xb_state old; /* what was published; without a derived_ref: nothing that is ours */
	struct xb_owned owned;
	size_t n; /* picks to publish */
	git_oid value;
	int64_t time;              /* its committer date */
	bool adopts, adopting;     /* a person asked for it; and it is being done */
	struct xb_objects objects; /* of the new values */
	struct xb_admitted admitted;
	struct xb_publish_result *out;
};

/* Does the chain of the first N picks, or the base's history, contain VALUE? Then the ref can go there
 * directly. */
struct xb_err *xb_publishing_has(const struct xb_publishing *w, const git_oid *value,
				 bool *out) XB_MUST_CHECK;
/* The committer date of the commit OID. */
struct xb_err *xb_publishing_commit_time(struct xb_store *s, const git_oid *oid, int64_t *out) XB_MUST_CHECK;
/* The value that the derived ref should have: the chain's tip, or a stitch onto it. */
struct xb_err *xb_publishing_choose(struct xb_publishing *w) XB_MUST_CHECK;
/* Moves the refs, with the state commit STATE. */
struct xb_err *xb_publishing_move(struct xb_publishing *w, const git_oid *state) XB_MUST_CHECK;
/* All stays as it is, for CODE, about the ref NAME, if that is not NULL. */
struct xb_reason *xb_publishing_hold(struct xb_publishing *w, enum xb_why code, const char *name);
/* How much of the plan the gates and the time let through. */
struct xb_err *xb_publishing_admit(struct xb_publishing *w) XB_MUST_CHECK;
/* What is new goes to nobody before git itself has computed it again. False: they differ, and it is held. */
struct xb_err *xb_publishing_cross_check(struct xb_publishing *w, char **unchecked, bool *good) XB_MUST_CHECK;
/* Shows a test system what it is to test. Others may have moved the ref; it is ours all the same. */
struct xb_err *xb_publishing_move_candidate(struct xb_publishing *w) XB_MUST_CHECK;
/* Says in the result what the gates keep back, and what ends that. */
void xb_publishing_report_admitted(struct xb_publishing *w);

#endif
