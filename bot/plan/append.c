/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planner.h"

#include "board/board.h"
#include "config/config.h"
#include "repo/git.h"
#include "util/alloc.h"

/* Makes the chain's commit for the pick OUT, on top of the picks so far. */
static struct xb_err *derive(struct xb_planner *p, struct xb_plan_pick *out)
{
	static const char *const roles[] = {"security", "follow-up", "prerequisite"};
	const struct xb_config *conf = p->in->config;
	size_t n = p->plan->picks.n;
	XB_AUTOCOMMIT struct xb_commit src = XB_COMMIT_INIT, made = XB_COMMIT_INIT;
	XB_AUTOBUF struct xb_buf raw = XB_BUF_INIT;
	struct xb_derive_options o = {
	    .source = &out->commit,
	    .tree = &out->tree,
	    .parent = xb_plan_tip(p->plan, n),
	    .parent_time = xb_plan_tip_time(p->plan, n),
	    .name = conf->committer_name,
	    .email = conf->committer_email,
	    .role = roles[out->role],
	    .advisories = &out->advisories,
	    .needed_by = &out->trailer_for,
	    .kept = &out->kept,
	};

	XB_TRY(xb_commit_load(p->plan->store, &out->commit, &src));
	XB_TRY(xb_commit_derive(&src, &o, &raw));
	XB_TRY(xb_commit_parse(raw.p, raw.n, &made));
	out->time = made.committer.time;
	return xb_store_put(p->plan->store, GIT_OBJECT_COMMIT, raw.p, raw.n, NULL, &out->derived);
}

struct xb_plan_left *xb_left_out(struct xb_planner *p, size_t i, enum xb_left_reason reason, char *why)
{
	struct xb_plan_left *l = XB_PUSH(&p->plan->left_out, v, n, cap);

	l->window = i;
	l->reason = reason;
	l->why = why;
	for (size_t k = 0; k < p->board.c[i].advisories.n; k++)
		xb_strv_add_new(&l->advisories, p->board.c[i].advisories.v[k]);
	return l;
}

void xb_plan_pick_release(struct xb_plan_pick *k)
{
	xb_strv_release(&k->advisories);
	xb_strv_release(&k->needed_by);
	xb_strv_release(&k->fixes);
	xb_strv_release(&k->trailer_for);
	xb_strv_release(&k->kept);
	for (size_t i = 0; i < k->evidence.n; i++) {
		XB_FREE(k->evidence.v[i].need, k->evidence.v[i].path, k->evidence.v[i].name);
	}
	XB_FREE(k->evidence.v, k->why, k->subject);
}

/* It changes nothing here. */
static void note_empty(struct xb_planner *p, size_t i)
{
	p->board.c[i].fate = XB_FATE_EMPTY;
	if (p->board.c[i].tagged)
		xb_left_out(p, i, XB_LEFT_EMPTY,
			    xb_strdup("it changes nothing here: its change is already there"));
}

static void note_picked(struct xb_planner *p, size_t i, const struct xb_plan_pick *out)
{
	p->board.tip = out->tree;
	p->board.c[i].fate = XB_FATE_PICKED;
	p->board.c[i].pick = p->plan->picks.n;
	*XB_PUSH(&p->board.picked, v, n, cap) = i;
	*XB_PUSH(&p->plan->picks, v, n, cap) = *out;
}

