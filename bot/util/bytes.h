/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions about the bytes of a text, which may have no NUL or several. The loops take eight bytes a step.
 */
#ifndef XB_UTIL_BYTES_H
#define XB_UTIL_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* How many newlines the text has. */
size_t xb_count_newlines(const char *p, size_t n);
/* How many bytes A and B, both of at least N bytes, begin with alike. */
size_t xb_common_head(const void *a, const void *b, size_t n);
/* How many of the N bytes before A and before B are alike, counted from the end. */
size_t xb_common_tail(const void *a_end, const void *b_end, size_t n);

/* The length of the first line, without its newline. */
static inline size_t xb_line_len(const char *p, size_t n)
{
	const char *nl = memchr(p, '\n', n);

	return nl ? (size_t)(nl - p) : n;
}

static inline bool xb_begins(const char *p, size_t n, const char *with)
{
	size_t len = strlen(with);

	return n >= len && !memcmp(p, with, len);
}

static inline bool xb_ends(const char *p, size_t n, const char *with)
{
	size_t len = strlen(with);

	return n >= len && !memcmp(p + n - len, with, len);
}

/* Is the word one of WORDS, which end with NULL? */
static inline bool xb_is_among(const char *p, size_t n, const char *const *words)
{
	for (; *words; words++)
		if (n == strlen(*words) && !memcmp(p, *words, n))
			return true;
	return false;
}

/* What a path ends in, behind its last slash. */
static inline const char *xb_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

#endif
