/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was mailed about a target: what still holds and was told, the state that
 * was announced, and the ids that later mails refer to. STATE/mail/known/TARGET.json;
 * and the same of what fails now and then, STATE/mail/health.json. Without the
 * file nothing was told yet. Times serve reminders only.
 */
#ifndef XB_MAIL_KNOWN_H
#define XB_MAIL_KNOWN_H

#include "config/config.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Something that was told and has not ended. */
struct xb_known_matter {
	char *key;         /* "blocked XSA-470", "held" */
	char *fingerprint; /* of its state when it was told */
	char *what;        /* "XSA-470" */
	char *summary;     /* "conflict in 2 files" */
	char *first;       /* Message-ID of its first mail, without <>; "": none went out yet */
	char *digest;      /* of a digest that its last mail was in; "": none */
	int64_t since, mailed;
	unsigned reminders;
};

struct xb_known {
	char *target;
	bool fresh;          /* nothing was looked at so far */
	char *thread, *last; /* Message-IDs of the first and the last mail about the target; "": none */
	/* Of the first mail to [mail] to, and to announce, that was sent alone: who gets the one may not get
	 * the other, and in a digest a mail's own id is lost. */
	char *to_root, *announce_root;
	char
	    *announced; /* id of the state commit that was announced; zeros: nothing was there; "": unknown */
	char *behind; /* of what the announcement list knows to be missing: a hash; "": of nothing */
	struct xb_strv found; /* commits that were told as discovered prerequisites */
	struct {
		struct xb_known_matter *v;
		size_t n, cap;
	} matters;
};

/* NULL stands for the empty text in what is put in here. */
void xb_known_init(struct xb_known *k, const char *target);
void xb_known_release(struct xb_known *k);
/*
 * Reads what is known of TARGET. A file that is no such JSON counts as not there, with a warning; one that
 * can't be read now is an error: it may say that much was told. Release OUT in each case.
 */
struct xb_err *xb_known_read(const char *state_dir, const char *target, struct xb_known *out) XB_MUST_CHECK;
/* As JSON, the caller's. */
json_t *xb_known_json(const struct xb_known *k);
/* Writes that JSON. */
struct xb_err *xb_known_write(const char *state_dir, const char *target, const json_t *json) XB_MUST_CHECK;
/* The same where there is no STATE/mail/known/ to write to: beside it, in STATE, until the next of the above.
 */
struct xb_err *xb_known_write_aside(const char *state_dir, const char *target,
				    const json_t *json) XB_MUST_CHECK;

struct xb_known_matter *xb_known_find(struct xb_known *k, const char *key);
struct xb_known_matter *xb_known_add(struct xb_known *k, const char *key);
void xb_known_remove(struct xb_known *k, const char *key);
/* Puts a copy of VALUE in the place of the text *TO. */
void xb_text_set(char **to, const char *value);

#endif
