/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"

#include "advisories/table.h"
#include "repo/git.h"
#include "state/stateref.h"
#include "text/json.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <string.h>

/* ---- a branch by its advisories ---- */

enum { NEWS_MAX = 400 /* picks that are listed: no branch of Xen ever had a third of that */ };

/* By what is published, where that is no part of the plan. */
static bool is_published(const struct xb_state *s, const char *id)
{
	for (size_t i = 0; s && i < s->picks.n; i++)
		if (xb_strv_has(&s->picks.v[i].advisories, id))
			return true;
	return false;
}

static bool waits(const struct xb_words_inputs *t, const char *id)
{
	if (!t->facts->is_part)
		return !is_published(t->facts->state, id);
	for (size_t i = t->facts->n_published; i < t->plan->picks.n; i++)
		if (xb_strv_has(&t->plan->picks.v[i].advisories, id))
			return true;
	return false;
}

/* Why what is in the plan is not published: a gate, a batch, or a branch that is held. */
static char *why_waits(const struct xb_words_inputs *t)
{
	const struct xb_whys *all = &t->result->reasons;
	char *why = all->n ? xb_reason_record(&all->v[0]) : NULL; /* without what is the bot's own */

	if (!why)
		why = xb_strdup(t->result->what == XB_PUBLISHED_HELD
				    ? "the branch is held until a person has looked"
				    : "it waits");
	return why;
}

static void add_why(struct xb_strv *all, const char *why)
{
	if (why && *why)
		xb_strv_add_new(all, why);
}

static char *why_not(const struct xb_words_inputs *t, const struct xb_plan_advisory *a)
{
	const struct xb_plan *p = t->plan;
	XB_AUTOSTRV struct xb_strv all = {0};

	for (size_t i = 0; i < p->blocked.n; i++)
		if (xb_strv_has(&p->blocked.v[i].advisories, a->id))
			add_why(&all, p->blocked.v[i].why);
	for (size_t i = 0; i < p->left_out.n; i++) {
		const struct xb_plan_left *l = &p->left_out.v[i];

		if (l->reason != XB_LEFT_REPLACED &&
		    (xb_strv_has(&l->advisories, a->id) ||
		     xb_strv_has(&a->commits, xb_hex(&p->window.v[l->window].oid).s)))
			add_why(&all, l->why);
	}
	if (!all.n && waits(t, a->id)) {
		XB_AUTOFREE char *why = why_waits(t);

		add_why(&all, why);
	}
	return all.n ? xb_strv_join(&all, "; ") : xb_strdup(xb_advisory_state_name(a->state));
}

enum kind { HAS, LACKS, DROPPED, NEITHER };

static enum kind kind_of(const struct xb_words_inputs *t, const struct xb_plan_advisory *a)
{
	switch (a->state) {
	case XB_ADV_PARTIAL:
	case XB_ADV_PENDING:
	case XB_ADV_BLOCKED:
	case XB_ADV_REVERTED:
		return LACKS;
	case XB_ADV_EXCLUDED:
	case XB_ADV_WITHDRAWN:
		return DROPPED;
	case XB_ADV_APPLIED:
	case XB_ADV_WAITING:
		return waits(t, a->id) ? LACKS : HAS;
	default:
		return NEITHER;
	}
}

static void add_reason(struct xb_buf *b, const char *id, bool part, const char *why)
{
	xb_buf_adds(b, "    ");
	xb_words_add_name(b, id);
	xb_buf_adds(b, part ? " (in part)" : "");
	xb_buf_adds(b, why && *why ? ": " : "");
	xb_words_add_safe(b, why);
	xb_buf_addc(b, '\n');
}

static void add_plan_rows(const struct xb_words_inputs *t, enum kind kind, struct xb_buf *b)
{
	for (size_t i = 0; i < t->plan->advisories.n; i++) {
		const struct xb_plan_advisory *a = &t->plan->advisories.v[i];
		XB_AUTOFREE char *why = kind_of(t, a) == kind ? why_not(t, a) : NULL;

		if (why)
			add_reason(b, a->id, a->state == XB_ADV_PARTIAL, why);
	}
}

void xb_words_missing(const struct xb_words_inputs *t, struct xb_fields *f)
{
	struct xb_buf b = XB_BUF_INIT;

	add_plan_rows(t, LACKS, &b);
	xb_field_set(f, "missing", xb_buf_detach(&b));
}

char *xb_words_missing_ids(const struct xb_words_inputs *t)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < t->plan->advisories.n; i++)
		if (kind_of(t, &t->plan->advisories.v[i]) == LACKS)
			xb_buf_addf(&b, "%s\n", t->plan->advisories.v[i].id);
	return xb_buf_detach(&b);
}

static char *all_in(const struct xb_words_inputs *t)
{
	XB_AUTOSTRV struct xb_strv ids = {0};

	for (size_t i = 0; i < t->plan->advisories.n; i++)
		if (kind_of(t, &t->plan->advisories.v[i]) == HAS)
			xb_strv_add_new(&ids, t->plan->advisories.v[i].id);
	return xb_words_all_names(&ids);
}

