/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Untrusted bytes made safe to show: on a terminal, in a log, in a JSON string.
 * Everything that comes from a repository goes through here before it is
 * printed.
 */
#ifndef XB_UTIL_VIS_H
#define XB_UTIL_VIS_H

#include "buf.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	XB_VIS_LINES = 1, /* keep LF (and TAB) as they are: text of several lines */
	XB_VIS_JSON = 2,  /* the text is JSON: such characters as \uXXXX, which means the same there */
};

/*
 * Appends N bytes: printable UTF-8 as it is; other bytes as \xNN; control
 * characters, C1, bidirectional and other format characters as \xNN or \u{N}.
 */
void xb_vis(struct xb_buf *out, const char *p, size_t n, unsigned flags);
/* The same for a C string, as an owned string. */
char *xb_vis_dup(const char *s);
/* The same, on standard output; NULL is nothing. */
void xb_vis_print(const char *s);
/* True when the N bytes are well-formed UTF-8 (no surrogates, no overlong forms). */
bool xb_utf8_valid(const char *p, size_t n);
/* Appends valid UTF-8: each byte that is no part of a character becomes U+FFFD, and so does NUL. */
void xb_utf8_clean(struct xb_buf *out, const char *p, size_t n);

#endif
