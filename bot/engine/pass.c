/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loop-impl.h"

#include "judge/status.h"
#include "mail/notify.h"
#include "mirror/upstream.h"
#include "os/log.h"
#include "repo/git.h"
#include "spool/install.h"
#include "spool/places.h"
#include "spool/spool.h"
#include "state/ledger.h"
#include "state/retire.h"
#include "target/session.h"
#include "util/alloc.h"
#include "words/advice.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

enum {
	REST_MIN_MS = 10,
	REST_MAX_MS = 1000,
	LOCK_WAIT_MS = 60000, /* of a person's command, for the bot */
	PASS_MS = 200,        /* of a pass, for targets to which nobody pushed */
	SLOW_MS = 500,        /* a publication that takes longer is followed by a rest */
	SLOW_REST = 50,       /* times as long */
	FIRST_RETRY_MS = 50,
	LAST_RETRY_MS = 15 * 60 * 1000,
	MAIL_RETRY_MS = 60 * 1000,
	TELL_MS = 15 * 1000, /* what several passes find is one mail, if they don't take longer */
	RULES_RETRY_MS = 60 * 1000,
};

/* ---- failures ---- */

void xb_loop_failed(struct xb_loop *w, struct xb_err *err)
{
	if (!w->o.resident && !w->worst) {
		w->worst = err;
		return;
	}
	xb_log(err->code == XB_E_TEMP || err->code == XB_E_MOVED ? XB_WARN : XB_ERROR, "%s", err->msg);
	xb_err_free(err);
}

static void look_failed(struct xb_loop *w, struct xb_err *err)
{
	w->retry = xb_now_ms() + xb_backoff(FIRST_RETRY_MS, LAST_RETRY_MS, ++w->failures, 0);
	w->seen.known = false;
	/* A person's command has the lock, most likely: not worth a word at once. */
	if (w->o.resident &&
	    ((err->code == XB_E_TEMP && w->failures < 8) || (w->said && !strcmp(w->said, err->msg)))) {
		xb_err_free(err);
		return;
	}
	free(w->said);
	w->said = xb_strdup(err->msg);
	w->health = true;
	xb_loop_failed(w, err);
}

/* ---- looking ---- */

static bool is_due(const struct xb_loop *w, const struct xb_seen_target *l)
{
	if (l->rehearsal.child || (w->o.resident && l->rests > xb_now_ms()))
		return false;
	if (l->stale)
		return true;
	return w->o.resident && (l->retry <= xb_now_ms() ||
				 (!l->report.error && l->report.known && l->report.r.until <= xb_now_s()));
}

/* For the mail about what fails for long. */
static void note_health(struct xb_loop *w, const char *target, const struct xb_err *err)
{
	XB_AUTOFREE char *what = xb_asprintf("the work on %s", target);

	xb_notify_health(w->notify, what, err ? err->msg : NULL);
}

static void publish(struct xb_loop *w, struct xb_session *s, const struct xb_refview *view,
		    struct xb_seen_target *l)
{
	struct xb_publish_options o = w->o.publish;
	struct xb_publish_result r = {0};
	struct xb_session_target at = {0};
	struct xb_err *err;

	o.now = xb_now_s();
	o.retest &= !l->report.known; /* once: the test that follows counts */
	err =
	    xb_session_publish(s, l->target.name, &o, w->o.adopt, w->o.resident ? &l->memory : NULL, &r, &at);
	note_health(w, l->target.name, err);
	if (r.until <= o.now)
		r.until = o.now + 60; /* it has come, and yet there is something to wait for */
	if (!err)
		err = xb_seen_done(l, s->repo, view, at.target, &r, o.now);
	if (!err) {
		w->o.tell(w->o.data, at.target, &l->report.r, l->report.news);
		l->retry = xb_min64(l->retry,
				    xb_to_ms(xb_max64(xb_notify_due(w->notify, l->target.name), o.now + 60)));
	} else {
		xb_seen_failed(l, view, err, o.now);
		if (l->report.news || !w->o.resident)
			xb_loop_failed(w, err);
		else
			xb_err_free(err);
	}
	xb_publish_result_release(&r);
	xb_session_target_release(&at);
}

