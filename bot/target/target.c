/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target-impl.h"

#include "losses.h"
#include "advisories/table.h"
#include "os/log.h"
#include "repo/git.h"
#include "repo/modes.h"
#include "text/json.h"
#include "util/alloc.h"
#include "words/advice.h"

void xb_publish_result_release(struct xb_publish_result *r)
{
	xb_whys_release(&r->reasons);
	XB_FREE(r->why, r->base_tag, r->gate_log);
	xb_strv_release(&r->notices);
	xb_task_release(&r->task);
	*r = (struct xb_publish_result){0};
}

size_t xb_publish_length(const struct xb_plan *plan, const struct xb_state *state)
{
	size_t n;

	/* A block does not take back what was published before it came. */
	return xb_state_is_part(state, plan, &n) && n > plan->publishable ? n : plan->publishable;
}

struct xb_reason *xb_publishing_hold(struct xb_publishing *w, enum xb_why code, const char *name)
{
	struct xb_reason *r;

	w->out->what = XB_PUBLISHED_HELD;
	xb_whys_release(&w->out->reasons);
	r = xb_whys_add(&w->out->reasons, code);
	r->object = name ? xb_strdup(name) : NULL;
	return r;
}

/* Someone did that to the derived ref. */
static struct xb_reason *hold_moved(struct xb_publishing *w, enum xb_why code)
{
	struct xb_reason *r = xb_publishing_hold(w, code, w->t->derived_ref);

	r->was = w->old.published;
	r->now = w->t->derived;
	r->command = xb_advice_adopt(w->in->config, w->t->name);
	return r;
}

static struct xb_reason *add_trouble(struct xb_whys *out, enum xb_why code, const struct xb_strv *advisories,
				     const char *detail)
{
	struct xb_reason *r = xb_whys_add(out, code);

	if (advisories->n)
		xb_strv_add(&r->subjects, advisories->v[0]);
	r->detail = xb_strdup(detail ? detail : "");
	return r;
}

/* Why the plan itself is not all that it should be. */
static void add_plan_trouble(const struct xb_plan *p, const struct xb_config *c, struct xb_whys *out)
{
	if (p->blocked.n) {
		const struct xb_plan_blocked *b = &p->blocked.v[0];
		struct xb_reason *r = add_trouble(out, XB_WHY_BLOCKED, &b->advisories, b->why);

		r->now = p->window.v[b->window].oid;
		r->command = xb_advice_explain(c, &r->now);
		return;
	}
	for (size_t i = 0; i < p->left_out.n; i++) {
		const struct xb_plan_left *l = &p->left_out.v[i];

		if (l->reason != XB_LEFT_PENDING)
			continue;
		add_trouble(out, XB_WHY_SET_ASIDE, &l->advisories, l->why);
		return;
	}
}

static char *stopped_because(const struct xb_publishing *w)
{
	struct xb_whys blocked = {0};
	char *out;

	if (w->admitted.reasons.n)
		return xb_reason_record(&w->admitted.reasons.v[0]);
	if (!w->plan->blocked.n)
		return NULL;
	add_plan_trouble(w->plan, w->in->config, &blocked);
	out = xb_reason_record(&blocked.v[0]);
	xb_whys_release(&blocked);
	return out;
}

static void report_plan(struct xb_publishing *w)
{
	bool trouble = xb_plan_needs_attention(w->plan);

	w->out->n_chain = w->n;
	w->out->blocked = trouble || w->admitted.attention;
	if (trouble)
		add_plan_trouble(w->plan, w->in->config, &w->out->reasons);
}

/*
 * Someone set the branch back, or deleted it, and what it lost was withdrawn: both want the same. It must be
 * a part of what is to be there, or else more was done to it than that.
 */
static struct xb_err *settled_by_withdrawal(struct xb_publishing *w, bool *out)
{
	*out = w->owned.known && w->owned.why != XB_WHY_FOREIGN && xb_losses_withdrawn(&w->old, w->plan);
	if (!*out || git_oid_is_zero(&w->t->derived))
		return NULL;
	w->n = xb_publish_length(w->plan, &w->old);
	return xb_publishing_has(w, &w->t->derived, out);
}

/* *OUT: the ref is ours to move. */
static struct xb_err *is_ours(struct xb_publishing *w, bool *out)
{
	struct xb_owned *o = &w->owned;
	struct xb_reason *r;

