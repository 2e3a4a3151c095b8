/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "notify.h"

#include "classify/rules.h"
#include "config/text.h"
#include "journal.h"
#include "maintainers.h"
#include "notice.h"
#include "odb/git.h"
#include "text.h"
#include "util/address.h"
#include "util/alloc.h"
#include "util/log.h"
#include "util/vis.h"

#include <string.h>
#include <time.h>

enum { HOUR = 3600 };

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
	bool broken; /* an earlier flush is not finished: nothing may be written over it */
	struct {
		struct told *v;
		size_t n, cap;
	} all;
	struct told health;
};

/* At work on one target. */
struct teller {
	const struct xb_config *c;
	const struct xb_notify_facts *facts;
	struct xb_text_inputs t;
	int64_t now;
	struct xb_known *k;
	struct xb_notices *out;
	char *last;          /* the last mail about the target, before this look */
	struct xb_strv held; /* keys of matters that hold now */
};

static char *known_text(const struct xb_known *k)
{
	json_t *o = xb_known_json(k);
	char *s = json_dumps(o, JSON_COMPACT);

	json_decref(o);
	return s;
}

static void told_release(struct told *t)
{
	xb_known_release(&t->known);
	free(t->before);
	xb_notices_release(&t->notices);
}

/* ---- ids ---- */

static char *hash(const char *text)
{
	git_oid oid = {{0}};

	git_odb_hash(&oid, text, strlen(text), GIT_OBJECT_BLOB);
	return xb_strdup(git_oid_tostr_s(&oid));
}

/*
 * By the matter, its state and the mail before it: a run that is repeated gives
 * the same, and what comes back later is another mail.
 */
static char *make_id(const struct teller *w, const char *key, const char *fingerprint)
{
	XB_AUTOFREE char *text = xb_asprintf("%s\n%s\n%s\n%s", w->k->target, key, fingerprint, w->last);
	XB_AUTOFREE char *h = hash(text);

	return xb_asprintf("xsabot.%s.%.24s@%s", *w->k->target ? w->k->target : "bot", h,
			   xb_address_domain(w->c->mail.from));
}

static char *references(const struct xb_known *k, const struct xb_known_matter *m)
{
	const char *const ids[] = {k->thread, m ? m->digest : "", m ? m->first : ""};
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		if (*ids[i] && (!b.n || !strstr(b.p, ids[i])))
			xb_buf_addf(&b, "%s<%s>", b.n ? " " : "", ids[i]);
	return xb_buf_detach(&b);
}

/* ---- telling ---- */

struct telling {
	const char *template, *status, *key, *fingerprint;
	struct xb_known_matter *matter; /* NULL: it is none that lasts */
	bool announce;
};

static struct xb_err *tell(struct teller *w, const struct telling *how, const struct xb_fields *f,
			   struct xb_notice **out)
{
	XB_AUTOFREE char *text = NULL;
	struct xb_buf subject = XB_BUF_INIT, body = XB_BUF_INIT;
	struct xb_notice *n;

	XB_TRY(xb_template_load(w->c->mail.templates, how->template, &text));
	xb_template_fill(text, f, &subject, &body);
	n = XB_PUSH(w->out, v, n, cap);
	*n = (struct xb_notice){.target = xb_strdup(w->k->target),
				.line = xb_strdup(w->facts ? w->facts->in->target->line : ""),
				.announce = how->announce,
				.status = how->status,
				.key = xb_strdup(how->key),
				.subject = xb_buf_detach(&subject),
				.body = xb_buf_detach(&body),
				.id = make_id(w, how->key, how->fingerprint),
				.references = references(w->k, how->matter),
				.what = xb_strdup(how->matter ? how->matter->what : ""),
				.ref = xb_strdup(w->facts ? w->facts->in->target->derived_ref : ""),
				.old_rev = xb_strdup(""),
				.new_rev = xb_strdup("")};
	if (!*w->k->thread && *w->k->target)
		xb_text_set(&w->k->thread, n->id);
	xb_text_set(&w->k->last, n->id);
	if (how->matter) {
		if (!*how->matter->first)
			xb_text_set(&how->matter->first, n->id);
		how->matter->mailed = w->now;
	}
	if (out)
		*out = n;
	return NULL;
}

