/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes.h"

#include <stdint.h>
#include <string.h>

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

static uint64_t word_at(const void *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof w);
	return w;
}

/* A one in each byte of W that is a newline. */
static uint64_t newlines_in(uint64_t w)
{
	uint64_t x = w ^ EACH('\n'); /* zero where there is one */

	return ~(((x & EACH(0x7f)) + EACH(0x7f)) | x | EACH(0x7f)) >> 7;
}

size_t xb_count_newlines(const char *p, size_t n)
{
	size_t count = 0;

	while (n >= sizeof(uint64_t)) {
		uint64_t sums = 0;

		/* Each byte of the sums holds up to 255. */
		for (unsigned i = 0; i < 255 && n >= sizeof sums; i++, p += sizeof sums, n -= sizeof sums)
			sums += newlines_in(word_at(p));
		for (; sums; sums >>= 8)
			count += sums & 0xff;
	}
	for (; n; p++, n--)
		count += *p == '\n';
	return count;
}

size_t xb_common_head(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;
	size_t i = 0;

	while (n - i >= sizeof(uint64_t) && word_at(x + i) == word_at(y + i))
		i += sizeof(uint64_t);
	while (i < n && x[i] == y[i])
		i++;
	return i;
}

size_t xb_common_tail(const void *a_end, const void *b_end, size_t n)
{
	const unsigned char *x = a_end, *y = b_end;
	size_t i = 0;

	while (n - i >= sizeof(uint64_t) &&
	       word_at(x - i - sizeof(uint64_t)) == word_at(y - i - sizeof(uint64_t)))
		i += sizeof(uint64_t);
	while (i < n && x[-1 - (ptrdiff_t)i] == y[-1 - (ptrdiff_t)i])
		i++;
	return i;
}
