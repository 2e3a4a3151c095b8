/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In which pick, and in what of it, a chain parts from the one that was recomputed; in words, for people. */
#ifndef XB_DIFFERS_H
#define XB_DIFFERS_H

#include "plan/plan.h"

/*
 * Where CHAIN, the commit under a derived ref, parts from the picks of P. *WHERE is owned, NULL: they are the
 * same as far as CHAIN goes.
 */
struct xb_err *xb_differs_where(const struct xb_plan *p, const git_oid *chain, char **where) XB_MUST_CHECK;

#endif
