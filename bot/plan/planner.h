/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the planning: what its parts share. plan.c walks, roles.c says what a
 * commit of the window is, append.c takes it into the plan with what must come
 * with it, explain.c says why. No one else includes this.
 */
#ifndef XB_PLANNER_H
#define XB_PLANNER_H

#include "board/bundle.h"
#include "discover/discover.h"
#include "plan.h"

/* What a plan was made of, beside what the plan itself says. */
struct xb_made_of {
	git_oid base;
	char *base_tag; /* or NULL */
	struct xb_plan_options options;
};

struct xb_planner {
	struct xb_board board;
	const struct xb_plan_inputs *in; /* while the plan is made */
	struct xb_plan *plan;
	struct xb_notes notes;
	struct xb_names *names; /* of the window's commits up to the walk's place */
	struct xb_meaning *meaning;
	struct xb_twins *twins; /* see twins.h; NULL until needed */
	struct xb_strv base_advisories;
	bool base_advisories_known;
	struct xb_made_of made_of;
	size_t warned; /* warnings of the walk; those after them are of the end */
};

/*
 * *DONE: BEFORE, a folded plan, has the same inputs, and staging goes on from
 * its tip; its decisions are taken over, and the walk goes on at *FROM. Else, as
 * where BEFORE is NULL, nothing is changed.
 */
struct xb_err *xb_plan_take_over(struct xb_planner *p, struct xb_plan *before, bool *done,
				 size_t *from) XB_MUST_CHECK;
void xb_planner_free(struct xb_planner *p);
/* The walk is over: lists the advisories, how much may be published, and what looks mistyped. */
struct xb_err *xb_plan_sum_up(struct xb_planner *p) XB_MUST_CHECK;

/* Reads words and tags of commit I, which makes it known by its names. Call in staging order. */
struct xb_err *xb_roles_read(struct xb_planner *p, size_t i) XB_MUST_CHECK;
/* Is the commit, by what was picked so far, to be picked now? *ROLE says as what. */
struct xb_err *xb_roles_decide(struct xb_planner *p, size_t i, bool *wanted,
			       enum xb_role *role) XB_MUST_CHECK;
/* Is what R names in the branch or in the base? */
struct xb_err *xb_roles_holds(struct xb_planner *p, const struct xb_repairs *r, bool *out) XB_MUST_CHECK;

/* What a pick is explained by: the bundle that was tried for commit ROOT, and what was found for it. */
struct xb_company {
	size_t root;
	const struct xb_bundle *bundle;
	const struct xb_findings *found;
};
/* Fills in role, reasons and texts of the pick of ITEM, a member of OF. */
struct xb_err *xb_explain_pick(struct xb_planner *p, const struct xb_company *of,
			       const struct xb_bundle_item *item, struct xb_plan_pick *out) XB_MUST_CHECK;

struct xb_plan_left *xb_left_out(struct xb_planner *p, size_t i, enum xb_left_reason reason, char *why);
void xb_plan_pick_release(struct xb_plan_pick *k);

/*
 * Tries commit I with all it needs and all that repairs those. *DONE true: the
 * picks were appended. False: BLOCKED, zeroed before, says why, without candidates; the plan is unchanged.
 */
struct xb_err *xb_plan_append(struct xb_planner *p, size_t i, bool *done,
			      struct xb_plan_blocked *blocked) XB_MUST_CHECK;
/*
 * Must xb_plan_append of commit I fail, which was tried before? *OUT false: it
 * may not, or only trying it tells.
 */
struct xb_err *xb_plan_must_fail(struct xb_planner *p, size_t i, bool *out) XB_MUST_CHECK;

#endif
