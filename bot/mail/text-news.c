/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text-news.h"

#include "text-advisories.h"
#include "odb/git.h"
#include "util/alloc.h"
#include "util/vis.h"
#include "words/settle.h"

#include <string.h>

enum { PICKS_MAX = 20, UNTESTED_MAX = 8 };

static void add_pick(struct xb_buf *b, const struct xb_plan_pick *k)
{
	xb_buf_addf(b, "    %.*s ", XB_SHORT, xb_hex(&k->commit).s);
	xb_text_add_safe(b, k->subject);
	xb_buf_addc(b, '\n');
}

/* For each, the command that declares it. */
static char *declare(const struct xb_text_inputs *t, const size_t *picks, size_t n)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < n && i < PICKS_MAX; i++) {
		const struct xb_plan_pick *k = &t->plan->picks.v[picks[i]];
		const char *whom = k->trailer_for.n ? k->trailer_for.v[0] : "";
		XB_AUTOFREE char *name =
		    xb_memdup0(whom, strlen(whom) == GIT_OID_HEXSZ ? XB_SHORT : strlen(whom));
		const char *word = k->role == XB_ROLE_FOLLOW_UP ? "Follow-up-to" : "Prerequisite-of";
		XB_AUTOFREE char *command =
		    xb_is_word(whom) ? xb_advice_note(t->in->config, word, name, &k->commit) : NULL;

		if (command)
			xb_buf_addf(&b, "    %s\n", command);
	}
	return xb_buf_detach(&b);
}

static bool shares(const struct xb_strv *a, const struct xb_strv *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (xb_strv_has(b, a->v[i]))
			return true;
	return false;
}

static void add_untested(struct xb_buf *b, const struct xb_residue_item *r)
{
	xb_buf_adds(b, "    ");
	xb_text_add_safe(b, r->path);
	xb_buf_adds(b, ": ");
	xb_text_add_safe(b, r->name);
	if (r->by.n)
		xb_buf_addf(b, "\n        without %.*s%s", XB_SHORT, r->by.v[0],
			    r->by.n > 1 ? " and others" : "");
	xb_buf_addc(b, '\n');
}

/* What fixes of the advisories IDS changed and that stands as the stable branch never had it. Owned. */
static char *untested(const struct xb_text_inputs *t, const struct xb_strv *ids)
{
	const struct xb_residue *r = &t->plan->residue;
	struct xb_buf b = XB_BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += shares(&r->v[i].advisories, ids);
	if (!n)
		return xb_strdup("");
	xb_buf_addf(
	    &b,
	    "Of %zu functions, macros, variables and types that the branch's picks change, %zu stand as on "
	    "the stable branch. Of these advisories' %zu %s as it never had %s, as the branch lacks a "
	    "commit:\n\n",
	    r->touched, r->tested, n, n == 1 ? "stands" : "stand", n == 1 ? "it" : "them");
	for (size_t i = 0, said = 0; i < r->n && said < UNTESTED_MAX; i++)
		if (shares(&r->v[i].advisories, ids)) {
			add_untested(&b, &r->v[i]);
			said++;
		}
	if (n > UNTESTED_MAX)
		xb_buf_addf(&b, "    ... and %zu more: xsabot plan --left-out %s\n", n - UNTESTED_MAX,
			    t->in->target->name);
	return xb_buf_detach(&b);
}