static void set_since(struct xb_fields *f, const struct xb_known_matter *m)
{
	xb_field_set(f, "since", xb_mail_time(m->since));
}

/* Is the matter KEY in the state FINGERPRINT to be told? *REMINDER: it was, long ago. */
static struct xb_known_matter *worth_telling(struct teller *w, const char *key, const char *fingerprint,
					     bool *reminder)
{
	struct xb_known_matter *m = xb_known_find(w->k, key);

	*reminder = false;
	xb_ids_add(&w->held, key);
	if (!m) {
		m = xb_known_add(w->k, key);
		m->since = w->now;
	} else if (!strcmp(m->fingerprint, fingerprint)) {
		*reminder = w->c->mail.remind && w->now - m->mailed >= (int64_t)w->c->mail.remind;
		m->reminders += *reminder;
		return *reminder ? m : NULL;
	}
	m->reminders = 0;
	xb_text_set(&m->fingerprint, fingerprint);
	return m;
}

/* The state that a mail is about: a reminder is another mail than the first. */
static char *mail_state(const struct xb_known_matter *m)
{
	return m->reminders ? xb_asprintf("%s reminder %u", m->fingerprint, m->reminders)
			    : xb_strdup(m->fingerprint);
}

static const char *field(const struct xb_fields *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->v[i].name, name) && f->v[i].value)
			return f->v[i].value;
	return "";
}

/* ---- commits that can't be picked ---- */

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

		one->s = (struct xb_stuck){.window = b->window,
					   .wanted = b->wanted,
					   .advisories = &b->advisories,
					   .before = &b->before,
					   .candidates = &b->candidates,
					   .why = b->why,
					   .held = true};
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

	xb_buf_addf(&b, "%s %d\n", git_oid_tostr_s(&p->window.v[s->window].oid), s->held);
	for (size_t i = 0; i < s->conflict->n; i++)
		xb_buf_addf(&b, "%d %s\n", (int)s->conflict->v[i].kind, s->conflict->v[i].path);
	return hash(b.p);
}

static struct xb_err *add_people(const struct teller *w, const struct xb_stuck *s, struct xb_notice *n)
{
	const struct xb_plan *p = w->facts->plan;
	struct xb_strv paths = {0};
	struct xb_err *err;

	if (!w->c->mail.maintainers)
		return NULL;
	for (size_t i = 0; i < s->conflict->n; i++)
		xb_ids_add(&paths, s->conflict->v[i].path);
	err = xb_maintainers_find(p->store, &p->window.v[p->window.n - 1].tree, &paths,
				  &w->c->mail.maintainer_domains, &n->people);
	xb_ids_release(&paths);
	return err;
}

static struct xb_err *tell_stuck(struct teller *w, const struct xb_stuck *s)
{
	XB_AUTOFREE char *what = xb_text_what(w->facts->plan, s->advisories, s->wanted);
	XB_AUTOFREE char *key = xb_asprintf("blocked %s", what),
			 *fingerprint = stuck_state(w->facts->plan, s);
	XB_AUTOFREE char *state = NULL;
	struct xb_fields f = {0};
	struct xb_notice *n = NULL;
	struct xb_known_matter *m;
	struct xb_err *err;
	bool reminder, again = xb_strv_has(&w->held, key);

	/* Of several commits of one advisory, the first stands for all. */
	m = again ? NULL : worth_telling(w, key, fingerprint, &reminder);
	if (!m)
		return NULL;
	xb_text_set(&m->what, what);
	xb_text_target(&w->t, &f);
	if (reminder)
		set_since(&f, m);
	err = xb_text_stuck(&w->t, s, &f);
	free(m->summary);
	m->summary = xb_text_summary(s->conflict);
	state = mail_state(m);
	if (!err)
		err =
		    tell(w, &(struct telling){"blocked", s->held ? "HELD" : "SKIPPED", key, state, m, false},
			 &f, &n);
	if (!err)
		err = add_people(w, s, n);
	xb_fields_release(&f);
	return err;
}

