/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what is to be said to the bytes of a mail (RFC 5322, 2047, 2045), by
 * GMime. Header values may be of any bytes: what is no printable character is
 * shown as an escape, and long values are cut, so that a value never becomes
 * two headers, nor turns the text around. The result is plain ASCII with CRLF,
 * the body quoted-printable, no line over 998 bytes.
 */
#ifndef XB_MAIL_FORM_H
#define XB_MAIL_FORM_H

#include "util/buf.h"
#include "util/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Bytes of a header's value, before it is encoded; of one that is a list of names. */
#define XB_HEADER_MAX 200
#define XB_HEADER_LIST_MAX 4000

struct xb_header {
	const char *name;
	const char *value; /* NULL or "": the header is left out */
	bool list;
};

/* All is borrowed. Addresses and Message-IDs are the program's own and well-formed. */
struct xb_form {
	const char *from_name, *from, *to, *reply_to;
	const char *subject;
	const char *id;                       /* LEFT@RIGHT, without <> */
	const char *in_reply_to, *references; /* "<ID> ...", or "" */
	const char *list_id;
	int64_t date;
	struct xb_header headers[12]; /* in their order, after the others; name NULL ends them */
	const char *body;             /* UTF-8, LF */
};

/* XB_E_CONFIG where GMime is not installed. */
struct xb_err *xb_form_write(const struct xb_form *f, struct xb_buf *out) XB_MUST_CHECK;
/* A header's value made safe and short, MAX bytes at most: appended to OUT. */
void xb_header_clean(const char *value, size_t n, size_t max, struct xb_buf *out);

#endif
