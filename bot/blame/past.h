/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the base has: its fixes. The newest XB_PAST_DEPTH ancestors of the base, by
 * committer date, are read, once and only when asked for; older commits are
 * found by their own id alone. (The number is part of the rules: raising it
 * changes plans.)
 */
#ifndef XB_PAST_H
#define XB_PAST_H

#include "classify/history.h"
#include "owners.h"

#define XB_PAST_DEPTH 4000
/* So many, by far most of them of the line itself, are looked through for what backported fixes changed. */
#define XB_PAST_LINE_DEPTH 400

struct xb_past;

/*
 * IS_FIX says whether a commit counts (tagged, or annotated so); ANNOTATED, which
 * may be NULL, whether more is said about it than its message. All is borrowed.
 */
struct xb_past_options {
	struct xb_store *store;
	const struct xb_rules *rules;
	git_oid base;
	bool (*is_fix)(void *ctx, const struct xb_hist *h);
	bool (*annotated)(void *ctx, const git_oid *oid);
	void *ctx;
};
struct xb_past *xb_past_new(const struct xb_past_options *o);
void xb_past_free(struct xb_past *p);
XB_HANDLE(xb_past)
/* Lets go of all but the fixes that were found: nothing may be asked until xb_past_use. */
void xb_past_fold(struct xb_past *p);
/* Goes on with O, which must say the same about the same base. */
void xb_past_use(struct xb_past *p, const struct xb_past_options *o);
/* The fix among the newest ancestors that HEX or else SUBJECT names, borrowed; NULL where none does. */
struct xb_err *xb_past_find(struct xb_past *p, const char *hex, const char *subject,
			    const struct xb_hist **out) XB_MUST_CHECK;
/* The fix further back whose own id HEX is. This may walk far back: the last resort. */
struct xb_err *xb_past_find_deep(struct xb_past *p, const char *hex,
				 const struct xb_hist **out) XB_MUST_CHECK;
/* Is the commit that HEX names, whatever it does, the base or an ancestor of it? */
struct xb_err *xb_past_has(struct xb_past *p, const char *hex, bool *out) XB_MUST_CHECK;
/* Were the newest ancestors looked at? Then xb_past_each reads nothing more. */
bool xb_past_known(const struct xb_past *p);
/* Calls FN for each fix among the newest ancestors, newest first. */
struct xb_err *xb_past_each(struct xb_past *p, void (*fn)(void *ctx, const struct xb_hist *h),
			    void *ctx) XB_MUST_CHECK;
/*
 * What the fixes that were backported (they name their origin) changed in PATH, which was there before them,
 * among the newest XB_PAST_LINE_DEPTH; newest first; for xb_base_touches. Borrowed while P lives.
 */
struct xb_err *xb_past_touches(void *p, const char *path, const struct xb_base_touch **v,
			       size_t *n) XB_MUST_CHECK;

#endif
