/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admit.h"

#include "cmdgate.h"
#include "cuts.h"
#include "extgate.h"
#include "schedule.h"
#include "os/log.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "words/advice.h"

#include <string.h>
#include <unistd.h>

/* One decision. */
struct admission {
	const struct xb_admit_inputs *i;
	const struct xb_admit_options *o;
	const struct xb_target *t;
	const struct xb_plan *plan;
	struct xb_cmdgate *command; /* NULL: the line has none */
	struct xb_extgate *external;
	struct xb_cuts cuts;
	size_t floor; /* picks that need no leave */
	bool no_floor;
	size_t due;   /* how many of the cuts may be published now, by the time */
	int64_t then; /* when that changes */
	struct xb_lack lack;
	struct xb_admitted *out;
};

void xb_admitted_release(struct xb_admitted *a)
{
	xb_whys_release(&a->reasons);
	XB_FREE(a->gate_log, a->candidate_ref);
	xb_task_release(&a->task);
	*a = (struct xb_admitted){0};
}

/* ---- from where to where ---- */

static bool may_replace(const struct admission *a, size_t n, struct xb_err **err)
{
	bool may = false;

	*err = a->i->may_replace(a->i->ctx, n, &may);
	return !*err && may;
}

/* What is published is a part of the plan; or, after history changed, the release alone may do. */
static struct xb_err *find_floor(struct admission *a)
{
	struct xb_err *err = NULL;

	for (size_t n = a->i->n + 1; n-- > 0;)
		if (git_oid_equal(xb_plan_tip(a->plan, n), &a->i->published)) {
			a->floor = n;
			return NULL;
		}
	a->no_floor = !may_replace(a, 0, &err);
	return err;
}

static struct xb_err *find_cuts(struct admission *a)
{
	const struct xb_publish_rule *rule = &a->t->conf->publish;
	struct xb_cuts_options o = {
	    .plan = a->plan,
	    .from = a->floor,
	    .to = a->i->n,
	    .metadata = a->i->metadata,
	    .quiet = rule->when == XB_PUBLISH_QUIET ? rule->quiet : 0,
	};
	struct xb_err *err = NULL;
	size_t n = 0;

	xb_cuts_find(&o, &a->cuts);
	for (size_t k = 0; k < a->cuts.n && !err; k++) /* what would take a fix away is no choice */
		if (!a->no_floor || k + 1 == a->cuts.n || may_replace(a, a->cuts.v[k], &err))
			a->cuts.v[n++] = a->cuts.v[k];
	a->cuts.n = n;
	return err;
}

/* ---- the time ---- */

static bool stands(void *ctx, const git_oid *tip)
{
	const struct admission *a = ctx;

	for (size_t k = 0; k < a->cuts.n; k++)
		if (git_oid_equal(xb_plan_tip(a->plan, a->cuts.v[k]), tip))
			return true;
	return false;
}

static size_t cuts_upto(const struct admission *a, const git_oid *tip)
{
	for (size_t k = a->cuts.n; k > 0; k--)
		if (git_oid_equal(xb_plan_tip(a->plan, a->cuts.v[k - 1]), tip))
			return k;
	return 0;
}

static struct xb_err *ask_clock(struct admission *a)
{
	const struct xb_publish_rule *rule = &a->t->conf->publish;
	XB_AUTOFREE char *path = xb_asprintf("%s/batch/%s", a->i->config->state_dir, a->t->name);
	XB_AUTO(xb_schedule_release) struct xb_schedule b = {0};
	bool changed;
	size_t due;

	a->due = a->cuts.n;
	a->then = XB_NEVER;
	if (rule->when == XB_PUBLISH_NOW || a->o->at_once)
		return NULL;
	XB_TRY(xb_schedule_read(path, &b));
	changed = xb_schedule_note(&b, xb_plan_tip(a->plan, a->i->n), a->o->now, stands, a);
	changed |= xb_schedule_since(&b, &a->i->published, a->o->now);
	if (changed && !a->o->dry)
		XB_TRY(xb_schedule_write(path, &b));
	due = xb_schedule_due(rule, &b, a->o->now, &a->then);
	a->due = 0;
	for (size_t k = 0; k < due; k++) {
		size_t upto = cuts_upto(a, &b.v[k].tip);

		if (upto > a->due)
			a->due = upto;
	}
	return NULL;
}

