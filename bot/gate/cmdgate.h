/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gate that is a command: what it said of a tree, and the task that asks it.
 * The publishing side looks verdicts up and offers the task; the task, in its
 * child, checks the tree out, runs the command in a sandbox, and leaves a log
 * and the verdict, which the next look finds. So a tree is tested once for each
 * gate, whatever happens to either process.
 *
 *	STATE/gate/verdicts		pass and fail, by tree and gate; unknown: forgotten (verdicts.h)
 *	STATE/gate/retry/TARGET		tests that gave no verdict yet: when, how often
 *	STATE/gate/logs/TREE-GATE.log	the output of each
 *	STATE/gate/objects/TARGET/TREE/	the candidate's objects, for the task
 *	STATE/gate/work/TARGET/		where it is checked out
 *
 * A gate is its command with its limits: with another, all is tested again.
 */
#ifndef XB_CMDGATE_H
#define XB_CMDGATE_H

#include "config/config.h"
#include "lines/lines.h"
#include "os/task.h"
#include "packs/pack.h"
#include "sandbox/command.h"

struct xb_cmdgate_options {
	const struct xb_config *config; /* borrowed, by tasks as well */
	const struct xb_target *target;
	const char *repo_path; /* the repository's git directory */
	int64_t now;
};

struct xb_cmdgate;

/* *OUT is the caller's; NULL where the line has no command. Reads what is known; writes nothing. */
struct xb_err *xb_cmdgate_open(const struct xb_cmdgate_options *o, struct xb_cmdgate **out) XB_MUST_CHECK;
void xb_cmdgate_free(struct xb_cmdgate *g);
XB_HANDLE(xb_cmdgate)

struct xb_cmdgate_known {
	enum xb_test verdict; /* unknown: not tested yet, or the test can't tell */
	unsigned tries;       /* tests that began and gave no verdict */
	int64_t due;          /* unknown: when it is to be tried, seconds since 1970 */
	const char *why;      /* unknown: what the last test said of itself; NULL: nothing. Borrowed */
};
struct xb_cmdgate_known xb_cmdgate_find(const struct xb_cmdgate *g, const git_oid *tree);
/* Forgets what is known of TREE, so that it is tested again, now. A test of it that runs still counts. */
struct xb_err *xb_cmdgate_forget(struct xb_cmdgate *g, const git_oid *tree) XB_MUST_CHECK;
/* The log of its last test, owned; perhaps there was none. */
char *xb_cmdgate_log(const struct xb_cmdgate *g, const git_oid *tree);

/*
 * Could COMMAND begin, where the gate's commands run? Runs nothing of it: it is looked for, if its first
 * word is a plain one, and so is a script that follows the name of a shell. *WHY_NOT: owned; NULL: nothing
 * speaks against it. *NO_SANDBOX the same: why there can be no sandbox.
 */
struct xb_err *xb_cmdgate_probe(const struct xb_config *c, git_repository *repo, const char *command,
				char **why_not, char **no_sandbox) XB_MUST_CHECK;

/*
 * Puts the N OBJECTS, all of TREE that the repository lacks (0: none), where the
 * task finds them, and makes the task that tests TREE; WHAT names the candidate
 * in its log. *OUT is the caller's.
 */
struct xb_err *xb_cmdgate_task(const struct xb_cmdgate *g, const git_oid *tree, const char *what,
			       const struct xb_pack_object *objects, size_t n,
			       struct xb_task *out) XB_MUST_CHECK;

#endif
