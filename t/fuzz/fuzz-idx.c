/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as the index of a pack: it is refused, or each id is looked for inside of it. */
#include "fuzz-lib.h"

#include "packs/packidx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	XB_AUTOFREE char *path = fuzz_file("x.idx", data, size);
	struct xb_packidx *x = xb_packidx_open(path);
	uint64_t offset;

	if (!x)
		return 0;
	for (size_t at = 0; at + GIT_OID_RAWSZ <= size && at < 4096; at += 4) {
		git_oid id;

		if (git_oid_fromraw(&id, data + at))
			abort();
		xb_packidx_find(x, &id, &offset);
	}
	xb_packidx_free(x);
	return 0;
}