/* A disclosure of which a part has not come yet waits for that, and so does what comes after it. */
static struct xb_err *ask_disclosures(struct admission *a)
{
	const struct xb_admit_inputs *in = a->i;

	if (a->o->at_once)
		return NULL;
	XB_TRY(
	    xb_disclosures_lack(a->i->metadata, in->rules, a->plan, a->floor, a->i->n, a->o->now, &a->lack));
	if (!a->lack.lacks)
		return NULL;
	while (a->due && a->cuts.v[a->due - 1] > a->lack.pick)
		a->due--;
	if (a->lack.until < a->then)
		a->then = a->lack.until;
	return NULL;
}

/* ---- the gates ---- */

/* What is known of the first N picks, and which gate it is that lacks. */
static enum xb_answer ask_gates(const struct admission *a, size_t n, enum xb_wait *lacks)
{
	enum xb_test external;

	*lacks = XB_WAIT_NONE;
	if (a->command) {
		struct xb_cmdgate_known k = xb_cmdgate_find(a->command, xb_plan_tip_tree(a->plan, n));

		*lacks = XB_WAIT_GATE;
		if (k.verdict == XB_TEST_FAIL)
			return XB_ANSWER_FAIL;
		if (k.verdict == XB_TEST_UNKNOWN)
			return k.due > a->o->now ? XB_ANSWER_LATER : XB_ANSWER_SOON;
	}
	if (a->external) {
		external = xb_extgate_find(a->external, xb_plan_tip(a->plan, n));
		*lacks = XB_WAIT_TESTED;
		if (external != XB_TEST_PASS)
			return external == XB_TEST_FAIL ? XB_ANSWER_FAIL : XB_ANSWER_LATER;
	}
	return XB_ANSWER_PASS;
}

static enum xb_answer ask(void *ctx, size_t n)
{
	enum xb_wait lacks;

	return ask_gates(ctx, n, &lacks);
}

/* A person says that the test was at fault. */
static struct xb_err *forget(struct admission *a)
{
	for (size_t k = 0; k < a->cuts.n; k++)
		XB_TRY(xb_cmdgate_forget(a->command, xb_plan_tip_tree(a->plan, a->cuts.v[k])));
	return NULL;
}

static struct xb_err *offer_task(struct admission *a, size_t n)
{
	XB_AUTOFREE char *what = xb_asprintf("%.12s", xb_hex(xb_plan_tip(a->plan, n)).s);
	XB_AUTOFREE struct xb_pack_object *objects = NULL;
	size_t n_objects;

	if (a->o->dry)
		return NULL;
	XB_TRY(a->i->objects(a->i->ctx, n, &objects, &n_objects));
	XB_TRY(xb_cmdgate_task(a->command, xb_plan_tip_tree(a->plan, n), what, objects, n_objects,
			       &a->out->task));
	return NULL;
}

static void offer_candidate(struct admission *a, size_t n)
{
	const git_oid *tip = xb_plan_tip(a->plan, n);

	if (git_oid_equal(tip, &a->external->candidate))
		return;
	a->out->candidate_ref = xb_strdup(a->external->candidate_ref);
	a->out->candidate_old = a->external->candidate;
	a->out->candidate = *tip;
	a->out->n_candidate = n;
}

static bool is_candidate_planned(const struct admission *a)
{
	for (size_t n = 0; n <= a->i->n; n++)
		if (git_oid_equal(xb_plan_tip(a->plan, n), &a->external->candidate))
			return true;
	return false;
}

/*
 * A candidate that no plan has any more, and that no other one replaces, is nothing to be tested: its ref
 * goes to what is published, not away, as who looks at it finds it there.
 */
static void withdraw_candidate(struct admission *a)
{
	if (a->external && !git_oid_is_zero(&a->external->candidate) && !a->out->candidate_ref &&
	    !a->out->none && !is_candidate_planned(a))
		offer_candidate(a, a->out->n);
}

