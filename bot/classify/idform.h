/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The form of an advisory's name, such as XSA-{n} or GHSA-{id}, compiled: it finds
 * the names of that form in a text, however people spell them.
 */
#ifndef XB_IDFORM_H
#define XB_IDFORM_H

#include "text/regex.h"
#include "util/err.h"
#include "util/strv.h"

struct xb_idform {
	struct xb_regex *re; /* group 1: the number; group 0: the whole */
	char *prefix, *suffix, *needle;
	const char *needles[2];
	bool letters; /* {id}: told in lower case */
};

/* FORM is one that the configuration takes. OUT is zeroed, and released after an error, too. */
struct xb_err *xb_idform_compile(const char *form, struct xb_idform *out) XB_MUST_CHECK;
void xb_idform_release(struct xb_idform *f);
/* Appends those in TEXT, each once, in the configured spelling. */
struct xb_err *xb_idform_find(const struct xb_idform *f, const char *text, size_t n,
			      struct xb_strv *out) XB_MUST_CHECK;
/* The match M of f->re, in the configured spelling, is appended unless it is there. */
struct xb_err *xb_idform_add(const struct xb_idform *f, const char *text, const struct xb_match *m,
			     struct xb_strv *out) XB_MUST_CHECK;
/* S as a whole, in the configured spelling, owned; NULL: it has not this form. */
char *xb_idform_whole(const struct xb_idform *f, const char *s);

#endif
