/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planner.h"

#include "util/alloc.h"

void xb_planner_free(struct xb_planner *p)
{
	if (!p)
		return;
	xb_board_release(&p->board, p->plan->window.n);
	XB_FREE(p->made_of.base_tag, p);
}

/* Replacements rest on refs, and what is blocked or set aside may be settled by what comes. */
static bool is_settled(const struct xb_plan *plan)
{
	if (xb_plan_needs_attention(plan))
		return false;
	for (size_t i = 0; i < plan->window.n; i++)
		if (plan->planner->board.c[i].words.replaced_by ||
		    plan->planner->board.c[i].fate == XB_FATE_REVERTED)
			return false;
	return true;
}

bool xb_plan_fold(struct xb_plan *plan)
{
	struct xb_planner *p = plan->planner;

	if (!is_settled(plan))
		return false;
	for (size_t i = 0; i < plan->window.n; i++)
		xb_clashes_release(&p->board.c[i].clashes);
	xb_past_fold(p->board.past);
	xb_picker_free(XB_STEAL(plan->picker));
	xb_store_free(XB_STEAL(plan->store));
	plan->target = NULL;
	return true;
}

static bool same_options(const struct xb_plan_options *a, const struct xb_plan_options *b)
{
	return a->no_discover == b->no_discover && a->no_meaning == b->no_meaning &&
	       a->no_follow_ups == b->no_follow_ups;
}

static bool same_inputs(const struct xb_planner *p, const struct xb_plan *before)
{
	const struct xb_made_of *a = &p->made_of, *b = &before->planner->made_of;

	return git_oid_equal(&a->base, &b->base) && xb_same_text(a->base_tag, b->base_tag) &&
	       same_options(&a->options, &b->options) && git_oid_equal(&before->notes, &p->plan->notes) &&
	       git_oid_equal(&before->rules, &p->plan->rules) &&
	       before->rules_version == p->plan->rules_version;
}

static struct xb_err *chain_is_there(struct xb_planner *p, const struct xb_plan *before, bool *out)
{
	struct xb_obj *o;

	*out = true;
	if (!before->picks.n)
		return NULL;
	XB_TRY(xb_store_find(p->plan->store, &before->picks.v[before->picks.n - 1].derived, GIT_OBJECT_COMMIT,
			     &o));
	*out = o != NULL;
	return NULL;
}

static struct xb_candidate *with_room_for(struct xb_candidate *old, size_t n_old, size_t n)
{
	struct xb_candidate *c = xb_calloc(n, sizeof *c);

	if (n_old)
		memcpy(c, old, n_old * sizeof *c);
	free(old);
	return c;
}

#define TAKE(to, from, what)                                                                                 \
	do {                                                                                                 \
		(to)->what = (from)->what;                                                                   \
		memset(&(from)->what, 0, sizeof(from)->what);                                                \
	} while (0)

struct xb_err *xb_plan_take_over(struct xb_planner *p, struct xb_plan *before, bool *done, size_t *from)
{
	struct xb_plan *plan = p->plan;
	size_t known;
	bool can;

	*done = false;
	*from = 0;
	if (!before || !same_inputs(p, before))
		return NULL;
	XB_TRY(chain_is_there(p, before, &can));
	known = before->window.n;
	if (can)
		XB_TRY(xb_window_extend(plan->store, p->in->rules, &p->in->target->base, &p->in->target->tip,
					&before->window, &can));
	if (!can)
		return NULL;
	p->board.c = with_room_for(XB_STEAL(before->planner->board.c), known, before->window.n);
	p->board.past = XB_STEAL(before->planner->board.past);
	p->board.work = before->planner->board.work;
	TAKE(&p->board, &before->planner->board, picked);
	TAKE(plan, before, window);
	TAKE(plan, before, picks);
	TAKE(plan, before, left_out);
	TAKE(plan, before, incomplete);
	TAKE(plan, before, warnings);
	while (plan->warnings.n > before->planner->warned)
		free(plan->warnings.v[--plan->warnings.n]);
	for (size_t i = 0; i < known; i++)
		xb_names_add(p->names, &plan->window.v[i], i);
	p->board.tip = *xb_plan_tip_tree(plan, plan->picks.n);
	*from = known;
	*done = true;
	return NULL;
}
