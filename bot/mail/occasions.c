/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "occasions.h"

#include "before.h"
#include "blocked.h"
#include "config/text.h"
#include "news.h"
#include "text-blocked.h"
#include "text-gate.h"
#include "text-held.h"
#include "util/alloc.h"

#include <string.h>

/* What the first reason is about: the others only go with it. */
static char *reasons_state(const struct xb_whys *r)
{
	XB_AUTOFREE char *key = r->n ? xb_reason_key(&r->v[0]) : xb_strdup("");

	return xb_tell_hash(key);
}

/* ---- a branch that someone must look at ---- */

static struct xb_err *tell_held(struct xb_teller *w)
{
	XB_AUTOFREE char *fingerprint = reasons_state(&w->facts->result->reasons), *state = NULL;
	XB_AUTOFREE char *before = xb_before_held(&w->facts->result->reasons);
	struct xb_fields f = {0};
	struct xb_known_matter *m;
	struct xb_err *err;
	bool reminder;

	m = xb_tell_worth(w, "held", fingerprint, before, &reminder);
	if (!m)
		return NULL;
	xb_text_set(&m->what, "");
	xb_text_set(&m->summary, "not updated");
	xb_text_target(&w->t, &f);
	xb_text_held(&w->t, w->facts->state, &f);
	if (reminder)
		xb_tell_since(&f, m);
	state = xb_tell_state(m);
	err = xb_tell(w, &(struct xb_telling){"held", "HELD", "held", state, m, false}, &f, NULL);
	xb_fields_release(&f);
	return err;
}

/* ---- a test that keeps something back ---- */

static bool undecided(const struct xb_publish_result *r)
{
	return !r->gate_failed && r->wait == XB_WAIT_GATE && r->gate_log;
}

static struct xb_err *tell_gate(struct xb_teller *w)
{
	const struct xb_publish_result *r = w->facts->result;
	XB_AUTOFREE char *fingerprint = reasons_state(&r->reasons), *state = NULL;
	XB_AUTOFREE char *before = xb_before_gate(&r->reasons, r->gate_failed);
	struct xb_fields f = {0};
	struct xb_known_matter *m;
	struct xb_err *err;
	bool reminder;

	m = xb_tell_worth(w, "gate", fingerprint, before, &reminder);
	if (!m)
		return NULL;
	xb_text_target(&w->t, &f);
	xb_text_gate(&w->t, &f);
	xb_text_set(&m->what, xb_field_get(&f, "what"));
	xb_text_set(&m->summary, xb_field_get(&f, "summary"));
	if (reminder)
		xb_tell_since(&f, m);
	state = xb_tell_state(m);
	err = xb_tell(w, &(struct xb_telling){"gate", "HELD", "gate", state, m, false}, &f, NULL);
	xb_fields_release(&f);
	return err;
}

/* ---- what has ended ---- */

/* What a person did, as far as it is known. */
static char *how_held(const struct xb_teller *w)
{
	const struct xb_publish_facts *f = w->facts;
	const struct xb_publish_result *r = f->result;

	if (f->in->options.accept_removal)
		return xb_strdup("What it loses by that was accepted: publish --accept-removal.");
	if (r->what == XB_PUBLISHED_SAME && !f->is_part && f->plan)
		return xb_strdup("It was accepted as it is: adopt.");
	if (r->what == XB_PUBLISHED_MOVED && f->state && !git_oid_equal(&r->old_id, &f->state->published))
		return xb_strdup("What it had lost was withdrawn, or excluded.");
	return xb_strdup(
	    "What held it is gone: it is as it was published, or its stable branch, release or notes are "
	    "there again.");
}

static struct xb_err *tell_resolved(struct xb_teller *w, const char *key)
{
	struct xb_known_matter *m = xb_known_find(w->k, key);
	bool held = !strcmp(key, "held"), gate = !strcmp(key, "gate");
	XB_AUTOFREE char *ended = xb_asprintf("%s ended", key);
	struct xb_fields f = {0};
	struct xb_err *err;

