/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the metadata says must come before an advisory, checked against a plan. It informs; it changes none.
 */
#ifndef XB_PREREQS_H
#define XB_PREREQS_H

#include "classify/rules.h"
#include "metadata.h"
#include "plan/plan.h"

struct xb_prereqs_inputs {
	struct xb_metadata *metadata;
	const struct xb_rules *rules;
	const struct xb_plan *plan;
};

/* Appends one text for each declared need that the branch doesn't have, and for each file that can't be read.
 */
struct xb_err *xb_prereqs_check(const struct xb_prereqs_inputs *in, struct xb_strv *findings) XB_MUST_CHECK;

#endif