/* Appends one member for good. It applies: it was tried. */
static struct xb_err *append_one(struct xb_planner *p, const struct xb_company *of,
				 const struct xb_bundle_item *item, size_t first)
{
	size_t i = item->i;
	struct xb_plan_pick out = {.window = i, .bundle = first};
	struct xb_source_commit src;
	struct xb_pick pick;
	struct xb_err *err;
	bool empty;

	XB_TRY(xb_bundle_source(&p->board, i, &src));
	XB_TRY(xb_bookkeeping_pick(&p->board, &p->board.tip, &src.hist.parent_tree, &src.hist.tree, &pick,
				   &out.kept));
	out.commit = src.hist.oid;
	if (src.replaced)
		out.replaces = p->plan->window.v[i].oid;
	out.tree = pick.tree;
	out.from = src.hist.parent_tree;
	out.to = src.hist.tree;
	out.by_git = pick.by_git;
	empty = pick.verdict == XB_PICK_EMPTY;
	xb_pick_release(&pick);
	if (empty) {
		xb_strv_release(&out.kept);
		note_empty(p, i);
		return NULL;
	}
	err = xb_explain_pick(p, of, item, &out);
	if (!err)
		err = derive(p, &out);
	if (err) {
		xb_plan_pick_release(&out);
		return err;
	}
	note_picked(p, i, &out);
	if (src.replaced && p->board.c[i].tagged)
		xb_left_out(p, i, XB_LEFT_REPLACED,
			    xb_asprintf("%s is picked instead", xb_hex(&src.hist.oid).s));
	return NULL;
}

static struct xb_err *append_all(struct xb_planner *p, const struct xb_company *of)
{
	size_t first = p->plan->picks.n;

	for (size_t k = 0; k < of->bundle->n; k++)
		XB_TRY(append_one(p, of, &of->bundle->v[k], first));
	return NULL;
}

/* Does member M say that it needs commit J, or J that M needs it? */
static bool is_declared_need(const struct xb_planner *p, size_t j, size_t m)
{
	const struct xb_candidate *of = &p->board.c[m], *c = &p->board.c[j];
	bool out = false;

	for (size_t k = 0; k < of->declared.n; k++)
		out |= of->declared.v[k] == j;
	for (size_t k = 0; k < c->words.prerequisite_of.n && !out; k++)
		out = j < m && xb_board_names(&p->board, c->words.prerequisite_of.v[k], m, true);
	return out;
}

/* What was taken back is nobody's need: who needs it waits for a person. */
static void find_withdrawn_need(const struct xb_planner *p, const struct xb_bundle *b, struct xb_attempt *out)
{
	for (size_t j = 0; j <= p->board.at && out->failed == SIZE_MAX; j++) {
		for (size_t k = 0; p->board.c[j].words.withdrawn && k < b->n && out->failed == SIZE_MAX;
		     k++) {
			if (!is_declared_need(p, j, b->v[k].i))
				continue;
			out->failed = k;
			out->lacks = j;
		}
	}
}

/* B->v[A->failed] applies, and yet it can't be taken. */
static void block_for_lack(struct xb_planner *p, size_t failed, size_t lacks, struct xb_plan_blocked *out)
{
	const struct xb_window *w = &p->plan->window;

	out->onto = p->board.tip;
	out->conflict.verdict = XB_PICK_UNDECIDABLE;
	xb_strv_add_new(&out->candidates, xb_hex(&w->v[lacks].oid).s);
	out->why = xb_asprintf("%.12s needs %.12s, which was withdrawn: %s", xb_hex(&w->v[failed].oid).s,
			       xb_hex(&w->v[lacks].oid).s, p->board.c[lacks].words.exclude);
}

/* Adds to the text WHY, which is taken over, that the search's budget is spent. */
static char *say_spent(const struct xb_planner *p, char *why)
{
	XB_AUTOFREE char *old = why;

	if (p->board.work >= XB_DISCOVER_WORK)
		return xb_asprintf(
		    "%s; the search for what it needs was given up: it takes more than %u MiB of "
		    "merges, which is all that a line may take",
		    old, (unsigned)(XB_DISCOVER_WORK >> 20));
	return xb_asprintf("%s; the search for what it needs was given up after %d trial picks", old,
			   XB_DISCOVER_BUDGET);
}

