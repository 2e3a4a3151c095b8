/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What mails say: the fields of their templates that many have, and the parts
 * that the others are made of (text-blocked.h, text-gate.h, text-news.h). All that
 * comes from the repository is made safe to show here.
 */
#ifndef XB_MAIL_TEXT_H
#define XB_MAIL_TEXT_H

#include "notify.h"
#include "template.h"

enum { XB_TEXT_NAMES = 3 }; /* advisories that are named one by one */

/* What the fields come from; all borrowed. */
struct xb_text_inputs {
	const struct xb_publish_inputs *in;
	const struct xb_plan *plan; /* NULL: there is none */
	const struct xb_publish_result *result;
	const struct xb_publish_facts *facts;
};

/* Fields that all mails about a target have: line, branch, staging, base, new, old. */
void xb_text_target(const struct xb_text_inputs *t, struct xb_fields *f);
/* Text of others, safe to show and not too long; owned. */
char *xb_text_safe(const char *s);
void xb_text_add_safe(struct xb_buf *b, const char *s);
/* The same of a name, such as an advisory's: annotations give it any. */
void xb_text_add_name(struct xb_buf *b, const char *s);
/* The ref, safe to show, without the prefix; owned. */
char *xb_text_without(const char *ref, const char *prefix);
/* A list that is too long for a subject: "A, B, C and 4 more"; owned. */
char *xb_text_names(const struct xb_strv *v);
/* The first of words with blanks between: "A, B, C and 4 more"; owned. */
char *xb_text_first_names(const char *words);
/* All of them, however many; owned. */
char *xb_text_all_names(const struct xb_strv *v);
/* "XSA-470" or a commit's short id; owned. */
char *xb_text_what(const struct xb_plan *p, const struct xb_strv *advisories, size_t window);
/* Of that id in the plan; or NULL. */
const struct xb_plan_advisory *xb_text_advisory(const struct xb_plan *p, const char *id);
/* The titles and CVEs of the advisories, a line each; "": nothing is known. Owned. */
char *xb_text_titles(const struct xb_text_inputs *t, const struct xb_strv *ids);
/* Where notes are annotations: the fields "fetch" and "push", what comes before and after one is written. */
void xb_text_notes(const struct xb_text_inputs *t, struct xb_fields *f);
/* The repository's name, not its path. */
const char *xb_text_repository(const struct xb_config *c);

#endif
