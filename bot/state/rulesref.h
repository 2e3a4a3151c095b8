/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refs/xsabot/rules: what the bot keeps, and by which rules, so that a clone can
 * recompute all of it without a configuration of its own. A commit on top of the
 * last one, whose tree has
 *	rules	what all may know of the configuration, as a configuration
 *		(xb_config_dump_public)
 *	lines	for each derived ref "NAME WORD REF"; WORD is kept, frozen where
 *		it is no longer moved, or ended where a person said so
 *
 * The bot writes it and never believes it. Which commit it wrote is in STATE/rules.
 */
#ifndef XB_RULESREF_H
#define XB_RULESREF_H

#include "config/config.h"
#include "lines/lines.h"
#include "publish/vault.h"

/* The id of its publications; no target's name. */
#define XB_RULES_REF_ID "+rules"

/* Makes the ref what it should be, for TARGETS, all there are. Nothing is written where it is, or for none.
 */
struct xb_err *xb_rules_ref_publish(struct xb_vault *v, const struct xb_config *c,
				    const struct xb_targets *targets) XB_MUST_CHECK;
/* The commit that was written last; zero: none is known. */
struct xb_err *xb_rules_ref_written(const char *state_dir, git_oid *out) XB_MUST_CHECK;
/*
 * The configuration that is published in REPO, in a clone also as its origin's; *OUT is NULL where there is
 * none. Nothing in it but what xb_config_dump_public says: whoever wrote the ref can't name a file of
 * this host, or a program. What can't be read is an error that names the ref.
 */
struct xb_err *xb_rules_ref_read(git_repository *repo, struct xb_config **out) XB_MUST_CHECK;

#endif
