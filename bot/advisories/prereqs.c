/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prereqs.h"

#include "blame/past.h"
#include "util/alloc.h"

static bool in_plan(const struct xb_plan *p, const char *id)
{
	for (size_t i = 0; i < p->picks.n; i++)
		if (p->picks.v[i].role == XB_ROLE_SECURITY && xb_strv_has(&p->picks.v[i].advisories, id))
			return true;
	return false;
}

static void check_advisory(const struct xb_prereqs_inputs *in, const struct xb_strv *in_base, const char *id,
			   struct xb_strv *findings)
{
	const struct xb_target *t = in->plan->target;
	XB_AUTOSTRV struct xb_strv needs = {0};

	xb_metadata_needs(in->metadata, t->line, id, &needs);
	for (size_t i = 0; i < needs.n; i++) {
		const char *need = needs.v[i];
		XB_AUTOFREE char *said = NULL;

		if (in_plan(in->plan, need) || xb_strv_has(in_base, need) ||
		    !xb_metadata_affects(in->metadata, t->line, need))
			continue;
		said = xb_asprintf("%s: the metadata of %s wants %s before it, which is neither in the "
				   "branch nor in its base",
				   t->name, id, need);
		xb_strv_add(findings, said);
	}
}

static void note_base(void *ctx, const struct xb_hist *h)
{
	for (size_t i = 0; i < h->msg.tags.n; i++)
		xb_strv_add_all_new(ctx, &h->msg.tags.v[i].ids);
}

static bool is_tagged(void *ctx, const struct xb_hist *h)
{
	(void)ctx;
	return h->msg.tags.n > 0;
}

struct xb_err *xb_prereqs_check(const struct xb_prereqs_inputs *in, struct xb_strv *findings)
{
	const struct xb_plan *p = in->plan;
	XB_AUTOSTRV struct xb_strv in_base = {0}, wanted = {0};
	struct xb_past_options o = {
	    .store = p->store, .rules = in->rules, .base = p->target->base, .is_fix = is_tagged};
	struct xb_past *past;
	struct xb_err *err;

	for (size_t i = 0; i < p->advisories.n; i++)
		if (in_plan(p, p->advisories.v[i].id))
			xb_metadata_needs(in->metadata, p->target->line, p->advisories.v[i].id, &wanted);
	if (wanted.n) {
		past = xb_past_new(&o);
		err = xb_past_each(past, note_base, &in_base);
		xb_past_free(past);
		XB_TRY(err);
	}
	for (size_t i = 0; wanted.n && i < p->advisories.n; i++)
		if (in_plan(p, p->advisories.v[i].id))
			check_advisory(in, &in_base, p->advisories.v[i].id, findings);
	xb_strv_add_all_new(findings, xb_metadata_trouble(in->metadata));
	return NULL;
}
