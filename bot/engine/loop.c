/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loop.h"

#include "loop-impl.h"
#include "metafetch.h"
#include "pagemaker.h"
#include "judge/judge.h"
#include "judge/pulse.h"
#include "mail/notify.h"
#include "mirror/mirror.h"
#include "mirror/upstream.h"
#include "os/file.h"
#include "os/lock.h"
#include "outbox/send.h"
#include "spool/places.h"
#include "spool/spool.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

enum { SPOOL_MS = 1000 }; /* how often a run that waits looks for events */

/*
 * What modules offer. Each decides by its own files what is due.
 */
typedef struct xb_err *(*task_source)(const struct xb_task_env *env, struct xb_tasks *out);
static const task_source sources[] = {xb_upstream_tasks, xb_mirror_tasks, xb_send_tasks, xb_metadata_tasks,
				      xb_pages_tasks};

static int poll_timeout(int64_t due)
{
	int64_t left = due - xb_now_ms();

	if (due == XB_NEVER)
		return -1;
	return left < 0 ? 0 : (int)xb_min64(left, INT32_MAX);
}

/* ---- making ---- */

struct xb_err *xb_loop_new(const struct xb_loop_options *o, struct xb_loop **out)
{
	int instance = -1;
	struct xb_err *err;
	struct xb_loop *w;

	*out = NULL;
	XB_TRY(xb_places_state(o->config));
	err = xb_lock_take(o->config->state_dir, XB_LOCK_INSTANCE, 0, &instance);
	if (err && (!o->beside || err->code != XB_E_TEMP))
		return err;
	xb_err_free(err);
	w = xb_calloc(1, sizeof *w);
	w->o = *o;
	w->instance = instance;
	w->rehearsals.config = o->config;
	w->children.resident = o->resident;
	w->wake = w->ask = true;
	w->health = !o->n_names;
	w->retry = w->rescan = XB_NEVER;
	w->pulse = 0;
	*out = w;
	return NULL;
}

void xb_loop_free(struct xb_loop *w)
{
	if (!w)
		return;
	xb_loop_pulse(w, false, true);
	xb_children_release(&w->children);
	xb_tasks_release(&w->tasks);
	xb_seen_release(&w->seen);
	xb_notify_free(w->notify); /* what is not flushed counts as not told */
	xb_err_free(w->worst);
	XB_FREE(w->said, w->misconfigured);
	xb_closep(&w->instance);
	free(w);
}

void xb_loop_use(struct xb_loop *w, const struct xb_config *config, const struct xb_rules *rules)
{
	xb_tasks_release(&w->tasks);
	xb_notify_free(w->notify); /* of the old configuration; all is looked at again */
	w->notify = NULL;
	w->o.config = w->rehearsals.config = config;
	w->o.rules = rules;
	xb_seen_forget(&w->seen);
	w->wake = w->ask = true;
}

void xb_loop_misconfigured(struct xb_loop *w, const char *why)
{
	free(w->misconfigured);
	w->misconfigured = why ? xb_strdup(why) : NULL;
	w->health = true;
}

void xb_loop_wake(struct xb_loop *w)
{
	w->wake = true;
}

/* ---- tasks ---- */

/* What is offered, by the modules and by targets: borrowed, but for the array. */
static struct xb_tasks offers(const struct xb_loop *w)
{
	struct xb_tasks all = {0};

	for (size_t i = 0; i < w->tasks.n; i++)
		*XB_PUSH(&all, v, n, cap) = w->tasks.v[i];
	for (size_t i = 0; i < w->seen.n; i++)
		if (w->seen.v[i].report.known && w->seen.v[i].report.r.task.name)
			*XB_PUSH(&all, v, n, cap) = w->seen.v[i].report.r.task;
	return all;
}

static struct xb_task_env task_env(const struct xb_loop *w)
{
	return (struct xb_task_env){.config = w->o.config,
				    .rules = w->o.rules,
				    .state_dir = w->o.config->state_dir,
				    .repo_path = w->o.config->repository,
				    .now = xb_now_s()};
}

static void ask_modules(struct xb_loop *w)
{
	struct xb_task_env env = task_env(w);

	w->ask = false;
	xb_tasks_release(&w->tasks);
	if (w->instance < 0 || w->o.n_names)
		return; /* of the bot, or of the next run */
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
		struct xb_err *err = sources[i](&env, &w->tasks);

		if (err)
			xb_loop_failed(w, err);
	}
}

