/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "publish.h"

#include "crosscheck.h"
#include "gate/admit.h"
#include "gate/extgate.h"
#include "objection.h"
#include "objects.h"
#include "odb/ancestry.h"
#include "odb/git.h"
#include "owned.h"
#include "publication.h"
#include "util/alloc.h"
#include "util/log.h"
#include "words/advice.h"

void xb_publish_result_release(struct xb_publish_result *r)
{
	xb_whys_release(&r->reasons);
	free(r->why);
	free(r->base_tag);
	free(r->gate_log);
	xb_strv_release(&r->notices);
	xb_chore_release(&r->chore);
	*r = (struct xb_publish_result){0};
}

size_t xb_publish_length(const struct xb_plan *plan, const struct xb_state *state)
{
	size_t n;

	/* A block does not take back what was published before it came. */
	return xb_state_is_part(state, plan, &n) && n > plan->publishable ? n : plan->publishable;
}

enum { WATCHED = 2 };

/* One publication under way. */
struct work {
	const struct xb_publish_inputs *in;
	struct xb_target *t;
	struct xb_plan *plan;
	struct xb_state old; /* what was published; without a derived_ref: nothing that is ours */
	struct xb_owned owned;
	size_t n; /* picks to publish */
	git_oid value;
	int64_t time; /* its committer date */
	bool adopts, adopting; /* a person asked for it; and it is being done */
	struct xb_objects objects; /* of the new values */
	struct xb_admitted admitted;
	struct xb_publish_result *out;
};

/* About the ref NAME, if that is not NULL. */
static struct xb_reason *hold(struct work *w, enum xb_why code, const char *name)
{
	struct xb_reason *r;

	w->out->what = XB_PUBLISHED_HELD;
	xb_whys_release(&w->out->reasons);
	r = xb_whys_add(&w->out->reasons, code);
	r->object = name ? xb_strdup(name) : NULL;
	return r;
}

/* Someone did that to the derived ref. */
static struct xb_reason *hold_moved(struct work *w, enum xb_why code)
{
	struct xb_reason *r = hold(w, code, w->t->derived_ref);

	r->was = w->old.published;
	r->now = w->t->derived;
	r->command = xb_advice_adopt(w->in->config, w->t->name);
	return r;
}

/* Does the chain of the first N picks, or the base's history, contain VALUE? Then the ref can go there
 * directly. */
static struct xb_err *chain_contains(const struct work *w, const git_oid *value, bool *out)
{
	for (size_t i = 0; i < w->n; i++) {
		*out = git_oid_equal(&w->plan->picks.v[i].derived, value);
		if (*out)
			return NULL;
	}
	*out = false;
	return git_odb_exists(xb_store_odb(w->plan->store), value)
		   ? xb_ancestor_of(w->plan->store, value, &w->t->base, out)
		   : NULL;
}

static struct xb_err *commit_time(struct xb_store *s, const git_oid *oid, int64_t *out)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
	struct xb_obj *o;

	XB_TRY(xb_store_get(s, oid, GIT_OBJECT_COMMIT, &o));
	XB_TRY(xb_commit_parse(o->data, o->len, &c));
	*out = c.committer.time;
	return NULL;
}

/* What those have who pull: what was published, also where someone moved the ref since. */
static const git_oid *had_by_all(const struct work *w)
{
	const git_oid *p = &w->old.published;

	return git_oid_is_zero(p) || !git_odb_exists(xb_store_odb(w->plan->store), p) ? &w->t->derived : p;
}

static struct xb_err *stitch(struct work *w)
{
	const struct xb_config *c = w->in->config;
	XB_AUTOBUF struct xb_buf raw = XB_BUF_INIT;
	struct xb_stitch_options o = {
	    .tree = xb_plan_tip_tree(w->plan, w->n),
	    .chain = xb_plan_tip(w->plan, w->n),
	    .old = had_by_all(w),
	    .chain_time = xb_plan_tip_time(w->plan, w->n),
	    .name = c->committer_name,
	    .email = c->committer_email,
	};

