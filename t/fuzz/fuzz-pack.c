/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a pack whose index says that objects lie at its first places, and
 * one behind its end: each is there as git would read it, or not at all.
 */
#include "fuzz-lib.h"

#include "packs/packidx.h"
#include "packs/packs.h"

enum { PLACES = 24 };

static git_oid name(unsigned i)
{
	git_oid id = {{(unsigned char)(i + 1)}};

	return id;
}

/* The index goes with any pack: nobody compares the checksum. */
static void make_index(size_t size)
{
	static const unsigned char sum[GIT_OID_RAWSZ];
	struct xb_packidx_entry e[PLACES + 1];
	XB_AUTOBUF struct xb_buf idx = XB_BUF_INIT;
	XB_AUTOFREE char *path = NULL;

	for (unsigned i = 0; i < PLACES; i++)
		e[i] = (struct xb_packidx_entry){name(i), 0, 12 + i * 3};
	e[PLACES] = (struct xb_packidx_entry){name(PLACES), 0, size + 7};
	xb_packidx_make(e, PLACES + 1, sum, (uint64_t)1 << 31, &idx);
	path = fuzz_file("objects/pack/pack-1.idx", idx.p, idx.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	XB_AUTOFREE char *objects = xb_asprintf("%s/objects", fuzz_dir());
	XB_AUTOFREE char *dir = xb_asprintf("%s/pack", objects), *path = NULL;
	struct xb_packs *p;

	mkdir(objects, 0700);
	mkdir(dir, 0700);
	path = fuzz_file("objects/pack/pack-1.pack", data, size);
	make_index(size);
	p = xb_packs_open(objects);
	for (unsigned i = 0; i <= PLACES; i++) {
		const git_oid id = name(i);
		struct xb_packed *o = NULL;

		if (xb_packs_read(p, &id, 1 << 20, &o) != XB_PACKS_FOUND)
			continue;
		if (o->len > 1 << 20 || o->data[o->len])
			abort();
		xb_packed_unref(o);
	}
	xb_packs_free(p);
	return 0;
}
