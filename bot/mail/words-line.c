/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"

#include "pick/pick.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <string.h>

/* ---- a conflict in few lines ---- */

enum { PLACES_MAX = 3, FILES_MAX = 6, LINES_MAX = 6, WIDTH_MAX = 160 };

static void add_line(struct xb_buf *out, const char *p, size_t n)
{
	XB_AUTOBUF struct xb_buf shown = XB_BUF_INIT;

	if (n && p[n - 1] == '\n')
		n--;
	if (n && p[n - 1] == '\r')
		n--;
	xb_vis(&shown, p, n > WIDTH_MAX ? WIDTH_MAX : n, XB_VIS_LINES);
	xb_buf_addf(out, "    | %s%s\n", shown.p ? shown.p : "", n > WIDTH_MAX ? " ..." : "");
}

/* What one side has in N lines from FROM on. */
static struct xb_err *add_side(struct xb_picker *p, const char *title, const struct xb_entry *e, size_t from,
			       size_t n, struct xb_buf *out)
{
	struct xb_text *t;
	size_t shown = n > LINES_MAX ? LINES_MAX - 1 : n;

	if (!e->mode || !n) {
		xb_buf_addf(out, "  %s nothing there\n", title);
		return NULL;
	}
	xb_buf_addf(out, "  %s\n", title);
	XB_TRY(xb_picker_text(p, &e->oid, &t));
	for (size_t i = from; i < from + shown && i < t->n; i++)
		add_line(out, xb_text_at(t, i), xb_text_size(t, i, i + 1));
	if (shown < n)
		xb_buf_addf(out, "    ... %zu more lines\n", n - shown);
	return NULL;
}

static struct xb_err *add_place(struct xb_picker *p, const struct xb_conflict *c, const struct xb_hunk *h,
				struct xb_buf *out)
{
	XB_AUTOFREE char *path = xb_words_safe(c->path);

	xb_buf_addf(out, "%s, line %zu of the branch:\n", path, h->ours + 1);
	XB_TRY(add_side(p, "the branch has", &c->ours, h->ours, h->ours_n, out));
	XB_TRY(add_side(p, "the commit expects", &c->base, h->base, h->base_n, out));
	return add_side(p, "and makes of it", &c->theirs, h->theirs, h->theirs_n, out);
}

static void add_more(size_t places, size_t files, struct xb_buf *out)
{
	if (places)
		xb_buf_addf(out, "... and %zu more place%s in these files\n", places, places == 1 ? "" : "s");
	if (files)
		xb_buf_addf(out, "... and %zu more file%s\n", files, files == 1 ? "" : "s");
}

/* The first places of the first files are shown in full, the other files by their names. */
static struct xb_err *add_excerpt(struct xb_picker *p, const struct xb_pick *conflict, struct xb_buf *out)
{
	size_t left = PLACES_MAX, more = 0;

	for (size_t i = 0; i < conflict->n && i < FILES_MAX; i++) {
		const struct xb_conflict *c = &conflict->v[i];
		size_t shown = 0;

		for (; shown < c->hunks.n && left; shown++, left--)
			XB_TRY(add_place(p, c, &c->hunks.v[shown], out));
		if (!shown) {
			XB_AUTOFREE char *path = xb_words_safe(c->path);

			xb_buf_addf(out, "%s: %s\n", path, c->why);
		}
	}
	for (size_t i = 0, seen = 0; i < conflict->n; i++)
		for (size_t k = 0; k < conflict->v[i].hunks.n; k++)
			more += ++seen > PLACES_MAX;
	add_more(more, conflict->n > FILES_MAX ? conflict->n - FILES_MAX : 0, out);
	return NULL;
}

/* ---- a commit that can't be picked ---- */

enum { CANDIDATES_MAX = 5 };

char *xb_words_summary(const struct xb_pick *conflict)
{
	const char *kind = conflict->verdict == XB_PICK_UNDECIDABLE ? "undecided" : "conflict";

	if (!conflict->n)
		return xb_strdup(kind);
	return xb_asprintf("%s in %zu file%s", kind, conflict->n, conflict->n == 1 ? "" : "s");
}