/* Has the first N picks tested; *WAIT says by whom. */
static struct xb_err *have_tested(struct admission *a, size_t n, enum xb_wait *wait)
{
	ask_gates(a, n, wait);
	if (*wait == XB_WAIT_GATE)
		return offer_task(a, n);
	if (*wait == XB_WAIT_TESTED)
		offer_candidate(a, n);
	return NULL;
}

/* ---- what is said of it ---- */

/* About the advisories of the picks FROM..TO, or the commit where these have none. */
static struct xb_reason *add_reason(struct admission *a, enum xb_why code, size_t from, size_t to)
{
	struct xb_reason *r = xb_whys_add(&a->out->reasons, code);

	for (size_t i = from; i < to; i++)
		xb_strv_add_all_new(&r->subjects, &a->plan->picks.v[i].advisories);
	if (!r->subjects.n && from < to) {
		XB_AUTOFREE char *id = xb_memdup0(xb_hex(&a->plan->picks.v[to - 1].commit).s, XB_SHORT);

		xb_strv_add(&r->subjects, id);
	}
	return r;
}

/* Where to read of the failure of the first N picks, and by whom it is. A log goes to the result, too. */
static enum xb_wait failure_of(struct admission *a, size_t n, char **log, char **detail)
{
	enum xb_wait by;

	*log = *detail = NULL;
	ask_gates(a, n, &by);
	if (by != XB_WAIT_GATE) {
		*detail = xb_extgate_failure(a->external, xb_plan_tip(a->plan, n));
		return by;
	}
	*log = xb_cmdgate_log(a->command, xb_plan_tip_tree(a->plan, n));
	if (!a->out->gate_log)
		a->out->gate_log = xb_strdup(*log);
	return by;
}

static void say_failed(struct admission *a, const struct xb_choice *c)
{
	size_t at = a->cuts.v[c->failed - 1], from = c->failed > 1 ? a->cuts.v[c->failed - 2] : a->floor;
	struct xb_reason *r = add_reason(a, XB_WHY_SYSTEM_FAILS, from, at);

	a->out->gate_failed = a->out->attention = true;
	r->now = *xb_plan_tip(a->plan, at);
	if (failure_of(a, at, &r->log, &r->detail) != XB_WAIT_GATE)
		return;
	r->code = XB_WHY_GATE_FAILS;
	r->command = xb_advice_retest(a->i->config, a->t->name);
}

/* Parts are tested because the whole, N picks, fails. Where that is over soon, a person is told then. */
static void say_whole_failed(struct admission *a, size_t n)
{
	bool soon = a->out->task.name && a->out->task.due <= a->o->now;
	struct xb_reason *r = add_reason(a, XB_WHY_WHOLE_FAILS, 0, 0);

	failure_of(a, n, &r->log, &r->detail);
	a->out->gate_failed = a->out->attention = !soon;
	if (soon)
		free(XB_STEAL(a->out->gate_log)); /* no result yet, of this or of another test */
}

static void say_tested(struct admission *a, size_t n)
{
	bool system = a->out->wait == XB_WAIT_TESTED;
	struct xb_reason *r = add_reason(a, system ? XB_WHY_AT_SYSTEM : XB_WHY_AT_GATE, a->out->n, a->i->n);
	XB_AUTOFREE char *log = NULL;
	struct xb_cmdgate_known k;

	r->now = *xb_plan_tip(a->plan, n);
	if (system) {
		r->object = xb_strdup(a->external->tested_ref);
		return;
	}
	k = xb_cmdgate_find(a->command, xb_plan_tip_tree(a->plan, n));
	r->tries = k.tries;
	if (!k.tries)
		return;
	r->detail = xb_strdup(k.why ? k.why : "it was cut short");
	r->until = a->out->until = k.due;
	log = xb_cmdgate_log(a->command, xb_plan_tip_tree(a->plan, n));
	if (access(log, F_OK))
		return;
	r->log = xb_strdup(log);
	a->out->gate_log = XB_STEAL(log);
}

