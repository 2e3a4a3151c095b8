/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void out_of_memory(void)
{
	static const char msg[] = "xsabot: out of memory\n";
	ssize_t ignored = write(STDERR_FILENO, msg, sizeof msg - 1);

	(void)ignored; /* nothing is left to report it to */
	abort();
}

void *xb_malloc(size_t n)
{
	void *p = malloc(n ? n : 1);

	if (!p)
		out_of_memory();
	return p;
}

void *xb_calloc(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);

	if (!p)
		out_of_memory();
	return p;
}

static void *resize(void *p, size_t count, size_t size)
{
	void *q;

	if (!count)
		count = 1;
	q = reallocarray(p, count, size);
	if (!q)
		out_of_memory();
	return q;
}

char *xb_strdup(const char *s)
{
	return xb_memdup0(s, strlen(s));
}

char *xb_memdup0(const void *p, size_t n)
{
	char *s = xb_malloc(n + 1);

	if (n)
		memcpy(s, p, n);
	s[n] = '\0';
	return s;
}

char *xb_asprintf(const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0 || !s)
		out_of_memory();
	return s;
}

void xb_grow(void *p, size_t *cap, size_t need, size_t size)
{
	void **array = p;
	size_t n = *cap;

	if (need <= n)
		return;
	n = n < 8 ? 8 : n + n / 2;
	if (n < need)
		n = need;
	*array = resize(*array, n, size);
	*cap = n;
}
