/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work that may take long, hang or crash (a test, a push to a mirror, mail): it
 * runs in a child process of its own, with a deadline, and never holds up
 * anything else. A module that has such work offers it as tasks; what was done,
 * what failed and when to try again it keeps in its own files, so that a task
 * that is run twice, or killed at any place, does no harm.
 *
 * The child is forked, not executed: it may use all memory that was there, but
 * opens repositories of its own, and it ends with its parent.
 */
#ifndef XB_TASK_H
#define XB_TASK_H

#include "clock.h"
#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct xb_config;
struct xb_rules;

/* What may be others once it has ended; bits. */
enum xb_after {
	XB_AFTER_REFS = 1,   /* refs of the repository */
	XB_AFTER_HEALTH = 2, /* what is known of what may fail for long: see mail/notify.h */
};

struct xb_task {
	char *name;       /* one of a name runs at a time: "gate 4.20", "mirror kernel.org"; owned */
	const char *kind; /* "gate": for the limits of children.h; static */
	unsigned after;   /* of enum xb_after */
	int64_t due;      /* seconds since 1970 from which it may run; XB_NEVER: not at all */
	unsigned seconds; /* its deadline, from its start; not 0 */
	unsigned alike;   /* of its kind no more than so many run; 0: see children.h */
	/* In the child. *ATTENTION: it is done, and a person should look, as was logged. */
	struct xb_err *(*work)(const void *data, bool *attention);
	void *data; /* owned */
	void (*free_data)(void *data);
};

struct xb_tasks {
	struct xb_task *v;
	size_t n, cap;
};

/*
 * What a module is given when it is asked for its tasks. All of it is borrowed
 * and lasts until the tasks have been released: a reloaded configuration comes
 * with new tasks. A child has it too, as it was when the task was offered.
 */
struct xb_task_env {
	const struct xb_config *config;
	const struct xb_rules *rules;
	const char *state_dir; /* of the bot; a module keeps its files in a directory of its own below it */
	const char *repo_path; /* of the repository, for git_repository_open in the child */
	int64_t now;           /* seconds since 1970 */
};

void xb_task_release(struct xb_task *c);
void xb_tasks_release(struct xb_tasks *c);

/* One that runs. */
struct xb_child {
	char *name;
	const char *kind; /* these two as the task's */
	unsigned after;
	pid_t pid;
	int pidfd;        /* readable when it has ended */
	int64_t deadline; /* milliseconds of CLOCK_MONOTONIC */
	int report;       /* what it says at its end comes from here */
	bool killed;      /* the deadline passed */
};

/*
 * Starts C in a session of its own, with the default signals and without the
 * file LOCK_FD (-1: none), so that the lock is ours alone. *OUT is the caller's,
 * to be given to xb_child_end.
 */
struct xb_err *xb_child_start(const struct xb_task *c, int lock_fd, struct xb_child **out) XB_MUST_CHECK;
/* Kills it with its session's process group if its deadline is over. True: it was. */
bool xb_child_expire(struct xb_child *j, int64_t now_ms);
/* It has, by itself: xb_child_end will not wait. */
bool xb_child_ended(const struct xb_child *j);
/* Waits for its end, kills what is left of its group, and gives what work() gave. Frees J. */
struct xb_err *xb_child_end(struct xb_child *j, bool *attention) XB_MUST_CHECK;
/* Ends it early; the same, and nothing to be told. Frees J. */
void xb_child_kill(struct xb_child *j);

#endif
