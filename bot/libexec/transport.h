/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ways out for one mail: SMTP by libcurl, or a sendmail program. Both may
 * hang: whoever started this program ends it.
 */
#ifndef XB_LIBEXEC_TRANSPORT_H
#define XB_LIBEXEC_TRANSPORT_H

#include "outbox/sender.h"
#include "util/buf.h"

/* As it was given on the command line; "" where it was not. */
struct xb_way {
	const char *transport, *ca, *user, *secret, *from, *to, *tls, *timeout;
};

/* *WHY is the caller's: one line, for people; NULL when it is done. */
enum xb_sent xb_smtp_send(const struct xb_way *w, const struct xb_buf *mail, char **why);
enum xb_sent xb_sendmail_send(const struct xb_way *w, const struct xb_buf *mail, char **why);
/* Goes to the server, with TLS and the login, and sends nothing: why that can't be. */
enum xb_sent xb_smtp_probe(const struct xb_way *w, char **why);
/*
 * The secret into OUT, which the caller wipes; its file must be the owner's alone.
 * Nothing where there is none.
 */
struct xb_err *xb_secret_read(const struct xb_way *w, struct xb_buf *out) XB_MUST_CHECK;
void xb_secret_wipe(struct xb_buf *secret);

#endif
