/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What there is to tell about a target: blocked commits, a test that failed, a
 * branch that is held, the end of each; what was found, what was published.
 */
#ifndef XB_MAIL_OCCASIONS_H
#define XB_MAIL_OCCASIONS_H

#include "notice.h"
#include "notify.h"

/* Compares FACTS with K, which is brought up to date, and appends the mails to OUT. */
struct xb_err *xb_occasions_look(const struct xb_config *c, const struct xb_publish_facts *facts, int64_t now,
				 struct xb_known *k, struct xb_notices *out) XB_MUST_CHECK;

#endif
