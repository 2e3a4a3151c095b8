/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The functions that OpenSSL 3 calls deprecated, on purpose: those that it
 * recommends start its providers and read a configuration file, most of a
 * millisecond at each start of the program.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "sha1.h"

#include <git2/object.h>
#include <stdio.h>

void xb_sha1_init(struct xb_sha1 *s)
{
	SHA1_Init(&s->ctx);
}

void xb_sha1_add(struct xb_sha1 *s, const void *p, size_t n)
{
	SHA1_Update(&s->ctx, p, n);
}

void xb_sha1_end(struct xb_sha1 *s, unsigned char *sum)
{
	SHA1_Final(sum, &s->ctx);
}

void xb_object_id(git_object_t type, const void *data, size_t len, git_oid *out)
{
	struct xb_sha1 s;
	char head[64];
	int n = snprintf(head, sizeof head, "%s %zu", git_object_type2string(type), len);

	xb_sha1_init(&s);
	xb_sha1_add(&s, head, (size_t)n + 1);
	xb_sha1_add(&s, data, len);
	xb_sha1_end(&s, out->id);
}
