/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What there is to tell about a target: blocked commits, a test that failed, a
 * branch that is held, the end of each; what was found, what was published. Each
 * is worth a mail or not, and has its Message-ID, its place in the thread, and its
 * template filled in.
 */
#ifndef XB_MAIL_WHAT_H
#define XB_MAIL_WHAT_H

#include "letters.h"
#include "words.h"

/* At work on one target, or with facts NULL on the bot's own health. */
struct xb_what {
	const struct xb_config *c;
	const struct xb_publish_facts *facts;
	struct xb_words_inputs t;
	int64_t now;
	struct xb_known *k;
	struct xb_notices *out;
	char *last;          /* the last mail about the target, before this look */
	struct xb_strv held; /* keys of matters that hold now */
};

struct xb_what_telling {
	const char *template, *status, *key;
	const char *state;              /* that the mail is about; NULL: the matter's */
	struct xb_known_matter *matter; /* NULL: it is none that lasts */
	bool announce;
};

/*
 * Is the matter KEY in the state FINGERPRINT to be told? NULL: it was; where that is
 * long ago, it is once more, as a reminder. In any case it holds now. BEFORE: the same state's fingerprint
 * of the time before reasons were data; NULL: that is no other.
 */
struct xb_known_matter *xb_what_worth(struct xb_what *w, const char *key, const char *fingerprint,
				      const char *before);
/* Sets the field "since". */
void xb_what_since(struct xb_fields *f, const struct xb_known_matter *m);
/* Collects the mail; a reminder has the field "since". *NOTICE, which may be NULL, is valid until the next.
 */
struct xb_err *xb_what_tell(struct xb_what *w, const struct xb_what_telling *how, struct xb_fields *f,
			    struct xb_notice **notice) XB_MUST_CHECK;
/* For fingerprints: hex digits, owned. */
char *xb_what_hash(const char *text);

/* Compares FACTS with K, which is brought up to date, and appends the mails to OUT. */
struct xb_err *xb_what_look(const struct xb_config *c, const struct xb_publish_facts *facts, int64_t now,
			    struct xb_known *k, struct xb_notices *out) XB_MUST_CHECK;

/* ---- what was published: what-news.c ---- */

/* Prerequisites that are published and were not told; SILENT: they count as told. */
struct xb_err *xb_what_found(struct xb_what *w, bool silent) XB_MUST_CHECK;
/* Fixes are missing, and nothing that is published says so: once, until others are. */
struct xb_err *xb_what_behind(struct xb_what *w) XB_MUST_CHECK;
/* The line came to its end: once. */
struct xb_err *xb_what_ended(struct xb_what *w) XB_MUST_CHECK;
/* What changed since the last announcement. */
struct xb_err *xb_what_published(struct xb_what *w) XB_MUST_CHECK;

#endif
