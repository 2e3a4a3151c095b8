/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tasks that run: each in its child, never two of one name, and not more
 * than CHILDREN_MAX, of one kind CHILDREN_OF_A_KIND or what the task says, so that slow
 * tests leave room for mail. Order of calls: xb_children_start with what is on offer,
 * poll the descriptors until xb_children_due, xb_children_reap, and again.
 */
#ifndef XB_CHILDREN_H
#define XB_CHILDREN_H

#include "os/task.h"

#include <poll.h>

enum {
	XB_CHILDREN_MAX = 16,
	XB_CHILDREN_OF_A_KIND = 4,
	XB_CHILDREN_PAUSE_MS =
	    1000,                /* from a task's end to its next start: a module's mistake must not spin */
	XB_CHILDREN_STARTS = 100 /* of one task in a run that ends */
};

struct xb_children {
	bool resident; /* false: for a run that ends, and pauses nowhere but starts none more than
			  XB_CHILDREN_STARTS times */
	struct xb_child *v[XB_CHILDREN_MAX];
	size_t n;
	struct {
		struct xb_ended {
			char *name;
			int64_t at;      /* milliseconds of CLOCK_MONOTONIC */
			unsigned starts; /* so far */
		} * v;
		size_t n, cap;
	} ended;
};

/*
 * Starts those of CHORES that are due at NOW (seconds since 1970), as far as the
 * limits go. LOCK_FD: see xb_child_start. One that can't be started is logged and
 * tried again later.
 */
void xb_children_start(struct xb_children *children, const struct xb_tasks *tasks, int64_t now, int lock_fd);
/*
 * When the next of CHORES can be started: milliseconds of CLOCK_MONOTONIC, or
 * XB_NEVER. Those that run, or wait for another's end, are none.
 */
int64_t xb_children_next(const struct xb_children *children, const struct xb_tasks *tasks, int64_t now);
/* The first deadline: milliseconds of CLOCK_MONOTONIC; XB_NEVER. */
int64_t xb_children_deadline(const struct xb_children *children);
/* Fills P, which has room for XB_CHILDREN_MAX, with what is readable when a child has ended. */
size_t xb_children_poll(const struct xb_children *children, struct pollfd *p);

/* How a child ended; its error, if any, is ERR. */
struct xb_child_result {
	char *name;
	struct xb_err *err;
	bool attention;
	unsigned after; /* as the task's */
};
/* Kills those that are late, and takes one that has ended into OUT: false when there is none. */
bool xb_children_reap(struct xb_children *children, struct xb_child_result *out);
void xb_child_result_release(struct xb_child_result *r);
/* Ends all. */
void xb_children_release(struct xb_children *children);

#endif
