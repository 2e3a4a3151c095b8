/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Results of checks as test systems read them: plain text, TAP (version 13), or
 * JUnit's XML. Texts are untrusted; they are made harmless here.
 */
#ifndef XB_EXPORT_CASES_H
#define XB_EXPORT_CASES_H

#include "util/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum xb_case_result { XB_CASE_OK, XB_CASE_FAILED, XB_CASE_SKIPPED };
enum xb_cases_form { XB_CASES_TEXT, XB_CASES_TAP, XB_CASES_JUNIT };

struct xb_cases {
	struct xb_case {
		char *suite; /* the line */
		char *name;
		enum xb_case_result result;
		char *why; /* lines; NULL: there is nothing to say */
	} * v;
	size_t n, cap;
};

/* Copies its texts; WHY may be NULL. */
void xb_cases_add(struct xb_cases *c, const char *suite, const char *name, enum xb_case_result result,
		  const char *why);
/* True when one failed. */
bool xb_cases_failed(const struct xb_cases *c);
void xb_cases_print(const struct xb_cases *c, enum xb_cases_form form, struct xb_buf *out);
void xb_cases_release(struct xb_cases *c);

#endif
