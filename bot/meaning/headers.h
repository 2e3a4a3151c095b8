/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which names the headers of the chain's tree know. Headers are read when they are
 * first asked for, only those that are in reach, and each version of one once;
 * what they know is kept as hashes with the architectures that have the name.
 */
#ifndef XB_HEADERS_H
#define XB_HEADERS_H

#include "odb/store.h"

#include <stdbool.h>

struct xb_headers;

struct xb_headers *xb_headers_new(struct xb_store *s); /* borrows S */
void xb_headers_free(struct xb_headers *k);

/* Does a header that FROM can see, by their paths, have NAME in the tree ROOT or had it in a tree asked
 * before? */
struct xb_err *xb_headers_has(struct xb_headers *k, const git_oid *root, const char *from, const char *name,
			      size_t n, bool *out) XB_MUST_CHECK;

#endif
