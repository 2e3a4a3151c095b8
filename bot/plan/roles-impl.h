/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the roles share; only for roles.c, which says what a commit
 * is, roles-repairs.c, which reads what it repairs, and explain.c, which tells
 * people why.
 */
#ifndef XB_ROLES_IMPL_H
#define XB_ROLES_IMPL_H

#include "planner.h"

/* Where an annotation stands, as evidence. */
static inline enum xb_evidence_kind xb_source_evidence(enum xb_source l)
{
	return l == XB_BY_CONFIG    ? XB_EV_CONFIG
	       : l == XB_BY_NOTE    ? XB_EV_NOTE
	       : l == XB_BY_TRAILER ? XB_EV_TRAILER
				    : XB_EV_TAG;
}

/* What the message of commit I says that it repairs: "Fixes:", reverts, "followup to XSA-1". */
struct xb_err *xb_repairs_of_message(struct xb_planner *p, size_t i) XB_MUST_CHECK;
/* Its subject says that it repairs the fix of an advisory: "fix XSA-1 fix". */
struct xb_err *xb_repairs_of_subject(struct xb_planner *p, size_t i) XB_MUST_CHECK;
/* Follow-up-to: an advisory, or a commit of the window or of the base. */
struct xb_err *xb_repairs_of_words(struct xb_planner *p, size_t i) XB_MUST_CHECK;

#endif
