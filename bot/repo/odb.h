/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Object databases as this program opens them, for itself and for libgit2: packs
 * are read by libgit2, loose objects by loose.h.
 */
#ifndef XB_ODB_H
#define XB_ODB_H

#include "util/err.h"
#include "util/strv.h"

#include <git2.h>

/* Appends the object directory OBJECTS, and those of its alternates in the order in which git asks them. */
void xb_odb_dirs(const char *objects, struct xb_strv *out);
/* What the directory OBJECTS and its alternates have. *OUT is the caller's: git_odb_free. */
struct xb_err *xb_odb_open(const char *objects, git_odb **out) XB_MUST_CHECK;
/* The same, and what REPO receives goes to the object directory TO, which is asked as well. */
struct xb_err *xb_odb_divert(git_repository *repo, const char *to) XB_MUST_CHECK;
/* That of REPO, from now on: for whatever libgit2 does with it, too. */
struct xb_err *xb_odb_give(git_repository *repo) XB_MUST_CHECK;

#endif
