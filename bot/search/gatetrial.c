/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gatetrial.h"

#include "os/log.h"
#include "repo/git.h"
#include "util/alloc.h"

/* ---- planning ---- */

/* The configuration with the declarations; the rest is shared with the original. */
static struct xb_config with_picks(const struct xb_gate *g, const struct xb_declared *v, size_t n)
{
	struct xb_config c = *g->in->plan.config;
	const struct xb_window *w = &g->out->plan->window;

	c.picks.n = c.picks.cap = c.picks.n + n;
	c.picks.v = xb_calloc(c.picks.n, sizeof *c.picks.v);
	if (c.picks.n > n)
		memcpy(c.picks.v, g->in->plan.config->picks.v, (c.picks.n - n) * sizeof *c.picks.v);
	for (size_t k = 0; k < n; k++)
		c.picks.v[c.picks.n - n + k] = (struct xb_pick_conf){
		    .commit = xb_strdup(xb_hex(&w->v[v[k].i].oid).s),
		    .word = xb_strdup("Prerequisite-of"),
		    .value = xb_strdup(xb_hex(&w->v[v[k].before].oid).s),
		};
	return c;
}

static void drop_picks(struct xb_config *c, size_t n)
{
	for (size_t k = c->picks.n - n; k < c->picks.n; k++) {
		XB_FREE(c->picks.v[k].commit, c->picks.v[k].word, c->picks.v[k].value);
	}
	free(c->picks.v);
}

/* Makes the plan with N declarations more than there are. *PLAN is the caller's. */
static struct xb_err *make_plan(const struct xb_gate *g, const struct xb_declared *v, size_t n,
				struct xb_plan **plan)
{
	struct xb_plan_inputs in = g->in->plan;
	struct xb_config c = with_picks(g, v, n);
	struct xb_err *err;

	in.config = &c;
	in.notes = &g->out->plan->notes; /* they may move meanwhile */
	err = xb_plan_make(&in, plan);
	drop_picks(&c, n);
	return err;
}

static size_t count_pending(const struct xb_plan *p)
{
	size_t n = 0;

	for (size_t k = 0; k < p->left_out.n; k++)
		n += p->left_out.v[k].reason == XB_LEFT_PENDING;
	return n;
}

/* Does P hold back what the candidate FIRST has? */
static bool is_worse(const struct xb_plan *p, const struct xb_plan *first)
{
	if (p->blocked.n && (!first->blocked.n || p->blocked.v[0].wanted < first->blocked.v[0].wanted))
		return true;
	return count_pending(p) > count_pending(first);
}

/* ---- testing ---- */

/* Where the tree was put must not matter. */
static void forget_place(struct xb_buf *b, const struct xb_checkout *c)
{
	XB_AUTOBUF struct xb_buf out = XB_BUF_INIT;
	XB_AUTOFREE char *place = xb_asprintf("%s/", c->tree);
	size_t len = strlen(place), at = 0;

	while (at < b->n) {
		const char *hit = memmem(b->p + at, b->n - at, place, len);
		size_t to = hit ? (size_t)(hit - b->p) : b->n;

		xb_buf_add(&out, b->p + at, to - at);
		at = hit ? to + len : to;
	}
	xb_buf_release(b);
	*b = out;
	out = (struct xb_buf)XB_BUF_INIT;
}

static void log_output(const struct xb_command_result *r)
{
	size_t from = r->output.n;

	for (int lines = 0; from; from--) {
		lines += r->output.p[from - 1] == '\n';
		if (lines > 20)
			break;
	}
	if (r->output.n)
		xb_log(XB_DEBUG, "the output ends in:\n%s", r->output.p + from);
}

static struct xb_err *run(struct xb_gate *g, struct xb_store *store, const git_oid *tree, const char *what,
			  enum xb_test *verdict, struct xb_mentions *m)
{
	struct xb_command_result r = {0};
	struct xb_checkout c;
	struct xb_err *err, *second;

	XB_TRY(xb_checkout_make(store, tree, &c));
	err = xb_command_run(&g->in->command, &c, &r);
	if (!err) {
		forget_place(&r.output, &c);
		*verdict = r.verdict;
		if (r.verdict != XB_TEST_PASS && r.output.n)
			xb_mentions_read(m, r.output.p, r.output.n);
		g->out->tests++;
		xb_log(XB_INFO, "test %zu: %s, %s%s", g->out->tests, what, xb_test_name(r.verdict),
		       r.timed_out ? " (out of time)" : "");
		if (r.verdict != XB_TEST_PASS)
			log_output(&r);
	}
	xb_command_result_release(&r);
	second = xb_checkout_remove(&c);
	if (!err)
		return second;
	xb_err_free(second); /* the first says more */
	return err;
}

struct xb_err *xb_gate_test(struct xb_gate *g, struct xb_store *store, const git_oid *tree, const char *what,
			    struct xb_gate_outcome *out)
{
	const struct xb_verdict_known *k = xb_verdicts_find(g->in->verdicts, tree, &g->test);
	struct xb_mentions m = {0};
	enum xb_test verdict;
	struct xb_err *err;

	XB_TRY(xb_stop_check());
	if (k) {
		g->out->remembered++;
		xb_log(XB_DEBUG, "%s: %s, as before", what, xb_test_name(k->verdict));
	} else if (g->out->tests >= g->in->max_tests) {
		return xb_err_new(XB_E_TEMP,
				  "%zu tests were made, and no more now; the same command goes on from there",
				  g->out->tests);
	} else {
		err = run(g, store, tree, what, &verdict, &m);
		if (!err)
			err = xb_verdicts_add(g->in->verdicts, tree, &g->test, verdict, &m);
		xb_mentions_release(&m);
		if (err)
			return err;
		k = xb_verdicts_find(g->in->verdicts, tree, &g->test);
	}
	*out = (struct xb_gate_outcome){.verdict = k->verdict, .tree = *tree, .mentions = &k->mentions};
	return NULL;
}

struct xb_err *xb_gate_try(struct xb_gate *g, const struct xb_declared *v, size_t n,
			   struct xb_gate_outcome *out)
{
	XB_AUTOFREE char *what = xb_asprintf("%zu commit%s", n, n == 1 ? "" : "s");
	struct xb_plan *p = NULL;
	struct xb_err *err = NULL;

	*out = (struct xb_gate_outcome){.verdict = XB_TEST_UNKNOWN};
	XB_TRY(xb_stop_check());
	XB_TRY(make_plan(g, v, n, &p));
	if (is_worse(p, g->out->plan))
		xb_log(XB_INFO, "%s: not tested, the plan does not apply with them", what);
	else
		err = xb_gate_test(g, p->store, xb_plan_tip_tree(p, p->picks.n), what, out);
	xb_plan_free(p);
	return err;
}
