/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gatesearch.h"

#include "gatetrial.h"
#include "reduce.h"
#include "blame/names.h"
#include "odb/tree.h"
#include "os/log.h"
#include "repo/git.h"
#include "util/alloc.h"

/* Rounds of adding what the output names; and how many of them in a row by mere uses of a name. */
#define ROUNDS 20
#define WEAK_ROUNDS 4

#define NONE SIZE_MAX

/*
 * The atoms of the search: commits that come together or not at all, which is
 * mostly one. An atom has the number of its first commit; unit[i] is i's atom,
 * or NONE for a commit that is no candidate.
 */
struct search {
	struct xb_gate g;
	struct xb_gate_search *out;
	const struct xb_plan *plan;
	struct xb_blame *blame;
	size_t n; /* commits of the window */
	size_t *unit, *before;
	bool *in;      /* by atom: chosen */
	bool *barred;  /* by atom: nothing applied with it */
	size_t *score; /* by atom: how early it was named; NONE: never */
	size_t scored;
};

/* ---- the candidates ---- */

static bool is_settled(const struct xb_plan *p, size_t i)
{
	if (p->window.v[i].n_parents > 1)
		return true;
	for (size_t k = 0; k < p->picks.n; k++)
		if (p->picks.v[k].window == i)
			return true;
	for (size_t k = 0; k < p->left_out.n; k++)
		if (p->left_out.v[k].window == i && p->left_out.v[k].reason != XB_LEFT_PENDING)
			return true;
	/* Past a block, nothing is reached. */
	return p->blocked.n && i >= p->blocked.v[0].wanted;
}

/* The first bundle's own commit after I, which stays whatever is found; else the last one's; NONE: no picks.
 */
static size_t pick_after(const struct xb_plan *p, size_t i)
{
	size_t best = NONE, last = NONE;

	for (size_t k = 0; k < p->picks.n; k++) {
		size_t w = p->picks.v[k].window;

		if (k + 1 < p->picks.n && p->picks.v[k + 1].bundle == p->picks.v[k].bundle)
			continue; /* not its last */
		if (w > i && (best == NONE || w < best))
			best = w;
		if (last == NONE || w > last)
			last = w;
	}
	return best != NONE ? best : last;
}

static void join(struct search *s, size_t a, size_t b)
{
	size_t from = s->unit[a] < s->unit[b] ? s->unit[b] : s->unit[a];
	size_t to = s->unit[a] < s->unit[b] ? s->unit[a] : s->unit[b];

	for (size_t i = 0; i < s->n; i++)
		if (s->unit[i] == from)
			s->unit[i] = to;
}

/* A whole revert, and a revert of a revert, comes with what it is about. */
static void join_reverts(struct search *s)
{
	struct xb_names *names = xb_names_new();
	size_t at;

	for (size_t i = 0; i < s->n; i++) {
		const struct xb_message *m = &s->plan->window.v[i].msg;

		for (size_t k = 0; k < m->reverts.n && s->unit[i] != NONE; k++)
			if (!m->reverts.v[k].partial &&
			    xb_names_find(names, m->reverts.v[k].hex, NULL, &at) != XB_NAME_NONE &&
			    s->unit[at] != NONE)
				join(s, i, at);
		if (s->unit[i] != NONE && m->revert_depth && !m->revert_partial && !m->reverts.n &&
		    xb_names_find(names, NULL, m->reverted_subject, &at) != XB_NAME_NONE &&
		    s->unit[at] != NONE)
			join(s, i, at);
		xb_names_add(names, &s->plan->window.v[i], i);
	}
	xb_names_free(names);
}

static void find_candidates(struct search *s)
{
	s->n = s->plan->window.n;
	s->unit = xb_calloc(s->n, sizeof *s->unit);
	s->before = xb_calloc(s->n, sizeof *s->before);
	s->in = xb_calloc(s->n, sizeof *s->in);
	s->barred = xb_calloc(s->n, sizeof *s->barred);
	s->score = xb_calloc(s->n, sizeof *s->score);
	for (size_t i = 0; i < s->n; i++) {
		s->unit[i] = is_settled(s->plan, i) ? NONE : i;
		s->before[i] = pick_after(s->plan, i);
		s->score[i] = NONE;
	}
	join_reverts(s);
	s->blame = xb_blame_new(s->plan->picker, &s->plan->window);
}

