/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search.h"

#include "meaning/changes.h"
#include "meaning/mixtures.h"
#include "series.h"
#include "util/alloc.h"

/* Each round adds something that the one before brought in; real chains end after two or three. */
#define ROUNDS 30
/* Commits that come in for one definition, at most. */
#define FEW 1

static bool is_new(const struct xb_search *s, const struct xb_set *dropped, size_t provider)
{
	return provider != s->root && !xb_set_has(&s->meant, provider) && !xb_set_has(dropped, provider);
}

static enum xb_evidence_kind evidence_of(enum xb_meaning_how how)
{
	switch (how) {
	case XB_MEANS_SERIES:
		return XB_EV_SERIES;
	case XB_MEANS_CHANGES:
	case XB_MEANS_MIXED:
		return XB_EV_DEFINITION;
	case XB_MEANS_BRINGS:
	case XB_MEANS_ENDS_USE:
	case XB_MEANS_READS:
		break;
	}
	return XB_EV_MEANING;
}

static void note_use(struct xb_search *s, const struct xb_meaning_hit *h)
{
	struct xb_finding *r;

	for (size_t k = 0; k < s->uses.n; k++) {
		r = &s->uses.v[k];
		if (r->i == h->provider && r->need == h->needed_by && !strcmp(r->name, h->name))
			return;
	}
	r = xb_findings_add(&s->uses, h->provider, h->needed_by, evidence_of(h->how));
	r->path = xb_strdup(h->path);
	r->line = h->line;
	r->how = h->how;
	r->name = xb_strdup(h->name);
}

/* Takes the provider in; what text found already needn't be found by it any longer. */
static void take(struct xb_search *s, size_t provider)
{
	xb_search_unit(s, provider, &s->meant);
	for (size_t k = 0; k < s->meant.n; k++)
		xb_set_drop(&s->text, s->meant.v[k]);
}

/* Is commit I there for the sake of a member of B? What comes with such a one counts. */
static bool is_used(const struct xb_search *s, size_t i, const struct xb_bundle *b)
{
	struct xb_set unit = {0};
	bool used = false;

	xb_search_unit(s, i, &unit);
	for (size_t k = 0; k < s->uses.n; k++)
		used |= xb_set_has(&unit, s->uses.v[k].i) && xb_bundle_has(b, s->uses.v[k].need);
	xb_set_release(&unit);
	return used;
}

/* Leaves out the providers whose users went with a smaller set. */
static struct xb_err *drop_unused(struct xb_search *s, bool *any)
{
	XB_AUTO(xb_bundle_release) struct xb_bundle b = {0};
	bool more = true;

	*any = false;
	while (more) {
		more = false;
		XB_TRY(xb_search_compose(s, &s->text, &b));
		for (size_t k = s->meant.n; k-- > 0 && !more;) {
			if (is_used(s, s->meant.v[k], &b))
				continue;
			xb_set_drop(&s->meant, s->meant.v[k]);
			*any = more = true;
		}
	}
	return NULL;
}

/* Makes all apply again; what that needs may change who is used. */
static struct xb_err *settle(struct xb_search *s, bool *done)
{
	bool again = true, spent;

	*done = true;
	for (unsigned round = 0; again && *done && round < ROUNDS; round++) {
		XB_TRY(xb_search_text(s, done, &spent));
		if (*done)
			XB_TRY(drop_unused(s, &again));
	}
	return NULL;
}

/* Takes in the N providers together. Not *DONE: it is as before. */
static struct xb_err *try_providers(struct xb_search *s, const size_t *v, size_t n, bool *done)
{
	XB_AUTO(xb_set_release) struct xb_set text = {0}, meant = {0};

	xb_set_copy(&text, &s->text);
	xb_set_copy(&meant, &s->meant);
	for (size_t k = 0; k < n; k++)
		take(s, v[k]);
	XB_TRY(settle(s, done));
	if (!*done) {
		xb_set_copy(&s->text, &text);
		xb_set_copy(&s->meant, &meant);
	}
	return NULL;
}

static void warn(struct xb_search *s, size_t provider)
{
	const struct xb_window *w = s->board->window;
	char id[13], user[13];

	for (size_t k = 0; k < s->uses.n; k++) {
		const struct xb_finding *r = &s->uses.v[k];

		if (r->i != provider)
			continue;
		git_oid_tostr(id, sizeof id, &w->v[provider].oid);
		git_oid_tostr(user, sizeof user, &w->v[r->need].oid);
		xb_board_warn(
		    s->board,
		    r->how == XB_MEANS_SERIES
			? xb_asprintf("%s seems to be a part of %s, but does not apply, and is left out", id,
				      user)
			: xb_asprintf("%s uses %s in %s, which %s brings; but that does not apply, and is "
				      "left out",
				      user, r->name, r->path, id));
		if (r->how == XB_MEANS_SERIES)
			xb_strv_add_all_new(s->board->incomplete, &s->board->c[r->need].advisories);
		return;
	}
}

