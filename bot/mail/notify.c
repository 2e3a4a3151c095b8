/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "notify.h"

#include "what.h"
#include "words.h"
#include "config/config.h"
#include "mirror/mirror.h"
#include "mirror/upstream.h"
#include "os/file.h"
#include "os/lock.h"
#include "os/log.h"
#include "outbox/sender.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <inttypes.h>
#include <string.h>

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

/* What is collected about one target. */
struct told {
	struct xb_known known;
	struct xb_notices notices;
};

struct xb_notify {
	const struct xb_config *c;
	char *state_dir;
	int64_t now;
	struct xb_known_file known;
	struct xb_err *broken; /* there is no outbox, or what is known can't be read: nothing can be told */
	struct {
		struct told *v;
		size_t n, cap;
	} all;
	struct told health;
	struct xb_err *failed; /* the first mail that could not be made */
};

static void told_release(struct told *t)
{
	xb_known_release(&t->known);
	xb_notices_release(&t->notices);
}

/* ---- targets ---- */

/* A file that can't be read now was written by an earlier begin, and has T in it where T is not new. */
struct xb_err *xb_notify_begin(struct xb_notify *n, const struct xb_target *t)
{
	struct xb_known k = {0};
	struct xb_err *err;

	if (!n || t->window)
		return NULL;
	err = xb_known_refresh(&n->known);
	if (!err) {
		xb_known_get(&n->known, t->name, &k);
		if (!*k.announced) {
			xb_known_put_text(&k.announced, xb_hex(&t->state).s);
			xb_known_set(&n->known, &k);
			err = xb_known_save(&n->known);
		}
		xb_known_release(&k);
	} else if (!git_oid_is_zero(&t->state)) {
		xb_err_free(XB_STEAL(err));
	}
	return err ? xb_err_wrap(err, "mail: what is published by now can't be noted") : NULL;
}

/* Takes ERR; the first is the flush's. */
static void note_failed(struct xb_notify *n, struct xb_err *err)
{
	if (!n->failed)
		n->failed = err;
	else
		xb_err_free(err);
}

void xb_notify_target(struct xb_notify *n, const struct xb_publish_facts *facts)
{
	struct told t = {0}, *to = NULL;
	struct xb_err *err;

	if (!n || facts->in->options.dry || facts->in->target->window)
		return;
	err = xb_known_refresh(&n->known);
	if (!err) {
		xb_known_get(&n->known, facts->in->target->name, &t.known);
		err = xb_what_look(n->c, facts, n->now, &t.known, &t.notices);
	}
	if (err) {
		note_failed(n, xb_err_wrap(err, "%s: no mail could be made", facts->in->target->name));
		told_release(&t);
		return;
	}
	for (size_t i = 0; i < n->all.n && !to; i++)
		if (!strcmp(n->all.v[i].known.target, t.known.target))
			to = &n->all.v[i];
	if (to)
		told_release(to);
	else
		to = XB_PUSH(&n->all, v, n, cap);
	*to = t;
}

int64_t xb_notify_due(const struct xb_notify *n, const char *target)
{
	int64_t due = XB_NEVER;

	for (size_t i = 0; n && n->c->mail.remind && i < n->all.n; i++) {
		const struct xb_known *k = &n->all.v[i].known;

		for (size_t m = 0; !strcmp(k->target, target) && m < k->matters.n; m++)
			if (k->matters.v[m].mailed + (int64_t)n->c->mail.remind < due)
				due = k->matters.v[m].mailed + (int64_t)n->c->mail.remind;
	}
	return due;
}

/* ---- what fails for long ---- */

/* In the largest unit of which there are two or more. */
static char *failing_for(int64_t s)
{
	const struct {
		const char *name;
		int64_t size;
	} units[] = {{"days", DAY}, {"hours", HOUR}, {"minutes", MINUTE}, {"seconds", 1}};
	size_t u = 0;

	while (units[u].size > 1 && s < 2 * units[u].size)
		u++;
	return s < 2 ? xb_strdup("failing")
		     : xb_asprintf("failing for %" PRId64 " %s", s / units[u].size, units[u].name);
}

static struct xb_err *tell_failing(struct xb_notify *n, struct xb_known_matter *m, const char *template,
				   const char *status, const char *why)
{
	struct xb_what w = {.c = n->c, .now = n->now, .k = &n->health.known, .out = &n->health.notices};
	XB_AUTOFREE char *state = xb_asprintf("%s %lld", status, (long long)m->since);
	XB_AUTOFREE char *last = xb_strdup(n->health.known.last);
	XB_AUTOFIELDS struct xb_fields f = {0};

	w.last = last;
	xb_field_set(&f, "what", xb_vis_dup(m->what));
	xb_field_set(&f, "why", why ? xb_words_safe(why) : NULL);
	xb_field_set(&f, "summary", failing_for(n->now - m->since));
	xb_what_since(&f, m);
	return xb_what_tell(&w, &(struct xb_what_telling){template, status, m->key, state, m, false}, &f,
			    NULL);
}