static void release(struct search *s)
{
	xb_blame_free(s->blame);
	XB_FREE(s->unit, s->before, s->in, s->barred, s->score);
}

/* ---- sets ---- */

/* Tries the atoms that are IN. */
static struct xb_err *try_in(struct search *s, struct xb_gate_outcome *out)
{
	XB_AUTOFREE struct xb_declared *v = xb_calloc(s->n, sizeof *v);
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->unit[i] != NONE && s->in[s->unit[i]])
			v[n++] = (struct xb_declared){i, s->before[i]};
	return xb_gate_try(&s->g, v, n, out);
}

static void choose(struct search *s, const size_t *v, size_t n)
{
	memset(s->in, 0, s->n * sizeof *s->in);
	for (size_t k = 0; k < n; k++)
		s->in[v[k]] = true;
}

/* For xb_reduce. */
static struct xb_err *passes(void *ctx, const size_t *v, size_t n, bool *pass)
{
	struct search *s = ctx;
	struct xb_gate_outcome o;

	choose(s, v, n);
	XB_TRY(try_in(s, &o));
	*pass = o.verdict == XB_TEST_PASS;
	return NULL;
}

/* ---- growing ---- */

/* What the mentions lead to, of the atoms for which OK is true. */
static struct xb_err *find_hits(struct search *s, const struct xb_mentions *m, const bool *ok,
				struct xb_hits *out)
{
	struct xb_likely_inputs in = {s->plan->picker, s->blame, &s->plan->window, ok, m};

	return xb_likely_find(&in, out);
}

/* Adds the first definer of each missing name; where there is none, the likeliest commit of all. */
static size_t add_hits(struct search *s, const struct xb_mentions *m, const struct xb_hits *h, size_t *added,
		       bool *weak)
{
	XB_AUTOFREE bool *served = xb_calloc(m->n, sizeof *served);
	size_t n = 0;

	for (size_t k = 0; k < h->n; k++) {
		const struct xb_hit *one = &h->v[k];
		size_t atom = s->unit[one->i];

		if (s->score[atom] == NONE)
			s->score[atom] = s->scored++;
		if (served[one->mention] || one->kind != XB_HIT_DEFINES ||
		    m->v[one->mention].rank > XB_MENTION_QUOTED)
			continue;
		served[one->mention] = true;
		if (s->in[atom])
			continue;
		s->in[atom] = true;
		added[n++] = atom;
	}
	*weak = !n;
	if (!n && h->n) {
		added[n++] = s->unit[h->v[0].i];
		s->in[added[0]] = true;
	}
	return n;
}

/* Nothing can be told with what was added: the first of it alone, or nothing of it. */
static struct xb_err *retreat(struct search *s, const size_t *added, size_t n, struct xb_gate_outcome *o)
{
	for (size_t k = 1; k < n; k++)
		s->in[added[k]] = false;
	if (n > 1)
		XB_TRY(try_in(s, o));
	if (o->verdict != XB_TEST_UNKNOWN)
		return NULL;
	s->in[added[0]] = false;
	s->barred[added[0]] = true;
	return NULL;
}

/* One round, from the output that mentions M. */
static struct xb_err *grow_once(struct search *s, const struct xb_mentions *m, struct xb_gate_outcome *o,
				size_t *n, bool *weak)
{
	XB_AUTOFREE bool *ok = xb_calloc(s->n, sizeof *ok);
	XB_AUTOFREE size_t *added = xb_calloc(s->n, sizeof *added);
	struct xb_hits h = {0};
	struct xb_err *err;

	for (size_t i = 0; i < s->n; i++)
		ok[i] = s->unit[i] != NONE && !s->in[s->unit[i]] && !s->barred[s->unit[i]];
	err = find_hits(s, m, ok, &h);
	*n = err ? 0 : add_hits(s, m, &h, added, weak);
	xb_hits_release(&h);
	if (err || !*n)
		return err;
	XB_TRY(try_in(s, o));
	return o->verdict == XB_TEST_UNKNOWN ? retreat(s, added, *n, o) : NULL;
}

/* From the candidate's failure FIRST. *DONE: what is in passes. */
static struct xb_err *grow(struct search *s, const struct xb_mentions *first, bool *done)
{
	const struct xb_mentions *m = first;
	unsigned weak_rounds = 0;

