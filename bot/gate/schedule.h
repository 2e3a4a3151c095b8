/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When what is ready is published: at once, when nothing more came for a while,
 * or at a time of the week. For that it is remembered, in STATE/batch/TARGET,
 * when each candidate was first seen, by the id of its chain's tip, and since
 * when something waits, beside the published chain's tip (zero: there is none):
 *
 *   COMMIT TIME
 *   COMMIT since TIME
 *
 * The clock is the caller's: seconds since 1970.
 */
#ifndef XB_SCHEDULE_H
#define XB_SCHEDULE_H

#include "config/config.h"

#include <git2.h>

struct xb_seen {
	git_oid tip;
	int64_t time;
};

struct xb_schedule {
	struct xb_seen *v; /* the oldest first */
	size_t n, cap;
	struct xb_seen since; /* tip: what was published then; time 0: not known */
};

/* A file that is not there is an empty one; so is one that can't be understood. */
struct xb_err *xb_schedule_read(const char *path, struct xb_schedule *out) XB_MUST_CHECK;
struct xb_err *xb_schedule_write(const char *path, const struct xb_schedule *b) XB_MUST_CHECK;
void xb_schedule_release(struct xb_schedule *b);

/* Forgets the candidates for which STANDS is false, and notes TIP as seen NOW unless it was. True: changed.
 */
bool xb_schedule_note(struct xb_schedule *b, const git_oid *tip, int64_t now,
		      bool (*stands)(void *ctx, const git_oid *tip), void *ctx);

/*
 * After that: since when something waits that is not in the chain PUBLISHED. A chain that changes as a
 * whole, and with it all candidates, does not put that off; a publication does. True: changed.
 */
bool xb_schedule_since(struct xb_schedule *b, const git_oid *published, int64_t now);

/* How many of B, the oldest first, may be published NOW; *UNTIL: when that changes, or XB_NEVER. */
size_t xb_schedule_due(const struct xb_publish_rule *rule, const struct xb_schedule *b, int64_t now,
		       int64_t *until);

#endif
