/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deltas as packs have them (gitformat-pack(5), "Deltified representation"):
 * copies from a base, and bytes of their own. Input is not trusted.
 */
#ifndef XB_PACKDELTA_H
#define XB_PACKDELTA_H

#include "util/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* The sizes that a delta names at its beginning; false when there are none. */
bool xb_packdelta_sizes(const unsigned char *delta, size_t n, size_t *base_len, size_t *len);
/* Makes the LEN bytes at OUT; false when base or delta are not what the delta says. */
bool xb_packdelta_apply(const unsigned char *delta, size_t n, const unsigned char *base, size_t base_len,
			unsigned char *out, size_t len);
/* The delta from BASE to DATA by their common head and tail; false when it would not save half. */
bool xb_packdelta_make(const unsigned char *base, size_t base_len, const unsigned char *data, size_t len,
		       struct xb_buf *out);

#endif
