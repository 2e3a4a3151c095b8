/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What loop.c, the steps, and pass.c, the passes over the refs, share. */
#ifndef XB_LOOP_IMPL_H
#define XB_LOOP_IMPL_H

#include "children.h"
#include "loop.h"
#include "rehearse.h"
#include "judge/seen.h"

struct xb_loop {
	struct xb_loop_options o;
	int instance; /* the lock; -1: beside a bot */
	struct xb_seen seen;
	struct xb_children children;
	struct xb_rehearsals rehearsals;
	struct xb_tasks tasks; /* what the modules offered last */
	bool wake, ask;        /* look at the refs; ask the modules */
	bool health;           /* what may fail for long is to be looked at: see mail/notify.h */
	char *misconfigured;   /* why the configuration is not that of the file; NULL: it is */
	int64_t rest_until;    /* milliseconds: no look before */
	int64_t retry, rescan; /* milliseconds, or XB_NEVER */
	bool find;             /* the next look finds the targets, and writes the rules, whatever moved */
	unsigned failures;     /* of passes, in a row */
	struct xb_err *worst;
	bool attention; /* a task said so */
	char *said;     /* the last failure of a look that was worth a word, not to be logged again */
	struct xb_notify
	    *notify;     /* what is to be told; kept while plans are made elsewhere: then it is one mail */
	int64_t tell_by; /* milliseconds: no longer than that */
	int64_t pulse;   /* milliseconds: when the next sign of life is due; XB_NEVER */
};

/* In a run that ends the first failure is its result; all others are logged. Takes ERR. */
void xb_loop_failed(struct xb_loop *w, struct xb_err *err);
/* Looks at the refs and publishes the targets that are due. */
void xb_loop_pass(struct xb_loop *w);
/* Writes pulse.h's file: LOOKED, at everything, just now; ENDED, and nothing more will come. */
void xb_loop_pulse(struct xb_loop *w, bool looked, bool ended);
/* The same, where it is time for a sign of life. */
void xb_loop_beat(struct xb_loop *w);
/* Is any target to be published now? */
bool xb_loop_any_due(const struct xb_loop *w);

/* A time in seconds since 1970 as one of CLOCK_MONOTONIC. */
static inline int64_t xb_to_ms(int64_t seconds)
{
	int64_t left = seconds - xb_now_s();

	if (seconds == XB_NEVER || left > INT32_MAX)
		return XB_NEVER;
	return xb_now_ms() + (left > 0 ? left * 1000 : 0);
}

#endif
