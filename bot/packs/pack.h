/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes objects as one pack of version 2 with its index of version 2
 * (gitformat-pack(5)). The pack is complete in itself: a delta's base is
 * always in it, before it. Nothing is read from a repository and no id is
 * computed: each object's id is the caller's word, checked again by the
 * publication before a ref moves.
 */
#ifndef XB_PACK_H
#define XB_PACK_H

#include "util/err.h"

#include <git2.h>
#include <stddef.h>
#include <stdint.h>

struct xb_pack_object {
	git_oid oid;
	git_object_t type; /* commit, tree, blob or tag */
	const unsigned char *data;
	size_t len;
	/*
	 * An object like this one, e.g. the tree it was spliced from; NULL for
	 * none. A hint: unless it is in the array before this one, of the same
	 * type and saves at least half, this object is stored whole.
	 */
	const git_oid *base;
};

/* A pack in a directory: DIR/NAME.pack and DIR/NAME.idx, both 0444 and durable. */
struct xb_pack_written {
	char *dir;
	char *name;     /* "pack-<40 hex digits>", the pack's checksum */
	size_t objects; /* without repeated ones */
	size_t deltas;
	uint64_t bytes; /* of the .pack */
};

/*
 * Writes the N > 0 objects into DIR, which should be private and on the file
 * system of the repository that will get them. An object that the array has
 * twice is stored once. On an error nothing but perhaps a temporary file
 * ("tmp-pack-…") is left. OUT is the caller's: xb_pack_written_release.
 */
struct xb_err *xb_pack_write(const char *dir, const struct xb_pack_object *objects, size_t n,
			     struct xb_pack_written *out) XB_MUST_CHECK;
/* Removes what is still there of the files; best effort, as recovery removes them too. */
void xb_pack_discard(const struct xb_pack_written *w);
void xb_pack_written_release(struct xb_pack_written *w);

#endif
