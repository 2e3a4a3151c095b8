/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "objection.h"

#include "odb/ancestry.h"
#include "odb/git.h"
#include "util/alloc.h"
#include "util/buf.h"

/* Is the published pick K among the first N of the plan, by its id or, in a rewritten staging, its subject?
 */
static bool still_picked(const struct xb_plan *plan, size_t n, const struct xb_state_pick *k)
{
	for (size_t i = 0; i < n; i++) {
		const struct xb_plan_pick *p = &plan->picks.v[i];

		if (git_oid_equal(&p->commit, &k->commit) || git_oid_equal(&p->replaces, &k->commit) ||
		    (!git_oid_is_zero(&k->replaces) && git_oid_equal(&p->commit, &k->replaces)))
			return true;
		if (k->subject && *k->subject && p->role == k->role && !strcmp(p->subject, k->subject))
			return true;
	}
	return false;
}

/* Left out for a reason that a person gave or staging's history gives: by name, by content, by its revert. */
static bool left_out_openly(const struct xb_plan *plan, const git_oid *commit)
{
	for (size_t i = 0; i < plan->left_out.n; i++) {
		const struct xb_plan_left *l = &plan->left_out.v[i];

		if (l->reason != XB_LEFT_PENDING && git_oid_equal(&plan->window.v[l->window].oid, commit))
			return true;
	}
	return false;
}

/* A follow-up all of whose targets were left out openly has nothing to repair any more. */
static bool nothing_to_repair(const struct xb_plan *plan, const struct xb_state_pick *k)
{
	for (size_t i = 0; i < k->fixes.n; i++) {
		git_oid oid;

		if (git_oid_fromstr(&oid, k->fixes.v[i]) || !left_out_openly(plan, &oid))
			return false;
	}
	return k->fixes.n > 0;
}

static struct xb_err *is_lost(const struct xb_publish_inputs *in, const struct xb_plan *plan, size_t n,
			      const struct xb_state_pick *k, bool *out)
{
	bool in_base = false;
	const git_oid *source = git_oid_is_zero(&k->replaces) ? &k->commit : &k->replaces;
	git_odb *odb = xb_store_odb(plan->store);

	*out = false;
	if (k->role == XB_ROLE_PREREQUISITE || still_picked(plan, n, k) || left_out_openly(plan, source) ||
	    nothing_to_repair(plan, k))
		return NULL;
	if (git_odb_exists(odb, source))
		XB_TRY(xb_ancestor_of(plan->store, source, &in->target->base, &in_base));
	*out = !in_base;
	return NULL;
}

/* NOW does not contain OLD, which may even be gone from the repository. */
static struct xb_err *went_back(const struct xb_plan *plan, const git_oid *old, const git_oid *now, bool *out)
{
	bool forward = false;

	*out = !git_oid_is_zero(old);
	if (!*out || !git_odb_exists(xb_store_odb(plan->store), old))
		return NULL;
	XB_TRY(xb_ancestor_of(plan->store, old, now, &forward));
	*out = !forward;
	return NULL;
}

struct xb_err *xb_objection_find(const struct xb_publish_inputs *in, const struct xb_state *state,
				 const struct xb_plan *plan, size_t n, char **out)
{
	const struct xb_target *t = in->target;
	XB_AUTOBUF struct xb_buf lost = XB_BUF_INIT;
	bool back;

	*out = NULL;
	XB_TRY(went_back(plan, &state->base, &t->base, &back));
	if (back) {
		*out = xb_asprintf("the release that it is built on was %s (%.12s) and would be %s (%.12s), "
				   "which does not contain it",
				   state->base_tag ? state->base_tag : "a commit", xb_hex(&state->base).s,
				   t->base_tag ? t->base_tag : "a commit", xb_hex(&t->base).s);
		return NULL;
	}
	if (!git_oid_is_zero(&state->notes) && git_oid_is_zero(&plan->notes)) {
		*out = xb_asprintf("the notes ref %s is gone; it was at %.12s", in->config->notes,
				   xb_hex(&state->notes).s);
		return NULL;
	}
	for (size_t i = 0; i < state->picks.n; i++) {
		const struct xb_state_pick *k = &state->picks.v[i];
		bool gone;

		XB_TRY(is_lost(in, plan, n, k, &gone));
		if (gone)
			xb_buf_addf(&lost, "%s%s %.12s \"%s\"", lost.n ? ", " : "",
				    k->role == XB_ROLE_SECURITY && k->advisories.n ? k->advisories.v[0]
										   : "the follow-up",
				    xb_hex(&k->commit).s, k->subject ? k->subject : "");
	}
	if (!lost.n)
		return NULL;
	XB_TRY(went_back(plan, &state->tip, &t->tip, &back));
	*out = xb_asprintf("it would lose %s%s", lost.p,
			   back              ? "; staging was rewound"
			   : plan->blocked.n ? "; the plan blocks before it"
					     : "");
	return NULL;
}