	if (!o->ours)
		XB_TRY(settled_by_withdrawal(w, &o->ours));
	*out = o->ours;
	if (o->ours)
		return NULL;
	r = hold_moved(w, o->why);
	r->detail = o->detail ? xb_strdup(o->detail) : NULL;
	return NULL;
}

static struct xb_err *write_state(struct xb_publishing *w, const struct xb_state *adopted, git_oid *state)
{
	XB_AUTOFREE char *stopped = stopped_because(w);
	struct xb_err *err = xb_owned_history(w->in, w->plan, &w->value, &w->old, &w->objects);
	struct xb_state_new in = {
	    .plan = w->plan,
	    .config = w->in->config,
	    .rules = w->in->rules,
	    .old = &w->old,
	    .published = w->value,
	    .n_published = w->n,
	    .time = w->time,
	    .stopped = w->n < w->plan->picks.n || w->plan->blocked.n ? stopped : NULL,
	    .adopted = adopted,
	};

	return err ? err : xb_state_make(&in, state);
}

/* A person ended it: whatever is pushed, its branch stays. What someone did to it since is a matter of its
 * own. */
static bool has_ended(struct xb_publishing *w)
{
	struct xb_reason *r;

	if (!w->old.ended || w->in->options.unretire || w->adopts)
		return false;
	if (!git_oid_is_zero(&w->t->derived) && !git_oid_equal(&w->t->derived, &w->old.published)) {
		hold_moved(w, XB_WHY_MOVED);
		return true;
	}
	w->out->what = XB_PUBLISHED_ENDED;
	xb_whys_release(&w->out->reasons);
	r = xb_whys_add(&w->out->reasons, XB_WHY_ENDED);
	r->until = w->old.ended_at;
	r->detail = xb_strdup(w->old.ended);
	return true;
}

static struct xb_err *publish(struct xb_publishing *w)
{
	XB_AUTOFREE char *unchecked = NULL;
	git_oid state;
	bool good;

	if (has_ended(w)) /* as its state says, which was found to be ours */
		return NULL;

	w->n = xb_publish_length(w->plan, &w->old);
	if (w->old.derived_ref && !w->in->options.accept_removal)
		XB_TRY(xb_losses_find(w->in, &w->old, w->plan, w->n, &w->out->reasons));
	if (w->out->reasons.n) {
		w->out->what = XB_PUBLISHED_HELD;
		w->out->blocked = xb_plan_needs_attention(w->plan);
		return NULL;
	}
	XB_TRY(xb_publishing_admit(w));
	XB_TRY(xb_publishing_cross_check(w, &unchecked, &good));
	if (!good)
		return NULL;
	if (!w->admitted.none) {
		XB_TRY(xb_publishing_choose(w));
		if (w->admitted.reasons.n) /* in the plan as it is recorded */
			xb_state_mark_waiting(w->plan, w->n);
		XB_TRY(write_state(w, NULL, &state));
		XB_TRY(xb_publishing_move(w, &state));
	}
	if (w->out->what == XB_PUBLISHED_HELD) /* by a ref that could not move */
		return NULL;
	XB_TRY(xb_publishing_move_candidate(w));
	xb_publishing_report_admitted(w);
	report_plan(w);
	if (unchecked) {
		w->out->blocked = true;
		xb_whys_add(&w->out->reasons, XB_WHY_UNCHECKED)->detail = XB_STEAL(unchecked);
	}
	return NULL;
}

/* A notes ref at something else is not one that is gone: the notes that were used last stay in force. */
static const git_oid *notes_to_use(const struct xb_publishing *w)
{
	const char *ref = w->in->config->notes;
	XB_AUTOGIT(git_odb) *odb = NULL;
	git_object_t type = GIT_OBJECT_COMMIT;
	git_oid at;
	size_t size;

	if (!*ref || !w->old.derived_ref || git_reference_name_to_id(&at, w->in->repo, ref) ||
	    git_repository_odb(&odb, w->in->repo) || git_odb_read_header(&size, &type, odb, &at) ||
	    type == GIT_OBJECT_COMMIT)
		return NULL;
	xb_log(XB_WARN,
	       "%s: %s is at %.12s, which is a %s: the notes that were used last, %.12s, stay in force",
	       w->t->name, ref, xb_hex(&at).s, git_object_type2string(type), xb_hex(&w->old.notes).s);
	return &w->old.notes;
}

