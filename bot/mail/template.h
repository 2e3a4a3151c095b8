/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Templates of mails: text files whose first line is "Subject: ..." (but for
 * the footer), then a blank line, then paragraphs. "{name}" is a field. A
 * paragraph in which a field is empty is left out, with all its lines. There
 * are no conditions or loops: what is a list comes as one field of several lines.
 * conf/mail/ has the built-in ones.
 */
#ifndef XB_MAIL_TEMPLATE_H
#define XB_MAIL_TEMPLATE_H

#include "util/buf.h"
#include "util/err.h"

struct xb_field {
	const char *name; /* static */
	char *value;      /* owned */
};

struct xb_fields {
	struct xb_field *v;
	size_t n, cap;
};

/* Takes VALUE over, without line ends at its end; NULL counts as "". A name that is set again gets the new
 * value. */
void xb_field_set(struct xb_fields *f, const char *name, char *value);
/* "" where it is not set. */
const char *xb_field_get(const struct xb_fields *f, const char *name);
void xb_fields_release(struct xb_fields *f);
#define XB_AUTOFIELDS __attribute__((cleanup(xb_fields_release)))

/* The template NAME: the file DIR/NAME.txt, or the built-in one without such a file or with DIR "". */
struct xb_err *xb_template_load(const char *dir, const char *name, char **out) XB_MUST_CHECK;
/* Fills TEXT in. SUBJECT (one line) and BODY are appended to; SUBJECT NULL: TEXT has none. */
void xb_template_fill(const char *text, const struct xb_fields *f, struct xb_buf *subject,
		      struct xb_buf *body);
/* Looks at each template that DIR has: unknown fields, no subject, a name that is none. One error for all. */
struct xb_err *xb_templates_check(const char *dir) XB_MUST_CHECK;

#endif
