/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loops over bytes that are run over whole files, eight bytes a step. */
#ifndef XB_UTIL_BYTES_H
#define XB_UTIL_BYTES_H

#include <stddef.h>

/* How many newlines the text has. */
size_t xb_count_newlines(const char *p, size_t n);
/* How many bytes A and B, both of at least N bytes, begin with alike. */
size_t xb_common_head(const void *a, const void *b, size_t n);
/* How many of the N bytes before A and before B are alike, counted from the end. */
size_t xb_common_tail(const void *a_end, const void *b_end, size_t n);

#endif
