/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a set that passes a test small, with few tests: about log2(N) for each
 * member that is needed, which counts where a test is a build. (ddmin, the usual
 * delta debugging, takes several times as many when two that are needed stand
 * far apart.) Members are numbers; those that stand first are more likely.
 *
 * What comes out was tested and passes, whatever the test does. Where more
 * members never make it fail, no single one can be left out.
 */
#ifndef XB_REDUCE_H
#define XB_REDUCE_H

#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Does this set pass? */
typedef struct xb_err *(*xb_reduce_fn)(void *ctx, const size_t *v, size_t n, bool *pass);

/* V[0..*N-1] passes, and nothing at all does not. It is made smaller in place. */
struct xb_err *xb_reduce(size_t *v, size_t *n, xb_reduce_fn fn, void *ctx) XB_MUST_CHECK;

#endif