/* For the update hook; without it, a push to one of our refs is held instead. */
static void protect(const struct xb_config *c, const struct xb_targets *targets)
{
	xb_log_err(XB_WARN, "", xb_protect_write(c, targets));
}

/* For clones: no branch waits for it. */
static void publish_rules(struct xb_loop *w, struct xb_session *s, const struct xb_targets *targets)
{
	struct xb_err *err = xb_session_publish_rules(s, targets);

	if (!err)
		return;
	xb_loop_failed(w, err);
	w->find = true;
	w->retry = xb_now_ms() + RULES_RETRY_MS;
}

/* One of the ledger that nothing moves any more: said once, as what is held is. */
static struct xb_err *tell_left(struct xb_loop *w, const struct xb_session *s, struct xb_notify *n,
				const char *name)
{
	XB_AUTO(xb_publish_result_release)
	struct xb_publish_result r = {.what = XB_PUBLISHED_HELD, .until = XB_NEVER};
	struct xb_publish_inputs in = {
	    .repo = s->repo, .config = w->o.config, .rules = w->o.rules, .metadata = s->metadata};
	XB_AUTO(xb_state_release) struct xb_state state = {0};
	XB_AUTO(xb_past_target_release) struct xb_target t = {0};
	struct xb_publish_facts facts = {.in = &in, .state = &state, .result = &r};
	bool known = false;

	XB_TRY(xb_ledger_read(w->o.config->state_dir, name, &state, &known));
	if (known)
		XB_TRY(xb_past_target(s->repo, w->o.config, name, &state, &t));
	if (known) {
		struct xb_reason *why = xb_whys_add(&r.reasons, XB_WHY_LEFT_OUT);

		in.target = &t;
		why->object = xb_strdup(t.derived_ref);
		why->command = xb_advice_retire(w->o.config, name);
		r.why = xb_whys_line(&r.reasons);
		xb_log(XB_WARN, "%s: %s", name, r.why);
		xb_notify_target(n, &facts);
	}
	return NULL;
}

/* What was published of lines that are no targets any more, and have not come to their end. */
static void tell_all_left(struct xb_loop *w, const struct xb_session *s, const struct xb_targets *targets)
{
	struct xb_notify *n = xb_notify_new(w->o.config, w->o.config->state_dir, xb_now_s());
	XB_AUTOSTRV struct xb_strv names = {0};
	struct xb_err *err = xb_ledger_left(w->o.config, targets, &names);

	for (size_t i = 0; !err && i < names.n; i++)
		err = tell_left(w, s, n, names.v[i]);
	if (!err)
		err = xb_notify_flush(n);
	xb_notify_free(n);
	xb_log_err(XB_WARN, "", err); /* the next look for targets tries again */
}

static struct xb_err *find(struct xb_loop *w, struct xb_session *s, git_repository *repo,
			   struct xb_refview *view)
{
	XB_AUTO(xb_targets_release) struct xb_targets targets = {0};

	XB_TRY(xb_targets_find(repo, w->o.config, w->o.names, w->o.n_names, NULL, &targets));
	XB_TRY(xb_seen_sync(&w->seen, &targets, view));
	if (!w->o.n_names) {
		protect(w->o.config, &targets);
		publish_rules(w, s, &targets);
		tell_all_left(w, s, &targets);
	}
	return NULL;
}

bool xb_loop_any_due(const struct xb_loop *w)
{
	for (size_t i = 0; i < w->seen.n; i++)
		if (is_due(w, &w->seen.v[i]))
			return true;
	return false;
}

static bool plans_are_made(const struct xb_loop *w)
{
	for (size_t i = 0; i < w->seen.n; i++)
		if (w->seen.v[i].rehearsal.child)
			return true;
	return false;
}

/*
 * What can't be made or written counts as not told, and is no failure of this look: the targets are looked at
 * again.
 */
