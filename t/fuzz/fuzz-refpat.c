/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pattern and a ref: what matches can be made again of its parts, and has the pattern's beginning. */
#include "fuzz-lib.h"

#include "refs/refpat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *first;
	size_t n = fuzz_part(&data, &size, &first);
	XB_AUTOFREE char *text = xb_memdup0((const char *)first, n),
			 *ref = xb_memdup0((const char *)data, size);
	XB_AUTOPTR(xb_refpat) *p = NULL;
	XB_AUTOFREE char *line = NULL, *nr = NULL, *prefix = NULL;
	XB_AUTOERR struct xb_err *err = xb_refpat_compile(text, 0, XB_REFPAT_ANY, &p);

	if (err)
		return 0;
	if (!xb_refpat_overlap(p, p))
		abort();
	prefix = xb_refpat_prefix(p);
	if (!xb_refpat_match(p, ref, &line, &nr))
		return 0;
	if (strncmp(ref, prefix, strlen(prefix)) != 0)
		abort();
	if (line && !xb_refpat_match_line(p, ref, line, NULL))
		abort();
	return 0;
}
