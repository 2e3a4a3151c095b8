/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fixes that the rules may miss: commits that name an advisory where fixes do, and
 * entries that a changelog got in the window, where no commit is taken as the fix.
 * Informs, and decides nothing.
 */
#ifndef XB_NOTICES_H
#define XB_NOTICES_H

#include "planner.h"

/* Fills in the plan's notices, once all else is known. */
struct xb_err *xb_notices_find(struct xb_planner *p) XB_MUST_CHECK;

#endif
