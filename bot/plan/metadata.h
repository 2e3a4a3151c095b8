/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advisories' metadata (xsaN.meta, JSON): what they say must come before them,
 * checked against a plan. They inform; they never change a plan. Traps in the
 * files, all met in real ones: Prereqs are numbers of advisories, perhaps null,
 * and may name one that has no recipe for the version, which is then not
 * affected there.
 */
#ifndef XB_METADATA_H
#define XB_METADATA_H

#include "classify/rules.h"
#include "plan.h"

struct xb_metadata_inputs {
	git_repository *repo;
	const struct xb_config *config; /* its directory of metadata; "" does nothing */
	const struct xb_rules *rules;
	const struct xb_plan *plan;
};

/* Appends one text for each declared need that the branch doesn't have, and for each file that can't be read.
 */
struct xb_err *xb_metadata_check(const struct xb_metadata_inputs *in, struct xb_strv *findings) XB_MUST_CHECK;
/* Do they say that ADVISORY has a fix on LINE? Where they say nothing, no. */
bool xb_metadata_affects(const struct xb_config *config, const char *line, const char *advisory);

#endif
