/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One mail about a target or about the bot: whether its matter is worth one, its
 * Message-ID, its place in the thread, its template filled in. What the occasions
 * share (occasions.h, blocked.h, news.h).
 */
#ifndef XB_MAIL_TELL_H
#define XB_MAIL_TELL_H

#include "notice.h"
#include "notify.h"
#include "text.h"

/* At work on one target, or with facts NULL on the bot's own health. */
struct xb_teller {
	const struct xb_config *c;
	const struct xb_publish_facts *facts;
	struct xb_text_inputs t;
	int64_t now;
	struct xb_known *k;
	struct xb_notices *out;
	char *last;          /* the last mail about the target, before this look */
	struct xb_strv held; /* keys of matters that hold now */
};

struct xb_telling {
	const char *template, *status, *key, *fingerprint;
	struct xb_known_matter *matter; /* NULL: it is none that lasts */
	bool announce;
};

/*
 * Is the matter KEY in the state FINGERPRINT to be told? NULL: it was. *REMINDER:
 * it was, long ago. In any case it holds now. BEFORE: the same state's fingerprint
 * of the time before reasons were data (before.h); NULL: that is no other.
 */
struct xb_known_matter *xb_tell_worth(struct xb_teller *w, const char *key, const char *fingerprint,
				      const char *before, bool *reminder);
/* The state that a mail is about: a reminder is another mail than the first. Owned. */
char *xb_tell_state(const struct xb_known_matter *m);
/* Sets the field "since". */
void xb_tell_since(struct xb_fields *f, const struct xb_known_matter *m);
/* Collects the mail. *NOTICE, which may be NULL, is valid until the next one. */
struct xb_err *xb_tell(struct xb_teller *w, const struct xb_telling *how, const struct xb_fields *f,
		       struct xb_notice **notice) XB_MUST_CHECK;
/* For fingerprints: hex digits, owned. */
char *xb_tell_hash(const char *text);

#endif
