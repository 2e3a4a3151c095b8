/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reduce.h"

#include "util/alloc.h"

struct work {
	const size_t *v;
	size_t *set; /* what is needed for sure, N_SURE members; room for a trial behind them */
	size_t n_sure;
	xb_reduce_fn fn;
	void *ctx;
};

/* Do the sure ones pass with the first N of the others? */
static struct xb_err *try_first(struct work *w, size_t n, bool *pass)
{
	if (n)
		memcpy(w->set + w->n_sure, w->v, n * sizeof *w->v);
	return w->fn(w->ctx, w->set, w->n_sure + n, pass);
}

/* The fewest of the first *N with which the sure ones pass: the last of these is needed. */
static struct xb_err *find_last(struct work *w, size_t *n)
{
	size_t fails = 0;

	while (*n - fails > 1) {
		size_t middle = fails + (*n - fails) / 2;
		bool pass;

		/* cppcheck-suppress returnDanglingLifetime ; errors own their text */
		XB_TRY(try_first(w, middle, &pass));
		*(pass ? n : &fails) = middle;
	}
	return NULL;
}

/* Throughout, the sure ones with the first N of the others were tested and pass. */
static struct xb_err *reduce(struct work *w, size_t n)
{
	while (n) {
		bool enough = false;

		if (w->n_sure)
			/* cppcheck-suppress returnDanglingLifetime ; errors own their text */
			XB_TRY(try_first(w, 0, &enough));
		if (enough)
			return NULL;
		XB_TRY(find_last(w, &n));
		w->set[w->n_sure++] = w->v[--n];
	}
	return NULL;
}

struct xb_err *xb_reduce(size_t *v, size_t *n, xb_reduce_fn fn, void *ctx)
{
	XB_AUTOFREE size_t *set = xb_calloc(*n, sizeof *set);
	struct work w = {.v = v, .set = set, .fn = fn, .ctx = ctx};

	XB_TRY(reduce(&w, *n));
	if (w.n_sure)
		memcpy(v, set, w.n_sure * sizeof *v);
	*n = w.n_sure;
	return NULL;
}
