/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "what.h"

#include "words.h"
#include "advisories/metadata.h"
#include "repo/git.h"
#include "text/address.h"
#include "util/alloc.h"

#include <string.h>

/* ---- one mail ---- */

char *xb_what_hash(const char *text)
{
	git_oid oid = {{0}};

	git_odb_hash(&oid, text, strlen(text), GIT_OBJECT_BLOB);
	return xb_strdup(xb_hex(&oid).s);
}

/*
 * By the matter, its state and the mail before it: a run that is repeated gives
 * the same, and what comes back later is another mail.
 */
static char *make_id(const struct xb_what *w, const char *key, const char *fingerprint)
{
	XB_AUTOFREE char *text = xb_asprintf("%s\n%s\n%s\n%s", w->k->target, key, fingerprint, w->last);
	XB_AUTOFREE char *h = xb_what_hash(text);

	return xb_asprintf("xsabot.%s.%.24s@%s", *w->k->target ? w->k->target : "bot", h,
			   xb_address_domain(w->c->mail.from));
}

/*
 * Each is there for those who lack the ones before it: the thread's first mail
 * may have gone to the other list, or be in a digest. Clients that know all of them
 * show the same thread.
 */
static char *references(const struct xb_known *k, const struct xb_what_telling *how)
{
	const struct xb_known_matter *m = how->matter;
	const char *const ids[] = {k->thread, how->announce ? k->announce_root : k->to_root,
				   m ? m->first : "", m ? m->digest : ""};
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		if (*ids[i] && (!b.n || !strstr(b.p, ids[i])))
			xb_buf_addf(&b, "%s<%s>", b.n ? " " : "", ids[i]);
	return xb_buf_detach(&b);
}

/* What later mails refer to. */
static void note_id(struct xb_what *w, const struct xb_what_telling *how, const char *id)
{
	char **root = how->announce ? &w->k->announce_root : &w->k->to_root;

	if (!*w->k->thread && *w->k->target)
		xb_known_put_text(&w->k->thread, id);
	if (!**root && *w->k->target)
		xb_known_put_text(root, id);
	xb_known_put_text(&w->k->last, id);
	if (!how->matter)
		return;
	if (!*how->matter->first)
		xb_known_put_text(&how->matter->first, id);
	how->matter->mailed = w->now;
}

/* The state that a mail is about: a reminder is another mail than the first. Owned. */
static char *state_of(const struct xb_what_telling *how)
{
	if (how->state)
		return xb_strdup(how->state);
	return how->matter->reminders
		   ? xb_asprintf("%s reminder %u", how->matter->fingerprint, how->matter->reminders)
		   : xb_strdup(how->matter->fingerprint);
}

struct xb_err *xb_what_tell(struct xb_what *w, const struct xb_what_telling *how, struct xb_fields *f,
			    struct xb_notice **out)
{
	XB_AUTOFREE char *text = NULL, *state = state_of(how);
	struct xb_buf subject = XB_BUF_INIT, body = XB_BUF_INIT;
	struct xb_notice *n;

	XB_TRY(xb_template_load(w->c->mail.templates, how->template, &text));
	if (how->matter && how->matter->reminders)
		xb_what_since(f, how->matter);
	xb_template_fill(text, f, &subject, &body);
	n = XB_PUSH(w->out, v, n, cap);
	*n = (struct xb_notice){.target = xb_strdup(w->k->target),
				.line = xb_strdup(w->facts ? w->facts->in->target->line : ""),
				.announce = how->announce,
				.status = how->status,
				.key = xb_strdup(how->key),
				.subject = xb_buf_detach(&subject),
				.body = xb_buf_detach(&body),
				.id = make_id(w, how->key, state),
				.references = references(w->k, how),
				.what = xb_strdup(how->matter ? how->matter->what : xb_field_get(f, "what")),
				.ref = xb_strdup(w->facts ? w->facts->in->target->derived_ref : ""),
				.old_rev = xb_strdup(""),
				.new_rev = xb_strdup("")};
	note_id(w, how, n->id);
	if (out)
		*out = n;
	return NULL;
}