/* ---- a branch that someone must look at ---- */

static struct xb_err *tell_held(struct teller *w)
{
	const char *why = w->facts->result->why ? w->facts->result->why : "";
	XB_AUTOFREE char *fingerprint = hash(why), *state = NULL;
	struct xb_fields f = {0};
	struct xb_known_matter *m;
	struct xb_err *err;
	bool reminder;

	m = worth_telling(w, "held", fingerprint, &reminder);
	if (!m)
		return NULL;
	xb_text_set(&m->what, "");
	xb_text_set(&m->summary, "not updated");
	xb_text_target(&w->t, &f);
	if (w->facts->result->base_tag)
		xb_field_set(&f, "base", xb_vis_dup(w->facts->result->base_tag));
	xb_field_set(&f, "why", xb_text_safe(why));
	if (reminder)
		set_since(&f, m);
	state = mail_state(m);
	err = tell(w, &(struct telling){"held", "HELD", "held", state, m, false}, &f, NULL);
	xb_fields_release(&f);
	return err;
}

/* ---- a test that keeps something back ---- */

static bool undecided(const struct xb_publish_result *r)
{
	return !r->gate_failed && r->wait == XB_WAIT_GATE && r->gate_log;
}

/*
 * What is kept back and by which outcome, not the rest of the reason: that names
 * logs and times, and tells of all that was pushed behind it meanwhile.
 */
static char *gate_state(const struct xb_publish_result *r)
{
	const char *why = r->why ? r->why : "";
	XB_AUTOFREE char *head = xb_memdup0(why, strcspn(why, r->gate_failed ? ")" : ":"));

	return hash(head);
}

static struct xb_err *tell_gate(struct teller *w)
{
	const struct xb_publish_result *r = w->facts->result;
	XB_AUTOFREE char *fingerprint = gate_state(r), *state = NULL;
	struct xb_fields f = {0};
	struct xb_known_matter *m;
	struct xb_err *err;
	bool reminder;

	m = worth_telling(w, "gate", fingerprint, &reminder);
	if (!m)
		return NULL;
	xb_text_target(&w->t, &f);
	xb_text_gate(&w->t, &f);
	xb_text_set(&m->what, field(&f, "what"));
	xb_text_set(&m->summary, field(&f, "summary"));
	if (reminder)
		set_since(&f, m);
	state = mail_state(m);
	err = tell(w, &(struct telling){"gate", "HELD", "gate", state, m, false}, &f, NULL);
	xb_fields_release(&f);
	return err;
}

/* ---- what has ended ---- */

static struct xb_err *tell_resolved(struct teller *w, const char *key)
{
	struct xb_known_matter *m = xb_known_find(w->k, key);
	bool held = !strcmp(key, "held"), gate = !strcmp(key, "gate");
	XB_AUTOFREE char *ended = xb_asprintf("%s ended", key);
	struct xb_fields f = {0};
	struct xb_err *err;

	xb_text_target(&w->t, &f);
	xb_field_set(&f, "what", held ? xb_strdup("the branch") : xb_strdup(m->what));
	xb_field_set(&f, "summary",
		     held   ? xb_strdup("updated again")
		     : gate ? xb_strdup("passes now")
			    : xb_text_outcome(&w->t, m->what));
	xb_field_set(&f, "was", xb_strdup(m->summary));
	set_since(&f, m);
	err = tell(w, &(struct telling){"resolved", "RESOLVED", ended, m->fingerprint, m, false}, &f, NULL);
	xb_fields_release(&f);
	if (!err)
		xb_known_remove(w->k, key);
	return err;
}

/*
 * Does it mean anything that the matter KEY was not met? Without a plan nothing is
 * known about conflicts, and while a test runs, nothing about its outcome.
 */
