/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan.h"

#include "merges.h"
#include "planner.h"
#include "twins.h"
#include "config/value.h"
#include "odb/oidmap.h"
#include "os/log.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/hashmap.h"

const char *xb_role_name(enum xb_role r)
{
	static const char *const names[] = {"security", "follow-up", "prerequisite"};

	return names[r];
}

const char *xb_left_reason_name(enum xb_left_reason r)
{
	static const char *const names[] = {"empty",  "excluded", "withdrawn",      "replaced", "pending",
					    "revert", "in-base",  "already-picked", "merge"};

	return names[r];
}

const char *xb_advisory_state_name(enum xb_advisory_state s)
{
	static const char *const names[] = {"applied",   "applied-in-base", "partial",  "pending",
					    "blocked",   "waiting",         "reverted", "excluded",
					    "withdrawn", "missing",         "not-here"};

	return names[s];
}

const git_oid *xb_plan_tip(const struct xb_plan *p, size_t n)
{
	return n ? &p->picks.v[n - 1].derived : &p->target->base;
}

int64_t xb_plan_tip_time(const struct xb_plan *p, size_t n)
{
	return n ? p->picks.v[n - 1].time : p->base_time;
}

const git_oid *xb_plan_tip_tree(const struct xb_plan *p, size_t n)
{
	return n ? &p->picks.v[n - 1].tree : &p->base_tree;
}

bool xb_plan_needs_attention(const struct xb_plan *p)
{
	if (p->blocked.n)
		return true;
	for (size_t i = 0; i < p->left_out.n; i++)
		if (p->left_out.v[i].reason == XB_LEFT_PENDING)
			return true;
	return false;
}

static void free_blocked(struct xb_plan_blocked *b)
{
	xb_strv_release(&b->advisories);
	xb_strv_release(&b->before);
	xb_strv_release(&b->candidates);
	free(b->why);
	xb_pick_release(&b->conflict);
}

void xb_plan_free(struct xb_plan *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->picks.n; i++)
		xb_plan_pick_release(&p->picks.v[i]);
	free(p->picks.v);
	for (size_t i = 0; i < p->left_out.n; i++) {
		xb_strv_release(&p->left_out.v[i].advisories);
		xb_strv_release(&p->left_out.v[i].paths);
		free(p->left_out.v[i].why);
	}
	free(p->left_out.v);
	for (size_t i = 0; i < p->blocked.n; i++)
		free_blocked(&p->blocked.v[i]);
	free(p->blocked.v);
	for (size_t i = 0; i < p->advisories.n; i++) {
		free(p->advisories.v[i].id);
		xb_strv_release(&p->advisories.v[i].aliases);
		xb_strv_release(&p->advisories.v[i].commits);
	}
	free(p->advisories.v);
	xb_strv_release(&p->warnings);
	xb_strv_release(&p->notices);
	xb_residue_release(&p->residue);
	xb_strv_release(&p->incomplete);
	xb_planner_free(p->planner);
	xb_window_release(&p->window);
	xb_picker_free(p->picker);
	xb_store_free(p->store);
	free(p);
}

/* What waits for the blocked commit I: it is listed, so that no tagged commit is missing from the plan. */
static struct xb_err *leave_the_rest(struct xb_planner *p, size_t blocked)
{
	for (size_t i = blocked + 1; i < p->plan->window.n; i++) {
		XB_TRY(xb_roles_read(p, i));
		if (p->board.c[i].tagged)
			xb_left_out(p, i, XB_LEFT_PENDING,
				    xb_asprintf("waits for %.12s, which does not apply",
						xb_hex(&p->plan->window.v[blocked].oid).s));
	}
	return NULL;
}

/* Under skip: tries again what was set aside, until nothing more applies. */
static struct xb_err *retry_pending(struct xb_planner *p)
{
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < p->board.at && !again; i++) {
			struct xb_plan_blocked b = {0};
			bool in_vain;

			if (p->board.c[i].fate != XB_FATE_PENDING)
				continue;
			XB_TRY(xb_plan_must_fail(p, i, &in_vain));
			if (in_vain)
				continue;
			XB_TRY(xb_plan_append(p, i, &again, &b));
			free_blocked(&b);
		}
	}
	return NULL;
}

