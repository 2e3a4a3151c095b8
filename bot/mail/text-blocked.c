/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text-blocked.h"

#include "classify/rules.h"
#include "config/text.h"
#include "excerpt.h"
#include "odb/git.h"
#include "util/alloc.h"

#include <string.h>

#define BY_NOTE "excluded by a note"

enum { CANDIDATES_MAX = 5, COMMANDS_MAX = 12 };

char *xb_text_summary(const struct xb_pick *conflict)
{
	const char *kind = conflict->verdict == XB_PICK_UNDECIDABLE ? "undecided" : "conflict";

	if (!conflict->n)
		return xb_strdup(kind);
	return xb_asprintf("%s in %zu file%s", kind, conflict->n, conflict->n == 1 ? "" : "s");
}

/* What a person who said that it is not to be taken gave as the reason; NULL: nobody did. */
static const char *excluded(const struct xb_plan *p, const char *id)
{
	for (size_t i = 0; i < p->left_out.n; i++)
		if (p->left_out.v[i].reason == XB_LEFT_EXCLUDED &&
		    !strcmp(xb_hex(&p->window.v[p->left_out.v[i].window].oid).s, id))
			return p->left_out.v[i].why ? p->left_out.v[i].why : "excluded";
	return NULL;
}

/* The first of them that may be taken; NULL: none. */
static const char *first_candidate(const struct xb_plan *p, const struct xb_strv *ids)
{
	for (size_t i = 0; i < ids->n; i++)
		if (!excluded(p, ids->v[i]))
			return ids->v[i];
	return NULL;
}

/* Commits of the window, by their full ids, with their subjects. */
static char *with_subjects(const struct xb_plan *p, const struct xb_strv *ids)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < ids->n && i < CANDIDATES_MAX; i++) {
		const char *subject = "", *why = excluded(p, ids->v[i]);

		for (size_t w = 0; w < p->window.n; w++)
			if (!strcmp(xb_hex(&p->window.v[w].oid).s, ids->v[i]))
				subject = p->window.v[w].msg.subject;
		xb_buf_addf(&b, "    %.*s ", XB_TEXT_SHORT, ids->v[i]);
		xb_text_add_safe(&b, subject);
		xb_buf_adds(&b, why ? "\n        " : "");
		xb_text_add_safe(&b, why);
		xb_buf_addc(&b, '\n');
	}
	if (ids->n > CANDIDATES_MAX)
		xb_buf_addf(&b, "    ... and %zu more\n", ids->n - CANDIDATES_MAX);
	return xb_buf_detach(&b);
}

static char *effect(const struct xb_text_inputs *t, const struct xb_stuck *s)
{
	struct xb_strv waiting = {0};
	char *text, *list;

	if (!s->held)
		return xb_strdup("It is left out, and the fixes after it go on. It is tried again whenever "
				 "something is pushed.");
	for (size_t i = 0; i < t->plan->left_out.n; i++) {
		const struct xb_plan_left *l = &t->plan->left_out.v[i];

		for (size_t k = 0; l->reason == XB_LEFT_PENDING && k < l->advisories.n; k++)
			if (!xb_strv_has(s->advisories, l->advisories.v[k]))
				xb_ids_add(&waiting, l->advisories.v[k]);
	}
	list = xb_text_names(&waiting);
	text = xb_asprintf("The branch stays before it. %s%s%s", waiting.n ? "These wait behind it: " : "",
			   list, waiting.n ? "." : "No other fix waits behind it so far.");
	free(list);
	xb_ids_release(&waiting);
	return text;
}

