/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How similar two files are, by git's measure for renames (diffcore-rename.c
 * and diffcore-delta.c): each file is a bag of spans, a span ending at an LF or
 * after 64 bytes; the score is the share of the larger file that both bags
 * hold. Only for regular files; git gives other pairs 0. Whether a file is
 * text is seen from its bytes; a diff attribute can say otherwise.
 */
#ifndef XB_SIMILARITY_H
#define XB_SIMILARITY_H

#include "linediff.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XB_SIMILARITY_MAX 60000 /* 100 % */

struct xb_span {
	uint32_t hash;
	uint32_t bytes; /* of all spans with this hash */
};

/* The spans of one blob, ordered by hash. Zeroed: those of an empty one. */
struct xb_spans {
	size_t size; /* of the blob */
	struct xb_span *v;
	size_t n;
};

/* Fills S from N bytes at P, which are not kept; the caller releases S. RULES: bits of xb_git_rules. */
void xb_spans_init(struct xb_spans *s, const char *p, size_t n, unsigned rules);
void xb_spans_release(struct xb_spans *s);

/* False when the sizes alone tell that git scores below MINIMUM, so that the blobs need not be read. */
bool xb_similarity_possible(size_t src_size, size_t dst_size, unsigned minimum);
/* The score of DST as a rename of SRC, 0 .. XB_SIMILARITY_MAX; 0 when xb_similarity_possible says no. */
unsigned xb_similarity(const struct xb_spans *src, const struct xb_spans *dst, unsigned minimum);

#endif