/* Staging takes back what was set aside: then neither is wanted. */
static void revert_pending(struct xb_planner *p, size_t i)
{
	for (size_t k = 0; k < p->board.c[i].repairs.n; k++) {
		const struct xb_repairs *r = &p->board.c[i].repairs.v[k];

		if (r->window == SIZE_MAX || !r->reverts)
			continue;
		if (p->board.c[r->window].fate == XB_FATE_PENDING)
			p->board.c[r->window].fate = XB_FATE_REVERTED;
		/* the revert of a revert */
		for (size_t m = 0; m < p->board.c[r->window].repairs.n; m++) {
			const struct xb_repairs *first = &p->board.c[r->window].repairs.v[m];

			if (first->reverts && first->window != SIZE_MAX &&
			    p->board.c[first->window].fate == XB_FATE_REVERTED)
				p->board.c[first->window].fate = XB_FATE_PENDING;
		}
	}
}

/* It can't be told whether commit I is to be picked: a person has to say. */
static struct xb_err *stop_in_doubt(struct xb_planner *p, size_t i, bool *stop)
{
	const char *why = p->board.c[i].words.doubt;
	struct xb_plan_blocked *b;

	if (p->in->target->conf->on_block == XB_SKIP) {
		xb_left_out(p, i, XB_LEFT_PENDING, xb_strdup(why));
		p->board.c[i].fate = XB_FATE_EXCLUDED;
		return NULL;
	}
	b = XB_PUSH(&p->plan->blocked, v, n, cap);
	b->window = b->wanted = i;
	b->onto = p->board.tip;
	b->why = xb_strdup(why);
	b->conflict.verdict = XB_PICK_UNDECIDABLE;
	xb_strv_add_all_new(&b->advisories, &p->board.c[i].advisories);
	*stop = true;
	return leave_the_rest(p, i);
}

/* What only the bot thinks to be part of a fix blocks nothing. */
static void leave_with_a_warning(struct xb_planner *p, size_t i, struct xb_plan_blocked *b)
{
	xb_board_warn(&p->board, xb_asprintf("%s seems to belong to what was picked, but is left out: %s",
					     xb_hex(&p->plan->window.v[i].oid).s, b->why));
	if (p->board.c[i].part_of != SIZE_MAX)
		xb_strv_add_all_new(&p->plan->incomplete, &p->board.c[p->board.c[i].part_of].advisories);
	free_blocked(b);
}

/* A person said that it is not to be picked, or not any more. */
static void leave_as_told(struct xb_planner *p, size_t i)
{
	const struct xb_words *w = &p->board.c[i].words;

	xb_left_out(p, i, w->withdrawn ? XB_LEFT_WITHDRAWN : XB_LEFT_EXCLUDED,
		    xb_asprintf("%s by a %s: %s", w->withdrawn ? "withdrawn" : "excluded",
				xb_source_name(w->role_level), w->exclude))
	    ->by = w->role_level;
}

static struct xb_err *step(struct xb_planner *p, size_t i, bool *stop)
{
	struct xb_plan_blocked blocked = {0};
	enum xb_role role;
	bool wanted, done;

	p->board.at = i;
	XB_TRY(xb_roles_read(p, i));
	revert_pending(p, i);
	XB_TRY(xb_merges_settle(p, i));
	XB_TRY(xb_twins_settle(p, i));
	XB_TRY(xb_roles_decide(p, i, &wanted, &role));
	if (p->board.c[i].excluded)
		leave_as_told(p, i);
	if (p->board.c[i].words.doubt && !p->board.c[i].excluded)
		return stop_in_doubt(p, i, stop);
	if (!wanted || p->board.c[i].fate != XB_FATE_NONE)
		return NULL;
	XB_TRY(xb_plan_append(p, i, &done, &blocked));
	xb_picker_trim(p->plan->picker);
	if (done)
		return p->in->target->conf->on_block == XB_SKIP ? retry_pending(p) : NULL;
	if (p->board.c[i].optional) {
		leave_with_a_warning(p, i, &blocked);
		return NULL;
	}
	if (p->in->target->conf->on_block == XB_SKIP) {
		p->board.c[i].fate = XB_FATE_PENDING;
		free_blocked(&blocked);
		return NULL;
	}
	*XB_PUSH(&p->plan->blocked, v, n, cap) = blocked;
	XB_TRY(xb_discover_candidates(&p->board, blocked.window, &blocked.conflict,
				      &p->plan->blocked.v[0].candidates));
	XB_TRY(leave_the_rest(p, i));
	*stop = true;
	return NULL;
}

