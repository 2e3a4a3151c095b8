/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What may be the name of a ref, of a line, of a release, and in which order these stand. */
#ifndef XB_REFNAME_H
#define XB_REFNAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stddef.h>

/*
 * A name that the bot may read or write: git's rules (git-check-ref-format(1)),
 * in a namespace of refs/, no component HEAD or beginning with "-", and short
 * enough for a file system with the ".lock" that git appends.
 */
bool xb_refname_ok(const char *name);
/* [A-Za-z0-9._+-]+ that makes no ref name invalid and looks like no option. */
bool xb_line_name_ok(const char *name);
/* [0-9]+(\.[0-9]+)* */
bool xb_version_ok(const char *s);
/*
 * Orders dotted numbers by their values: 4.9 < 4.10, 6 < 6.1, 4.07 = 4.7, of any
 * length. Other names get a total order too: digits by value, the rest by bytes.
 */
int xb_version_cmp(const char *a, const char *b);
/*
 * Where the number of a release may begin in NAME, from the end on: after a dot, or at a letter after a
 * digit. *LEN, at first that of NAME, becomes the length of the line's name then. NULL: nowhere further.
 */
const char *xb_name_cut(const char *name, size_t *len);
/* The length of the longest [0-9]+(\.[0-9]+)* that S begins with. */
size_t xb_version_span(const char *s);

static inline bool xb_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

#endif
