/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growing list of texts, each of which the list owns. A zeroed list is a valid
 * empty one. For sets the order is that of adding, and looking is one by one:
 * these are the advisories of a commit, the keys of a section, the names in a
 * directory.
 */
#ifndef XB_UTIL_STRV_H
#define XB_UTIL_STRV_H

#include <string.h>
#include <stdbool.h>
#include <stddef.h>

struct xb_strv {
	char **v;
	size_t n, cap;
};

/* Appends a copy. */
void xb_strv_add(struct xb_strv *v, const char *text);
/* Appends a copy unless it is there. */
void xb_strv_add_new(struct xb_strv *v, const char *text);
/* Appends copies of those of FROM that are not there. */
void xb_strv_add_all_new(struct xb_strv *v, const struct xb_strv *from);
bool xb_strv_has(const struct xb_strv *v, const char *text);
/* By their bytes, whatever the locale. */
void xb_strv_sort(struct xb_strv *v);
/* The same, and each once. */
void xb_strv_sort_unique(struct xb_strv *v);
/* "A, B, C" with ", " for BETWEEN; owned. */
char *xb_strv_join(const struct xb_strv *v, const char *between);
void xb_strv_release(struct xb_strv *v);
#define XB_AUTOSTRV __attribute__((cleanup(xb_strv_release)))

/* Are both the same text, or both NULL? */
static inline bool xb_same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* *TO, which is owned, becomes a copy of TEXT, or NULL. */
void xb_set_text(char **to, const char *text);

#endif