static void say_batch(struct admission *a)
{
	struct xb_reason *r =
	    add_reason(a, a->lack.lacks ? XB_WHY_DISCLOSURE : XB_WHY_UNTIL, a->out->n, a->i->n);

	a->out->wait = XB_WAIT_BATCH;
	r->until = a->out->until = a->then;
	if (!a->lack.lacks)
		return;
	r->object = xb_strdup(a->lack.lacks);
	r->detail = xb_strdup(a->lack.advisory);
}

/* ---- the decision ---- */

/* What may be published now, among the cuts that are due. */
static struct xb_err *decide(struct admission *a)
{
	struct xb_cuts due = {.v = a->cuts.v, .n = a->due};
	struct xb_choice c = xb_cuts_choose(&due, ask, a);
	struct xb_admitted *out = a->out;
	enum xb_wait by;

	out->n = c.passed ? a->cuts.v[c.passed - 1] : a->floor;
	out->none = !c.passed && a->no_floor;
	if (c.wanted) {
		XB_TRY(have_tested(a, a->cuts.v[c.wanted - 1], &out->wait));
		say_tested(a, a->cuts.v[c.wanted - 1]);
		if (c.failed)
			say_whole_failed(a, a->cuts.v[a->due - 1]);
	} else if (c.failed) {
		say_failed(a, &c);
		ask_gates(a, a->cuts.v[a->due - 1], &by);
		if (by == XB_WAIT_TESTED) { /* it may be tested again */
			offer_candidate(a, a->cuts.v[a->due - 1]);
			out->wait = XB_WAIT_TESTED;
		}
	}
	return NULL;
}

/* What is not due yet is tested meanwhile, so that it is ready in time, and a failure is known early. */
static struct xb_err *look_ahead(struct admission *a)
{
	struct xb_choice c = xb_cuts_choose(&a->cuts, ask, a);
	struct xb_admitted *out = a->out;
	enum xb_wait by;

	if (a->due == a->cuts.n || out->wait != XB_WAIT_NONE || out->gate_failed)
		return NULL;
	if (c.wanted)
		XB_TRY(have_tested(a, a->cuts.v[c.wanted - 1], &by));
	if (!c.wanted && c.failed && c.passed <= a->due) {
		say_failed(a, &c);
		return NULL;
	}
	say_batch(a);
	if (c.failed)
		say_whole_failed(a, a->i->n);
	return NULL;
}

static struct xb_err *run(struct admission *a)
{
	struct xb_cmdgate_options co = {.config = a->i->config,
					.target = a->t,
					.repo_path = git_repository_path(a->i->repo),
					.now = a->o->now};

	XB_TRY(find_floor(a));
	XB_TRY(xb_extgate_open(a->i->repo, a->i->config, a->t, a->o->dry, &a->external));
	a->out->n = a->i->n;
	if (!a->no_floor && a->floor == a->i->n)
		return NULL; /* nothing new */
	XB_TRY(find_cuts(a));
	XB_TRY(ask_clock(a));
	XB_TRY(ask_disclosures(a));
	XB_TRY(xb_cmdgate_open(&co, &a->command));
	if (a->o->retest)
		XB_TRY(forget(a));
	XB_TRY(decide(a));
	return look_ahead(a);
}

struct xb_err *xb_admit(const struct xb_admit_inputs *in, struct xb_admitted *out)
{
	const struct xb_line_conf *conf = in->plan->target->conf;
	struct admission a = {
	    .i = in, .o = &in->options, .t = in->plan->target, .plan = in->plan, .out = out};
	struct xb_err *err;

	*out = (struct xb_admitted){.n = in->n, .until = XB_NEVER};
	if (a.o->retest && !*conf->gate)
		return xb_err_new(XB_E_USAGE,
				  "there is no command that could test again; a test system's pass counts "
				  "more than its failure");
	if (!*conf->gate && !conf->external && conf->publish.when == XB_PUBLISH_NOW && !*in->config->metadata)
		return NULL;
	err = run(&a);
	for (size_t i = 0; i < xb_metadata_trouble(in->metadata)->n; i++)
		xb_log(XB_WARN, "%s", xb_metadata_trouble(in->metadata)->v[i]);
	if (!err)
		withdraw_candidate(&a);
	xb_cmdgate_free(a.command);
	xb_extgate_free(a.external);
	xb_cuts_release(&a.cuts);
	return err;
}
