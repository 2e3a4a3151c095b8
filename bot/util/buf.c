/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "buf.h"

#include "alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void xb_buf_add(struct xb_buf *b, const void *p, size_t n)
{
	xb_grow((void *)&b->p, &b->cap, b->n + n + 1, 1);
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void xb_buf_adds(struct xb_buf *b, const char *s)
{
	xb_buf_add(b, s, strlen(s));
}

void xb_buf_addc(struct xb_buf *b, char c)
{
	xb_buf_add(b, &c, 1);
}

/* Not into the buffer itself: what is formatted may be a part of it. */
void xb_buf_vaddf(struct xb_buf *b, const char *fmt, va_list ap)
{
	char small[128], *s = NULL;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(small, sizeof small, fmt, ap);
	if (n >= (int)sizeof small)
		n = vasprintf(&s, fmt, again);
	va_end(again);
	if (n < 0)
		abort(); /* a bad format or no memory: both are beyond repair here */
	xb_buf_add(b, s ? s : small, (size_t)n);
	free(s);
}

void xb_buf_addf(struct xb_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	xb_buf_vaddf(b, fmt, ap);
	va_end(ap);
}

void xb_buf_setlen(struct xb_buf *b, size_t n)
{
	if (n >= b->n)
		return;
	b->n = n;
	b->p[n] = '\0';
}

char *xb_buf_detach(struct xb_buf *b)
{
	char *p;

	if (!b->p)
		xb_buf_add(b, "", 0);
	p = b->p;
	*b = (struct xb_buf)XB_BUF_INIT;
	return p;
}

void xb_buf_release(struct xb_buf *b)
{
	free(b->p);
	*b = (struct xb_buf)XB_BUF_INIT;
}
