/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which lines of a file are new in its new version, and which are gone from its
 * old one, whatever their place: a line that merely moved is neither. Cheaper
 * than a diff, and all that is needed where words are looked for.
 */
#ifndef XB_ADDED_H
#define XB_ADDED_H

#include <stdbool.h>
#include <stddef.h>

struct xb_lineset {
	unsigned char *bits; /* line L, from 1, is bit L */
	size_t lines;
};

/* Fills ADDED with lines of NEW that OLD hasn't, GONE with those of OLD that NEW hasn't; either may be NULL.
 */
void xb_added_lines(const char *old, size_t old_len, const char *new_text, size_t new_len,
		    struct xb_lineset *added, struct xb_lineset *gone);
void xb_lineset_release(struct xb_lineset *s);

static inline bool xb_lineset_has(const struct xb_lineset *s, size_t line)
{
	return line <= s->lines && s->bits && (s->bits[line / 8] >> line % 8 & 1);
}
/* Is any of the lines FIRST..LAST in it? */
bool xb_lineset_any(const struct xb_lineset *s, size_t first, size_t last);

#endif
