/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Speaks git's protocol with a repository on this machine through git's own
 * programs, as with one behind ssh: its hooks run, each ref moves by
 * compare-and-swap, and the answer is given ref by ref. libgit2's own way for
 * paths does none of this.
 */
#ifndef XB_LOCAL_H
#define XB_LOCAL_H

#include <git2.h>

struct xb_local {
	const char *path; /* borrowed */
	const char *home; /* HOME of the program: no configuration of a user is read; borrowed */
	int said;         /* what it said on standard error: a file, or -1; close it */
};

/* For git_remote_callbacks.transport; the payload, a struct xb_local, outlives the remote. */
int xb_local_transport(git_transport **out, git_remote *owner, void *payload);

#endif