static bool can_tell(const struct xb_notify_facts *facts, const char *key)
{
	enum xb_wait wait = facts->result->wait;

	if (!strcmp(key, "gate"))
		return facts->plan && facts->result->what != XB_PUBLISHED_HELD && wait != XB_WAIT_GATE &&
		       wait != XB_WAIT_TESTED;
	return facts->plan || !strcmp(key, "held");
}

static struct xb_err *tell_all_resolved(struct teller *w)
{
	struct xb_strv gone = {0};
	struct xb_err *err = NULL;

	for (size_t i = 0; i < w->k->matters.n; i++) {
		const char *key = w->k->matters.v[i].key;

		if (!xb_strv_has(&w->held, key) && can_tell(w->facts, key))
			xb_ids_add(&gone, key);
	}
	for (size_t i = 0; i < gone.n && !err; i++)
		err = tell_resolved(w, gone.v[i]);
	xb_ids_release(&gone);
	return err;
}

/* ---- what was found, what was published ---- */

static bool was_discovered(const struct xb_plan_pick *k)
{
	bool found = false;

	for (size_t i = 0; i < k->evidence.n; i++) {
		enum xb_evidence_kind kind = k->evidence.v[i].kind;

		if (kind == XB_EV_DECLARED || kind == XB_EV_NOTE || kind == XB_EV_CONFIG ||
		    kind == XB_EV_TRAILER)
			return false;
		found = found || kind == XB_EV_TEXT || kind == XB_EV_MEANING;
	}
	return found && k->role == XB_ROLE_PREREQUISITE;
}

/* Those that are published and were not told; SILENT: they count as told. */
static struct xb_err *tell_found(struct teller *w, bool silent)
{
	const struct xb_plan *p = w->facts->plan;
	size_t *picks = xb_calloc(p->picks.n + 1, sizeof *picks), n = 0;
	XB_AUTOBUF struct xb_buf state = XB_BUF_INIT;
	struct xb_fields f = {0};
	struct xb_notice *notice = NULL;
	struct xb_err *err = NULL;

	for (size_t i = 0; i < w->facts->result->picks; i++) {
		const char *id = git_oid_tostr_s(&p->picks.v[i].commit);

		if (!was_discovered(&p->picks.v[i]) || xb_strv_has(&w->k->found, id))
			continue;
		xb_ids_add(&w->k->found, id);
		xb_buf_addf(&state, "%s\n", id);
		picks[n++] = i;
	}
	if (n && !silent) {
		xb_text_target(&w->t, &f);
		xb_text_found(&w->t, picks, n, &f);
		err =
		    tell(w, &(struct telling){"found", "REVIEW", "found", state.p, NULL, false}, &f, &notice);
	}
	if (notice)
		xb_text_set(&notice->what, field(&f, "what"));
	xb_fields_release(&f);
	free(picks);
	return err;
}

static struct xb_err *announce(struct teller *w, const struct xb_state *old, const git_oid *value)
{
	struct xb_fields f = {0};
	struct xb_notice *n = NULL;
	struct xb_hex hex = xb_hex(value);
	struct xb_err *err;

	xb_text_target(&w->t, &f);
	xb_field_set(&f, "new", xb_strdup(hex.s));
	xb_text_published(&w->t, old, &f);
	err = tell(w, &(struct telling){"published", "PUSHED", "published", hex.s, NULL, true}, &f, &n);
	if (!err) {
		xb_text_set(&n->what, field(&f, "what"));
		xb_text_set(&n->old_rev, git_oid_tostr_s(&old->published));
		xb_text_set(&n->new_rev, hex.s);
	}
	xb_fields_release(&f);
	return err;
}

/* The state whose announcement was the last, or the one that was there when mail was switched on; or none. */
static struct xb_err *announced_state(struct teller *w, struct xb_state *out)
{
	git_oid oid = w->facts->state->commit;
	struct xb_err *err;

