/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Merges by git itself: `git merge-tree` (merge-ort, as `git cherry-pick` has it)
 * as a child, in a quarantine. The commits that it is shown are made for it: one
 * with the base's tree, and two on that with the trees of both sides, so that
 * nothing of the history plays a part. The configuration and the attributes are
 * those of quarantine.h, the environment is empty, time and memory are bounded.
 *
 * A git that isn't there or is older than 2.39 is a result, not an error; one
 * that runs out of time or memory is XB_E_TEMP: no verdict is made of that.
 */
#ifndef XB_GITMERGE_H
#define XB_GITMERGE_H

#include "odb/store.h"
#include "odb/tree.h"
#include "util/err.h"

#include <stdbool.h>

#define XB_GITMERGE_NEEDS "2.39"

/* The base's tree may be zero: none. */
struct xb_gitmerge_question {
	git_oid base, ours, theirs;
	bool only_tell; /* a clean tree's id is enough: it isn't brought into the store */
};

/* A path that git leaves to a person. */
struct xb_gitmerge_conflict {
	char *path;
	struct xb_entry stage[3]; /* base, ours, theirs; mode 0: not there; names are not set */
};

struct xb_gitmerge_answer {
	bool clean;
	bool crashed; /* git fails at this merge by a fault of its own: no tree, and no conflicts to show */
	git_oid tree; /* clean: in the store, with all that it has */
	struct xb_gitmerge_conflict *v;
	size_t n, cap;
};

struct xb_gitmerge;

/* For the objects of S, those that are not its own being in the directory OBJECTS. Starts nothing yet. */
struct xb_gitmerge *xb_gitmerge_new(struct xb_store *s, const char *objects);
void xb_gitmerge_free(struct xb_gitmerge *g);
XB_HANDLE(xb_gitmerge)
/* "2.39.5". NULL: git can't be asked, and *WHY, which is borrowed, says why. */
struct xb_err *xb_gitmerge_version(struct xb_gitmerge *g, const char **version,
				   const char **why) XB_MUST_CHECK;
/*
 * Asks N questions at once. ANSWERS has room for N, zeroed; release each. *WHY
 * is set where git can't be asked: then there are no answers.
 */
struct xb_err *xb_gitmerge_ask(struct xb_gitmerge *g, const struct xb_gitmerge_question *questions, size_t n,
			       struct xb_gitmerge_answer *answers, const char **why) XB_MUST_CHECK;
void xb_gitmerge_answer_release(struct xb_gitmerge_answer *a);

#endif