static char *tried(const struct xb_text_inputs *t, const struct xb_stuck *s)
{
	const char *alone =
	    s->before->n ? "the commit with what it is known to need" : "the commit by itself";

	if (t->facts->no_discover)
		return xb_asprintf("%s; no search for what it needs.", alone);
	if (!s->held)
		return xb_asprintf("%s, and with earlier commits of the branch; none of it applies.", alone);
	if (s->candidates->n && !first_candidate(t->plan, s->candidates))
		return xb_asprintf("%s; what else touches these lines was excluded.", alone);
	if (!s->candidates->n)
		return xb_asprintf("%s. No earlier commit that is not in the branch touches these lines: it "
				   "seems to want a backport.",
				   alone);
	return xb_asprintf(
	    "%s, and with earlier commits of the branch that touch these lines; none of it applies.", alone);
}

/* "git cherry-pick -x A B", a line for each merge. */
static void add_cherry_picks(struct xb_buf *b, const git_oid *const *ids, const bool *merges, size_t n)
{
	bool open = false;

	for (size_t i = 0; i < n; i++) {
		if (!open || merges[i])
			xb_buf_addf(b, "%s    git cherry-pick -x%s", b->n ? "\n" : "",
				    merges[i] ? " -m 1" : "");
		xb_buf_addf(b, " %.*s", XB_TEXT_SHORT, xb_hex(ids[i]).s);
		open = !merges[i];
	}
}

struct commands {
	const git_oid *v[COMMANDS_MAX + 1];
	bool merge[COMMANDS_MAX + 1];
	size_t n;
	git_oid before[COMMANDS_MAX];
};

static void add_command(struct commands *c, const git_oid *oid, bool merge)
{
	c->v[c->n] = oid;
	c->merge[c->n++] = merge;
}

/*
 * From something that is published: the branch, or the release. Between that and
 * the commit come the picks that are not published, and what was picked for it.
 */
static char *reproduce(const struct xb_text_inputs *t, const struct xb_stuck *s)
{
	const struct xb_plan *p = t->plan;
	const struct xb_target *target = t->in->target;
	bool published = !target->window && t->facts->is_part && !git_oid_is_zero(&target->derived) &&
			 (t->result->what == XB_PUBLISHED_SAME || t->result->what == XB_PUBLISHED_MOVED);
	size_t from = published ? t->facts->n_published : 0, between = p->picks.n - from + s->before->n;
	struct commands c = {.n = 0};
	struct xb_buf b = XB_BUF_INIT;

	if (between > COMMANDS_MAX) {
		xb_buf_addf(&b, "    git checkout --detach $(xsabot -C . build %s", target->name);
		if (target->window)
			xb_buf_addf(&b, " --base=%.*s --tip=%.*s", XB_TEXT_SHORT, xb_hex(&target->base).s,
				    XB_TEXT_SHORT, xb_hex(&target->tip).s);
		xb_buf_adds(&b, t->facts->no_discover ? " --no-discover)" : ")");
		from = p->picks.n;
	} else if (published) {
		xb_buf_addf(&b, "    git checkout --detach %.*s", XB_TEXT_SHORT, xb_hex(&target->derived).s);
	} else {
		xb_buf_addf(&b, "    git checkout --detach %.*s", XB_TEXT_SHORT, xb_hex(&target->base).s);
	}
	for (; from < p->picks.n; from++)
		add_command(&c, &p->picks.v[from].commit, p->window.v[p->picks.v[from].window].n_parents > 1);
	for (size_t i = 0; i < s->before->n && c.n < COMMANDS_MAX; i++)
		if (!git_oid_fromstr(&c.before[i], s->before->v[i]))
			add_command(&c, &c.before[i], false);
	add_command(&c, &p->window.v[s->window].oid, p->window.v[s->window].n_parents > 1);
	add_cherry_picks(&b, c.v, c.merge, c.n);
	return xb_buf_detach(&b);
}

