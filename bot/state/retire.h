/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The end of a target: its branch stays as it is for good, and its state, in the
 * repository and in the ledger, says so, since when and why. By the name in the
 * ledger alone: the configuration may not know the line any more. A plan that is made
 * by publish with `unretire` ends the end.
 */
#ifndef XB_RETIRE_H
#define XB_RETIRE_H

#include "stateref.h"
#include "lines/lines.h"
#include "publish/vault.h"

struct xb_retire {
	git_repository *repo;
	struct xb_vault *vault;
	const struct xb_config *config;
	const char *name; /* of the ledger */
	const char *reason;
	int64_t now;
};

/*
 * Ends it. OUT, the caller's in each case, is its state from now on; one that has ended already stays as it
 * is, and *AGAIN is true. A state ref that can't be moved now: XB_E_TEMP.
 */
struct xb_err *xb_retire(const struct xb_retire *r, struct xb_state *out, bool *again) XB_MUST_CHECK;

/* Appends the names in the ledger that are of the line LINE, or are LINE, by the refs that they have. */
struct xb_err *xb_ledger_of_line(const struct xb_config *c, const char *line,
				 struct xb_strv *out) XB_MUST_CHECK;
/* Appends the names in the ledger that are none of TARGETS and have not ended: nothing moves them any more.
 */
struct xb_err *xb_ledger_left(const struct xb_config *c, const struct xb_targets *targets,
			      struct xb_strv *out) XB_MUST_CHECK;
/*
 * The target that NAME, with the state S of the ledger, was; all its texts are owned, and freed by
 * xb_past_target_release.
 */
struct xb_err *xb_past_target(git_repository *repo, const struct xb_config *c, const char *name,
			      const struct xb_state *s, struct xb_target *out) XB_MUST_CHECK;
void xb_past_target_release(struct xb_target *t);

#endif
