/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "losses.h"

#include "odb/ancestry.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "words/advice.h"

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

/* A release beside the branch contains no other: it is the later one if it left the branch later. */
static struct xb_err *left_later(const struct xb_publish_inputs *in, const struct xb_plan *plan,
				 const git_oid *old, const git_oid *now, bool *out)
{
	git_oid then, later;

	*out = false;
	if (!git_odb_exists(xb_store_odb(plan->store), old) ||
	    git_merge_base(&then, in->repo, old, &in->target->tip) || git_oid_equal(&then, old) ||
	    git_merge_base(&later, in->repo, now, &in->target->tip))
		return NULL;
	return xb_ancestor_of(plan->store, &then, &later, out);
}

static void object(const struct xb_publish_inputs *in, struct xb_whys *out, enum xb_why code,
		   struct xb_reason **r)
{
	*r = xb_whys_add(out, code);
	(*r)->command = xb_advice_accept(in->config, in->target->name);
}

static struct xb_err *find_lost(const struct xb_publish_inputs *in, const struct xb_state *state,
				const struct xb_plan *plan, size_t n, struct xb_strv *out)
{
	for (size_t i = 0; i < state->picks.n; i++) {
		const struct xb_state_pick *k = &state->picks.v[i];
		XB_AUTOFREE char *what = NULL;
		bool gone;

		XB_TRY(is_lost(in, plan, n, k, &gone));
		if (!gone)
			continue;
		what = xb_asprintf("%s %.12s \"%s\"",
				   k->role == XB_ROLE_SECURITY && k->advisories.n ? k->advisories.v[0]
										  : "the follow-up",
				   xb_hex(&k->commit).s, k->subject ? k->subject : "");
		xb_strv_add(out, what);
	}
	return NULL;
}

bool xb_losses_withdrawn(const struct xb_state *state, const struct xb_plan *plan)
{
	for (size_t i = 0; i < plan->left_out.n; i++) {
		const git_oid *left = &plan->window.v[plan->left_out.v[i].window].oid;

		for (size_t k = 0; k < state->picks.n && plan->left_out.v[i].reason == XB_LEFT_WITHDRAWN; k++)
			if (git_oid_equal(&state->picks.v[k].commit, left) ||
			    git_oid_equal(&state->picks.v[k].replaces, left))
				return true;
	}
	return false;
}

struct xb_err *xb_losses_find(const struct xb_publish_inputs *in, const struct xb_state *state,
			      const struct xb_plan *plan, size_t n, struct xb_whys *out)
{
	const struct xb_target *t = in->target;
	XB_AUTOSTRV struct xb_strv lost = {0};
	struct xb_reason *r;
	bool back, later;

	XB_TRY(went_back(plan, &state->base, &t->base, &back));
	if (back) {
		XB_TRY(left_later(in, plan, &state->base, &t->base, &later));
		back = !later;
	}
	if (back) {
		object(in, out, XB_WHY_OLDER_BASE, &r);
		xb_strv_add(&r->subjects, state->base_tag ? state->base_tag : "");
		xb_strv_add(&r->subjects, t->base_tag ? t->base_tag : "");
		r->was = state->base;
		r->now = t->base;
		return NULL;
	}
	if (!git_oid_is_zero(&state->notes) && git_oid_is_zero(&plan->notes)) {
		object(in, out, XB_WHY_NO_NOTES, &r);
		r->object = xb_strdup(in->config->notes);
		r->was = state->notes;
		return NULL;
	}
	XB_TRY(find_lost(in, state, plan, n, &lost));
	if (!lost.n)
		return NULL;
	XB_TRY(went_back(plan, &state->tip, &t->tip, &back));
	object(in, out, XB_WHY_LOSES, &r);
	r->subjects = lost;
	lost = (struct xb_strv){0};
	r->detail = back              ? xb_strdup("staging was rewound")
		    : plan->blocked.n ? xb_strdup("the plan blocks before it")
				      : NULL;
	return NULL;
}