	XB_TRY(commit_time(w->plan->store, o.old, &o.old_time));
	XB_TRY(xb_commit_stitch(&o, &raw));
	XB_TRY(xb_store_put(w->plan->store, GIT_OBJECT_COMMIT, raw.p, raw.n, NULL, &w->value));
	w->time = o.old_time > o.chain_time ? o.old_time : o.chain_time;
	w->out->stitched = true;
	return NULL;
}

/* The value that the derived ref should have. */
static struct xb_err *choose_value(struct work *w)
{
	const git_oid *tip = xb_plan_tip(w->plan, w->n), *had = had_by_all(w);
	bool contained = true;

	w->value = *tip;
	w->time = xb_plan_tip_time(w->plan, w->n);
	if (git_oid_is_zero(had) || git_oid_equal(tip, had))
		return NULL;
	if (git_oid_equal(tip, &w->old.chain_tip)) {
		w->value = *had; /* a stitch on this chain */
		return commit_time(w->plan->store, &w->value, &w->time);
	}
	if (w->t->conf->history == XB_REWRITE)
		return NULL;
	XB_TRY(chain_contains(w, had, &contained));
	return contained ? NULL : stitch(w);
}

static bool allowed(const char *ref, void *data)
{
	const struct xb_target *t = data;

	return !strcmp(ref, t->derived_ref) || !strcmp(ref, t->state_ref) ||
	       (t->chain_ref && !strcmp(ref, t->chain_ref));
}

static size_t list_moves(const struct work *w, const git_oid *state, struct xb_ref_update moves[3])
{
	const git_oid *chain = xb_plan_tip(w->plan, w->n);
	size_t n = 0;

	if (!git_oid_equal(&w->value, &w->t->derived))
		moves[n++] = (struct xb_ref_update){w->t->derived_ref, w->t->derived, w->value};
	if (w->t->chain_ref && !git_oid_equal(chain, &w->t->chain))
		moves[n++] = (struct xb_ref_update){w->t->chain_ref, w->t->chain, *chain};
	if (!git_oid_equal(state, &w->t->state))
		moves[n++] = (struct xb_ref_update){w->t->state_ref, w->t->state, *state};
	return n;
}

static struct xb_err *after_run(struct work *w, const git_oid *state, const struct xb_ref_update *moves,
				struct xb_pub_result *r)
{
	struct xb_vault *v = w->in->vault;

	switch (r->outcome) {
	case XB_PUB_DONE:
		if (r->later)
			xb_log(XB_WARN, "%s: published, but afterwards: %s", w->t->name, r->later->msg);
		if (!git_oid_equal(&w->value, &w->t->derived))
			w->out->what = XB_PUBLISHED_MOVED;
		w->t->derived = w->value;
		w->t->state = *state;
		XB_TRY(xb_owned_note(w->in, w->plan->store, state));
		break;
	case XB_PUB_STALE:
		return xb_err_new(XB_E_MOVED, "%s: staging or the release moved meanwhile", w->t->name);
	case XB_PUB_REFUSED:
	case XB_PUB_PARTIAL:
		if (r->why == XB_MOVE_LOCKED)
			return xb_err_new(XB_E_TEMP, "%s: %s %s", w->t->name, moves[r->stopped_at].name,
					  xb_move_text(r->why));
		hold(w, XB_WHY_NOT_MOVED, moves[r->stopped_at].name)->detail =
		    xb_strdup(xb_move_text(r->why));
		if (r->outcome == XB_PUB_PARTIAL) /* the derived ref, which is the first */
			XB_TRY(xb_owned_note(w->in, w->plan->store, state));
		break;
	}
	return r->intent ? xb_intent_clear(v->intent_dir, w->t->name) : NULL;
}

/* All that the new values need, and no other ref reaches. */
static struct xb_err *collect(const struct work *w, const git_oid *state, struct xb_objects *out)
{
	XB_TRY(xb_objects_of_chain(w->plan, w->n, &w->t->derived, out));
	if (w->out->stitched)
		XB_TRY(xb_objects_of_commit(w->plan, &w->value, out));
	return git_oid_equal(state, &w->t->state) ? NULL : xb_objects_of_commit(w->plan, state, out);
}

/* Staging and the release, which reach what `collect` leaves out; *TAG, the caller's, is the release's ref.
 */
static struct xb_err *watch(const struct work *w, struct xb_ref_update *out, size_t *n, char **tag)
{
	const struct xb_target *t = w->t;
	git_oid at;