/* One by one, each with all that it needs to apply; what needs more than a few is left out. */
static struct xb_err *take_in_small(struct xb_search *s, const struct xb_set *found, struct xb_set *dropped)
{
	for (size_t k = 0; k < found->n; k++) {
		struct xb_set text = {0}, meant = {0};
		size_t before = s->text.n + s->meant.n;
		struct xb_err *err;
		bool done;

		if (xb_set_has(&s->meant, found->v[k]))
			continue;
		xb_set_copy(&text, &s->text);
		xb_set_copy(&meant, &s->meant);
		err = try_providers(s, &found->v[k], 1, &done);
		if (!err && (!done || s->text.n + s->meant.n > before + FEW)) {
			xb_set_copy(&s->text, &text);
			xb_set_copy(&s->meant, &meant);
			xb_set_add(dropped, found->v[k]);
		}
		xb_set_release(&text);
		xb_set_release(&meant);
		XB_TRY(err);
	}
	return NULL;
}

/* All together, or else one by one. */
static struct xb_err *take_in(struct xb_search *s, const struct xb_set *found, struct xb_set *dropped)
{
	bool done;

	XB_TRY(try_providers(s, found->v, found->n, &done));
	for (size_t k = 0; k < found->n && !done; k++) {
		bool one = found->n > 1;

		if (one)
			XB_TRY(try_providers(s, &found->v[k], 1, &one));
		if (one)
			continue;
		xb_set_add(dropped, found->v[k]);
		warn(s, found->v[k]);
	}
	return NULL;
}

/* A rule: adds to HITS what the members of B, which give TREE, lack. */
typedef struct xb_err *(*rule)(struct xb_search *s, const struct xb_bundle *b, const git_oid *tree,
			       struct xb_meaning_hits *hits);

static struct xb_err *by_meaning(struct xb_search *s, const struct xb_bundle *b, const git_oid *tree,
				 struct xb_meaning_hits *hits)
{
	return xb_meaning_find(s->meaning, b, tree, hits);
}

static struct xb_err *by_series(struct xb_search *s, const struct xb_bundle *b, const git_oid *tree,
				struct xb_meaning_hits *hits)
{
	(void)tree;
	return xb_finds_whole(s->board) ? xb_series_find(s->board, b, hits) : NULL;
}

static struct xb_err *by_change(struct xb_search *s, const struct xb_bundle *b, const git_oid *tree,
				struct xb_meaning_hits *hits)
{
	return xb_finds_whole(s->board) ? xb_changes_find(s->meaning, b, tree, hits) : NULL;
}

static struct xb_err *by_mixture(struct xb_search *s, const struct xb_bundle *b, const git_oid *tree,
				 struct xb_meaning_hits *hits)
{
	return xb_finds_whole(s->board) ? xb_mixtures_find(s->meaning, b, tree, hits) : NULL;
}

/* In this order; the next one is asked where those before it find nothing new. */
static const struct {
	rule find;
	bool small; /* what it finds is worth a few commits, and no more */
} rules[] = {{by_meaning, false}, {by_series, false}, {by_change, true}, {by_mixture, true}};

static struct xb_err *look_by(rule find, struct xb_search *s, const struct xb_bundle *b, const git_oid *tree,
			      const struct xb_set *dropped, struct xb_set *found)
{
	XB_AUTO(xb_meaning_hits_release) struct xb_meaning_hits hits = {0};

	XB_TRY(find(s, b, tree, &hits));
	for (size_t k = 0; k < hits.n; k++) {
		if (!is_new(s, dropped, hits.v[k].provider))
			continue;
		note_use(s, &hits.v[k]);
		xb_set_add(found, hits.v[k].provider);
	}
	return NULL;
}

static struct xb_err *look(struct xb_search *s, const struct xb_bundle *b, const git_oid *tree,
			   const struct xb_set *dropped, struct xb_set *found, bool *small)
{
	found->n = 0;
	for (size_t k = 0; k < sizeof rules / sizeof *rules && !found->n; k++) {
		XB_TRY(look_by(rules[k].find, s, b, tree, dropped, found));
		*small = rules[k].small;
	}
	return NULL;
}

/* What was found out is said of those that stayed. */
static void keep_reasons(struct xb_search *s, const struct xb_bundle *b)
{
	for (size_t k = 0; k < s->uses.n; k++) {
		const struct xb_finding *u = &s->uses.v[k];
		struct xb_finding *r;

		if (!xb_set_has(&s->meant, u->i) || !xb_bundle_has(b, u->need))
			continue;
		r = xb_findings_add(s->found, u->i, u->need, u->kind);
		r->path = xb_strdup(u->path);
		r->line = u->line;
		r->how = u->how;
		r->name = xb_strdup(u->name);
	}
}

struct xb_err *xb_search_meaning(struct xb_search *s, struct xb_bundle *b, struct xb_attempt *a)
{
	struct xb_set found = {0}, dropped = {0};
	struct xb_err *err = NULL;

	for (unsigned round = 0; round < ROUNDS && !err; round++) {
		bool small;

		err = look(s, b, &a->tree, &dropped, &found, &small);
		if (err || !found.n)
			break;
		err = small ? take_in_small(s, &found, &dropped) : take_in(s, &found, &dropped);
		if (!err)
			err = xb_search_finish(s, b, a);
	}
	if (!err)
		keep_reasons(s, b);
	xb_set_release(&found);
	xb_set_release(&dropped);
	return err;
}