static void mail(struct xb_loop *w)
{
	struct xb_err *err;

	/* The end of one wakes us, and what is due is for the next pass. */
	if ((plans_are_made(w) || (w->o.resident && xb_loop_any_due(w))) && xb_now_ms() < w->tell_by)
		return;
	err = xb_notify_flush(w->notify);

	if (err)
		xb_log(XB_ERROR, "mail: %s; it is tried again", err->msg);
	for (size_t i = 0; err && i < w->seen.n; i++)
		w->seen.v[i].retry = xb_min64(w->seen.v[i].retry, xb_now_ms() + MAIL_RETRY_MS);
	xb_err_free(err);
	xb_notify_free(w->notify);
	w->notify = NULL;
}

static bool is_due_for(const void *data, const struct xb_seen_target *l)
{
	return is_due(data, l);
}

/* In a child first, so that no target can stop the others; what a person asks for is waited for anyway. */
static void rehearse(struct xb_loop *w, const struct xb_session *s, const struct xb_refview *view)
{
	struct xb_rehearsals *r = &w->rehearsals;

	if (w->o.n_names)
		return;
	r->config = w->o.config;
	r->rules = w->o.rules;
	r->repo = s->repo;
	r->metadata = s->metadata;
	r->instance = w->instance;
	r->lock = s->lock;
	xb_rehearse(r, &w->seen, view, is_due_for, w);
}

static void refuse(struct xb_loop *w, const struct xb_refview *view, struct xb_seen_target *l)
{
	struct xb_err *err =
	    xb_err_new(XB_E_HOSTILE, "%s: %s; nothing is published, and the other lines go on",
		       l->target.name, l->rehearsal.over);

	note_health(w, l->target.name, err);
	xb_seen_failed(l, view, err, xb_now_s());
	xb_rehearsal_release(&l->rehearsal); /* the next time, anew */
	if (l->report.news || !w->o.resident)
		xb_loop_failed(w, err);
	else
		xb_err_free(err);
}

/* Milliseconds of the processor; a wait for somebody's lock is none. */
static int64_t cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* One that takes long, though less than the limit, is looked at so seldom that the others don't notice. */
static void publish_timed(struct xb_loop *w, struct xb_session *s, const struct xb_refview *view,
			  struct xb_seen_target *l)
{
	int64_t took = -cpu_ms();

	publish(w, s, view, l);
	took += cpu_ms();
	l->rests = took < SLOW_MS ? 0 : xb_now_ms() + xb_min64(SLOW_REST * took, LAST_RETRY_MS);
}

static void publish_one(struct xb_loop *w, struct xb_session *s, const struct xb_refview *view,
			struct xb_seen_target *l)
{
	if (w->o.n_names || xb_rehearsed(&w->seen, l, view))
		publish_timed(w, s, view, l);
	else if (l->rehearsal.over)
		refuse(w, view, l);
	else
		l->stale = true; /* its turn comes */
}

/*
 * Those that were pushed to, or the others; of these as many as a push may wait for, and the next pass goes
 * on: all are due when the bot begins.
 */
static void publish_these(struct xb_loop *w, struct xb_session *s, const struct xb_refview *view, bool pushed)
{
	int64_t until = xb_now_ms() + PASS_MS;

	for (size_t i = 0; i < w->seen.n && !(w->o.ending && w->o.ending(w->o.data)); i++) {
		struct xb_seen_target *l = &w->seen.v[i];

		if (l->pushed != pushed || !is_due(w, l))
			continue;
		if (w->o.resident && !pushed && xb_now_ms() > until)
			return;
		publish_one(w, s, view, l);
		xb_loop_beat(w);
	}
}

