/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mixtures: definitions that picks touched and that stand in the derived tree
 * as the stable branch never had them up to now. Nobody has compiled or run that
 * text. Each comes from earlier commits that touch the same definition and are
 * not in the branch.
 */
#ifndef XB_MIXTURES_H
#define XB_MIXTURES_H

#include "definitions.h"
#include "meaning.h"

enum xb_standing {
	XB_STANDS_TESTED, /* as the stable branch has it */
	XB_STANDS_ONCE,   /* as it once had it in this window, or as the base has it */
	XB_STANDS_NEVER,
};

struct xb_touched {
	const char *path;
	const struct xb_definition *what; /* in the table of the tree with the picks */
	const char *name;
	enum xb_standing how;
};

/* TREE has picks that FROM hasn't. Calls FN for each definition of the file PATH that they changed or made.
 */
struct xb_err *xb_mixtures_each(struct xb_meaning *m, const git_oid *from, const git_oid *tree,
				const char *path, struct xb_err *(*fn)(void *ctx, const struct xb_touched *t),
				void *ctx) XB_MUST_CHECK;
/* Does commit I of the window change the definition KEY of PATH? */
struct xb_err *xb_mixtures_changes(struct xb_meaning *m, size_t i, const char *path, uint64_t key,
				   bool *out) XB_MUST_CHECK;

/* Adds to OUT the earlier commits that make mixtures of what the members of B changed; B gives TREE. */
struct xb_err *xb_mixtures_find(struct xb_meaning *m, const struct xb_bundle *b, const git_oid *tree,
				struct xb_meaning_hits *out) XB_MUST_CHECK;

#endif
