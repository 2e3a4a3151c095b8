/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the bot published, as it knows it itself: STATE/published/NAME.json, one for
 * each target, with what is in the state commit (stateref.h). The refs of the
 * repository can be written by every committer, so they are not believed about
 * that; a derived ref that is elsewhere was moved by someone else. Written once the
 * refs have moved, before the intent goes; what a crash cut short, recovery writes.
 */
#ifndef XB_LEDGER_H
#define XB_LEDGER_H

#include "odb/store.h"
#include "stateref.h"
#include "util/strv.h"

/* *KNOWN: there is an entry for NAME, and OUT, the caller's in each case, is it. One that can't be read: an
 * error that names the file. */
struct xb_err *xb_ledger_read(const char *state_dir, const char *name, struct xb_state *out,
			      bool *known) XB_MUST_CHECK;
/* The same for who only tells of entries: one that can't be read is none, and says so where its line is dealt
 * with. */
bool xb_ledger_known(const char *state_dir, const char *name, struct xb_state *out);
/* Makes the state commit AT, which S has, the entry of NAME. */
struct xb_err *xb_ledger_write(const char *state_dir, const char *name, struct xb_store *s,
			       const git_oid *at) XB_MUST_CHECK;
/* Appends the names that have entries, sorted. */
struct xb_err *xb_ledger_list(const char *state_dir, struct xb_strv *out) XB_MUST_CHECK;
/*
 * An earlier version kept no ledger: did it see the derived ref of NAME at DERIVED when it last worked, and
 * found nothing wrong?
 */
bool xb_ledger_was_seen(const char *state_dir, const char *name, const git_oid *derived);

#endif
