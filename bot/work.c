/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "work.h"

#include "git.h"
#include "lock.h"
#include "look.h"
#include "mail/health.h"
#include "mail/notify.h"
#include "mail/send.h"
#include "mirror.h"
#include "session.h"
#include "spool.h"
#include "status.h"
#include "upstream.h"
#include "util/alloc.h"
#include "util/file.h"
#include "util/log.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	REST_MIN_MS = 10,
	REST_MAX_MS = 1000,
	LOCK_WAIT_MS = 60000, /* of a person's command, for the bot */
	SPOOL_MS = 1000,      /* how often a run that waits looks for events */
	FIRST_RETRY_MS = 50,
	LAST_RETRY_MS = 15 * 60 * 1000,
};

struct xb_work {
	struct xb_work_options o;
	int instance; /* the lock; -1: beside a bot */
	struct xb_looks looks;
	struct xb_jobs jobs;
	struct xb_chores chores; /* what the modules offered last */
	bool wake, ask;          /* look at the refs; ask the modules */
	bool health;             /* a mirror was visited, or the upstream, or time has passed */
	char *misconfigured;     /* why the configuration is not that of the file; NULL: it is */
	int64_t rest_until;      /* milliseconds: no look before */
	int64_t retry, rescan;   /* milliseconds, or XB_NEVER */
	unsigned failures;       /* of looks, in a row */
	struct xb_err *worst;
	bool attention; /* a chore said so */
	char *said;     /* the last failure of a look, not to be logged again */
};

/*
 * What modules offer. Each decides by its own files what is due.
 */
typedef struct xb_err *(*chore_source)(const struct xb_chore_env *env, struct xb_chores *out);
static const chore_source sources[] = {xb_upstream_chores, xb_mirror_chores, xb_outbox_chores};

static int64_t now_s(void)
{
	return (int64_t)time(NULL);
}

static int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t max64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int xb_poll_timeout(int64_t due)
{
	int64_t left = due - xb_now_ms();

	if (due == XB_NEVER)
		return -1;
	return left < 0 ? 0 : (int)min64(left, INT32_MAX);
}

/* A time in seconds since 1970 as one of CLOCK_MONOTONIC. */
static int64_t to_ms(int64_t seconds)
{
	int64_t left = seconds - now_s();

	if (seconds == XB_NEVER || left > INT32_MAX)
		return XB_NEVER;
	return xb_now_ms() + (left > 0 ? left * 1000 : 0);
}

/* ---- making ---- */

struct xb_err *xb_work_new(const struct xb_work_options *o, struct xb_work **out)
{
	int instance = -1;
	struct xb_err *err = xb_lock_take(o->config->state_dir, XB_LOCK_INSTANCE, 0, &instance);
	struct xb_work *w;

	*out = NULL;
	if (err && (!o->beside || err->code != XB_E_TEMP))
		return err;
	xb_err_free(err);
	w = xb_calloc(1, sizeof *w);
	w->o = *o;
	w->instance = instance;
	w->jobs.resident = o->resident;
	w->wake = w->ask = true;
	w->retry = w->rescan = XB_NEVER;
	*out = w;
	return NULL;
}

void xb_work_free(struct xb_work *w)
{
	if (!w)
		return;
	xb_jobs_release(&w->jobs);
	xb_chores_release(&w->chores);
	xb_looks_release(&w->looks);
	xb_err_free(w->worst);
	free(w->said);
	free(w->misconfigured);
	xb_closep(&w->instance);
	free(w);
}

void xb_work_use(struct xb_work *w, const struct xb_config *config, const struct xb_rules *rules)
{
	xb_chores_release(&w->chores);
	w->o.config = config;
	w->o.rules = rules;
	xb_looks_forget(&w->looks);
	w->wake = w->ask = true;
}

void xb_work_misconfigured(struct xb_work *w, const char *why)
{
	free(w->misconfigured);
	w->misconfigured = why ? xb_strdup(why) : NULL;
	w->health = true;
}

void xb_work_wake(struct xb_work *w)
{
	w->wake = true;
}

/* ---- failures ---- */

/* In a run that ends the first one is its result; all others are logged. */
static void keep_or_log(struct xb_work *w, struct xb_err *err)
{
	if (!w->o.resident && !w->worst) {
		w->worst = err;
		return;
	}
	xb_log(err->code == XB_E_TEMP || err->code == XB_E_MOVED ? XB_WARN : XB_ERROR, "%s", err->msg);
	xb_err_free(err);
}