	*done = false;
	for (unsigned round = 0; round < ROUNDS && weak_rounds < WEAK_ROUNDS; round++) {
		struct xb_gate_outcome o = {.verdict = XB_TEST_UNKNOWN};
		bool weak = false;
		size_t n;

		XB_TRY(grow_once(s, m, &o, &n, &weak));
		*done = n && o.verdict == XB_TEST_PASS;
		if (*done || !n)
			return NULL;
		if (o.verdict == XB_TEST_FAIL)
			m = o.mentions;
		weak_rounds = weak ? weak_rounds + 1 : 0;
	}
	return NULL;
}

/* ---- all at once ---- */

static int by_likelihood(const void *x, const void *y, void *ctx)
{
	const struct search *s = ctx;
	size_t a = *(const size_t *)x, b = *(const size_t *)y;

	if (s->in[a] != s->in[b])
		return s->in[a] ? -1 : 1;
	if (s->score[a] != s->score[b])
		return s->score[a] < s->score[b] ? -1 : 1;
	return a < b ? -1 : a > b;
}

/* All atoms, the likeliest first; or those that are in. */
static size_t list_atoms(struct search *s, bool all, size_t *v)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->unit[i] == i && (all || s->in[i]))
			v[n++] = i;
	qsort_r(v, n, sizeof *v, by_likelihood, s);
	return n;
}

static struct xb_err *reduce_all(struct search *s, bool *done)
{
	XB_AUTOFREE size_t *v = xb_calloc(s->n, sizeof *v);
	size_t n = list_atoms(s, true, v);

	*done = false;
	if (!n)
		return NULL;
	xb_log(XB_INFO, "nothing that the output names suffices: searching all %zu", n);
	XB_TRY(passes(s, v, n, done));
	if (!*done)
		return NULL;
	XB_TRY(xb_reduce(v, &n, passes, s));
	choose(s, v, n);
	return NULL;
}

/* ---- minimising ---- */

static bool has_name(const char *list, const char *name)
{
	return list && strstr(list, name);
}

/* Why the members of ATOM are there: what the output that fails without them names, and they bring. */
static struct xb_err *explain(struct search *s, size_t atom, const struct xb_mentions *m, char **why)
{
	XB_AUTOFREE bool *ok = xb_calloc(s->n, sizeof *ok);
	XB_AUTOBUF struct xb_buf names = XB_BUF_INIT;
	struct xb_hits h = {0};
	struct xb_err *err;

	for (size_t i = 0; i < s->n; i++)
		ok[i] = s->unit[i] == atom;
	err = find_hits(s, m, ok, &h);
	for (size_t k = 0, n = 0; k < h.n && n < 3 && h.v[k].kind == h.v[0].kind; k++) {
		const struct xb_mention *one = &m->v[h.v[k].mention];

		if (one->rank != m->v[h.v[0].mention].rank || has_name(names.p, one->name))
			continue;
		xb_buf_addf(&names, "%s%s", n++ ? ", " : "", one->name);
	}
	if (!err && names.n)
		*why = xb_asprintf("it %s %s, which the output names without it",
				   h.v[0].kind == XB_HIT_DEFINES ? "brings" : "changes", names.p);
	xb_hits_release(&h);
	return err;
}

/* Tries to leave out one atom after the other, the unlikely ones first. *FEWER: that went once. */
static struct xb_err *leave_out(struct search *s, char **why, bool *fewer)
{
	XB_AUTOFREE size_t *v = xb_calloc(s->n, sizeof *v);
	size_t n = list_atoms(s, false, v);

	*fewer = false;
	while (n--) {
		struct xb_gate_outcome o;

		s->in[v[n]] = false;
		XB_TRY(try_in(s, &o));
		if (o.verdict == XB_TEST_PASS) {
			*fewer = true;
			continue;
		}
		s->in[v[n]] = true;
		free(XB_STEAL(why[v[n]]));
		if (o.mentions)
			XB_TRY(explain(s, v[n], o.mentions, &why[v[n]]));
	}
	return NULL;
}

