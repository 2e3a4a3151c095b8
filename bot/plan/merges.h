/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Merges are what they bring: a merge's id stands for the commits of its sides
 * that the window has just before it. A merge that is tagged beside parts that
 * are, or that brings the release itself, is not picked over them.
 */
#ifndef XB_MERGES_H
#define XB_MERGES_H

#include "planner.h"

/* The parts of merge M are the commits from the returned index up to and without M; of no merge, none. */
size_t xb_merges_first_part(const struct xb_planner *p, size_t m);
/* Is commit I a part of merge M? */
bool xb_merges_has_part(const struct xb_planner *p, size_t m, size_t i);
/* Decides what becomes of a tagged merge M whose change comes without it; others are left as they are. */
struct xb_err *xb_merges_settle(struct xb_planner *p, size_t m) XB_MUST_CHECK;

#endif