static void look_failed(struct xb_work *w, struct xb_err *err)
{
	int64_t wait = FIRST_RETRY_MS;

	for (unsigned i = 0; i < w->failures && wait < LAST_RETRY_MS; i++)
		wait *= 2;
	w->failures++;
	w->retry = xb_now_ms() + min64(wait, LAST_RETRY_MS);
	w->looks.known = false;
	/* A person's command has the lock, most likely: not worth a word at once. */
	if (w->o.resident &&
	    ((err->code == XB_E_TEMP && w->failures < 8) || (w->said && !strcmp(w->said, err->msg)))) {
		xb_err_free(err);
		return;
	}
	free(w->said);
	w->said = xb_strdup(err->msg);
	keep_or_log(w, err);
}

/* ---- looking ---- */

static bool is_due(const struct xb_work *w, const struct xb_look *l)
{
	if (l->stale)
		return true;
	return w->o.resident && (l->retry <= xb_now_ms() ||
				 (!l->report.error && l->report.known && l->report.r.until <= now_s()));
}

/* For the mail about what fails for long. */
static void note_health(struct xb_session *s, const char *target, const struct xb_err *err)
{
	XB_AUTOFREE char *what = xb_asprintf("the work on %s", target);

	xb_notify_health(s->notify, what, err ? err->msg : NULL);
}

static void publish(struct xb_work *w, struct xb_session *s, const struct xb_refview *view, struct xb_look *l)
{
	struct xb_publish_options o = w->o.publish;
	struct xb_publish_result r = {0};
	struct xb_session_target at = {0};
	struct xb_err *err;

	o.now = now_s();
	err = xb_session_publish(s, l->name, &o, w->o.adopt, &r, &at);
	note_health(s, l->name, err);
	if (r.until <= o.now)
		r.until = o.now + 60; /* it has come, and yet there is something to wait for */
	if (!err)
		err = xb_look_done(l, s->repo, view, at.target, &r, o.now);
	if (!err) {
		w->o.tell(w->o.data, at.target, &l->report.r, l->report.news);
		l->retry = min64(l->retry, to_ms(max64(xb_notify_due(s->notify, l->name), o.now + 60)));
	} else {
		xb_look_failed(l, view, err, o.now);
		if (l->report.news || !w->o.resident)
			keep_or_log(w, err);
		else
			xb_err_free(err);
	}
	xb_publish_result_release(&r);
	xb_session_target_release(&at);
}

static struct xb_err *find(struct xb_work *w, git_repository *repo, struct xb_refview *view)
{
	struct xb_targets targets = {0};
	struct xb_err *err = xb_targets_find(repo, w->o.config, w->o.names, w->o.n_names, NULL, &targets);

	if (!err)
		err = xb_looks_sync(&w->looks, &targets, view);
	xb_targets_release(&targets);
	return err;
}

static bool any_due(const struct xb_work *w)
{
	for (size_t i = 0; i < w->looks.n; i++)
		if (is_due(w, &w->looks.v[i]))
			return true;
	return false;
}

/* What can't be written is found and told again by the next look: no failure of this one. */
static void mail(struct xb_session *s)
{
	struct xb_err *err = xb_notify_flush(s->notify);

	if (err)
		xb_log(XB_ERROR, "mail: %s", err->msg);
	xb_err_free(err);
	xb_notify_free(s->notify);
	s->notify = NULL;
}

static struct xb_err *publish_due(struct xb_work *w, git_repository *repo, struct xb_refview *view,
				  bool find_all)
{
	struct xb_session s = {.repo = repo,
			       .config = w->o.config,
			       .rules = w->o.rules,
			       .wait_ms = w->o.beside ? LOCK_WAIT_MS : 0};

	XB_TRY(xb_session_open(&s));
	if (find_all) {
		struct xb_err *err = find(w, repo, view);

		if (err) {
			xb_session_close(&s);
			return err;
		}
	}
	s.notify = xb_notify_new(w->o.config, w->o.config->state_dir, now_s());
	for (size_t i = 0; i < w->looks.n && !(w->o.ending && w->o.ending(w->o.data)); i++)
		if (is_due(w, &w->looks.v[i]))
			publish(w, &s, view, &w->looks.v[i]);
	mail(&s);
	xb_session_close(&s);
	return NULL;
}

static struct xb_err *look_at(struct xb_work *w, git_repository *repo)
{
	struct xb_refview view = {0};
	bool find_all = false;
	struct xb_err *err = xb_refview_read(repo, &view);

