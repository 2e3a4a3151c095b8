/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a publication is about to do, on the disk before any ref moves: from
 * it the next run tells a move of ours from somebody else's, completes what a
 * crash cut short, and makes the announcements. It goes only when all of that
 * is done. One small JSON file each, DIR/ID.json.
 */
#ifndef XB_INTENT_H
#define XB_INTENT_H

#include "util/err.h"

#include <git2.h>
#include <stddef.h>
#include <time.h>

/* A ref and where it goes. `old` zero: it must not exist. */
struct xb_ref_update {
	char *name;
	git_oid old_id, new_id;
};

/* All strings are owned by the struct when it came from xb_intent_read. */
struct xb_intent {
	char *id;                   /* letters, digits, '.', '_', '+', '-'; not beginning with '.' */
	char *pack;                 /* NAME of objects/pack/NAME.pack in the public repository, or NULL */
	struct xb_ref_update *refs; /* in the order in which they move */
	size_t n_refs;
};

struct xb_err *xb_intent_write(const char *dir, const struct xb_intent *intent) XB_MUST_CHECK;
/* Not there: XB_E_NOTFOUND. OUT is the caller's: xb_intent_release. */
struct xb_err *xb_intent_read(const char *dir, const char *id, struct xb_intent *out) XB_MUST_CHECK;
/* When it was written. */
struct xb_err *xb_intent_time(const char *dir, const char *id, struct timespec *out) XB_MUST_CHECK;
/* One that is not there is fine. */
struct xb_err *xb_intent_clear(const char *dir, const char *id) XB_MUST_CHECK;
/* The ids of all intents in DIR, sorted; V and its N strings are the caller's. */
struct xb_err *xb_intent_list(const char *dir, char ***v, size_t *n) XB_MUST_CHECK;
void xb_intent_release(struct xb_intent *intent);

#endif
