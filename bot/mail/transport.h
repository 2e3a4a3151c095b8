/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ways out: SMTP by libcurl, or a sendmail program. In a child of its own
 * (mail/send.h): both may hang.
 */
#ifndef XB_MAIL_TRANSPORT_H
#define XB_MAIL_TRANSPORT_H

#include "config/config.h"
#include "outbox.h"

enum xb_sent {
	XB_SENT_DONE,  /* taken */
	XB_SENT_LATER, /* this one can't be taken now, or may have been: again later */
	XB_SENT_NEVER, /* refused for good */
	XB_SENT_DOWN,  /* nothing can be sent now, whichever message: nobody there, no TLS, no login */
};

struct xb_transport {
	/* *WHY is the caller's: one line, for people; NULL when it is done. */
	enum xb_sent (*send)(struct xb_transport *t, const struct xb_outbox_entry *e, char **why);
	void (*free)(struct xb_transport *t);
};

/* C must last as long as *OUT, which is the caller's: (*out)->free. */
struct xb_err *xb_smtp_open(const struct xb_mail_conf *c, struct xb_transport **out) XB_MUST_CHECK;
struct xb_err *xb_sendmail_open(const struct xb_mail_conf *c, struct xb_transport **out) XB_MUST_CHECK;
/* Goes to the server, with TLS and the login, and sends nothing: why that can't be. */
struct xb_err *xb_smtp_probe(const struct xb_mail_conf *c) XB_MUST_CHECK;
/* The secret of the configuration into OUT; its file must be the owner's alone. Nothing where there is none.
 */
struct xb_err *xb_mail_secret(const struct xb_mail_conf *c, struct xb_buf *out) XB_MUST_CHECK;
/* True when HOST of smtp://HOST:PORT is this host itself, by its name or number. */
bool xb_mail_is_loopback(const char *url);

#endif
