/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the mail about a commit that can't be picked says, and the one about its end. */
#ifndef XB_MAIL_TEXT_BLOCKED_H
#define XB_MAIL_TEXT_BLOCKED_H

#include "text.h"
#include "words/settle.h"

/* Of blocked.txt; "what" and "summary" among them. */
struct xb_err *xb_text_stuck(const struct xb_text_inputs *t, const struct xb_stuck *s,
			     struct xb_fields *f) XB_MUST_CHECK;
/* "conflict in 2 files"; owned. */
char *xb_text_summary(const struct xb_pick *conflict);
/* How it came to that: a sentence, or NULL where that can't be told. WHAT "": of a test. Owned. */
char *xb_text_how(const struct xb_text_inputs *t, const char *what);
/* What became of the advisory or commit WHAT: "applies now"; owned. */
char *xb_text_outcome(const struct xb_text_inputs *t, const char *what);

#endif