static void report(struct search *s, char **why)
{
	for (size_t i = 0; i < s->n; i++) {
		size_t atom = s->unit[i];
		struct xb_gate_found *f;

		if (atom == NONE || !s->in[atom])
			continue;
		f = XB_PUSH(&s->out->found, v, n, cap);
		*f = (struct xb_gate_found){.i = i, .before = s->before[i]};
		f->why = xb_strdup(why[atom] ? why[atom] : "without it the command does not pass");
	}
}

/* What is in passes: the rest of the work. */
static struct xb_err *minimise(struct search *s)
{
	char **why = xb_calloc(s->n, sizeof *why);
	struct xb_gate_outcome o = {.verdict = XB_TEST_UNKNOWN};
	struct xb_err *err;
	bool fewer;

	do
		err = leave_out(s, why, &fewer);
	while (!err && fewer);
	if (!err)
		err = try_in(s, &o); /* known by now; should it not be, it is tested */
	if (!err && o.verdict != XB_TEST_PASS)
		err =
		    xb_err_new(XB_E_INTERNAL, "the plan with what was found does not pass, as it did before");
	if (!err) {
		s->out->tree = o.tree;
		report(s, why);
	}
	for (size_t i = 0; i < s->n; i++)
		free(why[i]);
	free(why);
	return err;
}

/* ---- the whole ---- */

static struct xb_err *tree_of_tip(const struct xb_plan *p, git_oid *out)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

	XB_TRY(xb_commit_load(p->store, &p->target->tip, &c));
	*out = c.tree;
	return NULL;
}

static bool ends(struct search *s, enum xb_gate_result result, const char *why)
{
	s->out->result = result;
	s->out->why = why ? xb_strdup(why) : NULL;
	return true;
}

/* The candidate and the tip. *OVER: there is nothing to be searched; else *FIRST is how the candidate failed.
 */
static struct xb_err *begin(struct search *s, const struct xb_mentions **first, bool *over)
{
	struct xb_gate_outcome o;
	git_oid tip;

	XB_TRY(xb_gate_test(&s->g, s->plan->store, xb_plan_tip_tree(s->plan, s->plan->picks.n),
			    "the candidate", &o));
	*first = o.mentions;
	*over = (o.verdict == XB_TEST_PASS && ends(s, XB_GATE_NOTHING_NEEDED, NULL)) ||
		(o.verdict == XB_TEST_UNKNOWN && ends(s, XB_GATE_CANT_TELL, "about the candidate"));
	if (*over)
		return NULL;
	XB_TRY(tree_of_tip(s->plan, &tip));
	XB_TRY(xb_gate_test(&s->g, s->plan->store, &tip, "the tip, all commits", &o));
	*over = (o.verdict == XB_TEST_FAIL && ends(s, XB_GATE_TIP_FAILS, NULL)) ||
		(o.verdict == XB_TEST_UNKNOWN && ends(s, XB_GATE_CANT_TELL, "about the staging tip")) ||
		(!s->plan->picks.n && ends(s, XB_GATE_NO_PICKS, NULL));
	return NULL;
}

static struct xb_err *search(struct search *s)
{
	const struct xb_mentions *first;
	bool over, done;

	XB_TRY(begin(s, &first, &over));
	if (over)
		return NULL;
	find_candidates(s);
	XB_TRY(grow(s, first, &done));
	if (!done)
		XB_TRY(reduce_all(s, &done));
	if (!done) {
		ends(s, XB_GATE_NOT_REACHED, NULL);
		return NULL;
	}
	ends(s, XB_GATE_FOUND, NULL);
	return minimise(s);
}

struct xb_err *xb_gate_search(const struct xb_gate_inputs *in, struct xb_gate_search *out)
{
	XB_AUTO(release) struct search s = {.g = {.in = in, .out = out}, .out = out};

	*out = (struct xb_gate_search){0};
	XB_TRY(xb_verdict_test(&in->command, &s.g.test));
	XB_TRY(xb_plan_make(&in->plan, &out->plan));
	s.plan = out->plan;
	if (out->plan->blocked.n)
		xb_log(XB_WARN, "the candidate ends before a block: %s", out->plan->blocked.v[0].why);
	return search(&s);
}

void xb_gate_search_release(struct xb_gate_search *s)
{
	for (size_t k = 0; k < s->found.n; k++)
		free(s->found.v[k].why);
	XB_FREE(s->found.v, s->why);
	xb_plan_free(s->plan);
	*s = (struct xb_gate_search){0};
}