	if (*w->k->announced && git_oid_fromstr(&oid, w->k->announced))
		oid = (git_oid){{0}};
	if (git_oid_is_zero(&oid))
		return NULL;
	err = xb_state_read(w->facts->plan->store, &oid, out);
	if (err && err->code != XB_E_NOTFOUND)
		return err;
	xb_err_free(err); /* gone with a history that was thrown away: all of it is new */
	return NULL;
}

static struct xb_err *tell_published(struct teller *w)
{
	const struct xb_target *t = w->facts->in->target;
	struct xb_state old = {0}, now = {0};
	XB_AUTOFREE char *state = xb_strdup(git_oid_tostr_s(&t->state));
	struct xb_err *err = NULL;

	if (w->facts->in->options.dry) {
		if (w->facts->result->what == XB_PUBLISHED_MOVED)
			return announce(w, w->facts->state, &w->facts->result->new_id);
		return NULL;
	}
	if (!strcmp(w->k->announced, state))
		return NULL;
	err = announced_state(w, &old);
	if (!err)
		err = xb_state_read(w->facts->plan->store, &t->state, &now);
	/* What was adopted is nobody's news: its chain is not known. */
	if (!err && !git_oid_is_zero(&now.chain_tip) && !git_oid_equal(&now.published, &old.published))
		err = announce(w, &old, &now.published);
	if (!err)
		xb_text_set(&w->k->announced, state);
	xb_state_release(&old);
	xb_state_release(&now);
	return err;
}

/* ---- one target ---- */

static struct xb_err *tell_stuck_all(struct teller *w)
{
	struct stuck_list l = {0};
	struct xb_err *err = find_stuck(w->facts->plan, &l);

	for (size_t i = 0; i < l.n && !err; i++)
		err = tell_stuck(w, &l.v[i].s);
	stuck_release(&l);
	return err;
}

static struct xb_err *tell_target(struct teller *w)
{
	const struct xb_notify_facts *facts = w->facts;
	enum xb_published what = facts->result->what;
	bool is_published = facts->plan && (what == XB_PUBLISHED_SAME || what == XB_PUBLISHED_MOVED);

	if (facts->plan && (facts->result->gate_failed || undecided(facts->result)))
		XB_TRY(tell_gate(w));
	else if (what == XB_PUBLISHED_HELD)
		XB_TRY(tell_held(w));
	if (facts->plan)
		XB_TRY(tell_stuck_all(w));
	XB_TRY(tell_all_resolved(w));
	if (!is_published)
		return NULL;
	/* Mail was switched on after the branch was made: what it has by then is no news. */
	XB_TRY(
	    tell_found(w, w->k->fresh && strspn(w->k->announced, "0") != GIT_OID_HEXSZ && *w->k->announced));
	return tell_published(w);
}

static struct xb_err *look(const struct xb_config *c, const struct xb_notify_facts *facts, int64_t now,
			   struct xb_known *k, struct xb_notices *out)
{
	struct teller w = {.c = c,
			   .facts = facts,
			   .t = {facts->in, facts->plan, facts->result, facts->no_discover},
			   .now = now,
			   .k = k,
			   .out = out,
			   .last = xb_strdup(k->last)};
	struct xb_err *err = tell_target(&w);

	k->fresh = false;
	free(w.last);
	xb_ids_release(&w.held);
	return err;
}

/* Durable before anything moves: after a crash it is known what was there, so what is news. */
void xb_notify_begin(struct xb_notify *n, const struct xb_target *t)
{
	struct xb_known k;
	struct xb_err *err;
	json_t *o;

	if (!n || n->broken || t->window)
		return;
	xb_known_read(n->state_dir, t->name, &k);
	if (!*k.announced) {
		xb_text_set(&k.announced, git_oid_tostr_s(&t->state));
		o = xb_known_json(&k);
		err = xb_known_write(n->state_dir, t->name, o);
		if (err)
			xb_log(XB_WARN, "mail: %s", err->msg);
		xb_err_free(err);
		json_decref(o);
	}
	xb_known_release(&k);
}

