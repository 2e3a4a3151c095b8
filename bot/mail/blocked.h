/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mails about commits that can't be picked: what blocks a line, and what is
 * left out under [policy] on-block = skip. One for each advisory.
 */
#ifndef XB_MAIL_BLOCKED_H
#define XB_MAIL_BLOCKED_H

#include "tell.h"

/* All of the plan's. */
struct xb_err *xb_tell_blocked(struct xb_teller *w) XB_MUST_CHECK;

#endif
