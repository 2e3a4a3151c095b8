/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The chores that run: each in its child, never two of one name, and not more
 * than JOBS_MAX, of one kind JOBS_OF_A_KIND or what the chore says, so that slow
 * tests leave room for mail. Order of calls: xb_jobs_start with what is on offer,
 * poll the descriptors until xb_jobs_due, xb_jobs_reap, and again.
 */
#ifndef XB_JOBS_H
#define XB_JOBS_H

#include "util/chore.h"

#include <poll.h>

enum {
	XB_JOBS_MAX = 16,
	XB_JOBS_OF_A_KIND = 4,
	XB_JOBS_PAUSE_MS = 1000, /* from a chore's end to its next start: a module's mistake must not spin */
	XB_JOBS_STARTS = 100     /* of one chore in a run that ends */
};

struct xb_jobs {
	bool resident; /* false: for a run that ends, and pauses nowhere but starts none more than
			  XB_JOBS_STARTS times */
	struct xb_job *v[XB_JOBS_MAX];
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
 * limits go. LOCK_FD: see xb_job_start. One that can't be started is logged and
 * tried again later.
 */
void xb_jobs_start(struct xb_jobs *jobs, const struct xb_chores *chores, int64_t now, int lock_fd);
/*
 * When the next of CHORES can be started: milliseconds of CLOCK_MONOTONIC, or
 * XB_NEVER. Those that run, or wait for another's end, are none.
 */
int64_t xb_jobs_next(const struct xb_jobs *jobs, const struct xb_chores *chores, int64_t now);
/* The first deadline: milliseconds of CLOCK_MONOTONIC; XB_NEVER. */
int64_t xb_jobs_deadline(const struct xb_jobs *jobs);
/* Fills P, which has room for XB_JOBS_MAX, with what is readable when a job has ended. */
size_t xb_jobs_poll(const struct xb_jobs *jobs, struct pollfd *p);

/* How a job ended; its error, if any, is ERR. */
struct xb_job_result {
	char *name;
	struct xb_err *err;
	bool attention;
	unsigned after; /* as the chore's */
};
/* Kills those that are late, and takes one that has ended into OUT: false when there is none. */
bool xb_jobs_reap(struct xb_jobs *jobs, struct xb_job_result *out);
void xb_job_result_release(struct xb_job_result *r);
/* Ends all. */
void xb_jobs_release(struct xb_jobs *jobs);

#endif
