/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A growing byte buffer. `p` is NUL-terminated once anything was added, and
 * NULL in an empty one that never grew; `n` counts the bytes without that NUL.
 * A zeroed buffer is a valid empty one.
 */
#ifndef XB_UTIL_BUF_H
#define XB_UTIL_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct xb_buf {
	char *p;
	size_t n, cap;
};
#define XB_BUF_INIT                                                                                          \
	{                                                                                                    \
		NULL, 0, 0                                                                                   \
	}

void xb_buf_add(struct xb_buf *b, const void *p, size_t n);
void xb_buf_adds(struct xb_buf *b, const char *s);
void xb_buf_addc(struct xb_buf *b, char c);
void xb_buf_addf(struct xb_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void xb_buf_vaddf(struct xb_buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* Cuts to N bytes, N <= b->n. */
void xb_buf_setlen(struct xb_buf *b, size_t n);
/* Gives the bytes, never NULL, owned by the caller (free), and empties the buffer. */
char *xb_buf_detach(struct xb_buf *b) __attribute__((returns_nonnull));
void xb_buf_release(struct xb_buf *b);
#define XB_AUTOBUF __attribute__((cleanup(xb_buf_release)))

#endif
