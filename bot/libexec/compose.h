/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes of a mail (RFC 5322, 2047, 2045), by GMime: plain ASCII with CRLF,
 * the body quoted-printable, no line over 998 bytes.
 */
#ifndef XB_LIBEXEC_COMPOSE_H
#define XB_LIBEXEC_COMPOSE_H

#include "outbox/letter.h"

/* Appends the mail that the N bytes at TEXT say (letter.h). */
struct xb_err *xb_compose(const char *text, size_t n, struct xb_buf *out) XB_MUST_CHECK;

#endif
