/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Both ends of the way from a hook to a bot on another host. */
#include "stay.h"

#include "spool/relay.h"
#include "engine/children.h"
#include "os/file.h"
#include "os/lock.h"
#include "os/log.h"
#include "spool/spool.h"
#include "util/alloc.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_RETRY_MS = 2000, LAST_RETRY_MS = 10 * 60 * 1000 };

struct relaying {
	struct xb_stay stay;
	const struct xb_config *config; /* of its environment */
	struct xb_child *child;         /* NULL: none runs */
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

static struct xb_err *start_child(struct relaying *r)
{
	XB_AUTO(xb_task_release)
	struct xb_task c = {.name = xb_strdup("relay"),
			    .kind = "relay",
			    .seconds = XB_RELAY_SECONDS,
			    .work = send_events,
			    .data = &r->config};

	return xb_child_start(&c, r->lock, &r->child);
}

static struct xb_err *end_child(struct relaying *r)
{
	bool attention = false;

	return xb_child_end(XB_STEAL(r->child), &attention);
}

static void child_failed(struct relaying *r, struct xb_err *err)
{
	r->retry = xb_now_ms() + xb_backoff(FIRST_RETRY_MS, LAST_RETRY_MS, ++r->failures, 0);
	if (!r->said || strcmp(r->said, err->msg) != 0)
		xb_log(err->code == XB_E_TEMP ? XB_WARN : XB_ERROR, "%s; the events are kept", err->msg);
	free(r->said);
	r->said = xb_strdup(err->msg);
	xb_err_free(err);
}

static void child_done(struct relaying *r)
{
	struct xb_err *err = end_child(r);

	if (err) {
		child_failed(r, err);
		return;
	}
	r->failures = 0;
	free(XB_STEAL(r->said));
	r->wake = true; /* more may have come meanwhile */
}

/* While it backs off, further events change nothing. */
static struct xb_err *begin(struct relaying *r)
{
	bool any;

	if (r->child || (r->failures && xb_now_ms() < r->retry) || (!r->wake && xb_now_ms() < r->retry))
		return NULL;
	r->wake = false;
	r->retry = xb_now_ms() + (int64_t)r->config->rescan * 1000;
	XB_TRY(xb_spool_any(r->config->spool, &any));
	return any ? start_child(r) : NULL;
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

	r->config = r->stay.env->config;
	r->wake = true;
	r->failures = 0;
	free(XB_STEAL(r->said));
}

static void wake(void *data)
{
	struct relaying *r = data;

	r->wake = true;
}

static void step(void *data)
{
	struct relaying *r = data;
	struct xb_err *err;

	if (r->child && (xb_child_expire(r->child, xb_now_ms()) || xb_child_ended(r->child)))
		child_done(r);
	err = begin(r);
	if (err)
		child_failed(r, err);
}

static size_t descriptors(const void *data, struct pollfd *p)
{
	const struct relaying *r = data;

	*p = (struct pollfd){.fd = r->child ? r->child->pidfd : -1, .events = POLLIN};
	return 1;
}

static int64_t due(const void *data)
{
	const struct relaying *r = data;

	return r->child ? r->child->deadline : r->retry;
}

static struct xb_err *stay(struct relaying *r)
{
	XB_AUTOFREE char *what = xb_asprintf("%s for %s", r->config->spool, r->config->relay.host);

	XB_TRY(xb_stay_begin(&r->stay));
	xb_stay(&r->stay, what);
	return NULL;
}

static struct xb_err *send_once(struct relaying *r)
{
	XB_TRY(start_child(r));
	return end_child(r);
}

struct xb_err *xb_cmd_relay(struct xb_env *env, bool *attention)
{
	static const struct xb_stay_ops ops = {
	    .check = check_host, .use = use, .wake = wake, .step = step, .poll = descriptors, .due = due};
	struct relaying r = {.stay = {.env = env, .ops = &ops, .data = &r},
			     .config = env->config,
			     .lock = -1,
			     .wake = true,
			     .retry = XB_NEVER};
	struct xb_err *err = check_host(env->config);

	(void)attention;
	if (!err)
		err = xb_lock_take(env->config->state_dir, XB_LOCK_INSTANCE, 0, &r.lock);
	if (!err)
		err = env->o.once ? send_once(&r) : stay(&r);
	if (r.child)
		xb_child_kill(r.child);
	xb_stay_end(&r.stay);
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
