/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that can do no harm outside its own directory: it is the first of
 * namespaces of its own (user, processes, mounts, IPC and, unless it is allowed
 * the network, network), so that nothing it starts outlives it, whatever that
 * does. It sees the file system read-only, with an empty directory in the place
 * of what is to be hidden; its own directory is at XB_SANDBOX_HOME, and the /tmp
 * that it sees is in that directory as well. It has no privilege and can get none.
 *
 * Needs Linux 5.12 and either unprivileged user namespaces or root.
 *
 * In the caller, which has one thread:  pid = xb_sandbox_fork(...)
 * in the child:                         xb_sandbox_enter(...), then exec
 * The process PID is the namespace's init: to kill it is to kill all.
 */
#ifndef XB_SANDBOX_H
#define XB_SANDBOX_H

#include "config/config.h"

#include <stdbool.h>
#include <sys/types.h>

/* Where the process finds its directory: always the same place, so that results don't differ by it. */
#define XB_SANDBOX_HOME "/tmp/xsabot"

struct xb_sandbox {
	const char *work; /* its directory, which has a directory "tmp"; absolute */
	bool network;
	struct xb_strv writable; /* further directories that it may write to, where they are; borrowed */
	struct xb_strv hidden;   /* directories and files that it must not see; borrowed */

	/* From xb_sandbox_fork: in a new user namespace nobody has an id until it is mapped. */
	uid_t uid;
	gid_t gid;
	bool user_namespace;
};

/* Like fork: 0 in the child, -1 with errno where the system allows no namespaces. */
pid_t xb_sandbox_fork(struct xb_sandbox *s);
/*
 * In the child: sets all up, makes the process that is to run the command, and
 * returns in that one alone; the first waits for it and ends as it did. Where
 * something fails, a text is written to the descriptor REPORT, and it exits.
 */
void xb_sandbox_enter(const struct xb_sandbox *s, int report);

#endif