	xb_text_target(&w->t, &f);
	if (held)
		xb_field_set(&f, "what", xb_strdup(xb_field_get(&f, "branch")));
	else
		xb_field_set(&f, "what", xb_strdup(m->what));
	xb_field_set(&f, "summary",
		     held   ? xb_strdup("updated again")
		     : gate ? xb_strdup("passes now")
			    : xb_text_outcome(&w->t, m->what));
	xb_field_set(&f, "how", held ? how_held(w) : xb_text_how(&w->t, gate ? "" : m->what));
	xb_field_set(&f, "was", xb_strdup(m->summary));
	xb_tell_since(&f, m);
	err = xb_tell(w, &(struct xb_telling){"resolved", "RESOLVED", ended, m->fingerprint, m, false}, &f,
		      NULL);
	xb_fields_release(&f);
	if (!err)
		xb_known_remove(w->k, key);
	return err;
}

/*
 * Does it mean anything that the matter KEY was not met? Without a plan nothing is
 * known about conflicts, and while a test runs, nothing about its outcome.
 */
static bool can_tell(const struct xb_publish_facts *facts, const char *key)
{
	enum xb_wait wait = facts->result->wait;

	if (!strcmp(key, "gate"))
		return facts->plan && facts->result->what != XB_PUBLISHED_HELD && wait != XB_WAIT_GATE &&
		       wait != XB_WAIT_TESTED;
	return facts->plan || !strcmp(key, "held");
}

static struct xb_err *tell_all_resolved(struct xb_teller *w)
{
	struct xb_strv gone = {0};
	struct xb_err *err = NULL;

	for (size_t i = 0; i < w->k->matters.n; i++) {
		const char *key = w->k->matters.v[i].key;

		if (!xb_strv_has(&w->held, key) && can_tell(w->facts, key))
			xb_strv_add_new(&gone, key);
	}
	for (size_t i = 0; i < gone.n && !err; i++)
		err = tell_resolved(w, gone.v[i]);
	xb_strv_release(&gone);
	return err;
}

/* ---- one target ---- */

static struct xb_err *tell_target(struct xb_teller *w)
{
	const struct xb_publish_facts *facts = w->facts;
	enum xb_published what = facts->result->what;
	bool is_published = facts->plan && (what == XB_PUBLISHED_SAME || what == XB_PUBLISHED_MOVED);

	if (what == XB_PUBLISHED_ENDED) {
		while (w->k->matters.n) /* nobody will settle it */
			xb_known_remove(w->k, w->k->matters.v[0].key);
		return xb_tell_ended(w);
	}
	if (facts->plan && (facts->result->gate_failed || undecided(facts->result)))
		XB_TRY(tell_gate(w));
	else if (what == XB_PUBLISHED_HELD)
		XB_TRY(tell_held(w));
	if (facts->plan)
		XB_TRY(xb_tell_blocked(w));
	XB_TRY(tell_all_resolved(w));
	if (!is_published)
		return facts->plan ? xb_tell_behind(w) : NULL;
	/* Mail was switched on after the branch was made: what it has by then is no news. */
	XB_TRY(xb_tell_found(w, w->k->fresh && strspn(w->k->announced, "0") != GIT_OID_HEXSZ &&
				    *w->k->announced));
	XB_TRY(xb_tell_published(w));
	return xb_tell_behind(w);
}

struct xb_err *xb_occasions_look(const struct xb_config *c, const struct xb_publish_facts *facts, int64_t now,
				 struct xb_known *k, struct xb_notices *out)
{
	struct xb_teller w = {.c = c,
			      .facts = facts,
			      .t = {facts->in, facts->plan, facts->result, facts},
			      .now = now,
			      .k = k,
			      .out = out,
			      .last = xb_strdup(k->last)};
	struct xb_err *err = tell_target(&w);

	k->fresh = false;
	free(w.last);
	xb_strv_release(&w.held);
	return err;
}