void xb_notify_health(struct xb_notify *n, const char *what, const char *why)
{
	struct xb_known_matter *m = n ? xb_known_find(&n->health.known, what) : NULL;
	struct xb_err *err = NULL;

	if (!n || (!why && !m))
		return;
	if (!m) {
		m = xb_known_add(&n->health.known, what);
		m->since = n->now;
		xb_known_put_text(&m->what, what);
	}
	if (why && !m->mailed && n->now - m->since >= (int64_t)n->c->mail.failing)
		err = tell_failing(n, m, "failing", "FAILING", why);
	if (!why && m->mailed)
		err = tell_failing(n, m, "working", "RESOLVED", NULL);
	if (!why && !err)
		xb_known_remove(&n->health.known, what);
	if (err)
		note_failed(n, xb_err_wrap(err, "no mail could be made"));
}

/* ---- the collector ---- */

struct xb_notify *xb_notify_new(const struct xb_config *c, const char *state_dir, int64_t now)
{
	struct xb_notify *n;

	if (!c->mail.on)
		return NULL;
	n = xb_calloc(1, sizeof *n);
	*n = (struct xb_notify){.c = c, .state_dir = xb_strdup(state_dir), .now = now};
	n->broken = xb_known_open(state_dir, &n->known);
	if (!n->broken)
		n->broken = xb_outbox_make(state_dir);
	if (!n->broken)
		n->broken = xb_known_take_over(&n->known);
	xb_known_get(&n->known, "", &n->health.known);
	return n;
}

void xb_notify_free(struct xb_notify *n)
{
	if (!n)
		return;
	for (size_t i = 0; i < n->all.n; i++)
		told_release(&n->all.v[i]);
	free(n->all.v);
	told_release(&n->health);
	xb_known_file_release(&n->known);
	xb_err_free(n->broken);
	xb_err_free(n->failed);
	XB_FREE(n->state_dir, n);
}

/* Moves the notices of FROM to the end of TO. */
static void gather(struct xb_notices *from, struct xb_notices *to)
{
	for (size_t i = 0; i < from->n; i++)
		*XB_PUSH(to, v, n, cap) = from->v[i];
	from->n = 0;
}

static void note_digest(struct xb_notify *n, const struct xb_notice *notice, const char *digest)
{
	for (size_t i = 0; i < n->all.n; i++) {
		struct xb_known *k = &n->all.v[i].known;
		char **root = notice->announce ? &k->announce_root : &k->to_root;
		struct xb_known_matter *m = xb_known_find(k, notice->key);

		if (strcmp(k->target, notice->target) != 0)
			continue;
		if (!strcmp(*root, notice->id))
			xb_known_put_text(root, "");
		if (m)
			xb_known_put_text(&m->digest, digest);
	}
}

static struct xb_err *put_mails(struct xb_notify *n, const struct xb_notices *notices)
{
	struct xb_letters posts = {0};
	struct xb_err *err = NULL;

	xb_letters_make(n->c, notices, &posts);
	for (size_t i = 0; i < posts.n && !err; i++) {
		struct xb_outbox_entry e = {0};

		err = xb_letters_entry(n->c, notices, &posts.v[i], n->now, &e);
		if (!err)
			err = xb_outbox_put(n->state_dir, &e);
		xb_outbox_entry_release(&e);
		for (size_t k = 0; k < posts.v[i].n && *posts.v[i].digest; k++)
			note_digest(n, &notices->v[posts.v[i].v[k]], posts.v[i].digest);
	}
	xb_letters_release(&posts);
	return err;
}

/* Another process may have told of other targets meanwhile: that is kept. */
static struct xb_err *save_known(struct xb_notify *n)
{
	bool changed;

	XB_TRY(xb_known_refresh(&n->known));
	changed = xb_known_set(&n->known, &n->health.known);
	for (size_t i = 0; i < n->all.n; i++)
		changed |= xb_known_set(&n->known, &n->all.v[i].known);
	return changed ? xb_known_save(&n->known) : NULL;
}

struct xb_err *xb_notify_flush(struct xb_notify *n)
{
	struct xb_notices notices = {0};
	struct xb_err *err;

