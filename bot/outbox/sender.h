/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program that makes and sends mail, libexec/xsabot/xsabot-mail: one process
 * for each mail, which alone links what mail needs and reads the secret.
 */
#ifndef XB_OUTBOX_SENDER_H
#define XB_OUTBOX_SENDER_H

#include "util/buf.h"
#include "util/err.h"

struct xb_mail_conf;
struct xb_outbox_entry;

/* What became of a mail; also the statuses of the program. */
enum xb_sent {
	XB_SENT_DONE = 0,    /* taken */
	XB_SENT_NEVER = 69,  /* refused for good */
	XB_SENT_DOWN = 74,   /* nothing can be sent now, whichever mail: nobody there, no TLS, no login */
	XB_SENT_LATER = 75,  /* this one can't be taken now, or may have been: again later */
	XB_SENT_CONFIG = 78, /* nothing can be sent until a person acts: the secret, the program */
};

/* *WHY is the caller's: one line, for people; NULL when it is done. It may hang. */
enum xb_sent xb_sender_send(const struct xb_mail_conf *c, const struct xb_outbox_entry *e, char **why);
/* Goes to the server, with TLS and the login, and sends nothing: why that can't be. It may hang. */
struct xb_err *xb_sender_probe(const struct xb_mail_conf *c) XB_MUST_CHECK;
/* Is the program there, and the secret a file of one line that is its owner's alone? */
struct xb_err *xb_sender_check(const struct xb_mail_conf *c) XB_MUST_CHECK;
/*
 * Appends the mail of MESSAGE as people read it: its headers as they are sent, and
 * its body. One that is a mail already (of an earlier version): as it is. Not safe to print.
 */
struct xb_err *xb_sender_show(const struct xb_buf *message, struct xb_buf *out) XB_MUST_CHECK;

#endif
