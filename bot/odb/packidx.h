/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The index of a pack, version 2 (gitformat-pack(5)): where each object lies.
 * It is mapped, not read; its bytes are not trusted.
 */
#ifndef XB_PACKIDX_H
#define XB_PACKIDX_H

#include <git2/oid.h>
#include <stdbool.h>
#include <stdint.h>

struct xb_packidx;

/* NULL where the file can't be read or is of another version or malformed. */
struct xb_packidx *xb_packidx_open(const char *path);
void xb_packidx_free(struct xb_packidx *x);
/* How many objects it lists. */
uint32_t xb_packidx_count(const struct xb_packidx *x);
/* Finds an object; false when it isn't listed. The offset may lie outside the pack. */
bool xb_packidx_find(const struct xb_packidx *x, const git_oid *oid, uint64_t *offset);

#endif
