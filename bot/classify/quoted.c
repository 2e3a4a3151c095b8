/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "quoted.h"

#include "util/buf.h"
#include "util/bytes.h"

#include <ctype.h>
#include <string.h>

#define SUBJECT_MAX 400 /* bytes of a quoted subject; longer ones are no subjects */
#define SUBJECT_LINES 3 /* that it may be folded over */

/* The last NEEDLE on the line P[0..N), or NULL. */
static const char *last_on_line(const char *p, size_t n, const char *needle)
{
	const char *last = NULL, *at = p;
	size_t k = strlen(needle);

	while ((at = memmem(at, (size_t)(p + n - at), needle, k)))
		last = at++;
	return last;
}

/* Where the bracket that opens at P closes, within the first lines of its paragraph; 0: nowhere. */
static size_t closing(const char *p, size_t n)
{
	const char *needle = n > 1 && p[1] == '"' ? "\")" : ")", *end;
	size_t at = 0, len;

	if (n > SUBJECT_MAX)
		n = SUBJECT_MAX;
	for (int lines = 0; lines < SUBJECT_LINES && at < n; lines++, at += len + 1) {
		len = xb_line_len(p + at, n - at);
		end = last_on_line(p + at, len, needle);
		if (end)
			return (size_t)(end - p);
		if (!len)
			break;
	}
	return 0;
}

static bool is_wrapping(char c)
{
	return isspace((unsigned char)c) || c == '"';
}

static void trim(const char **p, size_t *n)
{
	while (*n && is_wrapping(**p))
		++*p, --*n;
	while (*n && is_wrapping((*p)[*n - 1]))
		--*n;
}

/* One line, with single blanks for line breaks, without blanks and quotes around it; NULL when nothing is
 * left. */
static char *tidy(const char *p, size_t n)
{
	struct xb_buf b = XB_BUF_INIT;
	bool was_blank = false;

	trim(&p, &n);
	if (n > 1 && *p == '\'' && p[n - 1] == '\'') {
		p++, n -= 2;
		trim(&p, &n);
	}
	for (; n; p++, n--) {
		char c = *p;

		if (isspace((unsigned char)c))
			c = ' ';
		if (c != ' ' || !was_blank)
			xb_buf_addc(&b, c);
		was_blank = c == ' ';
	}
	return b.n ? xb_buf_detach(&b) : NULL;
}

char *xb_quoted_subject(const char *p, size_t n, bool colon)
{
	size_t len, end;

	while (n && (*p == ' ' || *p == '\t'))
		p++, n--;
	len = xb_line_len(p, n < SUBJECT_MAX ? n : SUBJECT_MAX);
	if (!len)
		return NULL;
	if (*p == '(') {
		end = closing(p, n);
		return tidy(p + 1, end ? end - 1 : len - 1);
	}
	if (*p == '"')
		return tidy(p, len);
	while (len && strchr("-:. \t", *p))
		p++, len--;
	return colon ? tidy(p, len) : NULL;
}
