/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gentoo applies what is in an archive in the order of names: a tar file (POSIX
 * ustar) with numbers before them, and its line of the Manifest.
 */
#include "export.h"
#include "util/alloc.h"

#include <stdio.h>
#include <string.h>

enum { BLOCK = 512 };

static void pad(struct xb_buf *b)
{
	static const char zeros[BLOCK];

	if (b->n % BLOCK)
		xb_buf_add(b, zeros, BLOCK - b->n % BLOCK);
}

static void put_member(struct xb_buf *b, const char *dir, const char *name, const struct xb_buf *text,
		       int64_t time)
{
	char head[BLOCK] = {0};
	unsigned sum = 0;

	snprintf(head, 100, "%s", name);
	snprintf(head + 345, 155, "%s", dir);
	snprintf(head + 100, 8, "%07o", 0644);
	snprintf(head + 108, 8, "%07o", 0);
	snprintf(head + 116, 8, "%07o", 0);
	snprintf(head + 124, 12, "%011zo", text->n);
	snprintf(head + 136, 12, "%011llo", (unsigned long long)time & 077777777777ULL);
	memset(head + 148, ' ', 8);
	head[156] = '0';
	memcpy(head + 257, "ustar\00000", 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)head[i];
	snprintf(head + 148, 8, "%06o", sum);
	xb_buf_add(b, head, BLOCK);
	xb_buf_add(b, text->p, text->n);
	pad(b);
}

struct xb_err *xb_export_gentoo(struct xb_export *e)
{
	static const char end[2 * BLOCK];
	XB_AUTOFREE char *dir =
	    xb_asprintf("%s-upstream-patches-%s-patchset-%s", e->package, e->version, e->o->revision);
	XB_AUTOFREE char *file = xb_asprintf("%s.tar", dir), *blake = NULL, *sha = NULL;
	XB_AUTOBUF struct xb_buf line = XB_BUF_INIT;
	struct xb_buf *b = xb_export_file(e, file);

	for (size_t i = 0; i < e->patches.n; i++) {
		XB_AUTOFREE char *name = xb_asprintf("%04zu-%s", i + 1, e->patches.v[i].pick->file);

		if (strlen(name) > 99 || strlen(dir) > 154)
			return xb_err_new(XB_E_USAGE, "a name is too long for a tar file: %s/%s", dir, name);
		put_member(b, dir, name, &e->patches.v[i].text, e->time);
	}
	xb_buf_add(b, end, sizeof end);
	blake = xb_export_sum("BLAKE2b512", b);
	sha = xb_export_sum("SHA512", b);
	xb_buf_addf(&line, "DIST %s %zu BLAKE2B %s SHA512 %s\n", file, b->n, blake, sha);
	b = xb_export_file(e, "Manifest");
	xb_buf_add(b, line.p, line.n);
	return NULL;
}