/* What the metadata says that the line lacks, or that doesn't fit what commits say. It decides nothing. */
static struct xb_err *add_metadata_notices(struct xb_publishing *w)
{
	struct xb_table_inputs in = {
	    .plan = w->plan, .rules = w->in->rules, .metadata = w->in->metadata, .n_published = SIZE_MAX};
	XB_AUTO(xb_table_release) struct xb_table table = {0};
	XB_AUTOJSON json_t *root = NULL;

	if (!*w->in->config->metadata || w->in->options.dry)
		return NULL;
	/* It only saves work; what is wrong with the state ref is told elsewhere. */
	xb_err_free(xb_state_table(w->plan->store, &w->t->state, &root, &in.before));
	XB_TRY(xb_table_make(&in, &table));
	for (size_t i = w->plan->advisories.n; i < table.rows.n; i++)
		if (table.rows.v[i].state == XB_ADV_MISSING)
			*XB_PUSH(&w->out->notices, v, n, cap) =
			    xb_asprintf("%s is missing: %s", table.rows.v[i].id, table.rows.v[i].why);
	xb_strv_add_all_new(&w->out->notices, &table.notices);
	return NULL;
}

static struct xb_err *make_plan(struct xb_publishing *w)
{
	struct xb_plan_inputs in = {.repo = w->in->repo,
				    .config = w->in->config,
				    .rules = w->in->rules,
				    .target = w->t,
				    .packs = w->in->packs,
				    .notes = notes_to_use(w)};
	struct xb_plan **memory = w->in->memory;
	struct xb_err *err = NULL;

	in.rules_version = xb_state_version_for(&w->old, in.config, w->t);
	if (!w->owned.known && !git_oid_is_zero(&w->t->state)) /* it may prove to be ours */
		err = xb_state_rules_version(in.repo, in.config, w->t, &in.rules_version);
	if (!err)
		err = xb_plan_extend(&in, memory ? XB_STEAL(*memory) : NULL, &w->plan);
	if (!err)
		err = xb_owned_decide(w->in, w->plan->store, &w->owned, &w->old);
	for (size_t i = 0; !err && i < w->plan->warnings.n; i++)
		xb_log(XB_WARN, "%s: %s", w->t->name, w->plan->warnings.v[i]);
	if (!err)
		xb_strv_add_all_new(&w->out->notices, &w->plan->notices);
	return err ? err : add_metadata_notices(w);
}

/* What stays as it is was made of what is recorded, not of what is there now. */
static void report_published(struct xb_publishing *w)
{
	if (w->out->what != XB_PUBLISHED_HELD && w->out->what != XB_PUBLISHED_WAITING &&
	    w->out->what != XB_PUBLISHED_ENDED)
		return;
	w->out->n_chain = w->old.picks.n;
	if (!w->old.base_tag)
		return;
	w->out->base_tag = xb_strdup(w->old.base_tag);
	w->out->base = w->old.base;
	w->out->published = w->old.published;
}

static bool has_plan(struct xb_publishing *w)
{
	bool gone = w->t->status == XB_TARGET_NO_STAGING;

	if (w->t->status == XB_TARGET_OK)
		return true;
	/* A line that has published something and then loses its staging or its releases is no quiet matter.
	 */
	if (w->old.derived_ref || !git_oid_is_zero(&w->t->state)) {
		struct xb_reason *r =
		    xb_publishing_hold(w, gone ? XB_WHY_LOST_STAGING : XB_WHY_LOST_RELEASE, w->t->tip_ref);

		r->was = w->old.tip;
		r->command = gone ? xb_advice_retire(w->in->config, w->t->line) : NULL;
		return false;
	}
	w->out->what = XB_PUBLISHED_NOTHING;
	xb_whys_add(&w->out->reasons, gone ? XB_WHY_NO_STAGING : XB_WHY_NO_RELEASE)->object =
	    xb_strdup(w->t->tip_ref);
	return false;
}

/* What is published now is what this plan was just found to give, or what it was before, or what was adopted.
 */
static void tell(const struct xb_publishing *w)
{
	struct xb_publish_facts facts = {.in = w->in, .plan = w->plan, .state = &w->old, .result = w->out};
	bool planned = w->out->what == XB_PUBLISHED_MOVED || w->out->what == XB_PUBLISHED_SAME;
	git_oid state = w->t->state;

	if (w->plan && planned && !w->adopting) {
		facts.is_part = true;
		facts.n_published = w->n;
	} else if (w->plan && !planned) {
		facts.is_part = xb_state_is_part(&w->old, w->plan, &facts.n_published);
	}
	if (!w->owned.ours && !w->adopting) /* what it records is nobody's news */
		w->t->state = w->old.commit;
	if (w->in->listener)
		w->in->listener->end(w->in->listener->data, &facts);
	w->t->state = state;
}

