/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who looks after a file, by the MAINTAINERS file of the tree itself (the format
 * of Linux and Xen: sections with M:, F: and X: lines). The file is untrusted:
 * only well-formed addresses in the domains that the configuration allows come
 * out of it, and only a few.
 */
#ifndef XB_MAIL_MAINTAINERS_H
#define XB_MAIL_MAINTAINERS_H

#include "config/config.h"
#include "odb/store.h"

/* Adds to OUT those of PATHS in the tree ROOT. Without the file: nobody. */
struct xb_err *xb_maintainers_find(struct xb_store *s, const git_oid *root, const struct xb_strv *paths,
				   const struct xb_strv *domains, struct xb_strv *out) XB_MUST_CHECK;
/* The same from the N bytes at TEXT. */
void xb_maintainers_match(const char *text, size_t n, const struct xb_strv *paths,
			  const struct xb_strv *domains, struct xb_strv *out);

#endif
