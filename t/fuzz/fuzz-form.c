/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For libFuzzer, and for fuzz-replay.c: any bytes without NUL in every place of a
 * mail that text of others can reach. The headers are just the expected ones.
 */
#include "form-check.h"

#include "util/alloc.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	XB_AUTOFREE char *text = xb_memdup0(data, size);
	struct xb_letter f;

	if (!*text) /* empty headers are left out */
		return 0;
	f = form_of(text);
	if (form_wrong(&f, FORM_ALL))
		abort();
	return 0;
}