void xb_what_since(struct xb_fields *f, const struct xb_known_matter *m)
{
	xb_field_set(f, "since", xb_time_text(m->since));
}

struct xb_known_matter *xb_what_worth(struct xb_what *w, const char *key, const char *fingerprint,
				      const char *before)
{
	struct xb_known_matter *m = xb_known_find(w->k, key);

	xb_strv_add_new(&w->held, key);
	if (!m) {
		m = xb_known_add(w->k, key);
		m->since = w->now;
	} else if (!strcmp(m->fingerprint, fingerprint) || (before && !strcmp(m->fingerprint, before))) {
		xb_known_put_text(&m->fingerprint, fingerprint);
		if (!w->c->mail.remind || w->now - m->mailed < (int64_t)w->c->mail.remind)
			return NULL;
		m->reminders++;
		return m;
	}
	m->reminders = 0;
	xb_known_put_text(&m->fingerprint, fingerprint);
	return m;
}

/* ---- fingerprints as they were until reasons were data: hashes of sentences ---- */

static char *held_before(const struct xb_whys *r)
{
	XB_AUTOFREE char *line = xb_whys_line(r);

	return xb_what_hash(line ? line : "");
}

/* It was cut where logs and times began. */
static char *gate_before(const struct xb_whys *r, bool failed)
{
	XB_AUTOFREE char *line = xb_whys_line(r);
	XB_AUTOFREE char *head = line ? xb_memdup0(line, strcspn(line, failed ? ")" : ":")) : xb_strdup("");

	return xb_what_hash(head);
}

/* ---- commits that can't be picked: what blocks a line, and what is left out under on-block = skip ---- */

struct stuck_list {
	struct one {
		struct xb_stuck s;
		struct xb_pick pick; /* made again, for what was set aside */
	} * v;
	size_t n, cap;
};

static const struct xb_strv none;

/* What was set aside is picked again, on the branch as it is now: the plan keeps no conflict of it. */
static struct xb_err *add_pending(const struct xb_plan *p, const struct xb_plan_left *l,
				  struct stuck_list *out)
{
	const struct xb_hist *h = &p->window.v[l->window];
	struct one *one = XB_PUSH(out, v, n, cap);
	struct xb_err *err =
	    xb_pick(p->picker, xb_plan_tip_tree(p, p->picks.n), &h->parent_tree, &h->tree, &one->pick);

	one->s = (struct xb_stuck){.window = l->window,
				   .wanted = l->window,
				   .advisories = &l->advisories,
				   .before = &none,
				   .candidates = &none,
				   .why = l->why};
	return err;
}

static struct xb_err *find_stuck(const struct xb_plan *p, struct stuck_list *out)
{
	for (size_t i = 0; i < p->blocked.n; i++) {
		const struct xb_plan_blocked *b = &p->blocked.v[i];
		struct one *one = XB_PUSH(out, v, n, cap);

		one->s = xb_stuck_of(b);
	}
	for (size_t i = 0; i < p->left_out.n; i++)
		if (p->left_out.v[i].reason == XB_LEFT_PENDING && p->left_out.v[i].paths.n)
			XB_TRY(add_pending(p, &p->left_out.v[i], out));
	/* Addresses are set once the list grows no more. */
	for (size_t i = 0; i < out->n; i++)
		out->v[i].s.conflict = i < p->blocked.n ? &p->blocked.v[i].conflict : &out->v[i].pick;
	return NULL;
}

static void stuck_release(struct stuck_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		xb_pick_release(&l->v[i].pick);
	free(l->v);
}

/* The commit and where it conflicts, in which way; not which lines: these may move while nothing changes. */
static char *stuck_state(const struct xb_plan *p, const struct xb_stuck *s)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	xb_buf_addf(&b, "%s %d\n", xb_hex(&p->window.v[s->window].oid).s, s->held);
	for (size_t i = 0; i < s->conflict->n; i++)
		xb_buf_addf(&b, "%d %s\n", (int)s->conflict->v[i].kind, s->conflict->v[i].path);
	return xb_what_hash(b.p);
}

