/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Both ends of the way from a hook to a bot on another host. */
#include "cmd.h"

#include "spool/places.h"
#include "spool/relay.h"
#include "spool/spool.h"
#include "util/alloc.h"
#include "util/file.h"
#include "util/lock.h"
#include "util/log.h"
#include "engine/jobs.h"
#include "engine/waker.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_RETRY_MS = 2000, LAST_RETRY_MS = 10 * 60 * 1000 };

struct relaying {
	struct xb_env *env;
	const struct xb_config *config; /* of ENV */
	struct xb_waker *waker;
	struct xb_job *job; /* NULL: none runs */
	int lock;
	bool wake;
	unsigned failures; /* in a row */
	int64_t retry;     /* milliseconds; XB_NEVER */
	char *said;        /* the last failure, not to be logged again */
};

static struct xb_err *send_events(const void *data, bool *attention)
{
	const struct xb_config *const *c = data;
	size_t sent;
	struct xb_err *err = xb_relay_send(*c, &sent);

	(void)attention;
	if (sent)
		xb_log(XB_INFO, "%zu event%s to %s", sent, sent == 1 ? "" : "s", (*c)->relay.host);
	return err;
}

static struct xb_err *start_job(struct relaying *r)
{
	struct xb_chore c = {.name = xb_strdup("relay"),
			     .kind = "relay",
			     .seconds = XB_RELAY_SECONDS,
			     .work = send_events,
			     .data = &r->config};
	struct xb_err *err = xb_job_start(&c, r->lock, &r->job);

	xb_chore_release(&c);
	return err;
}

static struct xb_err *end_job(struct relaying *r)
{
	bool attention = false;

	return xb_job_end(XB_STEAL(r->job), &attention);
}

static void job_failed(struct relaying *r, struct xb_err *err)
{
	r->retry = xb_now_ms() + xb_backoff(FIRST_RETRY_MS, LAST_RETRY_MS, ++r->failures, 0);
	if (!r->said || strcmp(r->said, err->msg) != 0)
		xb_log(err->code == XB_E_TEMP ? XB_WARN : XB_ERROR, "%s; the events are kept", err->msg);
	free(r->said);
	r->said = xb_strdup(err->msg);
	xb_err_free(err);
}

static void job_done(struct relaying *r)
{
	struct xb_err *err = end_job(r);

	if (err) {
		job_failed(r, err);
		return;
	}
	r->failures = 0;
	free(XB_STEAL(r->said));
	r->wake = true; /* more may have come meanwhile */
}

/* Whatever happened to the directory, or to its name in the configuration. */
static struct xb_err *watch_spool(struct relaying *r)
{
	XB_AUTOFREE char *dir = xb_asprintf("%s/new", r->config->spool);
	struct xb_spool *s;

	if (xb_waker_watches(r->waker, dir))
		return NULL;
	XB_TRY(xb_places_of(r->config));
	XB_TRY(xb_spool_open(r->config->spool, false, &s));
	xb_spool_free(s);
	r->wake = true;
	return xb_waker_watch(r->waker, dir);
}

/* While it backs off, further events change nothing. */
static struct xb_err *begin(struct relaying *r)
{
	bool any;

	if (r->job || (r->failures && xb_now_ms() < r->retry) || (!r->wake && xb_now_ms() < r->retry))
		return NULL;
	r->wake = false;
	r->retry = xb_now_ms() + (int64_t)r->config->rescan * 1000;
	XB_TRY(xb_spool_any(r->config->spool, &any));
	return any ? start_job(r) : NULL;
}

static struct xb_err *check(const struct xb_config *c)
{
	if (!c->spool || !c->state_dir)
		return xb_err_new(XB_E_USAGE,
				  "which repository? Give -C REPO, or -c FILE with [repository] path");
	return NULL;
}

static struct xb_err *check_host(const struct xb_config *c)
{
	XB_TRY(check(c));
	return *c->relay.host ? NULL : xb_err_new(XB_E_CONFIG, "where to? [relay] host names the bot's host");
}

/* Another host, or key, may do what failed before. A call under way goes on with the old ones. */
static void use(void *data)
{
	struct relaying *r = data;

	r->config = r->env->config;
	r->wake = true;
	r->failures = 0;
	free(XB_STEAL(r->said));
}

static void reload(struct relaying *r)
{
	struct xb_reload again = {check_host, use, r};

	xb_err_free(xb_reload(r->env, &again)); /* it was logged, and the old one goes on */
}

static void turn(struct relaying *r)
{
	struct pollfd p = {.fd = r->job ? r->job->pidfd : -1, .events = POLLIN};
	XB_AUTOERR struct xb_err *lost = watch_spool(r);
	struct xb_err *err;
	unsigned woken;

	if (lost)
		xb_log(XB_WARN, "%s", lost->msg);
	err = begin(r);
	if (err)
		job_failed(r, err);
	p.fd = r->job ? r->job->pidfd : -1;
	woken = xb_waker_wait(r->waker, &p, 1, r->job ? r->job->deadline : r->retry);
	if (woken & XB_WOKEN_FILE)
		r->wake = true;
	if (woken & XB_WOKEN_RELOAD)
		reload(r);
	if (r->job && (xb_job_expire(r->job, xb_now_ms()) || xb_job_ended(r->job)))
		job_done(r);
}

static struct xb_err *stay(struct relaying *r)
{
	XB_TRY(xb_waker_new(&r->waker));
	XB_TRY(watch_spool(r));
	xb_log(XB_INFO, "watching %s for %s", r->config->spool, r->config->relay.host);
	xb_waker_tell("READY=1");
	while (!xb_waker_ending())
		turn(r);
	xb_waker_tell("STOPPING=1");
	return NULL;
}

static struct xb_err *send_once(struct relaying *r)
{
	XB_TRY(start_job(r));
	return end_job(r);
}

struct xb_err *xb_cmd_relay(struct xb_env *env, bool *attention)
{
	struct relaying r = {.env = env, .config = env->config, .lock = -1, .retry = XB_NEVER};
	struct xb_err *err = check_host(env->config);

	(void)attention;
	if (!err)
		err = xb_lock_take(env->config->state_dir, XB_LOCK_INSTANCE, 0, &r.lock);
	if (!err)
		err = env->o.once ? send_once(&r) : stay(&r);
	if (r.job)
		xb_job_kill(r.job);
	xb_waker_free(r.waker);
	free(r.said);
	xb_closep(&r.lock);
	return err;
}

struct xb_err *xb_cmd_receive_event(struct xb_env *env, bool *attention)
{
	(void)attention;
	XB_TRY(check(env->config));
	XB_TRY(xb_relay_receive(env->config, STDIN_FILENO));
	puts("ok");
	return NULL;
}
