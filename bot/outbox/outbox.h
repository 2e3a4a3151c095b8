/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mail that waits to be sent: one file a message and recipient, below
 * STATE/outbox/, so that one bad address holds up no other.
 *
 *	new/	to be sent, in the order in which they were queued
 *	failed/	given up: refused for good, or too old; a person looks
 *
 * A file's name comes from the Message-ID and the recipient alone, so that who
 * is not sure whether a message is there puts it there again. It is written
 * whole or not at all (os/file.h) and removed once the message was taken. A
 * crash between these two sends it again, with the same Message-ID. What a file has above its first empty
 *line is ours, one "key value" a line; below is the message (letter.h), or, of an earlier version, the mail
 *as it goes onto the wire.
 */
#ifndef XB_OUTBOX_OUTBOX_H
#define XB_OUTBOX_OUTBOX_H

#include "os/clock.h"
#include "util/buf.h"
#include "util/err.h"

#include <stdbool.h>
#include <stdint.h>

struct xb_outbox_entry {
	char *name; /* of the file; digits, letters and dashes; NULL before it is put there */
	char *from, *to, *id, *subject;
	int64_t queued, next; /* seconds since 1970; before `next` it is not tried */
	int64_t order;        /* among those of one second */
	unsigned tries;
	char *error; /* of the last try, one line; "" */
	struct xb_buf message;
	bool news;   /* it may wait: what needs a person goes before it, and is not counted by `cap` */
	bool failed; /* it is in failed/ */
};

struct xb_outbox_entries {
	struct xb_outbox_entry *v;
	size_t n, cap;
};

/* Makes the directories that are missing. */
struct xb_err *xb_outbox_make(const char *state_dir) XB_MUST_CHECK;
/* Puts E there, durably; where it is already, waiting or given up, that one stays as it is. */
struct xb_err *xb_outbox_put(const char *state_dir, const struct xb_outbox_entry *e) XB_MUST_CHECK;
/*
 * All entries, those to be sent first, each in the order in which they were
 * queued. What can't be read is left out, with a warning. No outbox at all: none.
 */
struct xb_err *xb_outbox_list(const char *state_dir, struct xb_outbox_entries *out) XB_MUST_CHECK;
void xb_outbox_entry_release(struct xb_outbox_entry *e);
void xb_outbox_entries_release(struct xb_outbox_entries *e);

/*
 * What becomes of an entry: taken by the server or dropped; tried in vain
 * (E->tries, next and error say how); given up; to be tried anew. One that is
 * gone meanwhile stays gone.
 */
struct xb_err *xb_outbox_remove(const char *state_dir, const struct xb_outbox_entry *e) XB_MUST_CHECK;
struct xb_err *xb_outbox_update(const char *state_dir, const struct xb_outbox_entry *e) XB_MUST_CHECK;
struct xb_err *xb_outbox_give_up(const char *state_dir, const struct xb_outbox_entry *e) XB_MUST_CHECK;
struct xb_err *xb_outbox_retry(const char *state_dir, struct xb_outbox_entry *e, int64_t now) XB_MUST_CHECK;

/* The short name that people type: the last part of the file's. Borrowed. */
const char *xb_outbox_short(const struct xb_outbox_entry *e);

struct xb_outbox_summary {
	size_t waiting, failed;
	int64_t oldest; /* when the oldest that waits was queued; XB_NEVER without one */
	char *error;    /* of the last try of any; "" */
};
struct xb_err *xb_outbox_summary(const char *state_dir, struct xb_outbox_summary *out) XB_MUST_CHECK;
void xb_outbox_summary_release(struct xb_outbox_summary *s);

#endif
