/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A repository of the bot's own for one question to git after another: its
 * configuration is ours and no one else's, the objects of the real one are
 * borrowed from it, and what a plan holds in memory alone is written here, as is
 * what git makes of it. Beside it, a work tree that holds .gitattributes files
 * and nothing else. All of it goes with the handle; nothing is synced, as
 * nothing here is ever needed again.
 */
#ifndef XB_QUARANTINE_H
#define XB_QUARANTINE_H

#include "odb/store.h"
#include "util/err.h"

struct xb_quarantine;

/* For the objects of S, those that are not its own being in the directory OBJECTS. */
struct xb_err *xb_quarantine_open(struct xb_store *s, const char *objects,
				  struct xb_quarantine **out) XB_MUST_CHECK;
void xb_quarantine_free(struct xb_quarantine *q);
XB_HANDLE(xb_quarantine)

/* Its git directory, and its work tree. Borrowed. */
const char *xb_quarantine_git_dir(const struct xb_quarantine *q);
const char *xb_quarantine_work_tree(const struct xb_quarantine *q);
/* Where git's complaints go; the caller's to close. -1: it can't be made. */
int xb_quarantine_stderr(const struct xb_quarantine *q);
/* What is there, as one line; owned. */
char *xb_quarantine_said(const struct xb_quarantine *q);
/* How many bytes were written into it, by us. */
size_t xb_quarantine_bytes(const struct xb_quarantine *q);

/* Writes what the store has of TREE in memory only. The zero id stands for the empty tree. */
struct xb_err *xb_quarantine_take(struct xb_quarantine *q, const git_oid *tree) XB_MUST_CHECK;
/* A commit with that tree and, if it isn't NULL, that parent; it has nothing else. */
struct xb_err *xb_quarantine_commit(struct xb_quarantine *q, const git_oid *tree, const git_oid *parent,
				    git_oid *out) XB_MUST_CHECK;
/* Are the attributes of TREE not those that the work tree has? */
struct xb_err *xb_quarantine_differs(struct xb_quarantine *q, const git_oid *tree, bool *out) XB_MUST_CHECK;
/*
 * Makes the work tree that of TREE, as far as attributes go. *WHY, a static
 * text, is set where there are too many: then it isn't.
 */
struct xb_err *xb_quarantine_attributes(struct xb_quarantine *q, const git_oid *tree,
					const char **why) XB_MUST_CHECK;
/* Brings the tree TREE, with what it has and the store lacks, into the store; it was made from LIKE. */
struct xb_err *xb_quarantine_give(struct xb_quarantine *q, const git_oid *tree,
				  const git_oid *like) XB_MUST_CHECK;

#endif
