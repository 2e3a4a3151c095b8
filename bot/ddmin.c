/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ddmin.h"

#include "util/alloc.h"

struct work {
	size_t *v, *n;
	size_t *trial; /* as long as v */
	size_t parts;
	xb_ddmin_fn fn;
	void *ctx;
};

/* Tries the part FROM..TO, or all but it; takes it when it passes. */
static struct xb_err *try_part(struct work *w, size_t from, size_t to, bool without, bool *pass)
{
	size_t n = 0;

	for (size_t i = 0; i < *w->n; i++)
		if ((i >= from && i < to) != without)
			w->trial[n++] = w->v[i];
	XB_TRY(w->fn(w->ctx, w->trial, n, pass));
	if (!*pass)
		return NULL;
	memcpy(w->v, w->trial, n * sizeof *w->v);
	*w->n = n;
	return NULL;
}

/* With two parts, one is all but the other. */
static struct xb_err *try_parts(struct work *w, bool without, bool *pass)
{
	size_t n = *w->n;

	*pass = false;
	for (size_t k = 0; k < w->parts && !*pass && !(without && w->parts == 2); k++)
		XB_TRY(try_part(w, n * k / w->parts, n * (k + 1) / w->parts, without, pass));
	return NULL;
}

static struct xb_err *reduce(struct work *w)
{
	while (*w->n > 1) {
		bool pass;

		XB_TRY(try_parts(w, false, &pass));
		if (pass) {
			w->parts = 2;
			continue;
		}
		XB_TRY(try_parts(w, true, &pass));
		if (!pass && w->parts == *w->n)
			return NULL;
		w->parts = pass ? w->parts - 1 : w->parts * 2;
		if (w->parts > *w->n)
			w->parts = *w->n;
		if (w->parts < 2)
			w->parts = 2;
	}
	return NULL;
}

struct xb_err *xb_ddmin(size_t *v, size_t *n, xb_ddmin_fn fn, void *ctx)
{
	XB_AUTOFREE size_t *trial = xb_calloc(*n, sizeof *trial);
	struct work w = {.v = v, .n = n, .trial = trial, .parts = 2, .fn = fn, .ctx = ctx};

	return reduce(&w);
}