/* "XSA-477 / CVE-2025-1234: its title", of each advisory that the pick is part of. */
static char *heading(const struct xb_table *table, const struct xb_plan_pick *k)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < k->advisories.n; i++) {
		const struct xb_table_row *r = NULL;

		for (size_t n = 0; n < table->rows.n && !r; n++)
			if (!strcmp(table->rows.v[n].id, k->advisories.v[i]))
				r = &table->rows.v[n];
		xb_buf_adds(&b, i ? "\n    " : "    ");
		xb_words_add_name(&b, k->advisories.v[i]);
		for (size_t c = 0; r && c < r->aliases.n; c++) {
			xb_buf_adds(&b, c ? ", " : " / ");
			xb_words_add_name(&b, r->aliases.v[c]);
		}
		if (r && r->title) {
			xb_buf_adds(&b, ": ");
			xb_words_add_safe(&b, r->title);
		}
	}
	if (!k->advisories.n)
		xb_buf_adds(&b, "    without an advisory");
	return xb_buf_detach(&b);
}

static void add_new_pick(struct xb_buf *b, const struct xb_plan_pick *k)
{
	xb_buf_addf(b, "        %.*s ", XB_SHORT, xb_hex(&k->derived).s);
	xb_words_add_safe(b, k->subject);
	if (k->role != XB_ROLE_SECURITY)
		xb_buf_addf(b, " (%s)", xb_role_name(k->role));
	if (!git_oid_is_zero(&k->replaces))
		xb_buf_addf(b, " (a backport, for %.*s)", XB_SHORT, xb_hex(&k->replaces).s);
	xb_buf_addc(b, '\n');
}

/* COMMIT was picked, or another one in its place. */
static bool state_has(const struct xb_state *old, const git_oid *commit)
{
	for (size_t i = 0; i < old->picks.n; i++)
		if (git_oid_equal(&old->picks.v[i].commit, commit) ||
		    git_oid_equal(&old->picks.v[i].replaces, commit))
			return true;
	return false;
}

static char *news(const struct xb_words_inputs *t, const struct xb_table *table, const struct xb_state *old)
{
	XB_AUTOFREE char *last = xb_strdup("");
	struct xb_buf b = XB_BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < t->facts->n_published; i++) {
		const struct xb_plan_pick *k = &t->plan->picks.v[i];
		char *head;

		if (state_has(old, &k->commit) || n++ >= NEWS_MAX)
			continue;
		head = heading(table, k);
		if (strcmp(head, last) != 0)
			xb_buf_addf(&b, "%s\n", head);
		add_new_pick(&b, k);
		free(last);
		last = head;
	}
	if (n > NEWS_MAX)
		xb_buf_addf(&b, "    ... and %zu more commits\n", n - NEWS_MAX);
	return xb_buf_detach(&b);
}

/*
 * Sets "news" (each new pick by its id in the branch, below its advisory with CVEs and title), "in" (all
 * advisories that it has since its release), "missing" and "dropped" (each with why).
 */
static void set_table(const struct xb_words_inputs *t, const struct xb_table *table,
		      const struct xb_state *old, struct xb_fields *f)
{
	struct xb_buf missing = XB_BUF_INIT, dropped = XB_BUF_INIT;

	add_plan_rows(t, LACKS, &missing);
	for (size_t i = 0; i < table->rows.n; i++)
		if (table->rows.v[i].state == XB_ADV_MISSING)
			add_reason(&missing, table->rows.v[i].id, false, table->rows.v[i].why);
	add_plan_rows(t, DROPPED, &dropped);
	xb_field_set(f, "news", news(t, table, old));
	xb_field_set(f, "in", all_in(t));
	xb_field_set(f, "missing", xb_buf_detach(&missing));
	xb_field_set(f, "dropped", xb_buf_detach(&dropped));
}

static struct xb_err *set_advisories(const struct xb_words_inputs *t, const struct xb_state *old,
				     struct xb_fields *f)
{
	struct xb_table_inputs in = {.plan = t->plan,
				     .rules = t->in->rules,
				     .metadata = t->metadata,
				     .n_published = t->facts->n_published};
	XB_AUTO(xb_table_release) struct xb_table table = {0};
	XB_AUTOJSON json_t *root = NULL;

	if (!t->in->options.dry) /* what the release has is there already */
		XB_TRY(xb_state_table(t->plan->store, &t->in->target->state, &root, &in.before));
	XB_TRY(xb_table_make(&in, &table));
	set_table(t, &table, old, f);
	return NULL;
}

/* ---- what was published ---- */

static bool plan_has(const struct xb_plan *p, size_t n, const git_oid *commit)
{
	for (size_t i = 0; i < n; i++)
		if (git_oid_equal(&p->picks.v[i].commit, commit))
			return true;
	return false;
}

