/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was mailed: about each target, and about the bot's own health, what still
 * holds and was told, the state that was announced, and the ids that later mails
 * refer to. All of it is one file, STATE/mail-known.json, so that what a run told
 * of several targets is known of all of them or of none. Without the file nothing
 * was told yet. Times serve reminders only. Whoever writes has the lock of the
 * state directory.
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
	char *behind;   /* of what the announcement list knows to be missing: a hash; "": of nothing */
	struct xb_strv found; /* commits that were told as discovered prerequisites */
	struct {
		struct xb_known_matter *v;
		size_t n, cap;
	} matters;
	json_t *was; /* as it was read */
};

/* The file. */
struct xb_known_file {
	char *state_dir, *path;
	json_t *targets;  /* by their names; "": the bot's health */
	int64_t stamp[3]; /* which file that was: another one has another */
};

/*
 * Reads it, or what an earlier version had in its place. A file that is no
 * such JSON counts as not there, with a warning; one that can't be read now is an
 * error: it may say that much was told. Release OUT in each case.
 */
struct xb_err *xb_known_open(const char *state_dir, struct xb_known_file *out) XB_MUST_CHECK;
/* The same again where another process wrote it meanwhile; what was put in here and not saved is gone. */
struct xb_err *xb_known_refresh(struct xb_known_file *f) XB_MUST_CHECK;
/* Writes it, durably; all or nothing. */
struct xb_err *xb_known_save(struct xb_known_file *f) XB_MUST_CHECK;
void xb_known_file_release(struct xb_known_file *f);
/*
 * What an earlier version left is taken over: the mails of its journal are put into
 * the outbox, what it knew is in F and saved, and its files go.
 */
struct xb_err *xb_known_take_over(struct xb_known_file *f) XB_MUST_CHECK;
/* What F has of TARGET; release OUT. NULL stands for the empty text in what is put in here. */
void xb_known_get(const struct xb_known_file *f, const char *target, struct xb_known *out);
/* Puts K in the place of what F has of its target, unless it is as it was read. True: it is not. */
bool xb_known_set(struct xb_known_file *f, const struct xb_known *k);

void xb_known_init(struct xb_known *k, const char *target);
void xb_known_release(struct xb_known *k);
struct xb_known_matter *xb_known_find(struct xb_known *k, const char *key);
struct xb_known_matter *xb_known_add(struct xb_known *k, const char *key);
void xb_known_remove(struct xb_known *k, const char *key);
/* Puts a copy of VALUE in the place of the text *TO. */
void xb_known_put_text(char **to, const char *value);

#endif
