/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a state records, made once more: the plan of its inputs, and the chain under a branch's value. */
#ifndef XB_RECORDED_H
#define XB_RECORDED_H

#include "classify/rules.h"
#include "plan/plan.h"
#include "state/stateref.h"

/* The plan that recorded inputs give; zeroed is empty. */
struct xb_recorded {
	struct xb_plan *plan;
	struct xb_target target;
	struct xb_config *config;
	struct xb_rules *rules;
};

/* Plans T with what S records in the place of what is now. Release OUT in each case; S and T must outlive it.
 */
struct xb_err *xb_recorded_plan(git_repository *repo, const struct xb_target *t, const struct xb_state *s,
				struct xb_recorded *out) XB_MUST_CHECK;
void xb_recorded_release(struct xb_recorded *r);

/* How many picks of the plan make the chain CHAIN; SIZE_MAX: it is none of its prefixes. */
size_t xb_prefix_length(const struct xb_plan *p, const git_oid *chain);

/* The chain under a derived ref's value: the value itself or, where it is a stitch, its first parent. */
struct xb_under {
	git_oid chain, old; /* OLD: of a stitch, the second parent, else zero */
	int64_t chain_time;
	git_oid tree; /* of a stitch */
};
struct xb_err *xb_chain_under(struct xb_store *s, const git_oid *value, struct xb_under *out) XB_MUST_CHECK;

#endif