/* Picks of the old branch that the new one has neither as a pick nor in its release. */
static void add_gone(const struct xb_words_inputs *t, const struct xb_state *old, struct xb_buf *b,
		     size_t *in_base)
{
	for (size_t i = 0; i < old->picks.n; i++) {
		const struct xb_state_pick *k = &old->picks.v[i];
		bool base = false;

		if (plan_has(t->plan, t->facts->n_published, &k->commit))
			continue;
		/* What can't be found any more is not in the release. */
		xb_err_free(xb_is_ancestor(t->in->repo, &k->commit, &t->in->target->base, &base));
		*in_base += base;
		if (base)
			continue;
		xb_buf_addf(b, "    %.*s ", XB_SHORT, xb_hex(&k->commit).s);
		xb_words_add_safe(b, k->subject);
		xb_buf_addc(b, '\n');
	}
}

static char *published_what(const struct xb_words_inputs *t, const struct xb_state *old,
			    const struct xb_strv *fixes, size_t news)
{
	const struct xb_target *target = t->in->target;

	if (fixes->n)
		return xb_words_names(fixes);
	if (news)
		return xb_asprintf("%zu commit%s", news, news == 1 ? "" : "s");
	if (target->base_tag && !git_oid_equal(&old->base, &target->base))
		return xb_vis_dup(target->base_tag);
	return xb_words_without(target->derived_ref, "refs/heads/");
}

/* A branch that was there is pulled, unless its history may be another. */
static char *get(const struct xb_words_inputs *t, const struct xb_state *old)
{
	const struct xb_target *target = t->in->target;
	XB_AUTOFREE char *branch = xb_words_without(target->derived_ref, "refs/heads/");

	if (git_oid_is_zero(&old->published))
		return xb_asprintf("    git fetch origin\n    git checkout %s", branch);
	if (target->conf->history == XB_REWRITE)
		return xb_asprintf("    git fetch origin\n    git checkout -B %s origin/%s", branch, branch);
	return xb_asprintf("    git checkout %s\n    git pull --ff-only", branch);
}

struct xb_err *xb_words_published(const struct xb_words_inputs *t, const struct xb_state *old,
				  struct xb_fields *f)
{
	struct xb_buf gone = XB_BUF_INIT;
	struct xb_strv fixes = {0};
	size_t n = 0, in_base = 0;

	for (size_t i = 0; i < t->facts->n_published; i++) {
		const struct xb_plan_pick *k = &t->plan->picks.v[i];

		if (state_has(old, &k->commit))
			continue;
		for (size_t a = 0; a < k->advisories.n && k->role == XB_ROLE_SECURITY; a++)
			xb_strv_add_new(&fixes, k->advisories.v[a]);
		n++;
	}
	XB_TRY(set_advisories(t, old, f));
	add_gone(t, old, &gone, &in_base);
	xb_field_set(f, "what", published_what(t, old, &fixes, n));
	xb_field_set(f, "all", xb_words_all_names(&fixes));
	xb_field_set(f, "repository", xb_words_safe(xb_words_repository(t->in->config)));
	xb_field_set(f, "get", get(t, old));
	xb_field_set(f, "bare",
		     in_base ? xb_asprintf("%zu earlier pick%s now part of the release.", in_base,
					   in_base == 1 ? " is" : "s are")
		     : n     ? NULL
		     : old->ended
			 ? xb_strdup("It had come to its end, and is kept again; nothing else changed.")
			 : xb_strdup(t->facts->n_published
					 ? "No new pick; its history changed."
					 : "It is the release itself: there is no fix after it."));
	xb_field_set(f, "gone", xb_buf_detach(&gone));
	xb_field_set(
	    f, "history",
	    t->result->stitched
		? xb_strdup(
		      "Its history changed; a merge joins it to what it was, so that a pull fast-forwards.")
		: NULL);
	xb_strv_release(&fixes);
	return NULL;
}

bool xb_words_withdrawn(const struct xb_words_inputs *t, const struct xb_state *old, struct xb_fields *f)
{
	const struct xb_plan *p = t->plan;
	struct xb_buf b = XB_BUF_INIT;
	struct xb_strv ids = {0};
	size_t n = 0;

	for (size_t i = 0; i < p->left_out.n; i++) {
		const struct xb_plan_left *l = &p->left_out.v[i];
		const struct xb_hist *h = &p->window.v[l->window];

		if (l->reason != XB_LEFT_WITHDRAWN || !state_has(old, &h->oid))
			continue;
		if (!n++)
			xb_field_set(f, "what", xb_words_what(p, &l->advisories, l->window));
		xb_strv_add_all_new(&ids, &l->advisories);
		xb_buf_addf(&b, "    %.*s ", XB_SHORT, xb_hex(&h->oid).s);
		xb_words_add_safe(&b, h->msg.subject);
		xb_buf_adds(&b, "\n        ");
		for (size_t k = 0; k < l->advisories.n; k++) {
			xb_words_add_name(&b, l->advisories.v[k]);
			xb_buf_adds(&b, k + 1 < l->advisories.n ? ", " : ": ");
		}
		xb_words_add_safe(&b, l->why);
		xb_buf_addc(&b, '\n');
	}
	if (n && ids.n) {
		xb_field_set(f, "what", xb_words_names(&ids));
		xb_field_set(f, "title", xb_words_titles(t, &ids));
	}
	xb_field_set(f, "withdrawn", xb_buf_detach(&b));
	xb_strv_release(&ids);
	return n > 0;
}