static char *settle(const struct xb_text_inputs *t, const struct xb_stuck *s)
{
	const char *ref = xb_text_notes_name(t->in->config);
	const struct xb_hex hex = xb_hex(&t->plan->window.v[s->window].oid);
	const char *commit = hex.s, *candidate = first_candidate(t->plan, s->candidates);
	const char *whom = s->advisories->n ? s->advisories->v[0] : "";
	XB_AUTOFREE char *need = xb_text_is_word(whom) ? xb_strdup(whom) : xb_memdup0(commit, XB_TEXT_SHORT);
	struct xb_buf b = XB_BUF_INIT;

	if (candidate)
		xb_buf_addf(&b,
			    "it needs an earlier commit:\n    git notes --ref=%s append -m 'Prerequisite-of: "
			    "%s' %.*s\n",
			    ref, need, XB_TEXT_SHORT, candidate);
	for (size_t i = 0; !candidate && i < s->candidates->n && i < CANDIDATES_MAX; i++)
		if (!strncmp(excluded(t->plan, s->candidates->v[i]), BY_NOTE, strlen(BY_NOTE)))
			xb_buf_addf(&b, "%s    git notes --ref=%s edit %.*s\n",
				    b.n ? "" : "what it needs was excluded by mistake:\n", ref, XB_TEXT_SHORT,
				    s->candidates->v[i]);
	xb_buf_addf(&b,
		    "a backport stands for it, once the conflict is solved and committed there:\n"
		    "    git push origin HEAD:refs/xsabot/fixups/%s-%.*s\n"
		    "    git notes --ref=%s append -m \"Replaced-by: $(git rev-parse HEAD)\" %.*s\n",
		    t->in->target->name, XB_TEXT_SHORT, commit, ref, XB_TEXT_SHORT, commit);
	xb_buf_addf(&b, "it is not for this line:\n    git notes --ref=%s append -m 'Exclude: REASON' %.*s",
		    ref, XB_TEXT_SHORT, commit);
	return xb_buf_detach(&b);
}

struct xb_err *xb_text_stuck(const struct xb_text_inputs *t, const struct xb_stuck *s, struct xb_fields *f)
{
	const struct xb_hist *h = &t->plan->window.v[s->window];
	XB_AUTOBUF struct xb_buf excerpt = XB_BUF_INIT;

	XB_TRY(xb_excerpt(t->plan->picker, s->conflict, &excerpt));
	xb_field_set(f, "what", xb_text_what(t->plan, s->advisories, s->wanted));
	xb_field_set(f, "summary", xb_text_summary(s->conflict));
	xb_field_set(f, "verdict", xb_strdup(s->held ? "HELD" : "SKIPPED"));
	xb_field_set(f, "title", xb_text_titles(t, s->advisories));
	xb_field_set(f, "commit", xb_strdup(xb_hex(&h->oid).s));
	xb_field_set(f, "subject", xb_text_safe(h->msg.subject));
	xb_field_set(f, "effect", effect(t, s));
	xb_field_set(f, "excerpt", xb_buf_detach(&excerpt));
	xb_field_set(f, "candidates", with_subjects(t->plan, s->candidates));
	xb_field_set(f, "tried", tried(t, s));
	xb_field_set(f, "reproduce", reproduce(t, s));
	if (*t->in->config->notes) {
		xb_field_set(f, "settle", settle(t, s));
		xb_field_set(f, "fetch", xb_text_fetch_notes(t));
		xb_field_set(f, "push", xb_text_push_notes(t));
	}
	return NULL;
}

static const char *state_words(enum xb_advisory_state s)
{
	switch (s) {
	case XB_ADV_APPLIED:
	case XB_ADV_WAITING:
		return "applies now";
	case XB_ADV_IN_BASE:
		return "in the release now";
	case XB_ADV_PARTIAL:
		return "applies in part now";
	case XB_ADV_REVERTED:
		return "reverted";
	case XB_ADV_EXCLUDED:
		return "excluded now";
	default:
		return "this conflict is gone";
	}
}

char *xb_text_outcome(const struct xb_text_inputs *t, const char *what)
{
	XB_AUTOFREE char *first = xb_memdup0(what, strcspn(what, ", "));
	const struct xb_plan_advisory *a = t->plan ? xb_text_advisory(t->plan, first) : NULL;

	return xb_strdup(a ? state_words(a->state) : "no longer in the way");
}
