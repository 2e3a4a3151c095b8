/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A conflict in few lines, for people who read it on a phone: where it is, what
 * the branch has there, what the commit expects there, and what it makes of it.
 */
#ifndef XB_MAIL_EXCERPT_H
#define XB_MAIL_EXCERPT_H

#include "pick/pick.h"
#include "util/buf.h"

/* Appends it, a line after the other, each ended by LF. */
struct xb_err *xb_excerpt(struct xb_picker *p, const struct xb_pick *conflict,
			  struct xb_buf *out) XB_MUST_CHECK;

#endif
