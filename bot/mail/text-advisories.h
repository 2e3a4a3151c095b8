/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A branch by its advisories, as downstreams ask for them: what is new, what is in, what is missing and why. */
#ifndef XB_MAIL_TEXT_ADVISORIES_H
#define XB_MAIL_TEXT_ADVISORIES_H

#include "text.h"

/* Is this pick, of those that are published, new to who gets the mail? */
typedef bool (*xb_is_new_pick)(const void *ctx, const struct xb_plan_pick *k);

/*
 * Sets "news" (each new pick by its id in the branch, below its advisory with CVEs and title), "in" (all
 * advisories that it has since its release), "missing" and "dropped" (each with why).
 */
struct xb_err *xb_text_advisories(const struct xb_text_inputs *t, xb_is_new_pick is_new, const void *ctx,
				  struct xb_fields *f) XB_MUST_CHECK;
/* The ids of what is missing, a line each, for telling whether that changed; "": nothing is. Owned. */
char *xb_text_missing_ids(const struct xb_text_inputs *t);
/* The field "missing" alone, without what only metadata knows. */
void xb_text_missing(const struct xb_text_inputs *t, struct xb_fields *f);

#endif
