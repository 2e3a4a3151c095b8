/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Needs by changed definitions: a pick newly uses a function, macro, variable or
 * type, and an earlier commit, not in the branch, changed its body, width,
 * initial value or return values. The name is there; what it means is not.
 */
#ifndef XB_CHANGES_H
#define XB_CHANGES_H

#include "definitions.h"
#include "meaning.h"

struct xb_changed_defs;

/* Adds to OUT the earlier commits that changed what members of B newly use; B gives TREE. */
struct xb_err *xb_changes_find(struct xb_meaning *m, const struct xb_bundle *b, const git_oid *tree,
			       struct xb_meaning_hits *out) XB_MUST_CHECK;
void xb_changed_defs_free(struct xb_changed_defs *c);

#endif
