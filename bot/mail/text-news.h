/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the mails about what was found and what was published say. */
#ifndef XB_MAIL_TEXT_NEWS_H
#define XB_MAIL_TEXT_NEWS_H

#include "text.h"

/* Of found.txt, about the picks with the indices PICKS. */
void xb_text_found(const struct xb_text_inputs *t, const size_t *picks, size_t n, struct xb_fields *f);
/* Of published.txt: what changed from OLD to the first FACTS->n_published picks of the plan. */
struct xb_err *xb_text_published(const struct xb_text_inputs *t, const struct xb_state *old,
				 struct xb_fields *f) XB_MUST_CHECK;

/*
 * After that: what of OLD was taken back by a person, for withdrawn.txt. False: nothing was, and F is as it
 * was.
 */
bool xb_text_withdrawn(const struct xb_text_inputs *t, const struct xb_state *old, struct xb_fields *f);

#endif
