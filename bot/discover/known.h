/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which names the headers of the chain's tree know. They are read when they are
 * first asked for, only those that are in reach, and each version of one once; what they know is kept as
 * hashes with the architectures that have the name.
 */
#ifndef XB_KNOWN_H
#define XB_KNOWN_H

#include "odb/store.h"

#include <stdbool.h>

struct xb_known;

struct xb_known *xb_known_new(struct xb_store *s); /* borrows S */
void xb_known_free(struct xb_known *k);

/* Does a header that FROM can see, by their paths, have NAME in the tree ROOT or had it in a tree asked
 * before? */
struct xb_err *xb_known_has(struct xb_known *k, const git_oid *root, const char *from, const char *name,
			    size_t n, bool *out) XB_MUST_CHECK;

#endif
