/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A strict reader of INI text on top of inih, which by itself cuts lines,
 * values and names silently (inih r55: lines over 199 bytes go on as a new
 * line, " ;" ends a value, a line that begins with a blank repeats a key).
 * Here each such line is a mistake and reaches nobody. ";" or "#" begins a
 * comment at the start of a line only. Lines may end in CRLF. Mistakes are
 * collected, not returned one by one: the caller adds its own, then makes one
 * error of all of them.
 */
#ifndef XB_TEXT_INI_H
#define XB_TEXT_INI_H

#include "util/err.h"

#include <stddef.h>

enum {
	XB_INI_SIZE_MAX = 256 * 1024,
	XB_INI_LINE_MAX = 197, /* bytes, without the line end; comments may be longer */
	XB_INI_SECTION_MAX = 40,
};

struct xb_mistake {
	unsigned line; /* 0: the whole file */
	char *text;
};

/* Zeroed but for FILE, which is borrowed and only for the messages. */
struct xb_mistakes {
	const char *file;
	struct xb_mistake *v;
	size_t n, cap;
};

void xb_mistake(struct xb_mistakes *m, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* All of them in order of lines, "FILE:LINE: text" each, as one XB_E_CONFIG; NULL when there are none. */
struct xb_err *xb_mistakes_error(struct xb_mistakes *m) XB_MUST_CHECK;
void xb_mistakes_release(struct xb_mistakes *m);

/* What is told about a text, in its order. The strings are valid during the call. */
struct xb_ini_reader {
	/* A section begins, also one without keys. */
	void (*section)(void *ctx, const char *name, unsigned line);
	/* A key of the section told last; not called for keys under a heading that is a mistake. */
	void (*entry)(void *ctx, const char *key, const char *value, unsigned line);
	void *ctx;
};

/* Reads the N bytes at TEXT. */
void xb_ini_read(const char *text, size_t n, const struct xb_ini_reader *to, struct xb_mistakes *m);

#endif
