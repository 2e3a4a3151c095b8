/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A blob's bytes for a moment. What the store has in memory is borrowed from it;
 * other blobs are read and let go at once, so that looking through many files
 * leaves nothing behind.
 */
#ifndef XB_BLOB_H
#define XB_BLOB_H

#include "store.h"

/* Larger files are no one's source: they read as empty. */
#define XB_BLOB_MAX (4u << 20)

struct xb_blob {
	const char *p; /* never NULL */
	size_t n;
	struct xb_raw raw; /* what keeps the bytes alive */
};
#define XB_BLOB_INIT                                                                                         \
	{                                                                                                    \
		"", 0,                                                                                       \
		{                                                                                            \
			.type = GIT_OBJECT_INVALID                                                           \
		}                                                                                            \
	}

/* The zero id gives an empty blob. */
struct xb_err *xb_blob_open(struct xb_store *s, const git_oid *oid, struct xb_blob *out) XB_MUST_CHECK;
void xb_blob_close(struct xb_blob *b);
#define XB_AUTOBLOB __attribute__((cleanup(xb_blob_close)))

#endif
