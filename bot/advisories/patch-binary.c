/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * git's form of a binary change: zlib data in base 85, here in stored blocks, as
 * what a compressor makes of the same bytes differs with its version.
 */
#include "patch.h"

#include <stdint.h>
#include <string.h>
#include <zlib.h>

enum { LINE = 52, BLOCK = 65535 };

static void store(struct xb_buf *out, const unsigned char *p, size_t n)
{
	uLong sum = adler32_z(adler32_z(0, NULL, 0), p, n);
	size_t at = 0;

	xb_buf_add(out, "\x78\x01", 2);
	do {
		size_t len = n - at < BLOCK ? n - at : BLOCK;
		unsigned char head[] = {at + len == n, (unsigned char)len, (unsigned char)(len >> 8),
					(unsigned char)~len, (unsigned char)(~len >> 8)};

		xb_buf_add(out, head, sizeof head);
		xb_buf_add(out, p + at, len);
		at += len;
	} while (at < n);
	for (int shift = 24; shift >= 0; shift -= 8)
		xb_buf_addc(out, (char)(sum >> shift));
}

static void put_four(struct xb_buf *out, const unsigned char *p, size_t n)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "!#$%&()*+-;<=>?@^_`{|}~";
	uint32_t v = 0;
	char five[5];

	for (size_t i = 0; i < 4; i++)
		v = v << 8 | (i < n ? p[i] : 0);
	for (size_t i = 5; i-- > 0; v /= 85)
		five[i] = digits[v % 85];
	xb_buf_add(out, five, sizeof five);
}

static void put_literal(struct xb_buf *out, const char *data, size_t len)
{
	XB_AUTOBUF struct xb_buf packed = XB_BUF_INIT;
	const unsigned char *p;

	store(&packed, (const unsigned char *)(data ? data : ""), len);
	p = (const unsigned char *)packed.p;
	xb_buf_addf(out, "literal %zu\n", len);
	for (size_t at = 0; at < packed.n; at += LINE) {
		size_t n = packed.n - at < LINE ? packed.n - at : LINE;

		xb_buf_addc(out, (char)(n <= 26 ? 'A' + n - 1 : 'a' + n - 27));
		for (size_t i = 0; i < n; i += 4)
			put_four(out, p + at + i, n - i);
		xb_buf_addc(out, '\n');
	}
	xb_buf_addc(out, '\n');
}

void xb_patch_binary(const char *a, size_t a_len, const char *b, size_t b_len, struct xb_buf *out)
{
	xb_buf_adds(out, "GIT binary patch\n");
	put_literal(out, b, b_len);
	put_literal(out, a, a_len);
}