static struct xb_err *add_people(const struct xb_what *w, const struct xb_stuck *s, struct xb_notice *n)
{
	const struct xb_plan *p = w->facts->plan;
	XB_AUTOSTRV struct xb_strv paths = {0};

	if (!w->c->mail.maintainers)
		return NULL;
	for (size_t i = 0; i < s->conflict->n; i++)
		xb_strv_add_new(&paths, s->conflict->v[i].path);
	return xb_letters_people(p->store, &p->window.v[p->window.n - 1].tree, &paths,
				 &w->c->mail.maintainer_domains, &n->people);
}

static struct xb_err *tell_stuck(struct xb_what *w, const struct xb_stuck *s)
{
	XB_AUTOFREE char *what = xb_words_what(w->facts->plan, s->advisories, s->wanted);
	XB_AUTOFREE char *key = xb_asprintf("blocked %s", what),
			 *fingerprint = stuck_state(w->facts->plan, s);
	XB_AUTOFIELDS struct xb_fields f = {0};
	struct xb_notice *n;
	struct xb_known_matter *m;

	if (xb_strv_has(&w->held, key)) /* of several commits of one advisory, the first stands for all */
		return NULL;
	m = xb_what_worth(w, key, fingerprint, NULL);
	if (!m)
		return NULL;
	xb_known_put_text(&m->what, what);
	free(m->summary);
	m->summary = xb_words_summary(s->conflict);
	xb_words_target(&w->t, &f);
	XB_TRY(xb_words_stuck(&w->t, s, &f));
	XB_TRY(xb_what_tell(
	    w,
	    &(struct xb_what_telling){
		.template = "blocked", .status = s->held ? "HELD" : "SKIPPED", .key = key, .matter = m},
	    &f, &n));
	return add_people(w, s, n);
}

static struct xb_err *tell_blocked(struct xb_what *w)
{
	XB_AUTO(stuck_release) struct stuck_list l = {0};

	XB_TRY(find_stuck(w->facts->plan, &l));
	for (size_t i = 0; i < l.n; i++)
		XB_TRY(tell_stuck(w, &l.v[i].s));
	return NULL;
}

/* ---- the state of a branch ---- */

/* What the first reason is about: the others only go with it. */
static char *reasons_state(const struct xb_whys *r)
{
	XB_AUTOFREE char *key = r->n ? xb_reason_key(&r->v[0]) : xb_strdup("");

	return xb_what_hash(key);
}

/* ---- a branch that someone must look at ---- */

static struct xb_err *tell_held(struct xb_what *w)
{
	XB_AUTOFREE char *fingerprint = reasons_state(&w->facts->result->reasons);
	XB_AUTOFREE char *before = held_before(&w->facts->result->reasons);
	XB_AUTOFIELDS struct xb_fields f = {0};
	struct xb_known_matter *m;

	m = xb_what_worth(w, "held", fingerprint, before);
	if (!m)
		return NULL;
	xb_known_put_text(&m->what, "");
	xb_known_put_text(&m->summary, "not updated");
	xb_words_target(&w->t, &f);
	xb_words_held(&w->t, w->facts->state, &f);
	return xb_what_tell(w, &(struct xb_what_telling){"held", "HELD", "held", NULL, m, false}, &f, NULL);
}

/* ---- a test that keeps something back ---- */

static bool undecided(const struct xb_publish_result *r)
{
	return !r->gate_failed && r->wait == XB_WAIT_GATE && r->gate_log;
}

static struct xb_err *tell_gate(struct xb_what *w)
{
	const struct xb_publish_result *r = w->facts->result;
	XB_AUTOFREE char *fingerprint = reasons_state(&r->reasons);
	XB_AUTOFREE char *before = gate_before(&r->reasons, r->gate_failed);
	XB_AUTOFIELDS struct xb_fields f = {0};
	struct xb_known_matter *m;

