/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bot at work on one repository: the lock, the vault, what an earlier run left
 * unfinished, and one target after the other. One session at a time; it ends
 * with the process or with xb_session_close.
 */
#ifndef XB_SESSION_H
#define XB_SESSION_H

#include "target.h"
#include "classify/rules.h"
#include "publish/vault.h"
#include "repo/git.h"

struct xb_session {
	git_repository *repo;           /* borrowed */
	const struct xb_config *config; /* borrowed */
	const struct xb_rules *rules;   /* borrowed */
	unsigned wait_ms;               /* how long another process is waited for that has the lock */
	const struct xb_publish_listener *listener; /* borrowed; NULL: nobody is told */
	struct xb_vault *vault;
	struct xb_packs *packs;
	struct xb_metadata *metadata;
	int lock;
	struct xb_strv
	    unfinished; /* targets whose refs an earlier run moved in part, and which are still locked */
};

/*
 * Takes the lock (XB_E_TEMP when another process has it), opens the vault and
 * finishes what a crash cut short. S has its borrowed fields set. Without a
 * configuration's file, where one was used before: XB_E_USAGE.
 */
struct xb_err *xb_session_open(struct xb_session *s) XB_MUST_CHECK;
void xb_session_close(struct xb_session *s);

/* A target as it was when it was published, and is now. Zeroed is empty. */
struct xb_session_target {
	struct xb_targets found;
	const struct xb_target *target; /* in FOUND; its derived and state ids are those of now */
};
void xb_session_target_release(struct xb_session_target *t);

/*
 * Publishes the target NAME; looks again, five times at most, when staging moves meanwhile. With ADOPT takes
 * its ref over instead. XB_E_TEMP where an earlier run's publication of it can't be finished yet. OUT and AT
 * are the caller's to release in each case; AT may be NULL. MEMORY, which may be NULL: see struct
 * xb_publish_inputs.
 */
struct xb_err *xb_session_publish(struct xb_session *s, const char *name, const struct xb_publish_options *o,
				  bool adopt, struct xb_plan **memory, struct xb_publish_result *out,
				  struct xb_session_target *at) XB_MUST_CHECK;
/* Makes the list of lines and the rules in their ref what they should be, for TARGETS, all there are. */
struct xb_err *xb_session_publish_rules(struct xb_session *s, const struct xb_targets *targets) XB_MUST_CHECK;

#endif