void xb_notify_target(struct xb_notify *n, const struct xb_notify_facts *facts)
{
	struct told t = {0}, *to = NULL;
	struct xb_err *err;

	if (!n || facts->in->options.dry || facts->in->target->window)
		return;
	xb_known_read(n->state_dir, facts->in->target->name, &t.known);
	t.before = known_text(&t.known);
	err = look(n->c, facts, n->now, &t.known, &t.notices);
	if (err) {
		xb_log(XB_ERROR, "%s: no mail could be made: %s", facts->in->target->name, err->msg);
		xb_err_free(err);
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

static struct xb_err *tell_failing(struct xb_notify *n, struct xb_known_matter *m, const char *template,
				   const char *status, const char *why)
{
	struct teller w = {.c = n->c, .now = n->now, .k = &n->health.known, .out = &n->health.notices};
	XB_AUTOFREE char *state = xb_asprintf("%s %lld", status, (long long)m->since);
	XB_AUTOFREE char *last = xb_strdup(n->health.known.last);
	struct xb_fields f = {0};
	struct xb_err *err;

	w.last = last;
	xb_field_set(&f, "what", xb_vis_dup(m->what));
	xb_field_set(&f, "why", why ? xb_text_safe(why) : NULL);
	xb_field_set(&f, "summary",
		     xb_asprintf("failing for %lld hours", (long long)((n->now - m->since) / HOUR)));
	set_since(&f, m);
	err = tell(&w, &(struct telling){template, status, m->key, state, m, false}, &f, NULL);
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
		xb_log(XB_ERROR, "no mail could be made: %s", err->msg);
	xb_err_free(err);
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
	if (err) {
		xb_log(XB_ERROR, "mail: %s", err->msg);
		n->broken = true;
		xb_err_free(err);
	}
	xb_known_read(state_dir, "", &n->health.known);
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
		struct xb_known_matter *m =
		    strcmp(k->target, notice->target) ? NULL : xb_known_find(k, notice->key);

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

	if (!n || n->broken)
		return NULL; /* that was said, and what was collected is found again by the next run */
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
	return err;
}

/* ---- looking ahead ---- */

static struct xb_err *print(const struct xb_config *c, const struct xb_notices *notices,
			    const struct xb_posts *posts, int64_t now, struct xb_buf *out)
{
	for (size_t i = 0; i < posts->n; i++) {
		struct xb_outbox_entry e = {0};
		XB_AUTOBUF struct xb_buf subject = XB_BUF_INIT, body = XB_BUF_INIT;
		struct xb_err *err = xb_post_entry(c, notices, &posts->v[i], now, &e);
		const char *end = err ? NULL : strstr(e.message.p, "\r\n\r\n");

		for (const char *s = e.message.p; end && s < end + 2; s++)
			if (*s != '\r')
				xb_buf_addc(out, *s);
		xb_outbox_entry_release(&e);
		if (!err)
			err = xb_post_text(c, notices, &posts->v[i], &subject, &body);
		if (err)
			return err;
		xb_buf_addf(out, "\n%s\n", body.p);
	}
	return NULL;
}

struct xb_err *xb_notify_preview(const struct xb_notify_facts *facts, bool fresh, struct xb_buf *out)
{
	const struct xb_config *c = facts->in->config;
	const int64_t now = time(NULL);
	struct xb_notices notices = {0};
	struct xb_posts posts = {0};
	struct xb_known k;
	struct xb_err *err;

	if (fresh)
		xb_known_init(&k, facts->in->target->name);
	else
		xb_known_read(c->state_dir, facts->in->target->name, &k);
	err = look(c, facts, now, &k, &notices);
	if (!err) {
		xb_posts_make(c, &notices, &posts);
		err = print(c, &notices, &posts, now, out);
	}
	xb_posts_release(&posts);
	xb_notices_release(&notices);
	xb_known_release(&k);
	return err;
}