static void block(struct xb_planner *p, const struct xb_bundle *b, size_t i, struct xb_attempt *a,
		  struct xb_plan_blocked *out)
{
	size_t failed = b->v[a->failed].i;
	const char *path = a->pick.n ? a->pick.v[0].path : "?";
	const struct xb_strv *ids =
	    p->board.c[i].advisories.n ? &p->board.c[i].advisories : &p->board.c[failed].advisories;

	out->window = failed;
	out->wanted = i;
	for (size_t k = 0; k < ids->n; k++)
		xb_strv_add_new(&out->advisories, ids->v[k]);
	for (size_t k = 0; k < a->failed; k++)
		xb_strv_add_new(&out->before, xb_hex(&p->plan->window.v[b->v[k].i].oid).s);
	if (a->lacks != SIZE_MAX) {
		block_for_lack(p, failed, a->lacks, out);
		return;
	}
	out->onto = a->onto;
	out->conflict = a->pick;
	a->pick = (struct xb_pick){0};
	out->why = xb_asprintf(
	    "%.12s %s in %s%s (%s)%s", xb_hex(&p->plan->window.v[failed].oid).s,
	    out->conflict.verdict == XB_PICK_UNDECIDABLE ? "can't be decided" : "conflicts", path,
	    out->conflict.n > 1 ? " and others" : "", out->conflict.n ? out->conflict.v[0].why : "?",
	    failed == i ? "" : ", which is needed or repairs what is needed");
	if (a->spent)
		out->why = say_spent(p, XB_STEAL(out->why));
}

/* Commit I needs the others of B, for which its own evidence is too weak. */
static void refuse_company(const struct xb_planner *p, const struct xb_bundle *b, size_t i,
			   struct xb_plan_blocked *out)
{
	size_t other = b->v[b->v[0].i == i].i;

	out->why = xb_asprintf("it repairs lines of a fix that the release has, and needs %.12s%s",
			       xb_hex(&p->plan->window.v[other].oid).s, b->n > 2 ? " and others" : "");
}

struct xb_err *xb_plan_append(struct xb_planner *p, size_t i, bool *done, struct xb_plan_blocked *blocked)
{
	size_t mark = xb_store_mark(p->plan->store);
	struct xb_bundle b = {0};
	struct xb_attempt a = {.failed = SIZE_MAX, .lacks = SIZE_MAX};
	struct xb_findings found = {0};
	struct xb_company of = {i, &b, &found};
	struct xb_err *err;

	*done = false;
	xb_bundle_add(&b, i, SIZE_MAX);
	err = xb_bundle_close(&p->board, &b);
	if (!err)
		err = xb_bundle_try(&p->board, &b, &a);
	if (!err && !p->in->options.no_discover)
		err = xb_discover(&p->board, p->meaning, i, &b, &a, &found);
	if (!err && a.failed == SIZE_MAX)
		find_withdrawn_need(p, &b, &a);
	if (!err && a.failed == SIZE_MAX && p->board.c[i].alone && b.n > 1) {
		refuse_company(p, &b, i, blocked);
	} else if (!err && a.failed == SIZE_MAX) {
		xb_picker_rollback(p->plan->picker, mark);
		err = append_all(p, &of);
		*done = !err;
	} else if (!err) {
		/* What was made stays: the report reads the tree that the pick met. */
		block(p, &b, i, &a, blocked);
	}
	xb_findings_release(&found);
	xb_pick_release(&a.pick);
	xb_bundle_release(&b);
	return err;
}

/* The bundle's first pick meets the tip itself; those after it, what the ones before made of it. */
struct xb_err *xb_plan_must_fail(struct xb_planner *p, size_t i, bool *out)
{
	XB_AUTO(xb_bundle_release) struct xb_bundle b = {0};

	*out = false;
	if (!p->in->options.no_discover)
		return NULL; /* what is found may come before it */
	xb_bundle_add(&b, i, SIZE_MAX);
	XB_TRY(xb_bundle_close(&p->board, &b));
	return xb_clashes_stand(&p->board.c[b.v[0].i].clashes, p->plan->store, &p->board.tip, out);
}