/* Under skip: what is still set aside at the end, with where it fails now. */
static struct xb_err *list_pending(struct xb_planner *p)
{
	p->board.at = p->plan->window.n ? p->plan->window.n - 1 : 0;
	for (size_t i = 0; i < p->plan->window.n; i++) {
		struct xb_plan_blocked b = {0};
		struct xb_plan_left *l;
		bool done = false;

		if (p->board.c[i].fate == XB_FATE_REVERTED && p->board.c[i].tagged)
			xb_left_out(p, i, XB_LEFT_REVERT,
				    xb_strdup("it didn't apply, and staging reverted it"));
		if (p->board.c[i].fate != XB_FATE_PENDING)
			continue;
		XB_TRY(xb_plan_append(p, i, &done, &b));
		if (done)
			continue;
		l = xb_left_out(p, i, XB_LEFT_PENDING, XB_STEAL(b.why));
		for (size_t k = 0; k < b.conflict.n; k++)
			xb_strv_add_new(&l->paths, b.conflict.v[k].path);
		free_blocked(&b);
	}
	return NULL;
}

static bool is_fix(void *ctx, const struct xb_hist *h)
{
	struct xb_planner *p = ctx;
	struct xb_words w;
	struct xb_err *err = xb_words_of(p->in->config, &p->notes, h, NULL, &w);
	bool out;

	if (err) { /* a contradiction about a commit of the base decides nothing here */
		xb_err_free(err);
		return h->msg.tags.n > 0;
	}
	out = w.doubt ? h->msg.tags.n > 0
		      : !w.exclude && (w.security.n || (w.role_level == XB_BY_TAG && h->msg.tags.n));
	xb_words_release(&w);
	return out;
}

/* By a note or, perhaps, by the configuration, whose abbreviated ids are not compared here. */
static bool annotated(void *ctx, const git_oid *oid)
{
	const struct xb_planner *p = ctx;

	return p->in->config->picks.n || (p->notes.map && xb_oidmap_get(p->notes.map, oid));
}

static struct xb_err *read_base(struct xb_plan *plan, const git_oid *base)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

	XB_TRY(xb_commit_load(plan->store, base, &c));
	plan->base_tree = c.tree;
	plan->base_time = c.committer.time;
	return NULL;
}

static struct xb_err *hash_rules(struct xb_plan *plan, const struct xb_config *config)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	int rc;

	xb_config_dump(config, plan->target->line, plan->rules_version, &text);
	rc = git_odb_hash(&plan->rules, text.p ? text.p : "", text.n, GIT_OBJECT_BLOB);
	return rc ? xb_err_git(XB_E_INTERNAL, rc, "cannot hash the rules") : NULL;
}

static struct xb_err *walk(struct xb_planner *p, size_t from)
{
	bool stop = false;

	for (size_t i = from; i < p->plan->window.n && !stop; i++) {
		xb_progress(p->in->target->name, i, p->plan->window.n);
		XB_TRY(step(p, i, &stop));
	}
	if (p->in->target->conf->on_block == XB_SKIP)
		XB_TRY(list_pending(p));
	XB_TRY(xb_residue_find(p, &p->plan->residue));
	return xb_plan_sum_up(p);
}

/* Everything that a plan rests on but staging and the base's history. */
static struct xb_err *read_inputs(struct xb_planner *p)
{
	const struct xb_plan_inputs *in = p->in;
	struct xb_plan *plan = p->plan;
	XB_AUTOFREE char *objects = NULL;

	if (in->target->trouble)
		return xb_err_new(XB_E_HOSTILE, "%s", in->target->trouble);
	XB_TRY(xb_store_open(in->repo, in->packs, &plan->store));
	plan->picker = xb_picker_new(plan->store);
	objects = xb_asprintf("%sobjects", git_repository_commondir(in->repo));
	xb_picker_use_git(plan->picker, objects);
	plan->rules_version = in->rules_version           ? in->rules_version
			      : in->config->rules_version ? in->config->rules_version
							  : XB_RULES_VERSION_MAX;
	XB_TRY(hash_rules(plan, in->config));
	XB_TRY(read_base(plan, &in->target->base));
	XB_TRY(xb_notes_load(in->repo, plan->store, in->config->notes, in->notes, &p->notes));
	plan->notes = p->notes.commit;
	return NULL;
}

