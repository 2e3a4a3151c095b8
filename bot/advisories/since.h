/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What somebody has who packaged a commit some time ago: of a derived branch, of
 * the stable branch, or a release. It is told by what was picked from where, as no range of commits does
 * across a new release or a stitch.
 */
#ifndef XB_ADVISORIES_SINCE_H
#define XB_ADVISORIES_SINCE_H

#include "odb/store.h"

struct xb_since;

/* Looks at the commit AT; for a stitch, that is the chain under it. *OUT is the caller's; it borrows S. */
struct xb_err *xb_since_open(struct xb_store *s, const git_oid *at, struct xb_since **out) XB_MUST_CHECK;
void xb_since_free(struct xb_since *s);
XB_HANDLE(xb_since)
/* Does it have the staging commit COMMIT, itself or as a pick? */
struct xb_err *xb_since_has_commit(struct xb_since *s, const git_oid *commit, bool *out) XB_MUST_CHECK;

#endif
