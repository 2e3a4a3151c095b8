/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which object files a makefile's lines list. */
#include "lang.h"

#include <string.h>

static size_t word_len(const char *p, const char *end)
{
	const char *s = p;

	while (s < end && !strchr(" \t\r\\#", *s))
		s++;
	return (size_t)(s - p);
}

static void take_line(const char *p, const char *end, size_t line, xb_use_fn fn, void *ctx)
{
	while (p < end && *p != '#') {
		size_t n = word_len(p, end);
		bool plain = n > 2 && !memcmp(p + n - 2, ".o", 2) && !memchr(p, '$', n) && !memchr(p, '%', n);

		if (plain) {
			struct xb_use u = {
			    .kind = XB_USE_OBJECT, .p = p, .n = n, .args = XB_ARGS_UNKNOWN, .line = line};

			fn(ctx, &u);
		}
		p += n ? n : 1;
	}
}

void xb_lang_make_uses(const char *data, size_t len, const struct xb_lineset *on, xb_use_fn fn, void *ctx)
{
	const char *p = data, *end = data + len;

	for (size_t line = 1; p < end; line++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		const char *stop = nl ? nl : end;

		if (xb_lineset_has(on, line))
			take_line(p, stop, line, fn, ctx);
		p = nl ? nl + 1 : end;
	}
}