/* Commits of the window, by their full ids, with their subjects. */
static char *with_subjects(const struct xb_plan *p, const struct xb_strv *ids)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < ids->n && i < CANDIDATES_MAX; i++) {
		const struct xb_plan_left *excluded = xb_stuck_excluded(p, ids->v[i]);
		const char *subject = "";

		for (size_t w = 0; w < p->window.n; w++)
			if (!strcmp(xb_hex(&p->window.v[w].oid).s, ids->v[i]))
				subject = p->window.v[w].msg.subject;
		xb_buf_addf(&b, "    %.*s ", XB_SHORT, ids->v[i]);
		xb_words_add_safe(&b, subject);
		xb_buf_adds(&b, excluded ? "\n        " : "");
		xb_words_add_safe(&b, excluded ? excluded->why : NULL);
		xb_buf_addc(&b, '\n');
	}
	if (ids->n > CANDIDATES_MAX)
		xb_buf_addf(&b, "    ... and %zu more\n", ids->n - CANDIDATES_MAX);
	return xb_buf_detach(&b);
}

static char *effect(const struct xb_words_inputs *t, const struct xb_stuck *s)
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
				xb_strv_add_new(&waiting, l->advisories.v[k]);
	}
	list = xb_words_names(&waiting);
	text = xb_asprintf("The branch stays before it. %s%s%s", waiting.n ? "These wait behind it: " : "",
			   list, waiting.n ? "." : "No other fix waits behind it so far.");
	free(list);
	xb_strv_release(&waiting);
	return text;
}

static char *tried(const struct xb_words_inputs *t, const struct xb_stuck *s)
{
	const char *alone =
	    s->before->n ? "the commit with what it is known to need" : "the commit by itself";

	if (t->facts->no_discover)
		return xb_asprintf("%s; no search for what it needs.", alone);
	if (!s->held)
		return xb_asprintf("%s, and with earlier commits of the branch; none of it applies.", alone);
	if (s->candidates->n && !xb_stuck_candidate(t->plan, s))
		return xb_asprintf("%s; what else touches these lines was excluded.", alone);
	if (!s->candidates->n)
		return xb_asprintf("%s. No earlier commit that is not in the branch touches these lines: it "
				   "seems to want a backport.",
				   alone);
	return xb_asprintf(
	    "%s, and with earlier commits of the branch that touch these lines; none of it applies.", alone);
}

/*
 * From something that is published: the branch, or the release. Between that and
 * the commit come the picks that are not published, and what was picked for it.
 */
static char *reproduce(const struct xb_words_inputs *t, const struct xb_stuck *s)
{
	const struct xb_target *target = t->in->target;
	bool published = !target->window && t->facts->is_part && !git_oid_is_zero(&target->derived) &&
			 (t->result->what == XB_PUBLISHED_SAME || t->result->what == XB_PUBLISHED_MOVED);
	struct xb_buf build = XB_BUF_INIT;
	struct xb_reproduce r = {.plan = t->plan,
				 .stuck = s,
				 .start = published ? target->derived : target->base,
				 .from = published ? t->facts->n_published : 0};
	XB_AUTOFREE char *commands = NULL;

	xb_buf_addf(&build, "xsabot -C . build %s", target->name);
	if (target->window)
		xb_buf_addf(&build, " --base=%.*s --tip=%.*s", XB_SHORT, xb_hex(&target->base).s, XB_SHORT,
			    xb_hex(&target->tip).s);
	xb_buf_adds(&build, t->facts->no_discover ? " --no-discover" : "");
	r.build = build.p;
	commands = xb_stuck_reproduce(&r, "\n    ");
	xb_buf_release(&build);
	return xb_asprintf("    %s", commands);
}

