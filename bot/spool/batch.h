/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the events of a batch say, taken together. Each is parsed strictly: it is
 * whole, or it is none. One of a newer hook, and more refs than there is room for,
 * say "look at everything". Refs are names that somebody pushed: nothing needs to
 * stand behind one, and the bytes are untrusted.
 */
#ifndef XB_SPOOL_BATCH_H
#define XB_SPOOL_BATCH_H

#include "util/strv.h"

#include <stdbool.h>
#include <stddef.h>

enum { XB_SPOOL_MAX_REFS = 100000 }; /* more refs in a batch make it a bare "rescan" */

/* What was drained; zeroed is empty. */
struct xb_spool_batch {
	struct xb_strv refs; /* full names, bytes without NUL; sorted, each once */
	bool rescan;         /* look at all refs: REFS is not all that was pushed */
	bool more;           /* the spool has further events, for the next drain */
	size_t events, bad;  /* read; unreadable and moved to bad/ */
	size_t stuck;        /* entries that could not even be moved: of someone else's making */

	struct xb_strv files; /* the token for xb_spool_done */
	size_t read;          /* bytes */
	bool full;            /* REFS has no room left */
};

/* Adds the event of N bytes at P to OUT, whose REFS are then in no order; false when it is not a whole one.
 */
bool xb_spool_parse(const char *p, size_t n, struct xb_spool_batch *out);
void xb_spool_batch_release(struct xb_spool_batch *batch);
#define XB_AUTOBATCH __attribute__((cleanup(xb_spool_batch_release)))

#endif
