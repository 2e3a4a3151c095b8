/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Moves one ref by compare-and-swap, and nothing else: what it finds in the
 * way is a result. The value is read again afterwards, because an error of the
 * library does not mean that the ref did not move.
 */
#ifndef XB_REFMOVE_H
#define XB_REFMOVE_H

#include "intent.h"
#include "repo/modes.h"
#include "util/err.h"

#include <git2.h>
#include <stdbool.h>
#include <time.h>

enum xb_move {
	XB_MOVE_DONE,      /* it is at the new value, by this call */
	XB_MOVE_ALREADY,   /* it was there before */
	XB_MOVE_OTHER,     /* it is neither at the old nor at the new value: somebody moved it */
	XB_MOVE_LOCKED,    /* its lock file stayed for the whole time of the retries */
	XB_MOVE_SYMBOLIC,  /* it is a symbolic ref */
	XB_MOVE_HEAD,      /* HEAD points to it */
	XB_MOVE_WORKTREE,  /* it is checked out in a linked work tree */
	XB_MOVE_FORBIDDEN, /* the caller does not allow the name, or it is no ref's name */
	XB_MOVE_CLASH,     /* another ref's name is a directory of this one's, or the other way round */
};

/* Which refs may be written at all: asked directly before each write. */
struct xb_ref_policy {
	bool (*allowed)(const char *ref, void *data);
	void *data;
};

/* What stands in the way of the move before it is tried; XB_MOVE_DONE: nothing. */
struct xb_err *xb_ref_look(git_repository *repo, const struct xb_ref_update *u,
			   const struct xb_ref_policy *policy, enum xb_move *out) XB_MUST_CHECK;
/* Makes the move. A lock is waited for: ten tries, 20 ms to 2 s apart. */
struct xb_err *xb_ref_move(git_repository *repo, const struct xb_ref_update *u,
			   const struct xb_ref_policy *policy, enum xb_move *out) XB_MUST_CHECK;
/*
 * One write of a ref, by compare-and-swap and with MODES: what libgit2 gives. Zero for OLD: it isn't there.
 */
int xb_ref_write(git_repository *repo, const struct xb_modes *modes, const char *name, const git_oid *old,
		 const git_oid *new_id, const char *log);
/* A few words for people, e.g. "is locked". */
const char *xb_move_text(enum xb_move m);

/* When a lock file that nobody seems to hold may be removed. */
struct xb_lock_rule {
	unsigned age_s;    /* it is at least so old, */
	unsigned watch_ms; /* and stays the same for so long */
};

enum xb_stale { XB_LOCK_NONE, XB_LOCK_REMOVED, XB_LOCK_LEFT };

/*
 * The lock file of a ref that an intent says we were moving, to be called with
 * the state directory's lock held: removed when RULE is met, it belongs to this
 * user and it has nothing but the beginning of the new value in it. Otherwise it
 * is left, and the log says why.
 *
 * At once when it is a second name of the ref's own file; and when it has the whole
 * new value in it and is not older than BEGUN, the time of the intent. Then it is
 * ours, and who wrote it is dead, as its lock on the state directory is ours now;
 * or somebody is about to make the very same move.
 */
struct xb_err *xb_ref_stale_lock(git_repository *repo, const struct xb_ref_update *u,
				 const struct xb_lock_rule *rule, const struct timespec *begun,
				 enum xb_stale *out) XB_MUST_CHECK;
/*
 * The same without an intent, by the usual rule: whatever value the lock file was to give it, if it says one.
 */
struct xb_err *xb_ref_old_lock(git_repository *repo, const char *name, enum xb_stale *out) XB_MUST_CHECK;

#endif
