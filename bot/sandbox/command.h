/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command line of the administrator's, run by /bin/sh on a checkout: in a
 * session of its own, with a clean environment (PATH, HOME, TMPDIR, TZ=UTC,
 * LC_ALL=C and nothing else), nothing on its standard input, both outputs kept.
 * When it ends, is out of time, or we are told to stop, all that is left of its
 * process group is killed; in a sandbox (sandbox.h), all that it started, and
 * HOME and TMPDIR are the sandbox's. The command line never comes from a repository.
 */
#ifndef XB_COMMAND_H
#define XB_COMMAND_H

#include "checkout.h"
#include "sandbox.h"
#include "util/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum xb_test { XB_TEST_PASS, XB_TEST_FAIL, XB_TEST_UNKNOWN };

/* Of a longer output, half of this is kept of its beginning, and half of its end. */
#define XB_OUTPUT_MAX (1u << 20)

struct xb_command {
	const char *text;
	unsigned timeout; /* seconds; 0: none */
	uint64_t memory;  /* bytes of address space of each process; 0: no limit */
	uint64_t total;   /* bytes of memory that all have together; 0: no limit */
	/*
	 * Names the cgroup that keeps to it; borrowed. Where there can be none, or NULL: it is
	 * looked at ten times a second, and all is ended when it is more.
	 */
	const char *group;
	size_t output; /* bytes of output that are kept; 0: XB_OUTPUT_MAX */
	int copy;      /* a descriptor that gets the half of its beginning as it comes; 0: none */
	/*
	 * It is ended when it leaves less room on its file system than a twentieth or,
	 * on large ones, 1 GiB and 10000 files: others live there, too.
	 */
	bool leave_room;
	/* Borrowed. NULL: none, and then... */
	struct xb_sandbox *sandbox;
	/* ...this: all descendants that are left are killed. The caller has no other children. */
	bool kill_all;
};

struct xb_command_result {
	enum xb_test verdict; /* status 0: pass; 125: unknown, as for git bisect; else, and out of time or of
				 memory: fail; out of room: unknown */
	int status;           /* what the shell returned; 128 and the signal's number when one ended it */
	bool timed_out, no_room;
	bool no_memory;   /* all together had more than they may: fail */
	char *no_group;   /* why there was no cgroup though one was asked for; NULL */
	char *no_sandbox; /* why none could be made: the command was not run; NULL: it was */
	struct xb_buf output;
};

/* Runs it. A signal that asks us to stop ends it early: XB_E_TEMP. Release OUT. */
struct xb_err *xb_command_run(const struct xb_command *c, const struct xb_checkout *where,
			      struct xb_command_result *out) XB_MUST_CHECK;
void xb_command_result_release(struct xb_command_result *r);
const char *xb_test_name(enum xb_test v);

/*
 * From here to xb_stop_ignore, SIGINT, SIGTERM and SIGHUP only make a note, so that
 * what was begun is cleaned up.
 */
void xb_stop_catch(void);
void xb_stop_ignore(void);
/* XB_E_TEMP once such a signal came; NULL before. */
struct xb_err *xb_stop_check(void) XB_MUST_CHECK;

#endif