	*n = 0;
	if (t->tip_ref)
		out[(*n)++] = (struct xb_ref_update){t->tip_ref, t->tip, t->tip};
	if (!t->base_tag)
		return NULL;
	*tag = xb_asprintf("%s%s", strncmp(t->base_tag, "refs/", 5) ? "refs/tags/" : "", t->base_tag);
	XB_TRY(xb_ref_value(w->in->repo, *tag, &at));
	if (git_oid_is_zero(&at))
		return xb_err_new(XB_E_MOVED, "%s: %s went away meanwhile", t->name, *tag);
	out[(*n)++] = (struct xb_ref_update){*tag, at, at};
	return NULL;
}

static struct xb_err *move_refs(struct work *w, const git_oid *state)
{
	struct xb_ref_update moves[3], watched[WATCHED];
	XB_AUTOFREE char *tag = NULL;
	struct xb_ref_policy policy = {.allowed = allowed, .data = w->t};
	struct xb_publication p = {.id = w->t->name, .refs = moves, .watched = watched};
	struct xb_pack_written pack = {0};
	struct xb_pub_result r = {0};
	struct xb_err *err;

	p.n_refs = list_moves(w, state, moves);
	w->out->old_id = w->t->derived;
	w->out->new_id = w->value;
	if (!p.n_refs)
		return w->owned.known ? NULL : xb_owned_note(w->in, w->plan->store, state);
	if (w->in->options.dry) {
		if (!git_oid_equal(&w->value, &w->t->derived))
			w->out->what = XB_PUBLISHED_MOVED;
		return NULL;
	}
	err = watch(w, watched, &p.n_watched, &tag);
	if (!err)
		err = collect(w, state, &w->objects);
	if (!err && w->objects.n) {
		err = xb_pack_write(w->in->vault->pack_dir, w->objects.v, w->objects.n, &pack);
		p.pack = &pack;
	}
	if (!err)
		err = xb_publication_run(w->in->vault, &p, &policy, &r);
	if (!err)
		err = after_run(w, state, moves, &r);
	xb_pub_result_release(&r);
	xb_pack_written_release(&pack);
	return err;
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

static char *stopped_because(const struct work *w)
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

static void report_plan(struct work *w)
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
static struct xb_err *settled_by_withdrawal(struct work *w, bool *out)
{
	*out = w->owned.known && w->owned.why != XB_WHY_FOREIGN && xb_objection_withdrawn(&w->old, w->plan);
	if (!*out || git_oid_is_zero(&w->t->derived))
		return NULL;
	w->n = xb_publish_length(w->plan, &w->old);
	return chain_contains(w, &w->t->derived, out);
}

/* *OUT: the ref is ours to move. */
static struct xb_err *is_ours(struct work *w, bool *out)
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

static struct xb_err *write_state(struct work *w, const struct xb_state *adopted, git_oid *state)
{
	XB_AUTOFREE char *stopped = stopped_because(w);
	struct xb_err *err = xb_owned_history(w->in, w->plan, &w->old, &w->objects);
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

/* How much of the plan the gates and the time let through. */
static struct xb_err *admit(struct work *w)
{
	struct xb_admit_inputs in = {.in = w->in, .plan = w->plan, .old = &w->old, .n = w->n};