/* The next plan goes on from this one where all of it is published. */
static void remember(struct xb_publishing *w)
{
	bool published = w->out->what == XB_PUBLISHED_MOVED || w->out->what == XB_PUBLISHED_SAME;

	if (w->in->memory && w->plan && published && w->n == w->plan->picks.n && xb_plan_fold(w->plan))
		*w->in->memory = XB_STEAL(w->plan);
}

/* An earlier version made refs by the umask, and others can't read them. */
static struct xb_err *mend_modes(const struct xb_publishing *w)
{
	const struct xb_target *t = w->t;

	XB_TRY(xb_modes_mend(w->in->repo, t->derived_ref));
	XB_TRY(xb_modes_mend(w->in->repo, t->state_ref));
	return t->chain_ref ? xb_modes_mend(w->in->repo, t->chain_ref) : NULL;
}

static struct xb_err *adopt(struct xb_publishing *w);

static struct xb_err *run(const struct xb_publish_inputs *in, struct xb_publish_result *out,
			  struct xb_err *(*then)(struct xb_publishing *w))
{
	struct xb_publishing w = {.in = in, .t = in->target, .out = out, .adopts = then == adopt};
	struct xb_err *err = NULL;

	*out = (struct xb_publish_result){
	    .old_id = in->target->derived, .new_id = in->target->derived, .until = XB_NEVER};
	if (!in->options.dry && in->listener)
		err = in->listener->begin(in->listener->data, w.t);
	out->stray = in->target->stray != NULL;
	if (out->stray)
		*XB_PUSH(&out->notices, v, n, cap) =
		    xb_asprintf("the tag %s is higher than its release and passed over: %s",
				in->target->stray, in->target->stray_why);
	if (!err && !in->options.dry)
		err = mend_modes(&w);
	if (!err)
		err = xb_owned_read(in, &w.owned, &w.old);
	if (!err && !has_ended(&w) && has_plan(&w)) {
		err = make_plan(&w);
		if (!err)
			err = then(&w);
	}
	if (!err) {
		report_published(&w);
		out->why = xb_whys_line(&out->reasons);
		tell(&w);
		remember(&w);
	}
	if (err)
		xb_strv_release(&out->notices);
	xb_admitted_release(&w.admitted);
	xb_owned_release(&w.owned);
	free(w.objects.v);
	xb_state_release(&w.old);
	xb_plan_free(w.plan);
	return err ? xb_err_wrap(err, "%s", in->target->name) : NULL;
}

static struct xb_err *publish_ours(struct xb_publishing *w)
{
	bool ours;

	XB_TRY(is_ours(w, &ours));
	return ours ? publish(w) : NULL;
}

struct xb_err *xb_publish(const struct xb_publish_inputs *in, struct xb_publish_result *out)
{
	return run(in, out, publish_ours);
}

/*
 * The ref stays where it is; the state takes it for the published value. What
 * an earlier state says was published is remembered: losing it still needs a person.
 */
static struct xb_err *adopt(struct xb_publishing *w)
{
	git_oid state;

	if (git_oid_is_zero(&w->t->derived) && git_oid_is_zero(&w->t->state) && !w->owned.known)
		return xb_err_new(XB_E_USAGE, "%s does not exist; there is nothing to adopt",
				  w->t->derived_ref);
	w->adopting = true;
	w->value = w->t->derived;
	if (!git_oid_is_zero(&w->value))
		XB_TRY(xb_publishing_commit_time(w->plan->store, &w->value, &w->time));
	XB_TRY(write_state(w, &w->old, &state));
	XB_TRY(xb_publishing_move(w, &state));
	if (w->out->what == XB_PUBLISHED_SAME)
		w->out->n_chain = w->old.picks.n;
	w->n = xb_publish_length(w->plan, &w->old);
	w->out->moves_next = !git_oid_equal(xb_plan_tip(w->plan, w->n), &w->value);
	return NULL;
}

struct xb_err *xb_publish_adopt(const struct xb_publish_inputs *in, struct xb_publish_result *out)
{
	return run(in, out, adopt);
}
