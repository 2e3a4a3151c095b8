/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "what.h"

#include "words.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <string.h>

/* Is the bot alone the source? What a person declared, or a message says, needs no review. */
static bool is_found(enum xb_evidence_kind kind)
{
	return kind == XB_EV_TEXT || kind == XB_EV_MEANING || kind == XB_EV_SERIES ||
	       kind == XB_EV_DEFINITION || kind == XB_EV_LINES || kind == XB_EV_WORDS;
}

static bool was_discovered(const struct xb_plan_pick *k)
{
	bool found = false;

	for (size_t i = 0; i < k->evidence.n; i++) {
		enum xb_evidence_kind kind = k->evidence.v[i].kind;

		if (!is_found(kind) &&
		    (kind == XB_EV_DECLARED || kind == XB_EV_NOTE || kind == XB_EV_CONFIG ||
		     kind == XB_EV_TRAILER || k->role == XB_ROLE_FOLLOW_UP))
			return false;
		found = found || is_found(kind);
	}
	return found && k->role != XB_ROLE_SECURITY;
}

struct xb_err *xb_what_found(struct xb_what *w, bool silent)
{
	const struct xb_plan *p = w->facts->plan;
	XB_AUTOFREE size_t *picks = xb_calloc(p->picks.n + 1, sizeof *picks);
	XB_AUTOBUF struct xb_buf state = XB_BUF_INIT;
	XB_AUTOFIELDS struct xb_fields f = {0};
	size_t n = 0;

	for (size_t i = 0; i < w->facts->n_published; i++) {
		const struct xb_hex id = xb_hex(&p->picks.v[i].commit);

		if (!was_discovered(&p->picks.v[i]) || xb_strv_has(&w->k->found, id.s))
			continue;
		xb_strv_add_new(&w->k->found, id.s);
		xb_buf_addf(&state, "%s\n", id.s);
		picks[n++] = i;
	}
	if (!n || silent)
		return NULL;
	xb_words_target(&w->t, &f);
	xb_words_found(&w->t, picks, n, &f);
	return xb_what_tell(w, &(struct xb_what_telling){"found", "REVIEW", "found", state.p, NULL, false},
			    &f, NULL);
}

/* A hash of what is missing; "": nothing is. Owned. */
static char *missing(const struct xb_what *w)
{
	XB_AUTOFREE char *ids = xb_words_missing_ids(&w->t);

	return *ids ? xb_what_hash(ids) : xb_strdup("");
}

static void note_missing(struct xb_what *w)
{
	XB_AUTOFREE char *now = missing(w);

	xb_known_put_text(&w->k->behind, now);
}

struct xb_err *xb_what_behind(struct xb_what *w)
{
	const struct xb_publish_result *r = w->facts->result;
	bool stuck = r->blocked || r->gate_failed || r->what == XB_PUBLISHED_HELD;
	XB_AUTOFREE char *now = missing(w), *ids = NULL, *state = xb_asprintf("behind %s", now);
	XB_AUTOFIELDS struct xb_fields f = {0};

	if (!*now)
		xb_known_put_text(&w->k->behind, "");
	if (!*now || !stuck || !strcmp(w->k->behind, now) || !w->c->mail.announce.n)
		return NULL;
	ids = xb_words_missing_ids(&w->t);
	for (char *p = ids; *p; p++)
		if (*p == '\n')
			*p = p[1] ? ' ' : '\0';
	xb_words_target(&w->t, &f);
	xb_field_set(&f, "what", xb_words_first_names(ids));
	xb_field_set(&f, "repository", xb_words_safe(xb_words_repository(w->c)));
	xb_words_missing(&w->t, &f);
	XB_TRY(xb_what_tell(w, &(struct xb_what_telling){"behind", "BEHIND", "published", state, NULL, true},
			    &f, NULL));
	xb_known_put_text(&w->k->behind, now);
	return NULL;
}

static struct xb_err *announce(struct xb_what *w, const struct xb_state *old, const git_oid *value)
{
	XB_AUTOFIELDS struct xb_fields f = {0};
	struct xb_notice *n;
	struct xb_hex hex = xb_hex(value);
	struct xb_what_telling how = {"published", "PUSHED", "published", hex.s, NULL, true};
	bool withdrawn;

	xb_words_target(&w->t, &f);
	xb_field_set(&f, "new", xb_strdup(hex.s));
	XB_TRY(xb_words_published(&w->t, old, &f));
	withdrawn = xb_words_withdrawn(&w->t, old, &f);
	if (withdrawn) {
		how.template = "withdrawn";
		how.status = "WITHDRAWN";
	}
	XB_TRY(xb_what_tell(w, &how, &f, &n));
	note_missing(w);
	if (!withdrawn && *xb_field_get(&f, "all"))
		xb_known_put_text(&n->what, xb_field_get(&f, "all"));
	xb_known_put_text(&n->old_rev, xb_hex(&old->published).s);
	xb_known_put_text(&n->new_rev, hex.s);
	return NULL;
}

/* The state whose announcement was the last, or the one that was there when mail was switched on; or none. */
static struct xb_err *announced_state(struct xb_what *w, struct xb_state *out)
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

struct xb_err *xb_what_ended(struct xb_what *w)
{
	const struct xb_reason *r = &w->facts->result->reasons.v[0];
	XB_AUTOFREE char *state = xb_strdup(xb_hex(&w->facts->in->target->state).s);
	/* Where nobody is told the news, those who look after it are. */
	struct xb_what_telling how = {"retired", "RETIRED", "published",
				      state,     NULL,      w->c->mail.announce.n != 0};
	XB_AUTOFIELDS struct xb_fields f = {0};

	if (!strcmp(w->k->announced, state))
		return NULL;
	xb_words_target(&w->t, &f);
	xb_field_set(&f, "repository", xb_words_safe(xb_words_repository(w->c)));
	xb_field_set(&f, "why", xb_words_safe(r->detail));
	xb_field_set(&f, "since", xb_time_text(r->until));
	XB_TRY(xb_what_tell(w, &how, &f, NULL));
	xb_known_put_text(&w->k->announced, state);
	return NULL;
}

struct xb_err *xb_what_published(struct xb_what *w)
{
	const struct xb_target *t = w->facts->in->target;
	XB_AUTO(xb_state_release) struct xb_state old = {0}, now = {0};
	XB_AUTOFREE char *state = xb_strdup(xb_hex(&t->state).s);

	if (w->facts->in->options.dry) {
		if (w->facts->result->what == XB_PUBLISHED_MOVED)
			return announce(w, w->facts->state, &w->facts->result->new_id);
		return NULL;
	}
	if (!strcmp(w->k->announced, state))
		return NULL;
	XB_TRY(announced_state(w, &old));
	XB_TRY(xb_state_read(w->facts->plan->store, &t->state, &now));
	/* What was adopted is nobody's news: its chain is not known. */
	if (!git_oid_is_zero(&now.chain_tip) && (old.ended || !git_oid_equal(&now.published, &old.published)))
		XB_TRY(announce(w, &old, &now.published));
	xb_known_put_text(&w->k->announced, state);
	return NULL;
}
