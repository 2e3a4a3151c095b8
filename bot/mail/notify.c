/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "notify.h"

#include "journal.h"
#include "occasions.h"
#include "odb/git.h"
#include "tell.h"
#include "util/alloc.h"
#include "util/json.h"
#include "util/log.h"
#include "util/vis.h"

#include <inttypes.h>
#include <string.h>

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

/* What is collected about one target. */
struct told {
	struct xb_known known;
	char *before; /* what was known, as text */
	struct xb_notices notices;
};

struct xb_notify {
	const struct xb_config *c;
	char *state_dir;
	int64_t now;
	struct xb_err *broken; /* an earlier flush is not finished: nothing may be written over it */
	struct {
		struct told *v;
		size_t n, cap;
	} all;
	struct told health;
	struct xb_err *failed; /* the first mail that could not be made */
};

static char *known_text(const struct xb_known *k)
{
	json_t *o = xb_known_json(k);
	char *s = xb_json_dump(o, JSON_COMPACT);

	json_decref(o);
	return s;
}

static void told_release(struct told *t)
{
	xb_known_release(&t->known);
	free(t->before);
	xb_notices_release(&t->notices);
}

/* ---- targets ---- */

/* A file that can't be read now was written by an earlier begin: there is nothing to note. */
struct xb_err *xb_notify_begin(struct xb_notify *n, const struct xb_target *t)
{
	struct xb_known k = {0};
	struct xb_err *err;
	json_t *o;

	if (!n || t->window)
		return NULL;
	err = xb_known_read(n->state_dir, t->name, &k);
	if (!err && !*k.announced) {
		xb_text_set(&k.announced, xb_hex(&t->state).s);
		o = xb_known_json(&k);
		err = xb_known_write(n->state_dir, t->name, o);
		if (err) {
			xb_err_free(err);
			err = xb_known_write_aside(n->state_dir, t->name, o);
		}
		json_decref(o);
		xb_known_release(&k);
		return err ? xb_err_wrap(err, "mail: what is published by now can't be noted") : NULL;
	}
	xb_err_free(err);
	xb_known_release(&k);
	return NULL;
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
	err = xb_known_read(n->state_dir, facts->in->target->name, &t.known);
	if (!err) {
		t.before = known_text(&t.known);
		err = xb_occasions_look(n->c, facts, n->now, &t.known, &t.notices);
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
	struct xb_teller w = {.c = n->c, .now = n->now, .k = &n->health.known, .out = &n->health.notices};
	XB_AUTOFREE char *state = xb_asprintf("%s %lld", status, (long long)m->since);
	XB_AUTOFREE char *last = xb_strdup(n->health.known.last);
	struct xb_fields f = {0};
	struct xb_err *err;

	w.last = last;
	xb_field_set(&f, "what", xb_vis_dup(m->what));
	xb_field_set(&f, "why", why ? xb_text_safe(why) : NULL);
	xb_field_set(&f, "summary", failing_for(n->now - m->since));
	xb_tell_since(&f, m);
	err = xb_tell(&w, &(struct xb_telling){template, status, m->key, state, m, false}, &f, NULL);
	xb_fields_release(&f);
	return err;
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
		xb_text_set(&m->what, what);
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
	struct xb_err *err;

	if (!c->mail.on)
		return NULL;
	n = xb_calloc(1, sizeof *n);
	*n = (struct xb_notify){.c = c, .state_dir = xb_strdup(state_dir), .now = now};
	err = xb_journal_make_dirs(state_dir);
	if (!err)
		err = xb_journal_recover(state_dir);
	if (!err)
		err = xb_known_read(state_dir, "", &n->health.known);
	else
		xb_known_init(&n->health.known, "");
	n->broken = err;
	n->health.before = known_text(&n->health.known);
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
	xb_err_free(n->broken);
	xb_err_free(n->failed);
	free(n->state_dir);
	free(n);
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
			xb_text_set(root, "");
		if (m)
			xb_text_set(&m->digest, digest);
	}
}

static struct xb_err *add_mails(struct xb_notify *n, const struct xb_notices *notices, struct xb_journal *b)
{
	struct xb_posts posts = {0};
	struct xb_err *err = NULL;

	xb_posts_make(n->c, notices, &posts);
	for (size_t i = 0; i < posts.n && !err; i++) {
		struct xb_outbox_entry e = {0};

		err = xb_post_entry(n->c, notices, &posts.v[i], n->now, &e);
		if (!err)
			xb_journal_add_mail(b, &e);
		xb_outbox_entry_release(&e);
		for (size_t k = 0; k < posts.v[i].n && *posts.v[i].digest; k++)
			note_digest(n, &notices->v[posts.v[i].v[k]], posts.v[i].digest);
	}
	xb_posts_release(&posts);
	return err;
}

static bool add_changed(const struct told *t, struct xb_journal *b)
{
	XB_AUTOFREE char *now = known_text(&t->known);
	bool changed = strcmp(now, t->before) != 0;

	if (changed)
		xb_journal_add_known(b, &t->known);
	return changed;
}

struct xb_err *xb_notify_flush(struct xb_notify *n)
{
	struct xb_notices notices = {0};
	struct xb_journal b;
	struct xb_err *err;
	bool changed;

	if (!n)
		return NULL;
	if (n->broken)
		return xb_err_new(n->broken->code, "%s", n->broken->msg);
	for (size_t i = 0; i < n->all.n; i++)
		gather(&n->all.v[i].notices, &notices);
	gather(&n->health.notices, &notices);
	xb_journal_init(&b);
	err = add_mails(n, &notices, &b);
	changed = add_changed(&n->health, &b);
	for (size_t i = 0; i < n->all.n; i++)
		changed |= add_changed(&n->all.v[i], &b);
	if (!err && changed)
		err = xb_journal_commit(n->state_dir, &b);
	xb_journal_release(&b);
	xb_notices_release(&notices);
	for (size_t i = 0; i < n->all.n; i++)
		told_release(&n->all.v[i]);
	n->all.n = 0;
	return err ? err : XB_STEAL(n->failed);
}
