/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting another program: with arguments, never by a shell's line; with the
 * environment that is given and no other; with the default signals, none of them
 * blocked; and, as all of our files close by themselves, with three files.
 */
#ifndef XB_OS_SPAWN_H
#define XB_OS_SPAWN_H

#include "util/err.h"
#include "util/strv.h"

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

/* Programs of ours that are no commands: installed in libexec/xsabot, beside the directory that we are in. */

/* The path of NAME, installed or in the build tree that we were started from; owned. NULL: it is not there.
 */
char *xb_program_path(const char *name);
/* The same, in *OUT; that it is not there is XB_E_CONFIG. */
struct xb_err *xb_program_find(const char *name, char **out) XB_MUST_CHECK;
/* Adds to ENV, for xb_spawn: PATH, LC_ALL, and of our environment those of NAMES (NULL ends them); and its
 * end. */
void xb_program_env(const char *const *names, struct xb_strv *env);

#endif
