/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A commit as a patch file, in the form of `git format-patch`: a mail with the
 * message, then the difference to the first parent. It depends on the commit
 * alone, on no configuration and no version of git, so the bytes are the same
 * everywhere: full ids, three lines of context, no renames, no statistics, no
 * signature, and binary files whole, in git's form and not compressed.
 *
 * It is applied by `git am`, `patch -p1` and quilt. A line of the message that one
 * of these would take for a part of the patch gets "> " before it.
 */
#ifndef XB_ADVISORIES_PATCH_H
#define XB_ADVISORIES_PATCH_H

#include "odb/store.h"
#include "util/buf.h"

/* Bytes of a file, before and after, that a patch takes, and half of those that it may have: it is made in
 * memory. */
#define XB_PATCH_MAX (32 << 20)

/* Appends the patch of COMMIT to OUT, which was empty. XB_E_HOSTILE: it is too large. */
struct xb_err *xb_patch_format(struct xb_store *s, const git_oid *commit, struct xb_buf *out) XB_MUST_CHECK;

/* For patch.c: the mail that it begins with. */
struct xb_commit;
void xb_patch_mail(const git_oid *oid, const struct xb_commit *c, struct xb_buf *out);

#endif
