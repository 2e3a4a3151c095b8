/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mirrors and mail, from the files that they keep or, for whom these are closed, from the bot's last word. */
#include "judge.h"

#include "mirror/mirror.h"
#include "os/clock.h"
#include "outbox/outbox.h"
#include "plan/plan-json.h"
#include "text/json.h"
#include "util/alloc.h"

#include <string.h>
#include <unistd.h>

enum {
	MAIL_LATE_S = 3600,
	MIRROR_LATE_S = 900, /* what is tried again hourly in the end has failed some times by then */
};

static json_t *time_or_null(int64_t t)
{
	return t && t != XB_NEVER ? json_integer(t) : json_null();
}

static json_t *mirror(const struct xb_mirror_status *s, int64_t now)
{
	static const char *const states[] = {[XB_MIRROR_GOOD] = "good",
					     [XB_MIRROR_BEHIND] = "behind",
					     [XB_MIRROR_TROUBLE] = "trouble",
					     [XB_MIRROR_CLOSED] = "closed"};
	XB_AUTOFREE char *line = xb_mirror_line(s, now);
	json_t *o = json_object();

	xb_json_text(o, "name", s->name);
	xb_json_text(o, "url", s->url);
	xb_json_text(o, "state", states[s->state]);
	json_object_set_new(o, "refs", json_integer((json_int_t)s->refs));
	json_object_set_new(o, "missing", json_integer((json_int_t)s->missing));
	json_object_set_new(o, "not_judged", json_integer((json_int_t)s->not_judged));
	json_object_set_new(o, "commits", json_integer((json_int_t)s->commits));
	json_object_set_new(o, "since", time_or_null(s->since));
	json_object_set_new(o, "looked", time_or_null(s->looked));
	json_object_set_new(o, "retry", time_or_null(s->retry));
	xb_json_text(o, "why", s->why);
	xb_json_text(o, "text", line);
	return o;
}

struct xb_err *xb_judge_mirrors(const struct xb_task_env *env, json_t **out)
{
	struct xb_mirror_statuses all = {0};
	struct xb_err *err = xb_mirror_summary(env, NULL, 0, &all);

	*out = NULL;
	if (err)
		return err;
	*out = json_array();
	for (size_t i = 0; i < all.n; i++)
		json_array_append_new(*out, mirror(&all.v[i], env->now));
	xb_mirror_statuses_release(&all);
	return NULL;
}

struct xb_err *xb_judge_mail(const struct xb_config *c, json_t **out)
{
	struct xb_outbox_summary s = {0};
	struct xb_err *err = c->mail.on ? xb_outbox_summary(c->state_dir, &s) : NULL;

	*out = NULL;
	if (!err && c->mail.on) {
		*out = json_object();
		json_object_set_new(*out, "waiting", json_integer((json_int_t)s.waiting));
		json_object_set_new(*out, "failed", json_integer((json_int_t)s.failed));
		json_object_set_new(*out, "oldest", time_or_null(s.waiting ? s.oldest : 0));
		xb_json_text(*out, "error", s.error);
	}
	xb_outbox_summary_release(&s);
	return err;
}

/* ---- into the report ---- */

static bool may_read(const struct xb_judge *j, const char *sub)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s", j->env.state_dir, sub);

	return !access(path, R_OK | X_OK) || access(j->env.state_dir, R_OK) == 0;
}

/* What the bot said itself; it may be nothing. */
static json_t *from_pulse(struct xb_judge *j, const char *key)
{
	json_t *said = json_object_get(j->pulse, key);

	if (json_is_null(said) || !said) {
		xb_judge_unknown(j, "%s: this account may not read what the bot keeps of it", key);
		return json_null();
	}
	return json_incref(said);
}

static json_t *take(struct xb_judge *j, const char *key, struct xb_err *err, json_t *value)
{
	if (!err)
		return value ? value : json_null();
	xb_judge_trouble(j, key, NULL, 0, "%s", err->msg);
	xb_err_free(err);
	return json_null();
}

static json_t *mirrors_of(struct xb_judge *j)
{
	json_t *v = NULL;
	struct xb_err *err;

	if (j->env.config->mirrors.n + (j->env.config->upstream != NULL) == 0)
		return json_array();
	if (!may_read(j, "published"))
		return from_pulse(j, "mirrors");
	err = xb_judge_mirrors(&j->env, &v);
	return take(j, "mirror", err, v);
}

static json_t *mail_of(struct xb_judge *j)
{
	json_t *v = NULL;
	struct xb_err *err;

	if (!j->env.config->mail.on)
		return json_null();
	if (!may_read(j, "outbox"))
		return from_pulse(j, "mail");
	err = xb_judge_mail(j->env.config, &v);
	return take(j, "mail", err, v);
}

static void judge_mail(struct xb_judge *j, const json_t *mail)
{
	int64_t oldest = xb_json_num(mail, "oldest");
	long long failed = xb_json_num(mail, "failed");
	long long waiting = xb_json_num(mail, "waiting");
	const char *error = xb_json_str(mail, "error");
	const char *said = error && *error ? error : "";

	if (failed)
		xb_judge_trouble(j, "mail", NULL, 0, "%lld mail%s given up%s%s; see xsabot outbox", failed,
				 failed == 1 ? " was" : "s were", *said ? ": " : "", said);
	if (oldest && j->env.now - oldest > MAIL_LATE_S) {
		XB_AUTOFREE char *at = xb_time_text(oldest);

		xb_judge_trouble(j, "mail", NULL, oldest,
				 "%lld mail%s, the oldest since %s%s%s; see xsabot outbox", waiting,
				 waiting == 1 ? " waits" : "s wait", at, *said ? ": " : "", said);
	}
}

void xb_judge_queues(struct xb_judge *j)
{
	json_t *mirrors = mirrors_of(j), *mail = mail_of(j), *one;
	size_t i;

	json_object_set_new(j->report, "mirrors", mirrors);
	json_object_set_new(j->report, "mail", mail);
	json_array_foreach(mirrors, i, one)
	{
		const char *state = xb_json_str(one, "state");
		int64_t since = xb_json_num(one, "since");
		bool late = since && j->env.now - since > MIRROR_LATE_S;

		if (state && (!strcmp(state, "trouble") || (late && !strcmp(state, "behind"))))
			xb_judge_trouble(j, "mirror", xb_json_str(one, "name"), xb_json_num(one, "since"),
					 "%s", xb_json_str(one, "text"));
	}
	judge_mail(j, mail);
}
