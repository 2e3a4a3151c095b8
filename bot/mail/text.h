/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What mails say: the fields of their templates, made from a plan and what was
 * published of it. All that comes from the repository is made safe to show here.
 */
#ifndef XB_MAIL_TEXT_H
#define XB_MAIL_TEXT_H

#include "publish/publish.h"
#include "template.h"

/* A commit that can't be picked, under either policy. */
struct xb_stuck {
	size_t window, wanted; /* as in struct xb_plan_blocked */
	const struct xb_strv *advisories, *before, *candidates;
	const struct xb_pick *conflict;
	const char *why;
	bool held; /* the line is held before it; else it is left out */
};

/* What the fields come from; all borrowed. */
struct xb_text_inputs {
	const struct xb_publish_inputs *in;
	const struct xb_plan *plan; /* NULL: there is none */
	const struct xb_publish_result *result;
	bool no_discover; /* the plan was made without searching prerequisites */
};

/* Fields that all mails about a target have: line, branch, staging, base, new, old. */
void xb_text_target(const struct xb_text_inputs *t, struct xb_fields *f);
/* Of blocked.txt; "what" and "summary" among them. */
struct xb_err *xb_text_stuck(const struct xb_text_inputs *t, const struct xb_stuck *s,
			     struct xb_fields *f) XB_MUST_CHECK;
/* Of gate.txt: about the first pick that is not published. */
void xb_text_gate(const struct xb_text_inputs *t, struct xb_fields *f);
/* Of found.txt, about the picks with the indices PICKS. */
void xb_text_found(const struct xb_text_inputs *t, const size_t *picks, size_t n, struct xb_fields *f);
/* Of published.txt: what changed from OLD to the first RESULT->picks picks of the plan. */
void xb_text_published(const struct xb_text_inputs *t, const struct xb_state *old, struct xb_fields *f);
/* What became of the advisory or commit WHAT: "applies now"; owned. */
char *xb_text_outcome(const struct xb_text_inputs *t, const char *what);
/* Text of others, safe to show and not too long; owned. */
char *xb_text_safe(const char *s);
/* "conflict in 2 files"; owned. */
char *xb_text_summary(const struct xb_pick *conflict);
/* "XSA-470" or a commit's short id; owned. */
char *xb_text_what(const struct xb_plan *p, const struct xb_strv *advisories, size_t window);

#endif
