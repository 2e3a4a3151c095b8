/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nothing that one line needs may stop the others: what is pushed to it can make a
 * plan take for ever, take all memory, or end the process. So a target whose inputs
 * changed is first planned by a child, with a limit on time and memory, that can write
 * nothing but what it gives git to merge, opens no socket, and gives nothing but that it came to its end.
 * Then the same is done here, where it takes as long and gives the same, a plan being a pure function. A
 * child that is slow is not waited for; other targets are published meanwhile.
 *
 * Order of calls, for each look: xb_rehearse with all targets that are due, then
 * xb_rehearsed for each; and xb_rehearsals_reap at each step.
 */
#ifndef XB_REHEARSE_H
#define XB_REHEARSE_H

#include "classify/rules.h"
#include "judge/seen.h"

#include <poll.h>

enum {
	XB_REHEARSALS_MAX = 8,     /* at a time, slow ones included */
	XB_REHEARSAL_MIB = 192,    /* that a plan may need */
	XB_REHEARSAL_WAIT_MS = 250 /* that a look waits for those that run */
};

struct xb_rehearsals {
	const struct xb_config *config; /* these are borrowed for each call of xb_rehearse */
	const struct xb_rules *rules;
	git_repository *repo;
	struct xb_metadata *metadata;
	int instance, lock; /* files that children close: they keep nobody out */
	size_t n;           /* how many run */
};

/* Begins those that lack among the targets of SEEN that DUE says are due, and waits for them a little. */
void xb_rehearse(struct xb_rehearsals *r, struct xb_seen *seen, const struct xb_refview *view,
		 bool (*due)(const void *data, const struct xb_seen_target *l), const void *data);
/* L's plan of now came to its end in a child, or has none to be made; false: not yet, or see `over`. */
bool xb_rehearsed(const struct xb_seen *seen, const struct xb_seen_target *l, const struct xb_refview *view);
/* Takes those that have ended; true: there was one. */
bool xb_rehearsals_reap(struct xb_rehearsals *r, struct xb_seen *seen);
/* The first deadline: milliseconds of CLOCK_MONOTONIC; XB_NEVER. */
int64_t xb_rehearsals_deadline(const struct xb_seen *seen);
/* Adds to P, which has room for XB_REHEARSALS_MAX, what is readable when one has ended. */
size_t xb_rehearsals_poll(const struct xb_seen *seen, struct pollfd *p);
#endif
