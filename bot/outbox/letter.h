/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A mail before it is one: what it is made of, and the text as which that waits
 * in the outbox. The sender's program (sender.h) makes the mail of it.
 *
 *	xsabot-letter 1
 *	from bot@example.org		a line for each part
 *	subject [xsabot 4.17] ...
 *	header X-Xsabot-Line 4.17
 *					an empty line, and the body
 *
 * Values of headers may be of any bytes: in the text, what is no printable
 * character is an escape, and long values are cut, so that a value never becomes
 * two headers, nor turns the mail around.
 */
#ifndef XB_OUTBOX_LETTER_H
#define XB_OUTBOX_LETTER_H

#include "util/buf.h"
#include "util/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Bytes of a header's value, before it is encoded; of one that is a list of names. */
enum { XB_HEADER_MAX = 200, XB_HEADER_LIST_MAX = 4000, XB_HEADERS_MAX = 12 };

struct xb_header {
	const char *name;
	const char *value; /* NULL or "": the header is left out */
	bool list;
};

/* All is borrowed, or points into `own`. Addresses and Message-IDs are the program's own and well-formed. */
struct xb_letter {
	const char *from_name, *from, *to, *reply_to;
	const char *subject;
	const char *id;                       /* LEFT@RIGHT, without <> */
	const char *in_reply_to, *references; /* "<ID> ...", or "" */
	const char *list_id;
	int64_t date;                             /* seconds since 1970 */
	struct xb_header headers[XB_HEADERS_MAX]; /* in their order, after the others; name NULL ends them */
	const char *body;                         /* UTF-8, LF */
	char *own;
};

/* Is the N bytes at TEXT such a text, and no mail as it goes onto the wire? */
bool xb_letter_is_text(const char *text, size_t n);
/* Appends the text. */
void xb_letter_write(const struct xb_letter *m, struct xb_buf *out);
/* Reads it: as it was written, or XB_E_HOSTILE. Release OUT in each case. */
struct xb_err *xb_letter_read(const char *text, size_t n, struct xb_letter *out) XB_MUST_CHECK;
void xb_letter_release(struct xb_letter *m);
/* A header's value made safe and short, MAX bytes at most: appended to OUT. */
void xb_header_clean(const char *value, size_t n, size_t max, struct xb_buf *out);
/* The number that S is, and nothing else. */
bool xb_letter_number(const char *s, int64_t *out);

#endif