	if (!err)
		err = xb_looks_compare(&w->looks, &view, &find_all);
	if (!err && (find_all || any_due(w)))
		err = publish_due(w, repo, &view, find_all);
	xb_refview_release(&view);
	return err;
}

/* Opened anew each time, a repository never shows packs that were repacked meanwhile. */
static struct xb_err *look_fresh(struct xb_work *w)
{
	XB_AUTOGIT(git_repository) *repo = NULL;

	if (w->o.repo)
		return look_at(w, w->o.repo);
	XB_TRY(xb_git_open(w->o.config->repository, XB_GIT_AGAIN, &repo));
	return look_at(w, repo);
}

/* The events only say that something may have changed; once it was looked at, they have done their work. */
static struct xb_err *look_and_drain(struct xb_work *w)
{
	XB_AUTOBATCH struct xb_spool_batch batch = {0};
	struct xb_spool *spool = NULL;
	struct xb_err *err = xb_spool_open(w->o.config->spool, true, &spool);

	if (!err)
		err = xb_spool_drain(spool, &batch);
	if (!err) {
		xb_log(XB_DEBUG, "spool: %zu events, %zu unreadable", batch.events, batch.bad);
		if (batch.events)
			err = xb_upstream_wake(w->o.config); /* the push may have been there */
	}
	if (!err)
		err = look_fresh(w);
	if (!err)
		err = xb_spool_done(spool, &batch);
	if (!err && batch.more)
		w->wake = true;
	xb_spool_free(spool);
	return err;
}

/* After a look the bot rests for as long as that took: a burst of pushes becomes few looks, a push alone
 * waits for none. */
static void rest(struct xb_work *w, int64_t began)
{
	int64_t now = xb_now_ms(), took = now - began;

	if (!w->o.resident)
		return;
	took = took < REST_MIN_MS ? REST_MIN_MS : took;
	w->rest_until = now + min64(took, REST_MAX_MS);
	malloc_trim(0); /* a plan may have needed much, and the next one is perhaps far */
}

static void look(struct xb_work *w)
{
	int64_t began = xb_now_ms();
	struct xb_err *err;

	w->wake = false;
	w->health |= began >= w->rescan;
	w->retry = XB_NEVER;
	err = w->o.n_names ? look_fresh(w) : look_and_drain(w);
	w->ask = true;
	if (err) {
		look_failed(w, err);
	} else {
		w->failures = 0;
		free(XB_STEAL(w->said));
	}
	xb_log(XB_DEBUG, "looked, in %lld ms", (long long)(xb_now_ms() - began));
	w->rescan = w->o.resident ? xb_now_ms() + (int64_t)w->o.config->rescan * 1000 : XB_NEVER;
	xb_status_write(w->o.config->state_dir, &w->looks, w->o.n_names != 0);
	rest(w, began);
}

/* ---- chores ---- */

/* What is offered, by the modules and by targets: borrowed, but for the array. */
static struct xb_chores offers(const struct xb_work *w)
{
	struct xb_chores all = {0};

	for (size_t i = 0; i < w->chores.n; i++)
		*XB_PUSH(&all, v, n, cap) = w->chores.v[i];
	for (size_t i = 0; i < w->looks.n; i++)
		if (w->looks.v[i].report.known && w->looks.v[i].report.r.chore.name)
			*XB_PUSH(&all, v, n, cap) = w->looks.v[i].report.r.chore;
	return all;
}

static struct xb_chore_env chore_env(const struct xb_work *w)
{
	return (struct xb_chore_env){.config = w->o.config,
				     .rules = w->o.rules,
				     .state_dir = w->o.config->state_dir,
				     .repo_path = w->o.config->repository,
				     .now = now_s()};
}

static void ask_modules(struct xb_work *w)
{
	struct xb_chore_env env = chore_env(w);

	w->ask = false;
	xb_chores_release(&w->chores);
	if (w->instance < 0 || w->o.n_names)
		return; /* of the bot, or of the next run */
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
		struct xb_err *err = sources[i](&env, &w->chores);

		if (err)
			keep_or_log(w, err);
	}
}

/* A target's chore is used up; what it found out decides when the target is published again. */
static void ended(struct xb_work *w, const char *name)
{
	for (size_t i = 0; i < w->looks.n; i++) {
		struct xb_look *l = &w->looks.v[i];

		if (!l->report.r.chore.name || strcmp(l->report.r.chore.name, name) != 0)
			continue;
		xb_chore_release(&l->report.r.chore);
		l->stale = true;
	}
	w->wake = w->ask = true; /* it may have fetched, or pushed */
	w->health |= !strncmp(name, "mirror ", 7) || !strncmp(name, "upstream", 8);
}

