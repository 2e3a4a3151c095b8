/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vis.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Decodes one character at P (N > 0 bytes left): its length, or 0 when P starts none. */
static size_t decode(const unsigned char *p, size_t n, uint32_t *cp)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = p[0] < 0x80   ? 1
		     : p[0] < 0xc2 ? 0
		     : p[0] < 0xe0 ? 2
		     : p[0] < 0xf0 ? 3
		     : p[0] < 0xf5 ? 4
				   : 0;

	if (!len || len > n)
		return 0;
	*cp = len == 1 ? p[0] : p[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (p[i] & 0x3f);
	}
	if (*cp < least[len] || *cp > 0x10ffff || (*cp >= 0xd800 && *cp < 0xe000))
		return 0;
	return len;
}

/* Characters that draw nothing or turn the text around: they can hide what a reader must see. */
static bool deceptive(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	       c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

/* As JSON has it: UTF-16, so that a far character takes two. */
static void add_json_escape(struct xb_buf *out, uint32_t c)
{
	if (c > 0xffff)
		xb_buf_addf(out, "\\u%04x", 0xd800 + ((c - 0x10000) >> 10));
	xb_buf_addf(out, "\\u%04x", c > 0xffff ? 0xdc00 + ((c - 0x10000) & 0x3ff) : c);
}

void xb_vis(struct xb_buf *out, const char *s, size_t n, unsigned flags)
{
	const unsigned char *p = (const unsigned char *)s;

	while (n) {
		uint32_t c = 0;
		size_t len = decode(p, n, &c);

		if (!len) {
			xb_buf_addf(out, "\\x%02x", *p);
			len = 1;
		} else if ((flags & XB_VIS_LINES) && (c == '\n' || c == '\t')) {
			xb_buf_addc(out, (char)c);
		} else if (deceptive(c) && (flags & XB_VIS_JSON)) {
			add_json_escape(out, c);
		} else if (deceptive(c)) {
			xb_buf_addf(out, c < 0x80 ? "\\x%02x" : "\\u{%x}", c);
		} else {
			xb_buf_add(out, p, len);
		}
		p += len;
		n -= len;
	}
}

char *xb_vis_dup(const char *s)
{
	struct xb_buf b = XB_BUF_INIT;

	xb_vis(&b, s, strlen(s), 0);
	return xb_buf_detach(&b);
}

void xb_vis_print(const char *s)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	if (s)
		xb_vis(&b, s, strlen(s), 0);
	if (b.n)
		fwrite(b.p, 1, b.n, stdout); /* an error is seen by the last flush */
}

bool xb_utf8_valid(const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;

	while (n) {
		uint32_t c;
		size_t len = decode(p, n, &c);

		if (!len)
			return false;
		p += len;
		n -= len;
	}
	return true;
}

void xb_utf8_clean(struct xb_buf *out, const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;

	while (n) {
		uint32_t c;
		size_t len = decode(p, n, &c);

		if (!len || !c) {
			xb_buf_adds(out, "\xef\xbf\xbd");
			len = 1;
		} else {
			xb_buf_add(out, p, len);
		}
		p += len;
		n -= len;
	}
}