/* A target's task is used up; what it found out decides when the target is published again. */
static void ended(struct xb_loop *w, const char *name, unsigned after)
{
	for (size_t i = 0; i < w->seen.n; i++) {
		struct xb_seen_target *l = &w->seen.v[i];

		if (!l->report.r.task.name || strcmp(l->report.r.task.name, name) != 0)
			continue;
		xb_task_release(&l->report.r.task);
		l->stale = true;
	}
	w->ask = true; /* its module knows whether there is more */
	w->wake |= (after & XB_AFTER_REFS) != 0;
	w->health |= (after & XB_AFTER_HEALTH) != 0;
}

static void reap(struct xb_loop *w)
{
	struct xb_child_result r;

	while (xb_children_reap(&w->children, &r)) {
		ended(w, r.name, r.after);
		w->attention |= r.attention;
		if (r.err)
			xb_loop_failed(w, XB_STEAL(r.err));
		xb_child_result_release(&r);
	}
}

/* ---- steps ---- */

static bool look_is_due(const struct xb_loop *w)
{
	int64_t now = xb_now_ms();

	return (w->wake && now >= w->rest_until) || (w->notify && now >= w->tell_by) || now >= w->retry ||
	       now >= w->rescan || (w->retry == XB_NEVER && xb_loop_any_due(w) && now >= w->rest_until);
}

static void check_health(struct xb_loop *w)
{
	struct xb_task_env env = task_env(w);

	w->health = false;
	w->ask = true; /* a mail may wait now */
	xb_notify_check_health(&env, w->misconfigured, w->said);
}

void xb_loop_step(struct xb_loop *w)
{
	struct xb_tasks all;

	reap(w);
	w->wake |= xb_rehearsals_reap(&w->rehearsals, &w->seen);
	if (look_is_due(w))
		xb_loop_pass(w);
	if (w->health && !w->notify) /* one of them at a time */
		check_health(w);
	if (w->ask || xb_children_next(&w->children, &w->tasks, xb_now_s()) <= xb_now_ms())
		ask_modules(w);
	all = offers(w);
	xb_children_start(&w->children, &all, xb_now_s(), w->instance);
	free(all.v);
	xb_loop_beat(w);
}

static int64_t next_look(const struct xb_loop *w)
{
	int64_t due = xb_min64(w->retry, w->rescan);

	if (w->wake)
		due = xb_min64(due, w->rest_until);
	if (w->notify)
		due = xb_min64(due, w->tell_by);
	for (size_t i = 0; w->retry == XB_NEVER && i < w->seen.n; i++) {
		const struct xb_seen_target *l = &w->seen.v[i];

		if (l->rehearsal.child)
			continue; /* its end */
		if (l->stale)
			due = xb_min64(due, xb_max64(l->rests, w->rest_until));
		if (!w->o.resident)
			continue;
		due = xb_min64(due, l->retry);
		if (l->report.known && !l->report.error)
			due = xb_min64(due, xb_to_ms(l->report.r.until));
	}
	return due;
}

int64_t xb_loop_due(const struct xb_loop *w)
{
	struct xb_tasks all = offers(w);
	int64_t due = xb_min64(next_look(w), xb_children_next(&w->children, &all, xb_now_s()));

	free(all.v);
	due = xb_min64(due, w->o.resident ? w->pulse : XB_NEVER);
	due = xb_min64(due, xb_rehearsals_deadline(&w->seen));
	return xb_min64(due, xb_children_deadline(&w->children));
}

size_t xb_loop_poll(const struct xb_loop *w, struct pollfd *p)
{
	size_t n = xb_children_poll(&w->children, p);

	return n + xb_rehearsals_poll(&w->seen, p + n);
}

static bool needs_a_look(const struct xb_seen_target *l)
{
	const struct xb_publish_result *r = &l->report.r;

	return l->report.known && (r->blocked || r->gate_failed || r->stray || r->what == XB_PUBLISHED_HELD);
}

/* A configuration by which there is nothing to do, whatever is pushed, is a mistaken one. */
static bool serves_nothing(const struct xb_loop *w)
{
	for (size_t i = 0; i < w->seen.n; i++)
		if (!w->seen.v[i].report.known || w->seen.v[i].report.error ||
		    w->seen.v[i].report.r.what != XB_PUBLISHED_NOTHING)
			return false;
	return true;
}

