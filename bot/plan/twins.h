/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The same change under another id: a release was made beside the branch and
 * merged back, or a fix was put there twice. Two commits are the same change
 * where they change the same lines to the same, and have subject and author in
 * common or name one origin; and the other still counts only while nothing took
 * it back.
 */
#ifndef XB_TWINS_H
#define XB_TWINS_H

#include "planner.h"

struct xb_twins;

/* Where commit I is in the base, or is picked, under another id: decides so, and lists it where it is a fix.
 */
struct xb_err *xb_twins_settle(struct xb_planner *p, size_t i) XB_MUST_CHECK;
void xb_twins_free(struct xb_twins *t);
XB_HANDLE(xb_twins)

#endif
