/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A base and a delta: what is applied has the length that it says, or nothing is
 * made. And the delta that is made of two texts gives the second again.
 */
#include "fuzz-lib.h"

#include "packs/packdelta.h"

static void apply(const uint8_t *base, size_t n, const uint8_t *delta, size_t n_delta)
{
	size_t base_len, len;
	unsigned char *out;

	if (!xb_packdelta_sizes(delta, n_delta, &base_len, &len) || len > 1 << 20)
		return;
	out = xb_calloc(1, len + 1);
	if (xb_packdelta_apply(delta, n_delta, base, n, out, len) && base_len != n)
		abort();
	free(out);
}

static void make(const uint8_t *base, size_t n, const uint8_t *data, size_t size)
{
	XB_AUTOBUF struct xb_buf delta = XB_BUF_INIT;
	unsigned char *out = xb_calloc(1, size + 1);

	if (xb_packdelta_make(base, n, data, size, &delta) &&
	    (!xb_packdelta_apply((const unsigned char *)delta.p, delta.n, base, n, out, size) ||
	     memcmp(out, data, size) != 0))
		abort();
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *base;
	size_t n = fuzz_part(&data, &size, &base);

	apply(base, n, data, size);
	make(base, n, data, size);
	return 0;
}
