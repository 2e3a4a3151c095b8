/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PCRE2 as this program uses it: bytes, multi-line, LF, no JIT, limited in
 * steps, depth and memory, so that text from strangers costs bounded time.
 */
#ifndef XB_REGEX_H
#define XB_REGEX_H

#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>

#define XB_GROUPS_MAX 8

struct xb_regex;

/* Groups of one match; START > END or group >= N: the group took no part. */
struct xb_match {
	size_t n;
	size_t start[XB_GROUPS_MAX], end[XB_GROUPS_MAX];
};

/* Compiles PATTERN; a mistake is XB_E_CONFIG with its place. */
struct xb_err *xb_regex_compile(const char *pattern, struct xb_regex **out) XB_MUST_CHECK;
void xb_regex_free(struct xb_regex *re);
XB_HANDLE(xb_regex)
/*
 * For speed: NEEDLES (ended by NULL, borrowed for the regex' life) are strings of
 * which every match holds at least one.
 */
void xb_regex_require(struct xb_regex *re, const char *const *needles);
/* False when the text holds none of the needles, so that trying is in vain. */
bool xb_regex_may_match(const struct xb_regex *re, const char *text, size_t n);
/* Were both given the same needles? */
bool xb_regex_same_needles(const struct xb_regex *a, const struct xb_regex *b);
/*
 * The first match that begins at or after FROM: *FOUND, and *M when found.
 * Empty matches do not count. A limit that was hit is XB_E_HOSTILE.
 */
struct xb_err *xb_regex_match(const struct xb_regex *re, const char *text, size_t n, size_t from, bool *found,
			      struct xb_match *m) XB_MUST_CHECK;
/* Did group I take part? */
static inline bool xb_match_has(const struct xb_match *m, size_t i)
{
	return i < m->n && m->start[i] <= m->end[i];
}

#endif