static char *settle(const struct xb_words_inputs *t, const struct xb_stuck *s)
{
	struct xb_buf b = XB_BUF_INIT;
	struct xb_ways ways;

	xb_stuck_ways(t->in->config, t->plan, s, &ways);
	for (size_t i = 0; i < ways.n; i++) {
		xb_buf_addf(&b, "%s%s:", i ? "\n" : "", ways.v[i].when);
		for (size_t k = 0; k < ways.v[i].commands.n; k++)
			xb_buf_addf(&b, "\n    %s", ways.v[i].commands.v[k]);
	}
	xb_ways_release(&ways);
	return xb_buf_detach(&b);
}

struct xb_err *xb_words_stuck(const struct xb_words_inputs *t, const struct xb_stuck *s, struct xb_fields *f)
{
	const struct xb_hist *h = &t->plan->window.v[s->window];
	XB_AUTOBUF struct xb_buf excerpt = XB_BUF_INIT;

	XB_TRY(add_excerpt(t->plan->picker, s->conflict, &excerpt));
	xb_field_set(f, "what", xb_words_what(t->plan, s->advisories, s->wanted));
	xb_field_set(f, "summary", xb_words_summary(s->conflict));
	xb_field_set(f, "verdict", xb_strdup(s->held ? "HELD" : "SKIPPED"));
	xb_field_set(f, "title", xb_words_titles(t, s->advisories));
	xb_field_set(f, "commit", xb_strdup(xb_hex(&h->oid).s));
	xb_field_set(f, "subject", xb_words_safe(h->msg.subject));
	xb_field_set(f, "effect", effect(t, s));
	xb_field_set(f, "excerpt", xb_buf_detach(&excerpt));
	xb_field_set(f, "candidates", with_subjects(t->plan, s->candidates));
	xb_field_set(f, "tried", tried(t, s));
	xb_field_set(f, "reproduce", reproduce(t, s));
	if (xb_advice_has_notes(t->in->config))
		xb_field_set(f, "settle", settle(t, s));
	xb_words_notes(t, f);
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
	case XB_ADV_WITHDRAWN:
		return "withdrawn now";
	default:
		return "this conflict is gone";
	}
}

char *xb_words_outcome(const struct xb_words_inputs *t, const char *what)
{
	XB_AUTOFREE char *first = xb_memdup0(what, strcspn(what, ", "));
	const struct xb_plan_advisory *a = t->plan ? xb_words_advisory(t->plan, first) : NULL;

	return xb_strdup(a ? state_words(a->state) : "no longer in the way");
}

/* ---- how it was settled ---- */

static bool is_about(const struct xb_strv *advisories, const git_oid *commit, const char *what)
{
	return xb_strv_has(advisories, what) ||
	       (strlen(what) == XB_SHORT && !strncmp(xb_hex(commit).s, what, XB_SHORT));
}

static const char *declared_by(const struct xb_plan_pick *k)
{
	for (size_t i = 0; i < k->evidence.n; i++)
		switch (k->evidence.v[i].kind) {
		case XB_EV_NOTE:
			return "a note";
		case XB_EV_CONFIG:
			return "the configuration";
		case XB_EV_TRAILER:
			return "its message";
		default:
			break;
		}
	return NULL;
}

static char *left_out(const struct xb_plan *p, const char *what)
{
	for (size_t i = 0; i < p->left_out.n; i++) {
		const struct xb_plan_left *l = &p->left_out.v[i];
		const struct xb_hist *h = &p->window.v[l->window];
		XB_AUTOFREE char *why = NULL;

		if ((l->reason != XB_LEFT_EXCLUDED && l->reason != XB_LEFT_WITHDRAWN) ||
		    !is_about(&l->advisories, &h->oid, what))
			continue;
		why = xb_words_safe(l->why);
		return xb_asprintf("%.*s is left out: %s", XB_SHORT, xb_hex(&h->oid).s, why);
	}
	return NULL;
}

