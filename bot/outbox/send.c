/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "send.h"

#include "outbox.h"
#include "sender.h"
#include "config/config.h"
#include "os/file.h"
#include "os/log.h"
#include "text/json.h"
#include "util/alloc.h"

#include <jansson.h>
#include <string.h>
#include <time.h>

enum {
	PACE_MAX = 1 << 20, /* bytes */
	MINUTE = 60,
	HOUR = 3600,
	BACKOFF_MAX = HOUR,
	AGE_MAX = 5 * 24 * HOUR,
	PASS_SECONDS = 900, /* one message after the other; the rest is the next pass's */
	PASS_MARGIN = 60,
	SLOW = 3, /* timeouts that one message may take: sending, and leaving twice */
};

/* STATE/outbox/pace: what was sent within the last hour, and whether anything can be sent at all. */
struct pace {
	int64_t *v; /* times, oldest first */
	size_t n, cap;
	unsigned tries; /* in vain, since the way out is closed */
	int64_t next;
};

static char *pace_path(const char *state_dir)
{
	return xb_asprintf("%s/outbox/pace", state_dir);
}

/* One that is not there, or can't be read, is an empty one: it only spreads the sending. */
static void pace_read(const char *state_dir, int64_t now, struct pace *p)
{
	XB_AUTOFREE char *path = pace_path(state_dir);
	XB_AUTOJSON json_t *o = NULL;
	const json_t *sent;

	xb_err_free(xb_json_read(path, PACE_MAX, XB_JSON_SILENT, &o));
	sent = json_object_get(o, "sent");
	for (size_t i = 0; i < json_array_size(sent); i++) {
		int64_t t = json_integer_value(json_array_get(sent, i));

		if (t > now - HOUR && t <= now)
			*XB_PUSH(p, v, n, cap) = t;
	}
	p->tries = (unsigned)xb_json_num(o, "tries");
	p->next = xb_json_num(o, "next");
}

static struct xb_err *pace_write(const char *state_dir, const struct pace *p)
{
	XB_AUTOFREE char *path = pace_path(state_dir);
	json_t *o = json_object(), *sent = json_array();
	XB_AUTOFREE char *text = NULL;

	for (size_t i = 0; i < p->n; i++)
		json_array_append_new(sent, json_integer(p->v[i]));
	json_object_set_new(o, "sent", sent);
	json_object_set_new(o, "tries", json_integer(p->tries));
	json_object_set_new(o, "next", json_integer(p->next));
	text = xb_json_dump(o, JSON_COMPACT);
	json_decref(o);
	return xb_file_write(path, text, strlen(text), 0640);
}

static int64_t backoff(const char *name, unsigned tries)
{
	return xb_backoff(MINUTE, BACKOFF_MAX, tries, xb_backoff_seed(name));
}

/* A time too far ahead is of a clock that was put back. */
static int64_t due_at(int64_t next, int64_t now)
{
	return next > now + BACKOFF_MAX + BACKOFF_MAX / 4 ? now : next;
}

/* ---- one message ---- */

struct pass {
	const char *state_dir;
	const struct xb_mail_conf *c;
	struct pace pace;
	bool attention;
};

static struct xb_err *done(struct pass *p, struct xb_outbox_entry *e)
{
	p->pace.tries = 0;
	p->pace.next = 0;
	if (e->news)
		*XB_PUSH(&p->pace, v, n, cap) = xb_now_s();
	xb_log(XB_INFO, "mail: to %s: %s", e->to, e->subject);
	XB_TRY(xb_outbox_remove(p->state_dir, e));
	return pace_write(p->state_dir, &p->pace);
}

static struct xb_err *give_up(struct pass *p, struct xb_outbox_entry *e)
{
	p->attention = true;
	xb_log(XB_ERROR, "mail: to %s: given up: %s; see xsabot outbox", e->to, e->error);
	return xb_outbox_give_up(p->state_dir, e);
}

static struct xb_err *all_wait(struct pass *p, const struct xb_outbox_entry *e, enum xb_level level)
{
	p->pace.tries++;
	p->pace.next = xb_now_s() + backoff("", p->pace.tries);
	xb_log(level, "mail: cannot be sent by %s: %s; it stays in the outbox", p->c->transport, e->error);
	return pace_write(p->state_dir, &p->pace);
}

/* Sends E, which is due. *GO_ON false: the rest need not be tried. */
static struct xb_err *send_one(struct pass *p, struct xb_outbox_entry *e, bool *go_on)
{
	enum xb_sent sent;
	char *why = NULL;