static void set_up_board(struct xb_planner *p)
{
	struct xb_board *b = &p->board;
	const struct xb_plan_inputs *in = p->in;
	struct xb_plan *plan = p->plan;

	b->repo = in->repo;
	b->config = in->config;
	b->rules = in->rules;
	b->target = in->target;
	b->options = in->options;
	b->store = plan->store;
	b->picker = plan->picker;
	b->window = &plan->window;
	b->warnings = &plan->warnings;
	b->incomplete = &plan->incomplete;
	b->rules_version = plan->rules_version;
	b->base_tree = plan->base_tree;
	b->base_time = plan->base_time;
	b->tip = plan->base_tree;
}

static struct xb_err *make(struct xb_planner *p, struct xb_plan *before, bool *extended)
{
	const struct xb_plan_inputs *in = p->in;
	struct xb_plan *plan = p->plan;
	struct xb_past_options past = {.store = plan->store,
				       .rules = in->rules,
				       .base = in->target->base,
				       .is_fix = is_fix,
				       .annotated = annotated,
				       .ctx = p};
	size_t from;

	p->names = xb_names_new();
	set_up_board(p);
	XB_TRY(xb_plan_take_over(p, before, extended, &from));
	if (*extended) {
		xb_past_use(p->board.past, &past);
	} else {
		XB_TRY(xb_window_load(in->repo, plan->store, in->rules, &in->target->base, &in->target->tip,
				      &plan->window));
		p->board.c = xb_calloc(plan->window.n, sizeof *p->board.c);
		p->board.past = xb_past_new(&past);
	}
	p->meaning = xb_meaning_new(&p->board);
	return walk(p, from);
}

/* What only the walk needed. */
static void rest(struct xb_planner *p)
{
	xb_meaning_free(XB_STEAL(p->meaning));
	xb_board_rest(&p->board);
	xb_twins_free(XB_STEAL(p->twins));
	xb_names_free(XB_STEAL(p->names));
	xb_notes_release(&p->notes);
	xb_strv_release(&p->base_advisories);
	p->in = NULL;
}

/* *EXTENDED: BEFORE was gone on from. */
static struct xb_err *make_once(const struct xb_plan_inputs *in, struct xb_plan *before, struct xb_plan **out,
				bool *extended)
{
	const struct xb_target *t = in->target;
	struct xb_plan *plan = xb_calloc(1, sizeof *plan);
	struct xb_planner *p = plan->planner = xb_calloc(1, sizeof *p);
	struct xb_err *err;

	*out = NULL;
	*extended = false;
	plan->target = t;
	p->in = in;
	p->plan = plan;
	p->made_of = (struct xb_made_of){
	    .base = t->base, .base_tag = t->base_tag ? xb_strdup(t->base_tag) : NULL, .options = in->options};
	err = read_inputs(p);
	if (!err)
		err = make(p, before, extended);
	if (!err) {
		plan->trials = xb_picker_trials(plan->picker);
		plan->work = p->board.work;
	}
	rest(p);
	if (err)
		xb_plan_free(plan);
	else
		*out = plan;
	return err;
}

struct xb_err *xb_plan_extend(const struct xb_plan_inputs *in, struct xb_plan *before, struct xb_plan **out)
{
	bool extended;
	struct xb_err *err = make_once(in, before, out, &extended);

	xb_plan_free(before);
	if (!err || !extended)
		return err;
	xb_err_free(
	    err); /* objects of its chain may be gone since, which the plan from the start makes anew */
	return make_once(in, NULL, out, &extended);
}

struct xb_err *xb_plan_make(const struct xb_plan_inputs *in, struct xb_plan **out)
{
	return xb_plan_extend(in, NULL, out);
}

static bool is_tagged(void *ctx, const struct xb_hist *h)
{
	(void)ctx;
	return h->msg.tags.n > 0;
}

struct xb_err *xb_plan_base_fixes(const struct xb_plan *p, const struct xb_rules *rules,
				  void (*fn)(void *ctx, const struct xb_hist *h), void *ctx)
{
	struct xb_past_options o = {
	    .store = p->store, .rules = rules, .base = p->target->base, .is_fix = is_tagged};
	XB_AUTOPTR(xb_past) *past = NULL;

	if (xb_past_known(p->planner->board.past))
		return xb_past_each(p->planner->board.past, fn, ctx);
	past = xb_past_new(&o);
	return xb_past_each(past, fn, ctx);
}
