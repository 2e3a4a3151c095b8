/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The line's history as a plan reads it: the window, the commits in base..tip,
 * in staging order. (What the base has: past.h.) Staging order: the first-parent chain, a merge's other
 * commits just before it, parents first. A pure function of base and tip; no ref is looked at.
 */
#ifndef XB_HISTORY_H
#define XB_HISTORY_H

#include "message.h"
#include "odb/commit.h"
#include "odb/store.h"
#include "rules.h"

#include <git2.h>

/* A commit of the window, or one of the base that fixes something. */
struct xb_hist {
	git_oid oid, tree;
	git_oid parent, parent_tree; /* of the first parent; zero: none, or its tree isn't known yet */
	size_t n_parents;
	int64_t time;    /* committer date */
	uint64_t author; /* hash of name and address */
	struct xb_message msg;
};

struct xb_window {
	struct xb_hist *v; /* oldest first */
	size_t n, cap;
};

/* Lists base..tip. A commit that can't be parsed is XB_E_HOSTILE and names it. */
struct xb_err *xb_window_load(git_repository *repo, struct xb_store *s, const struct xb_rules *rules,
			      const git_oid *base, const git_oid *tip, struct xb_window *out) XB_MUST_CHECK;
/*
 * W ends at a commit that TIP, without a merge between, descends from: appends
 * what came since. Else *DONE is false and W as it was.
 */
struct xb_err *xb_window_extend(struct xb_store *s, const struct xb_rules *rules, const git_oid *base,
				const git_oid *tip, struct xb_window *w, bool *done) XB_MUST_CHECK;
void xb_window_release(struct xb_window *w);
/* Reads one commit; XB_E_NOTFOUND where there is none. Release OUT. */
struct xb_err *xb_hist_load(struct xb_store *s, const struct xb_rules *rules, const git_oid *oid,
			    struct xb_hist *out) XB_MUST_CHECK;
/* The same of a commit that was read. */
struct xb_err *xb_hist_parse(const struct xb_rules *rules, const git_oid *oid, const struct xb_commit *c,
			     struct xb_hist *out) XB_MUST_CHECK;
/* The tree of its first parent, known yet or not; zero: it has none. */
struct xb_err *xb_hist_parent_tree(struct xb_store *s, const struct xb_hist *h, git_oid *out) XB_MUST_CHECK;
void xb_hist_release(struct xb_hist *h);

#endif