	if (!n)
		return NULL;
	if (n->broken)
		return xb_err_new(n->broken->code, "%s", n->broken->msg);
	for (size_t i = 0; i < n->all.n; i++)
		gather(&n->all.v[i].notices, &notices);
	gather(&n->health.notices, &notices);
	err = put_mails(n, &notices);
	if (!err)
		err = save_known(n);
	xb_notices_release(&notices);
	for (size_t i = 0; i < n->all.n; i++)
		told_release(&n->all.v[i]);
	n->all.n = 0;
	return err ? err : XB_STEAL(n->failed);
}

static struct xb_err *begin(void *data, const struct xb_target *t)
{
	return xb_notify_begin(data, t);
}

static void end(void *data, const struct xb_publish_facts *f)
{
	xb_notify_target(data, f);
}

struct xb_publish_listener xb_notify_listener(struct xb_notify *n)
{
	return (struct xb_publish_listener){begin, end, n};
}

/* ---- a look ahead ---- */

static struct xb_err *show_letters(const struct xb_config *c, const struct xb_notices *notices,
				   const struct xb_letters *posts, int64_t now, struct xb_buf *out)
{
	for (size_t i = 0; i < posts->n; i++) {
		struct xb_outbox_entry e = {0};
		struct xb_err *err = xb_letters_entry(c, notices, &posts->v[i], now, &e);

		if (!err)
			err = xb_sender_show(&e.message, out);
		xb_outbox_entry_release(&e);
		if (err)
			return err;
		xb_buf_addc(out, '\n');
	}
	return NULL;
}

struct xb_err *xb_notify_preview(const struct xb_publish_facts *facts, bool fresh, struct xb_buf *out)
{
	const struct xb_config *c = facts->in->config;
	const int64_t now = xb_now_s();
	struct xb_notices notices = {0};
	struct xb_letters posts = {0};
	struct xb_known_file file = {0};
	struct xb_known k;
	struct xb_err *err = fresh ? NULL : xb_known_open(c->state_dir, &file);

	if (fresh || err)
		xb_known_init(&k, facts->in->target->name);
	else
		xb_known_get(&file, facts->in->target->name, &k);
	xb_known_file_release(&file);
	if (!err)
		err = xb_what_look(c, facts, now, &k, &notices);
	if (!err) {
		xb_letters_make(c, &notices, &posts);
		err = show_letters(c, &notices, &posts, now, out);
	}
	xb_letters_release(&posts);
	xb_notices_release(&notices);
	xb_known_release(&k);
	return err;
}

/* ---- mirrors and the upstream, as they are known ---- */

/* Behind alone is no failure: the next push is on its way, unless something keeps it from that. */
static const char *mirror_trouble(const struct xb_mirror_status *s)
{
	if (s->state == XB_MIRROR_TROUBLE)
		return s->why ? s->why : "it lacks what was published";
	return s->state == XB_MIRROR_BEHIND ? s->why : NULL;
}

static struct xb_err *note_mirrors(const struct xb_task_env *env, struct xb_notify *n)
{
	XB_AUTO(xb_mirror_statuses_release) struct xb_mirror_statuses all = {0};

	XB_TRY(xb_mirror_summary(env, NULL, 0, &all));
	for (size_t i = 0; i < all.n; i++) {
		XB_AUTOFREE char *what = xb_asprintf("the mirror %s", all.v[i].name);

		xb_notify_health(n, what, mirror_trouble(&all.v[i]));
	}
	return NULL;
}

static struct xb_err *note_upstream(const struct xb_task_env *env, struct xb_notify *n)
{
	struct xb_upstream_status s = {0};
	struct xb_err *err = xb_upstream_summary(env->config, &s);

	if (!err && s.is_there)
		xb_notify_health(n, "fetching from the upstream", s.why);
	free(s.why);
	return err;
}

void xb_notify_check_health(const struct xb_task_env *env, const char *misconfigured, const char *blind)
{
	struct xb_notify *n;
	struct xb_err *err;
	XB_AUTOCLOSE int lock = -1;

	if (!env->config->mail.on)
		return;
	err = xb_lock_acquire(env->state_dir, &lock);
	if (err) {
		xb_err_free(err);
		return;
	}
	n = xb_notify_new(env->config, env->state_dir, env->now);
	xb_notify_health(n, "reading the configuration", misconfigured);
	xb_notify_health(n, "looking at the repository", blind);
	err = note_mirrors(env, n);
	if (!err)
		err = note_upstream(env, n);
	if (!err)
		err = xb_notify_flush(n);
	xb_log_err(XB_WARN, "mail: ", err);
	xb_notify_free(n);
}
