/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Repairs that say nothing of it: commits that change mostly lines which picks
 * added, or fixes that the base has.
 */
#ifndef XB_REPAIRS_H
#define XB_REPAIRS_H

#include "bundle.h"

/* Does commit I change mostly lines that the picks so far added? */
struct xb_err *xb_repairs_by_lines(struct xb_board *board, size_t i, bool *out) XB_MUST_CHECK;
/* Adds to B what repairs its member M without saying so, among what came up so far. */
struct xb_err *xb_repairs_of_lines(struct xb_board *board, struct xb_bundle *b, size_t m) XB_MUST_CHECK;

#endif
