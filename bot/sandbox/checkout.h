/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tree written out as files, for a command to work on: regular files with
 * their mode, symbolic links, submodules as empty directories. No filters, no
 * hooks, no index. Everything is made new (O_EXCL, no link is ever followed),
 * under a private directory that holds nothing else:
 *
 *   ROOT/tree	the files		ROOT/tmp	for temporary files
 *
 * ROOT itself is the command's home directory.
 */
#ifndef XB_CHECKOUT_H
#define XB_CHECKOUT_H

#include "odb/store.h"

struct xb_checkout {
	char *root, *tree, *tmp; /* absolute paths; NULL: nothing was made */
};

/*
 * Writes the tree TREE (zero: an empty one) under a new directory in $TMPDIR, or in
 * /tmp. After an error nothing is left. A tree that no honest git makes: XB_E_HOSTILE.
 */
struct xb_err *xb_checkout_make(struct xb_store *s, const git_oid *tree,
				struct xb_checkout *out) XB_MUST_CHECK;
/* The same in the directory DIR, which is there. */
struct xb_err *xb_checkout_make_in(const char *dir, struct xb_store *s, const git_oid *tree,
				   struct xb_checkout *out) XB_MUST_CHECK;
/* Removes it with all that was put there since, and empties C; a zeroed one is fine. */
struct xb_err *xb_checkout_remove(struct xb_checkout *c) XB_MUST_CHECK;

/* Removes the directory NAME below DIRFD, whole; follows no link out of it. */
struct xb_err *xb_remove_tree(int dirfd, const char *name) XB_MUST_CHECK;

#endif