void xb_text_found(const struct xb_text_inputs *t, const size_t *picks, size_t n, struct xb_fields *f)
{
	const struct xb_plan_pick *first = &t->plan->picks.v[picks[0]];
	const struct xb_config *c = t->in->config;
	struct xb_strv ids = {0};
	struct xb_buf b = XB_BUF_INIT;
	bool repairs = false;

	for (size_t i = 0; i < n; i++) {
		const struct xb_plan_pick *k = &t->plan->picks.v[picks[i]];

		repairs |= k->role == XB_ROLE_FOLLOW_UP;
		for (size_t a = 0; a < k->advisories.n; a++)
			xb_strv_add_new(&ids, k->advisories.v[a]);
		if (i < PICKS_MAX) {
			add_pick(&b, k);
			xb_buf_adds(&b, "        ");
			xb_text_add_safe(&b, k->why);
			xb_buf_addc(&b, '\n');
		}
	}
	if (n > PICKS_MAX)
		xb_buf_addf(&b, "    ... and %zu more: xsabot plan %s\n", n - PICKS_MAX, t->in->target->name);
	xb_field_set(f, "what", xb_text_what(t->plan, &ids, first->window));
	xb_field_set(
	    f, "summary",
	    xb_asprintf("%zu %s%s found", n, repairs ? "commit" : "prerequisite", n == 1 ? "" : "s"));
	xb_field_set(f, "title", xb_text_titles(t, &ids));
	xb_field_set(f, "found", xb_buf_detach(&b));
	xb_field_set(f, "untested", untested(t, &ids));
	if (xb_advice_has_notes(c)) {
		XB_AUTOFREE char *exclude = xb_advice_note(c, "Exclude", "REASON", &first->commit);

		xb_field_set(f, "settle", declare(t, picks, n));
		xb_field_set(f, "exclude", xb_asprintf("    %s", exclude));
	}
	xb_text_notes(t, f);
	xb_strv_release(&ids);
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

static bool plan_has(const struct xb_plan *p, size_t n, const git_oid *commit)
{
	for (size_t i = 0; i < n; i++)
		if (git_oid_equal(&p->picks.v[i].commit, commit))
			return true;
	return false;
}

/* Picks of the old branch that the new one has neither as a pick nor in its release. */
static void add_gone(const struct xb_text_inputs *t, const struct xb_state *old, struct xb_buf *b,
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
		xb_text_add_safe(b, k->subject);
		xb_buf_addc(b, '\n');
	}
}

static char *published_what(const struct xb_text_inputs *t, const struct xb_state *old,
			    const struct xb_strv *fixes, size_t news)
{
	const struct xb_target *target = t->in->target;

	if (fixes->n)
		return xb_text_names(fixes);
	if (news)
		return xb_asprintf("%zu commit%s", news, news == 1 ? "" : "s");
	if (target->base_tag && !git_oid_equal(&old->base, &target->base))
		return xb_vis_dup(target->base_tag);
	return xb_text_without(target->derived_ref, "refs/heads/");
}

/* A branch that was there is pulled, unless its history may be another. */
static char *get(const struct xb_text_inputs *t, const struct xb_state *old)
{
	const struct xb_target *target = t->in->target;
	XB_AUTOFREE char *branch = xb_text_without(target->derived_ref, "refs/heads/");

	if (git_oid_is_zero(&old->published))
		return xb_asprintf("    git fetch origin\n    git checkout %s", branch);
	if (target->conf->history == XB_REWRITE)
		return xb_asprintf("    git fetch origin\n    git checkout -B %s origin/%s", branch, branch);
	return xb_asprintf("    git checkout %s\n    git pull --ff-only", branch);
}

static bool is_new(const void *ctx, const struct xb_plan_pick *k)
{
	return !state_has(ctx, &k->commit);
}

struct xb_err *xb_text_published(const struct xb_text_inputs *t, const struct xb_state *old,
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
	XB_TRY(xb_text_advisories(t, is_new, old, f));
	add_gone(t, old, &gone, &in_base);
	xb_field_set(f, "what", published_what(t, old, &fixes, n));
	xb_field_set(f, "all", xb_text_all_names(&fixes));
	xb_field_set(f, "repository", xb_text_safe(xb_text_repository(t->in->config)));
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

bool xb_text_withdrawn(const struct xb_text_inputs *t, const struct xb_state *old, struct xb_fields *f)
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
			xb_field_set(f, "what", xb_text_what(p, &l->advisories, l->window));
		xb_strv_add_all_new(&ids, &l->advisories);
		xb_buf_addf(&b, "    %.*s ", XB_SHORT, xb_hex(&h->oid).s);
		xb_text_add_safe(&b, h->msg.subject);
		xb_buf_adds(&b, "\n        ");
		for (size_t k = 0; k < l->advisories.n; k++) {
			xb_text_add_name(&b, l->advisories.v[k]);
			xb_buf_adds(&b, k + 1 < l->advisories.n ? ", " : ": ");
		}
		xb_text_add_safe(&b, l->why);
		xb_buf_addc(&b, '\n');
	}
	if (n && ids.n) {
		xb_field_set(f, "what", xb_text_names(&ids));
		xb_field_set(f, "title", xb_text_titles(t, &ids));
	}
	xb_field_set(f, "withdrawn", xb_buf_detach(&b));
	xb_strv_release(&ids);
	return n > 0;
}
