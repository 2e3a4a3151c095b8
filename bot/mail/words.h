/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What mails say: the fields of their templates, for each audience. All that
 * comes from the repository is made safe to show here.
 */
#ifndef XB_MAIL_WORDS_H
#define XB_MAIL_WORDS_H

#include "notify.h"
#include "template.h"
#include "words/settle.h"

enum { XB_WORDS_NAMES = 3 }; /* advisories that are named one by one */

/* What the fields come from; all borrowed. */
struct xb_words_inputs {
	const struct xb_publish_inputs *in;
	const struct xb_plan *plan; /* NULL: there is none */
	const struct xb_publish_result *result;
	const struct xb_publish_facts *facts;
	struct xb_metadata *metadata; /* read once a look */
};

/* Sets the fields that all mails about a target have: line, branch, staging, base, new, old. */
void xb_words_target(const struct xb_words_inputs *t, struct xb_fields *f);
/* Text of others, safe to show and not too long; owned. */
char *xb_words_safe(const char *s);
void xb_words_add_safe(struct xb_buf *b, const char *s);
/* A name, such as an advisory's, in the same way, and shorter: annotations give it any. */
void xb_words_add_name(struct xb_buf *b, const char *s);
/* The ref, safe to show, without the prefix; owned. */
char *xb_words_without(const char *ref, const char *prefix);
/* A list that is too long for a subject: "A, B, C and 4 more"; owned. */
char *xb_words_names(const struct xb_strv *v);
/* The first of words with blanks between: "A, B, C and 4 more"; owned. */
char *xb_words_first_names(const char *words);
/* All names, however many; owned. */
char *xb_words_all_names(const struct xb_strv *v);
/* "XSA-470" or a commit's short id; owned. */
char *xb_words_what(const struct xb_plan *p, const struct xb_strv *advisories, size_t window);
/* The advisory of that id in the plan; or NULL. */
const struct xb_plan_advisory *xb_words_advisory(const struct xb_plan *p, const char *id);
/* The titles and CVEs of the advisories, a line each; "": nothing is known. Owned. */
char *xb_words_titles(const struct xb_words_inputs *t, const struct xb_strv *ids);
/* Sets "fetch" and "push", what comes before and after a note is written, where notes are annotations. */
void xb_words_notes(const struct xb_words_inputs *t, struct xb_fields *f);
/* The repository's name, not its path. */
const char *xb_words_repository(const struct xb_config *c);

/* ---- for those who look after a line ---- */

/* Sets the fields of held.txt. STATE: what was published. */
void xb_words_held(const struct xb_words_inputs *t, const struct xb_state *state, struct xb_fields *f);

/* Sets the fields of gate.txt: about the first pick that is not published. */
void xb_words_gate(const struct xb_words_inputs *t, struct xb_fields *f);

/* Sets the fields of blocked.txt; "what" and "summary" among them. */
struct xb_err *xb_words_stuck(const struct xb_words_inputs *t, const struct xb_stuck *s,
			      struct xb_fields *f) XB_MUST_CHECK;
/* "conflict in 2 files"; owned. */
char *xb_words_summary(const struct xb_pick *conflict);
/* How it was settled: a sentence, or NULL where that can't be told. WHAT "": a test. Owned. */
char *xb_words_how(const struct xb_words_inputs *t, const char *what);
/* What became of the advisory or commit WHAT: "applies now"; owned. */
char *xb_words_outcome(const struct xb_words_inputs *t, const char *what);

/* ---- for those who use a branch ---- */

/* Sets the fields of found.txt, about the picks with the indices PICKS. */
void xb_words_found(const struct xb_words_inputs *t, const size_t *picks, size_t n, struct xb_fields *f);
/* Sets the fields of published.txt: what changed from OLD to the first FACTS->n_published picks of the plan.
 */
struct xb_err *xb_words_published(const struct xb_words_inputs *t, const struct xb_state *old,
				  struct xb_fields *f) XB_MUST_CHECK;

/*
 * After that: what of OLD was taken back by a person, for withdrawn.txt. False: nothing was, and F is as it
 * was.
 */
bool xb_words_withdrawn(const struct xb_words_inputs *t, const struct xb_state *old, struct xb_fields *f);

/* The ids of what is missing, a line each, for telling whether that changed; "": nothing is. Owned. */
char *xb_words_missing_ids(const struct xb_words_inputs *t);
/* The field "missing" alone, without what only metadata knows. */
void xb_words_missing(const struct xb_words_inputs *t, struct xb_fields *f);

#endif
