/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The index of a pack, version 2 (gitformat-pack(5)): where each object lies.
 * Of a pack that is there it is mapped, not read, and its bytes are not trusted;
 * of one that is written it is made in memory.
 */
#ifndef XB_PACKIDX_H
#define XB_PACKIDX_H

#include "util/buf.h"
#include "util/err.h"

#include <git2/oid.h>
#include <stdbool.h>
#include <stdint.h>

struct xb_packidx;

/* NULL where the file can't be read or is of another version or malformed. */
struct xb_packidx *xb_packidx_open(const char *path);
void xb_packidx_free(struct xb_packidx *x);
XB_HANDLE(xb_packidx)
/* How many objects it lists. */
uint32_t xb_packidx_count(const struct xb_packidx *x);
/* Finds an object; false when it isn't listed. The offset may lie outside the pack. */
bool xb_packidx_find(const struct xb_packidx *x, const git_oid *oid, uint64_t *offset);

/* One object's place in a pack. */
struct xb_packidx_entry {
	git_oid oid;
	uint32_t crc; /* CRC-32 of the stored bytes */
	uint64_t offset;
};

/*
 * Appends the index of the pack whose checksum is PACK_SUM. ENTRIES are sorted by
 * id here. Offsets of at least LARGE_FROM (at most 1 << 31) go into the table of
 * 64 bit offsets.
 */
void xb_packidx_make(struct xb_packidx_entry *entries, size_t n, const unsigned char *pack_sum,
		     uint64_t large_from, struct xb_buf *out);

#endif
