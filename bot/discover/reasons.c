/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "search.h"

#include "util/alloc.h"

struct xb_finding *xb_findings_add(struct xb_findings *r, size_t i, size_t need, enum xb_evidence_kind kind)
{
	struct xb_finding *x = XB_PUSH(r, v, n, cap);

	x->i = i;
	x->need = need;
	x->kind = kind;
	return x;
}

static void add_conflict(struct xb_search *s, size_t i, const struct xb_outcome *o)
{
	struct xb_finding *r = xb_findings_add(s->found, i, o->failed, XB_EV_TEXT);
	const struct xb_conflict *c = o->pick->n ? &o->pick->v[0] : NULL;

	if (!c)
		return;
	r->path = xb_strdup(c->path);
	if (c->hunks.n)
		r->line = c->hunks.v[0].theirs + 1; /* as the commit that fails has it */
}

static void remove_from(struct xb_bundle *b, size_t i)
{
	for (size_t k = 0; k < b->n; k++) {
		if (b->v[k].i != i)
			continue;
		memmove(&b->v[k], &b->v[k + 1], (b->n - k - 1) * sizeof *b->v);
		b->n--;
		return;
	}
}

/* Does FAILED apply with I there, without those that failed before it? Then it needs I itself. */
static struct xb_err *needs_itself(struct xb_search *s, size_t failed, const struct xb_set *before, bool *out)
{
	struct xb_bundle b = {0};
	struct xb_outcome o = {0};
	struct xb_err *err = xb_search_compose(s, &s->text, &b);

	for (size_t k = 0; k < before->n; k++)
		remove_from(&b, before->v[k]);
	while (b.n && b.v[b.n - 1].i > failed)
		b.n--;
	if (!err)
		err = xb_trials_run(&s->trials, &b, &o);
	*out = !err && o.failed == SIZE_MAX;
	xb_bundle_release(&b);
	return err;
}

/* Leaves I out and sees which members fail; each that failed is left out in turn, to see the next. */
static struct xb_err *find_needers(struct xb_search *s, size_t i)
{
	struct xb_set less = {0}, failed = {0};
	struct xb_bundle b = {0};
	struct xb_outcome o;
	struct xb_err *err;

	xb_set_copy(&less, &s->text);
	xb_set_drop(&less, i);
	err = xb_search_compose(s, &less, &b);
	remove_from(&b, i);
	while (!err) {
		bool itself = true;

		err = xb_trials_run(&s->trials, &b, &o);
		if (err || o.failed == SIZE_MAX || !o.pick)
			break;
		if (!failed.n)
			add_conflict(s, i, &o);
		else {
			struct xb_outcome again = {0};

			err = needs_itself(s, o.failed, &failed, &itself);
			if (!err && itself)
				err = xb_trials_run(&s->trials, &b, &again); /* the conflict was borrowed */
			if (!err && itself && again.pick)
				add_conflict(s, i, &again);
		}
		xb_set_add(&failed, o.failed);
		remove_from(&b, o.failed);
	}
	xb_set_release(&less);
	xb_set_release(&failed);
	xb_bundle_release(&b);
	return err;
}

struct xb_err *xb_findings_reasons(struct xb_search *s)
{
	struct xb_err *err = NULL;
	unsigned long left = s->trials.left;

	for (size_t k = 0; k < s->text.n && !err; k++) {
		s->trials.left =
		    s->text.n * s->text.n + 1000; /* reasons change no plan: each has its own budget */
		err = find_needers(s, s->text.v[k]);
	}
	s->trials.left = left;
	return err;
}
