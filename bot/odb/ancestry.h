/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ancestors of a commit: the newest of them, and whether a commit is one.
 * Reads no more of the history than the question needs and keeps of each commit
 * its id, date and parents, so that a question costs little memory however
 * old the history is. Dates decide what is read first, never what is answered:
 * clocks of other people are wrong.
 */
#ifndef XB_ANCESTRY_H
#define XB_ANCESTRY_H

#include "commit.h"
#include "store.h"

struct xb_ancestry;

/* Borrows S. TIP counts as its own ancestor. */
struct xb_ancestry *xb_ancestry_new(struct xb_store *s, const git_oid *tip);
void xb_ancestry_free(struct xb_ancestry *a);
XB_HANDLE(xb_ancestry)

typedef struct xb_err *(*xb_ancestor_fn)(void *ctx, const git_oid *oid, const struct xb_commit *c);

/*
 * Calls FN for the COUNT newest ancestors by committer date, newest first,
 * equal dates by id. Their parents are read as well. FN's error ends the walk.
 */
struct xb_err *xb_ancestry_newest(struct xb_ancestry *a, size_t count, xb_ancestor_fn fn,
				  void *ctx) XB_MUST_CHECK;
/* Is OID, a commit of the repository, one of the ancestors? */
struct xb_err *xb_ancestry_has(struct xb_ancestry *a, const git_oid *oid, bool *out) XB_MUST_CHECK;
/* Is OLD an ancestor of NEW_OID, or the same commit? */
struct xb_err *xb_ancestor_of(struct xb_store *s, const git_oid *old, const git_oid *new_oid,
			      bool *out) XB_MUST_CHECK;

#endif
