/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gate that is a test system elsewhere, as a contract of refs:
 *
 *	refs/xsabot/candidate/TARGET	ours: the chain's tip that is to be tested
 *	refs/xsabot/tested/TARGET	theirs: moved to just that commit, it passed
 *	refs/notes/xsabot-tested	theirs: a note on that commit with a line
 *					"Gate-Failed: URL or text": it failed
 *
 * An answer counts while its commit is the candidate; a later one is ignored.
 * A pass beats a failure of the same commit: a test may be repeated. What was
 * answered is remembered in STATE/gate/verdicts, by the commit.
 */
#ifndef XB_EXTGATE_H
#define XB_EXTGATE_H

#include "lines/lines.h"
#include "sandbox/command.h"

struct xb_extgate {
	char *candidate_ref, *tested_ref;
	git_oid candidate; /* zero: none */
	git_oid test;
	struct xb_verdicts *verdicts; /* NULL: nothing is remembered */
	git_repository *repo;         /* borrowed */
};

/* *OUT is the caller's; NULL where the line has no such gate. Looks for an answer, and remembers it unless
 * DRY. */
struct xb_err *xb_extgate_open(git_repository *repo, const struct xb_config *config,
			       const struct xb_target *target, bool dry,
			       struct xb_extgate **out) XB_MUST_CHECK;
void xb_extgate_free(struct xb_extgate *g);
XB_HANDLE(xb_extgate)
/* Unknown: there was no answer yet. */
enum xb_test xb_extgate_find(const struct xb_extgate *g, const git_oid *commit);

/* What the note on a commit that failed says: owned; NULL: nothing, or it can't be read. */
char *xb_extgate_failure(const struct xb_extgate *g, const git_oid *commit);

#endif