static char *replaced(const struct xb_plan *p, const char *what)
{
	for (size_t i = 0; i < p->picks.n; i++) {
		const struct xb_plan_pick *k = &p->picks.v[i];
		const char *by = declared_by(k);

		if (!git_oid_is_zero(&k->replaces) && is_about(&k->advisories, &k->replaces, what))
			return xb_asprintf("%.*s, a backport, stands for %.*s%s%s.", XB_SHORT,
					   xb_hex(&k->commit).s, XB_SHORT, xb_hex(&k->replaces).s,
					   by ? ", as is said by " : "", by ? by : "");
	}
	return NULL;
}

/* What was declared to come before it. */
static char *completed(const struct xb_plan *p, const char *what)
{
	for (size_t i = 0; i < p->picks.n; i++) {
		const struct xb_plan_pick *k = &p->picks.v[i];
		const char *by = declared_by(k);
		XB_AUTOFREE char *subject = NULL;

		if (k->role != XB_ROLE_PREREQUISITE || !by ||
		    !(xb_strv_has(&k->trailer_for, what) || xb_strv_has(&k->advisories, what)))
			continue;
		subject = xb_words_safe(k->subject);
		return xb_asprintf("It comes with %.*s (%s), as is said by %s.", XB_SHORT,
				   xb_hex(&k->commit).s, subject, by);
	}
	return NULL;
}

char *xb_words_how(const struct xb_words_inputs *t, const char *what)
{
	XB_AUTOFREE char *first = xb_memdup0(what, strcspn(what, ", "));
	char *how = NULL;

	if (t->in->options.retest && !*what)
		return xb_strdup("It was tested again: publish --retest.");
	if (t->plan && *first)
		how = left_out(t->plan, first);
	if (t->plan && *first && !how)
		how = replaced(t->plan, first);
	if (t->plan && *first && !how)
		how = completed(t->plan, first);
	return how;
}

/* ---- prerequisites that were found ---- */

enum { PICKS_MAX = 20, UNTESTED_MAX = 8 };

static void add_pick(struct xb_buf *b, const struct xb_plan_pick *k)
{
	xb_buf_addf(b, "    %.*s ", XB_SHORT, xb_hex(&k->commit).s);
	xb_words_add_safe(b, k->subject);
	xb_buf_addc(b, '\n');
}

/* For each, the command that declares it. */
static char *declare(const struct xb_words_inputs *t, const size_t *picks, size_t n)
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
	xb_words_add_safe(b, r->path);
	xb_buf_adds(b, ": ");
	xb_words_add_safe(b, r->name);
	if (r->by.n)
		xb_buf_addf(b, "\n        without %.*s%s", XB_SHORT, r->by.v[0],
			    r->by.n > 1 ? " and others" : "");
	xb_buf_addc(b, '\n');
}

/* What fixes of the advisories IDS changed and that stands as the stable branch never had it. Owned. */
static char *untested(const struct xb_words_inputs *t, const struct xb_strv *ids)
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

void xb_words_found(const struct xb_words_inputs *t, const size_t *picks, size_t n, struct xb_fields *f)
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
			xb_words_add_safe(&b, k->why);
			xb_buf_addc(&b, '\n');
		}
	}
	if (n > PICKS_MAX)
		xb_buf_addf(&b, "    ... and %zu more: xsabot plan %s\n", n - PICKS_MAX, t->in->target->name);
	xb_field_set(f, "what", xb_words_what(t->plan, &ids, first->window));
	xb_field_set(
	    f, "summary",
	    xb_asprintf("%zu %s%s found", n, repairs ? "commit" : "prerequisite", n == 1 ? "" : "s"));
	xb_field_set(f, "title", xb_words_titles(t, &ids));
	xb_field_set(f, "found", xb_buf_detach(&b));
	xb_field_set(f, "untested", untested(t, &ids));
	if (xb_advice_has_notes(c)) {
		XB_AUTOFREE char *exclude = xb_advice_note(c, "Exclude", "REASON", &first->commit);

		xb_field_set(f, "settle", declare(t, picks, n));
		xb_field_set(f, "exclude", xb_asprintf("    %s", exclude));
	}
	xb_words_notes(t, f);
	xb_strv_release(&ids);
}
