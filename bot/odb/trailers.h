/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Trailers: "Key: value" lines. In a message they are a block in its last
 * paragraph, found by the rule of git-interpret-trailers(1) with its defaults
 * and without a divider, as `git cherry-pick -x` uses it: all lines are
 * trailers, or one was made by git (Signed-off-by, cherry picked) and at least
 * a quarter are trailers. A note's whole text is such a block.
 */
#ifndef XB_TRAILERS_H
#define XB_TRAILERS_H

#include <stddef.h>

struct xb_trailer {
	char *key;     /* as written */
	char *value;   /* unfolded to one line, trimmed, perhaps empty */
	unsigned line; /* of the key in the text, from 1 */
};

struct xb_trailers {
	struct xb_trailer *v;
	size_t n, cap;
	unsigned bad_line; /* the first line that is neither trailer, comment nor blank; 0: none */
};

/* Where the block begins and, in *END, ends; begin == *END when there is none. */
size_t xb_trailers_locate(const char *text, size_t n, size_t *end);
/* Takes the whole of TEXT as a block; appends to OUT. */
void xb_trailers_parse(const char *text, size_t n, struct xb_trailers *out);
/* Finds the block of a message and parses that. */
void xb_trailers_of_message(const char *text, size_t n, struct xb_trailers *out);
void xb_trailers_release(struct xb_trailers *t);

#endif
