/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Delta debugging: makes a set that passes a test smaller while it passes, until
 * no single part can be left out. The parts are numbers; those that stand first
 * are tried first. "ddmin" of A. Zeller and R. Hildebrandt, Simplifying and
 * Isolating Failure-Inducing Input, 2002.
 */
#ifndef XB_DDMIN_H
#define XB_DDMIN_H

#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Does this set pass? Called often, also with sets that it has seen. */
typedef struct xb_err *(*xb_ddmin_fn)(void *ctx, const size_t *v, size_t n, bool *pass);

/* V[0..*N-1] passes, and nothing at all does not. It is made smaller in place. */
struct xb_err *xb_ddmin(size_t *v, size_t *n, xb_ddmin_fn fn, void *ctx) XB_MUST_CHECK;

#endif