	XB_TRY(xb_admit(&in, &w->admitted));
	w->n = w->admitted.n;
	return NULL;
}

/* What is new goes to nobody before git itself has computed it again. False: they differ, and it is held. */
static struct xb_err *cross_check(struct work *w, char **unchecked, bool *good)
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
		struct xb_reason *why = hold(w, XB_WHY_GIT_DIFFERS, NULL);
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

/* Shows a test system what it is to test. Others may have moved the ref; it is ours all the same. */
static struct xb_err *move_candidate(struct work *w)
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

static void report_admitted(struct work *w)
{
	struct xb_admitted *a = &w->admitted;
	struct xb_publish_result *out = w->out;

	out->wait = a->wait;
	out->until = a->until;
	out->chore = a->chore;
	a->chore = (struct xb_chore){0};
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

/* A person ended it: whatever is pushed, its branch stays. What someone did to it since is a matter of its own. */
static bool has_ended(struct work *w)
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

static struct xb_err *publish(struct work *w)
{
	XB_AUTOFREE char *unchecked = NULL;
	git_oid state;
	bool good;

	if (has_ended(w)) /* as its state says, which was found to be ours */
		return NULL;

	w->n = xb_publish_length(w->plan, &w->old);
	if (w->old.derived_ref && !w->in->options.accept_removal)
		XB_TRY(xb_objection_find(w->in, &w->old, w->plan, w->n, &w->out->reasons));
	if (w->out->reasons.n) {
		w->out->what = XB_PUBLISHED_HELD;
		w->out->blocked = xb_plan_needs_attention(w->plan);
		return NULL;
	}
	XB_TRY(admit(w));
	XB_TRY(cross_check(w, &unchecked, &good));
	if (!good)
		return NULL;
	if (!w->admitted.none) {
		XB_TRY(choose_value(w));
		if (w->admitted.reasons.n) /* in the plan as it is recorded */
			xb_state_mark_waiting(w->plan, w->n);
		XB_TRY(write_state(w, NULL, &state));
		XB_TRY(move_refs(w, &state));
	}
	if (w->out->what == XB_PUBLISHED_HELD) /* by a ref that could not move */
		return NULL;
	XB_TRY(move_candidate(w));
	report_admitted(w);
	report_plan(w);
	if (unchecked) {
		w->out->blocked = true;
		xb_whys_add(&w->out->reasons, XB_WHY_UNCHECKED)->detail = XB_STEAL(unchecked);
	}
	return NULL;
}

/* A notes ref at something else is not one that is gone: the notes that were used last stay in force. */
static const git_oid *notes_to_use(const struct work *w)
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

static struct xb_err *make_plan(struct work *w)
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
	return err;
}

/* What stays as it is was made of what is recorded, not of what is there now. */
static void report_published(struct work *w)
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

static bool has_plan(struct work *w)
{
	bool gone = w->t->status == XB_TARGET_NO_STAGING;

	if (w->t->status == XB_TARGET_OK)
		return true;
	/* A line that has published something and then loses its staging or its releases is no quiet matter.
	 */
	if (w->old.derived_ref || !git_oid_is_zero(&w->t->state)) {
		struct xb_reason *r =
		    hold(w, gone ? XB_WHY_LOST_STAGING : XB_WHY_LOST_RELEASE, w->t->tip_ref);

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
static void tell(const struct work *w)
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
static void remember(struct work *w)
{
	bool published = w->out->what == XB_PUBLISHED_MOVED || w->out->what == XB_PUBLISHED_SAME;

	if (w->in->memory && w->plan && published && w->n == w->plan->picks.n && xb_plan_fold(w->plan))
		*w->in->memory = XB_STEAL(w->plan);
}

/* An earlier version made refs by the umask, and others can't read them. */
static struct xb_err *mend_modes(const struct work *w)
{
	const struct xb_target *t = w->t;

	XB_TRY(xb_modes_mend(w->in->repo, t->derived_ref));
	XB_TRY(xb_modes_mend(w->in->repo, t->state_ref));
	return t->chain_ref ? xb_modes_mend(w->in->repo, t->chain_ref) : NULL;
}

static struct xb_err *adopt(struct work *w);

static struct xb_err *run(const struct xb_publish_inputs *in, struct xb_publish_result *out,
			  struct xb_err *(*then)(struct work *w))
{
	struct work w = {.in = in, .t = in->target, .out = out, .adopts = then == adopt};
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

static struct xb_err *publish_ours(struct work *w)
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
static struct xb_err *adopt(struct work *w)
{
	git_oid state;

	if (git_oid_is_zero(&w->t->derived) && git_oid_is_zero(&w->t->state) && !w->owned.known)
		return xb_err_new(XB_E_USAGE, "%s does not exist; there is nothing to adopt",
				  w->t->derived_ref);
	w->adopting = true;
	w->value = w->t->derived;
	if (!git_oid_is_zero(&w->value))
		XB_TRY(commit_time(w->plan->store, &w->value, &w->time));
	XB_TRY(write_state(w, &w->old, &state));
	XB_TRY(move_refs(w, &state));
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