static bool person_should_look(const struct xb_loop *w)
{
	bool yes = w->attention || serves_nothing(w);

	for (size_t i = 0; i < w->seen.n; i++)
		yes |= needs_a_look(&w->seen.v[i]);
	return yes;
}

char *xb_loop_words(const struct xb_loop *w)
{
	XB_AUTOSTRV struct xb_strv names = {0};
	XB_AUTOFREE char *all = NULL;

	if (w->said)
		return xb_asprintf("the look at the repository fails: %s", w->said);
	for (size_t i = 0; i < w->seen.n; i++)
		if (w->seen.v[i].report.error || needs_a_look(&w->seen.v[i]))
			xb_strv_add(&names, w->seen.v[i].target.name);
	all = xb_strv_join(&names, ", ");
	if (!names.n)
		return xb_asprintf("%zu branch%s, nothing to look at", w->seen.n, w->seen.n == 1 ? "" : "es");
	return xb_asprintf("%zu branch%s, of which %zu need%s a look: %s", w->seen.n,
			   w->seen.n == 1 ? "" : "es", names.n, names.n == 1 ? "s" : "", all);
}

/* The bot that works beside us pushes and reports what moved. */
static struct xb_err *tell_bot(const struct xb_loop *w)
{
	struct xb_err *err;

	if (w->instance >= 0)
		return NULL;
	err = xb_spool_post(w->o.config->spool);
	return xb_err_allow(err, XB_E_NOTFOUND); /* it has no spool yet: it is about to look at everything */
}

/* A run that waits for a slow test keeps others from running: then it does what they would. */
static void wake_for_events(struct xb_loop *w)
{
	bool any = false;

	if (!w->o.n_names)
		xb_err_free(xb_spool_any_new(w->o.config->spool, &any)); /* that fails: the next run looks */
	w->wake |= any;
}

struct xb_err *xb_loop_finish(struct xb_loop *w, bool *attention)
{
	struct pollfd p[XB_LOOP_FDS];

	for (xb_loop_step(w); w->children.n || w->rehearsals.n || xb_loop_due(w) <= xb_now_ms();
	     xb_loop_step(w)) {
		int64_t due = xb_min64(xb_loop_due(w), xb_now_ms() + SPOOL_MS);

		poll(p, (nfds_t)xb_loop_poll(w, p), poll_timeout(due));
		wake_for_events(w);
	}
	*attention |= person_should_look(w);
	XB_TRY(XB_STEAL(w->worst));
	return tell_bot(w);
}

/* Of the wall clock; XB_NEVER is no time to tell. */
static int64_t retry_at(const struct xb_loop *w)
{
	return !w->o.resident || w->retry == XB_NEVER ? 0
						      : xb_now_s() + (w->retry - xb_now_ms() + 999) / 1000;
}

/* For those who may not read what mirrors and the outbox keep; as that takes long, with signs of life alone.
 */
static void take_queues(const struct xb_loop *w, json_t **mirrors, json_t **mail)
{
	struct xb_task_env env = {.config = w->o.config,
				  .rules = w->o.rules,
				  .state_dir = w->o.config->state_dir,
				  .repo_path = w->o.config->repository,
				  .now = xb_now_s()};

	xb_err_free(xb_judge_mirrors(&env, mirrors)); /* then it is not told */
	xb_err_free(xb_judge_mail(w->o.config, mail));
}

void xb_loop_pulse(struct xb_loop *w, bool looked, bool ended)
{
	struct xb_pulse p = {.resident = w->o.resident,
			     .ended = ended,
			     .looked = looked,
			     .common = &w->seen.common,
			     .rescan = w->o.config->rescan,
			     .error = w->said,
			     .retry = w->said ? retry_at(w) : 0,
			     .misconfigured = w->misconfigured};
	bool due = xb_now_ms() >= w->pulse || ended;

	if (w->instance < 0 || w->o.n_names)
		return; /* a person's command beside the bot */
	if (due)
		take_queues(w, &p.mirrors, &p.mail);
	xb_pulse_write(w->o.config->state_dir, &p);
	if (due)
		w->pulse = w->o.resident ? xb_now_ms() + XB_PULSE_S * 1000 : XB_NEVER;
	json_decref(p.mirrors);
	json_decref(p.mail);
}

void xb_loop_beat(struct xb_loop *w)
{
	if (w->o.alive)
		w->o.alive(w->o.data);
	if (w->o.resident && xb_now_ms() >= w->pulse)
		xb_loop_pulse(w, false, false);
}
