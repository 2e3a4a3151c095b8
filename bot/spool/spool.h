/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The spool, as the bot sees it: hooks/event.h says what is in it. An event is
 * a hint and proves nothing; the refs do. So any file there is one, whatever it
 * says.
 *
 * Order of calls, for each run: xb_spool_drain, read the refs, do the work,
 * xb_spool_done, xb_spool_batch_release. A push after the drain leaves an event
 * of its own; a crash before xb_spool_done lets the next drain give the same
 * events again. One bot at a time: its lock is the caller's.
 */
#ifndef XB_SPOOL_H
#define XB_SPOOL_H

#include "util/err.h"
#include "util/strv.h"

#include <stdbool.h>
#include <sys/types.h>

enum {
	XB_SPOOL_MODE = 02770, /* of the spool and what is in it: all who push may add */
	XB_SPOOL_MAX_BATCH = 20000,
};

/* What was drained; zeroed is empty. */
struct xb_spool_batch {
	struct xb_strv files; /* the events */
	bool more;            /* the spool has others, for the next drain */
};
void xb_spool_batch_release(struct xb_spool_batch *batch);
#define XB_AUTOBATCH __attribute__((cleanup(xb_spool_batch_release)))

struct xb_spool;

/*
 * Makes the spool DIR and its three directories by xb_make_dir. The parent of DIR
 * must exist.
 */
struct xb_err *xb_spool_make(const char *dir, mode_t mode, uid_t uid, gid_t gid) XB_MUST_CHECK;
/*
 * Opens DIR; with CREATE, makes what is missing, missing parents too.
 * Not there: XB_E_NOTFOUND. *OUT is owned by the caller.
 */
struct xb_err *xb_spool_open(const char *dir, bool create, struct xb_spool **out) XB_MUST_CHECK;
void xb_spool_free(struct xb_spool *s);
XB_HANDLE(xb_spool)

/*
 * Takes all events into *OUT, those of a run that did not finish included, and
 * sweeps temporary files that are older than an hour. After an error the events
 * are still in the spool. *OUT is the caller's to release in each case.
 */
struct xb_err *xb_spool_drain(struct xb_spool *s, struct xb_spool_batch *out) XB_MUST_CHECK;
/* Removes the events of BATCH: their work is done. */
struct xb_err *xb_spool_done(struct xb_spool *s, const struct xb_spool_batch *batch) XB_MUST_CHECK;
/* Is there any event in the spool DIR, new or taken? Or any that nobody took? */
struct xb_err *xb_spool_any(const char *dir, bool *any) XB_MUST_CHECK;
struct xb_err *xb_spool_any_new(const char *dir, bool *any) XB_MUST_CHECK;

/*
 * Leaves an event in the spool DIR, as a hook does: it is on disk when this returns NULL. No spool:
 * XB_E_NOTFOUND.
 */
struct xb_err *xb_spool_post(const char *dir) XB_MUST_CHECK;

#endif
