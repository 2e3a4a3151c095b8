/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * .gitattributes can make git merge a path by another driver, or not at all
 * (gitattributes(5): merge, and binary, which includes -merge). The engine only
 * merges as text; this says where it can't be sure that git does.
 */
#ifndef XB_ATTRIBUTES_H
#define XB_ATTRIBUTES_H

#include "odb/oidmap.h"
#include "odb/store.h"

/*
 * Could an attributes file of the tree ROOT, in a directory on the way to PATH,
 * change how PATH is merged? Errs on the side of yes. CACHE remembers blobs.
 */
struct xb_err *xb_attributes_interfere(struct xb_store *s, struct xb_oidmap *cache, const git_oid *root,
				       const char *path, bool *out) XB_MUST_CHECK;
void xb_attributes_init(struct xb_oidmap *cache);
void xb_attributes_clear(struct xb_oidmap *cache);

#endif
