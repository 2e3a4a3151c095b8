/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The line's history as a plan reads it: the window (the commits in base..tip,
 * in staging order) and, when a message asks for it, what the base has.
 * Staging order: the first-parent chain, a merge's other commits just before
 * it, parents first. A pure function of base and tip; no ref is looked at.
 */
#ifndef XB_HISTORY_H
#define XB_HISTORY_H

#include "commit.h"
#include "message.h"
#include "rules.h"
#include "store.h"

#include <git2.h>

/* A commit of the window, or one of the base that fixes something. */
struct xb_hist {
	git_oid oid, tree;
	git_oid parent, parent_tree; /* of the first parent; zero: none */
	size_t n_parents;
	int64_t time; /* committer date */
	struct xb_message msg;
};

struct xb_window {
	struct xb_hist *v; /* oldest first */
	size_t n, cap;
};

/* Lists base..tip. A commit that can't be parsed is XB_E_HOSTILE and names it. */
struct xb_err *xb_window_load(git_repository *repo, struct xb_store *s, const struct xb_rules *rules,
			      const git_oid *base, const git_oid *tip, struct xb_window *out) XB_MUST_CHECK;
void xb_window_release(struct xb_window *w);
/* Reads one commit; XB_E_NOTFOUND where there is none. Release OUT. */
struct xb_err *xb_hist_load(struct xb_store *s, const struct xb_rules *rules, const git_oid *oid,
			    struct xb_hist *out) XB_MUST_CHECK;
void xb_hist_release(struct xb_hist *h);

/*
 * Names of commits: their ids, the ids they came from (origins), and their
 * subjects, each leading to a number. Looked up by what a message says: 7 to 40
 * hex digits, perhaps with a subject.
 */
struct xb_names;
enum xb_name_kind { XB_NAME_NONE, XB_NAME_ID, XB_NAME_ORIGIN, XB_NAME_SUBJECT };

struct xb_names *xb_names_new(void);
void xb_names_free(struct xb_names *n);
/* Makes H known as NUMBER; later calls count as newer. H must outlive the names. */
void xb_names_add(struct xb_names *n, const struct xb_hist *h, size_t number);
/* The newest commit that HEX (may be NULL) or else SUBJECT (may be NULL) names. */
enum xb_name_kind xb_names_find(const struct xb_names *n, const char *hex, const char *subject,
				size_t *number);

/*
 * What the base has: its fixes. The newest XB_PAST_DEPTH ancestors of the base, by
 * committer date, are read, once and only when asked for; older commits are
 * found by their own id alone. (The number is part of the rules: raising it
 * changes plans.)
 */
#define XB_PAST_DEPTH 4000

struct xb_past;

/*
 * IS_FIX says whether a commit counts (tagged, or annotated so); ANNOTATED, which
 * may be NULL, whether more is said about it than its message. All is borrowed.
 */
struct xb_past_options {
	git_repository *repo;
	struct xb_store *store;
	const struct xb_rules *rules;
	git_oid base;
	bool (*is_fix)(void *ctx, const struct xb_hist *h);
	bool (*annotated)(void *ctx, const git_oid *oid);
	void *ctx;
};
struct xb_past *xb_past_new(const struct xb_past_options *o);
void xb_past_free(struct xb_past *p);
/* The fix among the newest ancestors that HEX or else SUBJECT names; *OUT is NULL where none does. Borrowed.
 */
struct xb_err *xb_past_find(struct xb_past *p, const char *hex, const char *subject,
			    const struct xb_hist **out) XB_MUST_CHECK;
/* The fix further back whose own id HEX is. This walks the whole history: the last resort. */
struct xb_err *xb_past_find_deep(struct xb_past *p, const char *hex,
				 const struct xb_hist **out) XB_MUST_CHECK;
/* Is the commit that HEX names, whatever it does, the base or an ancestor of it? */
struct xb_err *xb_past_has(struct xb_past *p, const char *hex, bool *out) XB_MUST_CHECK;
/* Calls FN for each fix among the newest ancestors, newest first. */
struct xb_err *xb_past_each(struct xb_past *p, void (*fn)(void *ctx, const struct xb_hist *h),
			    void *ctx) XB_MUST_CHECK;
/* Is OID the base or one of its ancestors? */
struct xb_err *xb_past_contains(struct xb_past *p, const git_oid *oid, bool *out) XB_MUST_CHECK;

#endif
