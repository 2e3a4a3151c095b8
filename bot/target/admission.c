/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the gates, the time and git say to what is to be published. */
#include "target-impl.h"

#include "crosscheck.h"
#include "losses.h"
#include "publish/publication.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "words/advice.h"

static struct xb_err *may_replace(void *ctx, size_t n, bool *out)
{
	const struct xb_publishing *w = ctx;
	XB_AUTO(xb_whys_release) struct xb_whys objections = {0};

	if (!w->in->options.accept_removal && w->old.derived_ref)
		XB_TRY(xb_losses_find(w->in, &w->old, w->plan, n, &objections));
	*out = !objections.n;
	return NULL;
}

static struct xb_err *chain_objects(void *ctx, size_t n, struct xb_pack_object **v, size_t *n_objects)
{
	const struct xb_publishing *w = ctx;
	struct xb_objects objects = {0};
	struct xb_err *err = xb_objects_of_chain(w->plan, n, &w->t->derived, &objects);

	*v = objects.v;
	*n_objects = objects.n;
	return err;
}

struct xb_err *xb_publishing_admit(struct xb_publishing *w)
{
	const struct xb_publish_options *o = &w->in->options;
	struct xb_admit_inputs in = {
	    .metadata = w->in->metadata,
	    .repo = w->in->repo,
	    .config = w->in->config,
	    .rules = w->in->rules,
	    .plan = w->plan,
	    .options = {.dry = o->dry, .at_once = o->at_once, .retest = o->retest, .now = o->now},
	    .n = w->n,
	    .published = w->old.chain_tip,
	    .may_replace = may_replace,
	    .objects = chain_objects,
	    .ctx = w,
	};

	XB_TRY(xb_admit(&in, &w->admitted));
	w->n = w->admitted.n;
	return NULL;
}

struct xb_err *xb_publishing_cross_check(struct xb_publishing *w, char **unchecked, bool *good)
{
	size_t n =
	    w->admitted.candidate_ref && w->admitted.n_candidate > w->n ? w->admitted.n_candidate : w->n;
	struct xb_crosscheck check = {.plan = w->plan, .n = n, .old = &w->old};
	struct xb_crosschecked r;

	*good = true;
	if (!w->t->conf->cross_check || w->in->options.dry)
		return NULL;
	check.state_dir = w->in->vault->state_dir;
	XB_TRY(xb_crosscheck(&check, &r));
	*good = r.at == SIZE_MAX;
	*unchecked = r.why;
	if (!*good) {
		struct xb_reason *why = xb_publishing_hold(w, XB_WHY_GIT_DIFFERS, NULL);
		const struct xb_plan_pick *k = &w->plan->picks.v[r.at];
		struct xb_hex commit = xb_hex(&k->commit);

		xb_strv_add(&why->subjects, commit.s);
		why->now = k->commit;
		why->detail = XB_STEAL(*unchecked);
	}
	return NULL;
}

static bool is_candidate(const char *ref, void *data)
{
	return !strcmp(ref, data);
}

struct xb_err *xb_publishing_move_candidate(struct xb_publishing *w)
{
	const struct xb_admitted *a = &w->admitted;
	struct xb_ref_update move = {a->candidate_ref, a->candidate_old, a->candidate};
	struct xb_ref_policy policy = {.allowed = is_candidate, .data = a->candidate_ref};
	XB_AUTOFREE char *id = xb_asprintf("candidate-%s", w->t->name);
	struct xb_publication p = {.id = id, .refs = &move, .n_refs = 1};
	struct xb_objects objects = {0};
	struct xb_pack_written pack = {0};
	struct xb_pub_result r = {0};
	struct xb_err *err;

	if (!a->candidate_ref || w->in->options.dry)
		return NULL;
	err = xb_objects_of_chain(w->plan, a->n_candidate, &w->t->derived, &objects);
	if (!err && objects.n) {
		err = xb_pack_write(w->in->vault->pack_dir, objects.v, objects.n, &pack);
		p.pack = &pack;
	}
	if (!err)
		err = xb_publication_run(w->in->vault, &p, &policy, &r);
	if (!err && r.outcome != XB_PUB_DONE)
		err = xb_err_new(XB_E_TEMP, "%s: %s %s", w->t->name, move.name, xb_move_text(r.why));
	if (!err && r.intent)
		err = xb_intent_clear(w->in->vault->intent_dir, id);
	xb_pub_result_release(&r);
	xb_pack_written_release(&pack);
	free(objects.v);
	return err;
}

void xb_publishing_report_admitted(struct xb_publishing *w)
{
	struct xb_admitted *a = &w->admitted;
	struct xb_publish_result *out = w->out;

	out->wait = a->wait;
	out->until = a->until;
	out->task = a->task;
	a->task = (struct xb_task){0};
	out->gate_failed = a->gate_failed;
	out->gate_log = XB_STEAL(a->gate_log);
	if (!a->reasons.n)
		return;
	xb_whys_release(&out->reasons);
	out->reasons = a->reasons;
	a->reasons = (struct xb_whys){0};
	if (out->what == XB_PUBLISHED_SAME)
		out->what = a->attention ? XB_PUBLISHED_HELD : XB_PUBLISHED_WAITING;
}