	e->tries++;
	e->next = xb_now_s() + backoff(e->name, e->tries);
	free(e->error);
	e->error = xb_strdup("the last try was cut short");
	XB_TRY(xb_outbox_update(p->state_dir, e));
	sent = xb_sender_send(p->c, e, &why);
	if (sent == XB_SENT_DONE)
		return done(p, e);
	free(e->error);
	e->error = why;
	if (sent == XB_SENT_NEVER)
		return give_up(p, e);
	if (sent == XB_SENT_DOWN || sent == XB_SENT_CONFIG) {
		*go_on = false;
		XB_TRY(all_wait(p, e, sent == XB_SENT_CONFIG ? XB_ERROR : XB_WARN));
	} else {
		xb_log(XB_WARN, "mail: to %s: %s; it will be tried again", e->to, e->error);
	}
	if (e->queued + AGE_MAX < xb_now_s())
		return give_up(p, e);
	return xb_outbox_update(p->state_dir, e);
}

/* ---- all ---- */

/* Those that are due, of one kind. */
static struct xb_err *send_kind(struct pass *p, struct xb_outbox_entries *all, bool news, int64_t end,
				bool *go_on)
{
	int64_t now = xb_now_s();

	for (size_t i = 0; i < all->n && *go_on && xb_now_ms() < end; i++) {
		struct xb_outbox_entry *e = &all->v[i];

		if (e->failed || e->news != news || due_at(e->next, now) > now)
			continue;
		if (news && p->pace.n >= p->c->cap)
			break;
		XB_TRY(send_one(p, e, go_on));
	}
	return NULL;
}

/* What needs a person first; no number of announcements holds it back. */
static struct xb_err *send_due(struct pass *p, struct xb_outbox_entries *all)
{
	int64_t end =
	    xb_now_ms() + INT64_C(1000) * (PASS_SECONDS - PASS_MARGIN) - (int64_t)p->c->timeout * SLOW * 1000;
	bool go_on = true;

	XB_TRY(send_kind(p, all, false, end, &go_on));
	return send_kind(p, all, true, end, &go_on);
}

/* Mail that can't be sent is no failure of a run. */
static struct xb_err *only_said(struct xb_err *err)
{
	xb_log_err(XB_ERROR, "mail: ", err);
	return NULL;
}

struct mailing {
	char *state_dir;
	const struct xb_mail_conf *c;
};

static struct xb_err *send_all(const void *data, bool *attention)
{
	const struct mailing *w = data;
	struct pass p = {.state_dir = w->state_dir, .c = w->c};
	struct xb_outbox_entries all = {0};
	int64_t now = xb_now_s();
	struct xb_err *err;

	pace_read(p.state_dir, now, &p.pace);
	err = xb_outbox_list(p.state_dir, &all);
	if (!err)
		err = send_due(&p, &all);
	*attention |= p.attention;
	xb_outbox_entries_release(&all);
	free(p.pace.v);
	return only_said(err);
}

static void mailing_free(void *data)
{
	struct mailing *w = data;

	XB_FREE(w->state_dir, w);
}

/* When news may go on; 0: now. */
static int64_t cap_until(const struct pace *p, unsigned cap)
{
	return p->n >= cap ? p->v[p->n - cap] + HOUR : 0;
}

/* When the next message may go: XB_NEVER without one. */
static int64_t next_due(const struct xb_task_env *env, const struct xb_outbox_entries *all)
{
	struct pace p = {0};
	int64_t due = XB_NEVER, from, capped;

	pace_read(env->state_dir, env->now, &p);
	from = due_at(p.next, env->now);
	capped = xb_max64(from, cap_until(&p, env->config->mail.cap));
	for (size_t i = 0; i < all->n; i++) {
		int64_t next = due_at(all->v[i].next, env->now);

		if (!all->v[i].failed)
			due = xb_min64(due, xb_max64(next, all->v[i].news ? capped : from));
	}
	free(p.v);
	return due;
}

int64_t xb_send_capped_until(const char *state_dir, const struct xb_mail_conf *c)
{
	struct pace p = {0};
	int64_t until;

	pace_read(state_dir, xb_now_s(), &p);
	until = cap_until(&p, c->cap);
	free(p.v);
	return until;
}

struct xb_err *xb_send_tasks(const struct xb_task_env *env, struct xb_tasks *out)
{
	struct xb_outbox_entries all = {0};
	struct xb_err *err;
	int64_t due;

	if (!env->config->mail.on)
		return NULL;
	err = xb_outbox_list(env->state_dir, &all);
	due = err ? XB_NEVER : next_due(env, &all);
	if (due != XB_NEVER) {
		struct mailing *w = xb_calloc(1, sizeof *w);

		*w = (struct mailing){xb_strdup(env->state_dir), &env->config->mail};
		*XB_PUSH(out, v, n, cap) = (struct xb_task){.name = xb_strdup("mail"),
							    .kind = "mail",
							    .due = due,
							    .seconds = PASS_SECONDS,
							    .work = send_all,
							    .data = w,
							    .free_data = mailing_free};
	}
	xb_outbox_entries_release(&all);
	return only_said(err);
}

struct xb_err *xb_send_wake(const char *state_dir)
{
	struct pace p = {0};
	struct xb_err *err;

	pace_read(state_dir, xb_now_s(), &p);
	p.tries = 0;
	p.next = 0;
	err = pace_write(state_dir, &p);
	free(p.v);
	return err;
}
