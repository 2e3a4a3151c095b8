/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command that stays: it takes a step whenever an event in the spool, SIGHUP,
 * one of its own descriptors or the time wakes it, and reads its configuration
 * again on SIGHUP. One that is wrong, or of another repository or state
 * directory, changes nothing, which is logged and told to the service manager.
 */
#ifndef XB_STAY_H
#define XB_STAY_H

#include "cmd.h"
#include "engine/waker.h"

/* DATA is the command's own in all of them. */
struct xb_stay_ops {
	struct xb_err *(*check)(const struct xb_config *c); /* what it needs of one; may be NULL */
	void (*use)(void *data); /* ENV has another configuration; the old one is freed after that */
	void (*refused)(void *data,
			const char *why); /* a new one is wrong; NULL: it is right now. May be NULL */
	void (*wake)(void *data);         /* events may have come */
	void (*step)(void *data);
	size_t (*poll)(const void *data, struct pollfd *p); /* fills P, with room for XB_WAKER_FDS */
	int64_t (*due)(const void *data);                   /* milliseconds of CLOCK_MONOTONIC, or XB_NEVER */
	char *(*words)(const void *data); /* how it stands, for the service manager; owned; may be NULL */
};

struct xb_stay {
	struct xb_env *env;
	const struct xb_stay_ops *ops;
	void *data;
	struct xb_waker *waker; /* made by xb_stay_begin */
	char *words;            /* that were told last */
};

struct xb_err *xb_stay_begin(struct xb_stay *s) XB_MUST_CHECK;
/* Takes steps until SIGTERM or SIGINT. WHAT it watches is logged. */
void xb_stay(struct xb_stay *s, const char *what);
void xb_stay_end(struct xb_stay *s);

#endif