static struct xb_err *publish_due(struct xb_loop *w, git_repository *repo, struct xb_refview *view,
				  bool find_all)
{
	struct xb_session s = {.repo = repo,
			       .config = w->o.config,
			       .rules = w->o.rules,
			       .wait_ms = w->o.beside ? LOCK_WAIT_MS : 0};
	struct xb_publish_listener listener;

	XB_TRY(xb_session_open(&s));
	if (find_all) {
		w->find = false;
		struct xb_err *err = find(w, &s, repo, view);

		if (err) {
			xb_session_close(&s);
			return err;
		}
	}
	rehearse(w, &s, view);
	if (!w->notify) {
		w->notify = xb_notify_new(w->o.config, w->o.config->state_dir, xb_now_s());
		w->tell_by = xb_now_ms() + TELL_MS;
	}
	listener = xb_notify_listener(w->notify);
	s.listener = &listener;
	publish_these(w, &s, view, true);
	publish_these(w, &s, view, false);
	mail(w);
	xb_session_close(&s);
	return NULL;
}

static struct xb_err *look_at(struct xb_loop *w, git_repository *repo)
{
	struct xb_refview view = {0};
	bool find_all = false;
	struct xb_err *err = xb_refview_read(repo, &view);

	if (!err)
		err = xb_seen_compare(&w->seen, &view, &find_all);
	find_all |= w->find;
	if (!err && (find_all || w->notify || xb_loop_any_due(w)))
		err = publish_due(w, repo, &view, find_all);
	xb_refview_release(&view);
	return err;
}

/* Opened anew each time, a repository never shows packs that were repacked meanwhile. */
static struct xb_err *look_fresh(struct xb_loop *w)
{
	XB_AUTOGIT(git_repository) *repo = NULL;

	if (w->o.repo)
		return look_at(w, w->o.repo);
	XB_TRY(xb_git_open(w->o.config->repository, XB_GIT_AGAIN, &repo));
	return look_at(w, repo);
}

/* The events only say that something may have changed; once it was looked at, they have done their work. */
static struct xb_err *look_and_drain(struct xb_loop *w)
{
	XB_AUTOBATCH struct xb_spool_batch batch = {0};
	struct xb_spool *spool = NULL;
	struct xb_err *err = xb_places_of(w->o.config);

	if (!err)
		err = xb_spool_open(w->o.config->spool, false, &spool);
	if (!err)
		err = xb_spool_drain(spool, &batch);
	if (!err) {
		xb_log(XB_DEBUG, "spool: %zu events", batch.files.n);
		if (batch.files.n)
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

static bool are_all_known(const struct xb_loop *w)
{
	for (size_t i = 0; i < w->seen.n; i++)
		if (!w->seen.v[i].report.known)
			return false;
	return true;
}

/* Was one left for the next pass? */
static bool is_any_ready(const struct xb_loop *w)
{
	for (size_t i = 0; i < w->seen.n; i++)
		if (is_due(w, &w->seen.v[i]) && !w->seen.v[i].report.known)
			return true;
	return false;
}

/* After a pass the bot rests for as long as that took: a burst of pushes becomes few passes, a push alone
 * waits for none. */
static void rest(struct xb_loop *w, int64_t began)
{
	int64_t now = xb_now_ms(), took = now - began;

	if (!w->o.resident)
		return;
	took = took < REST_MIN_MS || is_any_ready(w) ? REST_MIN_MS : took;
	w->rest_until = now + xb_min64(took, REST_MAX_MS);
	malloc_trim(0); /* a plan may have needed much, and the next one is perhaps far */
}

void xb_loop_pass(struct xb_loop *w)
{
	int64_t began = xb_now_ms();
	struct xb_err *err;
	bool good;

	w->wake = false;
	w->health |= began >= w->rescan;
	w->retry = XB_NEVER;
	err = w->o.n_names ? look_fresh(w) : look_and_drain(w);
	w->ask = true;
	good = !err;
	if (err) {
		look_failed(w, err);
	} else {
		w->failures = 0;
		w->health |= w->said != NULL;
		free(XB_STEAL(w->said));
	}
	xb_log(XB_DEBUG, "looked, in %lld ms%s", (long long)(xb_now_ms() - began),
	       are_all_known(w) ? "" : ", and goes on");
	w->rescan = w->o.resident ? xb_now_ms() + (int64_t)w->o.config->rescan * 1000 : XB_NEVER;
	xb_status_write(w->o.config->state_dir, &w->seen, w->o.n_names != 0);
	xb_loop_pulse(w, good, false);
	rest(w, began);
}
