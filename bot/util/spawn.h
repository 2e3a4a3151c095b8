/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting another program: with arguments, never by a shell's line; with the
 * environment that is given and no other; with the default signals, none of them
 * blocked; and, as all of our files close by themselves, with three files.
 */
#ifndef XB_UTIL_SPAWN_H
#define XB_UTIL_SPAWN_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Statuses of a program that did not come to run: there is none, or it could not be started. */
enum { XB_SPAWN_NONE = 127, XB_SPAWN_FAILED = 126 };

struct xb_spawn {
	char *const *argv; /* ends in NULL; the first is looked up in our PATH */
	char *const *env;  /* ends in NULL */
	int in, out, err;  /* borrowed; -1: /dev/null */
	const char *dir;   /* NULL: where we are */
	bool session;      /* it leads a session, and so a process group, of its own */
	bool with_us;      /* it is killed when we end */
	uint64_t memory;   /* bytes of data; 0: no limit */
	unsigned seconds;  /* of CPU time; 0: no limit */
	void (*last)(
	    const void *data); /* in the new process, before it is the other program; NULL: nothing */
	const void *data;
};

/* *PID is the caller's, to be given to xb_spawn_wait. */
struct xb_err *xb_spawn(const struct xb_spawn *s, pid_t *pid) XB_MUST_CHECK;
/* Waits for its end: the status of waitpid. */
int xb_spawn_wait(pid_t pid);
/* All signals as a new process is meant to have them; for one that was forked elsewhere. */
void xb_default_signals(void);

#endif
