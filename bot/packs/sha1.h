/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SHA-1 by libcrypto, which uses the processor's instructions for it. Ten times
 * as fast as libgit2's, which looks for collisions as well: what only a trial
 * makes need not be looked at so closely. What is published is: its ids are
 * computed again by libgit2 before a ref moves (keep.h).
 */
#ifndef XB_SHA1_H
#define XB_SHA1_H

#include <git2/oid.h>
#include <git2/types.h>
#include <openssl/sha.h>
#include <stddef.h>

struct xb_sha1 {
	SHA_CTX ctx;
};

void xb_sha1_init(struct xb_sha1 *s);
void xb_sha1_add(struct xb_sha1 *s, const void *p, size_t n);
/* SUM has SHA_DIGEST_LENGTH (20) bytes. S may be initialised again. */
void xb_sha1_end(struct xb_sha1 *s, unsigned char *sum);

/* The id of a git object. */
void xb_object_id(git_object_t type, const void *data, size_t len, git_oid *out);

#endif