	m = xb_what_worth(w, "gate", fingerprint, before);
	if (!m)
		return NULL;
	xb_words_target(&w->t, &f);
	xb_words_gate(&w->t, &f);
	xb_known_put_text(&m->what, xb_field_get(&f, "what"));
	xb_known_put_text(&m->summary, xb_field_get(&f, "summary"));
	return xb_what_tell(w, &(struct xb_what_telling){"gate", "HELD", "gate", NULL, m, false}, &f, NULL);
}

/* ---- what has ended ---- */

/* What a person did, as far as it is known. */
static char *how_held(const struct xb_what *w)
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

static struct xb_err *tell_resolved(struct xb_what *w, const char *key)
{
	struct xb_known_matter *m = xb_known_find(w->k, key);
	bool held = !strcmp(key, "held"), gate = !strcmp(key, "gate");
	XB_AUTOFREE char *ended = xb_asprintf("%s ended", key);
	XB_AUTOFIELDS struct xb_fields f = {0};

	xb_words_target(&w->t, &f);
	if (held)
		xb_field_set(&f, "what", xb_strdup(xb_field_get(&f, "branch")));
	else
		xb_field_set(&f, "what", xb_strdup(m->what));
	xb_field_set(&f, "summary",
		     held   ? xb_strdup("updated again")
		     : gate ? xb_strdup("passes now")
			    : xb_words_outcome(&w->t, m->what));
	xb_field_set(&f, "how", held ? how_held(w) : xb_words_how(&w->t, gate ? "" : m->what));
	xb_field_set(&f, "was", xb_strdup(m->summary));
	xb_what_since(&f, m);
	XB_TRY(xb_what_tell(
	    w, &(struct xb_what_telling){"resolved", "RESOLVED", ended, m->fingerprint, m, false}, &f, NULL));
	xb_known_remove(w->k, key);
	return NULL;
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

static struct xb_err *tell_all_resolved(struct xb_what *w)
{
	XB_AUTOSTRV struct xb_strv gone = {0};

	for (size_t i = 0; i < w->k->matters.n; i++) {
		const char *key = w->k->matters.v[i].key;

		if (!xb_strv_has(&w->held, key) && can_tell(w->facts, key))
			xb_strv_add_new(&gone, key);
	}
	for (size_t i = 0; i < gone.n; i++)
		XB_TRY(tell_resolved(w, gone.v[i]));
	return NULL;
}

/* ---- one target ---- */

static struct xb_err *tell_target(struct xb_what *w)
{
	const struct xb_publish_facts *facts = w->facts;
	enum xb_published what = facts->result->what;
	bool is_published = facts->plan && (what == XB_PUBLISHED_SAME || what == XB_PUBLISHED_MOVED);

	if (what == XB_PUBLISHED_ENDED) {
		while (w->k->matters.n) /* nobody will settle it */
			xb_known_remove(w->k, w->k->matters.v[0].key);
		return xb_what_ended(w);
	}
	if (facts->plan && (facts->result->gate_failed || undecided(facts->result)))
		XB_TRY(tell_gate(w));
	else if (what == XB_PUBLISHED_HELD)
		XB_TRY(tell_held(w));
	if (facts->plan)
		XB_TRY(tell_blocked(w));
	XB_TRY(tell_all_resolved(w));
	if (!is_published)
		return facts->plan ? xb_what_behind(w) : NULL;
	/* Mail was switched on after the branch was made: what it has by then is no news. */
	XB_TRY(xb_what_found(w, w->k->fresh && strspn(w->k->announced, "0") != GIT_OID_HEXSZ &&
				    *w->k->announced));
	XB_TRY(xb_what_published(w));
	return xb_what_behind(w);
}

struct xb_err *xb_what_look(const struct xb_config *c, const struct xb_publish_facts *facts, int64_t now,
			    struct xb_known *k, struct xb_notices *out)
{
	struct xb_what w = {.c = c,
			    .facts = facts,
			    .t = {facts->in, facts->plan, facts->result, facts, facts->in->metadata},
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