static void reap(struct xb_work *w)
{
	struct xb_job_result r;

	while (xb_jobs_reap(&w->jobs, &r)) {
		ended(w, r.name);
		w->attention |= r.attention;
		if (r.err)
			keep_or_log(w, XB_STEAL(r.err));
		xb_job_result_release(&r);
	}
}

/* ---- steps ---- */

static bool look_is_due(const struct xb_work *w)
{
	int64_t now = xb_now_ms();

	return (w->wake && now >= w->rest_until) || now >= w->retry || now >= w->rescan ||
	       (w->retry == XB_NEVER && any_due(w) && now >= w->rest_until);
}

static void check_health(struct xb_work *w)
{
	struct xb_chore_env env = chore_env(w);

	w->health = false;
	w->ask = true; /* a mail may wait now */
	xb_health_check(&env, w->misconfigured);
}

void xb_work_step(struct xb_work *w)
{
	struct xb_chores all;

	reap(w);
	if (look_is_due(w))
		look(w);
	if (w->health)
		check_health(w);
	if (w->ask || xb_jobs_next(&w->jobs, &w->chores, now_s()) <= xb_now_ms())
		ask_modules(w);
	all = offers(w);
	xb_jobs_start(&w->jobs, &all, now_s(), w->instance);
	free(all.v);
}

static int64_t next_look(const struct xb_work *w)
{
	int64_t due = min64(w->retry, w->rescan);

	if (w->wake)
		due = min64(due, w->rest_until);
	for (size_t i = 0; w->retry == XB_NEVER && i < w->looks.n; i++) {
		const struct xb_look *l = &w->looks.v[i];

		if (l->stale)
			due = min64(due, w->rest_until);
		if (!w->o.resident)
			continue;
		due = min64(due, l->retry);
		if (l->report.known && !l->report.error)
			due = min64(due, to_ms(l->report.r.until));
	}
	return due;
}

int64_t xb_work_due(const struct xb_work *w)
{
	struct xb_chores all = offers(w);
	int64_t due = min64(next_look(w), xb_jobs_next(&w->jobs, &all, now_s()));

	free(all.v);
	return min64(due, xb_jobs_deadline(&w->jobs));
}

size_t xb_work_poll(const struct xb_work *w, struct pollfd *p)
{
	return xb_jobs_poll(&w->jobs, p);
}

static bool person_should_look(const struct xb_work *w)
{
	bool yes = w->attention;

	for (size_t i = 0; i < w->looks.n; i++) {
		const struct xb_publish_result *r = &w->looks.v[i].report.r;

		yes |= w->looks.v[i].report.known &&
		       (r->blocked || r->gate_failed || r->what == XB_PUBLISHED_HELD);
	}
	return yes;
}

/* The bot that works beside us pushes and reports what moved. */
static struct xb_err *tell_bot(const struct xb_work *w)
{
	struct xb_err *err;

	if (w->instance >= 0)
		return NULL;
	err = xb_spool_post(w->o.config->spool, XB_SPOOL_RESCAN, strlen(XB_SPOOL_RESCAN));
	if (err && err->code == XB_E_NOTFOUND) {
		xb_err_free(err); /* it has no spool yet: it is about to look at everything */
		err = NULL;
	}
	return err;
}

/* A run that waits for a slow test keeps others from running: then it does what they would. */
static void wake_for_events(struct xb_work *w)
{
	bool any = false;

	if (!w->o.n_names)
		xb_err_free(xb_spool_any_new(w->o.config->spool, &any)); /* that fails: the next run looks */
	w->wake |= any;
}

struct xb_err *xb_work_finish(struct xb_work *w, bool *attention)
{
	struct pollfd p[XB_JOBS_MAX];
	struct xb_err *err;

	for (xb_work_step(w); w->jobs.n || xb_work_due(w) <= xb_now_ms(); xb_work_step(w)) {
		int64_t due = min64(xb_work_due(w), xb_now_ms() + SPOOL_MS);

		poll(p, (nfds_t)xb_work_poll(w, p), xb_poll_timeout(due));
		wake_for_events(w);
	}
	*attention |= person_should_look(w);
	err = XB_STEAL(w->worst);
	if (!err)
		err = tell_bot(w);
	return err;
}
