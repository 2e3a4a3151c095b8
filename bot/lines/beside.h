/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Releases that are made beside the branch: the tag stands on commits of its own,
 * one that sets the version perhaps. Such a release is the line's where it left
 * the branch, at or after the highest release that the branch contains, and
 * where no other line has its commits. Anything else with its name is a tag at
 * the wrong place.
 */
#ifndef XB_BESIDE_H
#define XB_BESIDE_H

#include "odb/store.h"

#include <git2.h>

struct xb_beside {
	git_repository *repo;
	struct xb_store *store;
	const git_oid *tip;    /* of the line */
	const git_oid *floor;  /* the highest release that it contains; NULL: none */
	const git_oid *others; /* tips of the other lines */
	size_t n_others;
};

/* *WHY_NOT, the caller's: why COMMIT can't be a base of the line; NULL: it can. */
struct xb_err *xb_beside_check(const struct xb_beside *b, const git_oid *commit,
			       char **why_not) XB_MUST_CHECK;

#endif
