/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the roles share; only for roles.c, which says what a commit
 * is, roles-repairs.c, which reads what it repairs, and roles-explain.c, which
 * tells people why.
 */
#ifndef XB_ROLES_IMPL_H
#define XB_ROLES_IMPL_H

#include "planner.h"

/* An annotation names an advisory, or a commit: 7 hex digits or more. */
static inline bool xb_looks_like_id(const char *s)
{
	size_t n = strspn(s, "0123456789abcdef");

	return n >= 7 && n <= GIT_OID_HEXSZ && !s[n];
}

/* Where an annotation stands, as evidence. */
static inline enum xb_evidence_kind xb_source_evidence(enum xb_source l)
{
	return l == XB_BY_CONFIG    ? XB_EV_CONFIG
	       : l == XB_BY_NOTE    ? XB_EV_NOTE
	       : l == XB_BY_TRAILER ? XB_EV_TRAILER
				    : XB_EV_TAG;
}

/* Frees what R owns. */
void xb_repairs_free(struct xb_repairs *r);
/* What the message of commit I says that it repairs: "Fixes:", reverts, "followup to XSA-1". */
struct xb_err *xb_repairs_of_message(struct xb_planner *p, size_t i) XB_MUST_CHECK;
/* Its subject says that it repairs the fix of an advisory: "fix XSA-1 fix". */
struct xb_err *xb_repairs_of_subject(struct xb_planner *p, size_t i) XB_MUST_CHECK;
/* Does commit I change mostly lines that the picks so far added? */
struct xb_err *xb_repairs_by_lines(struct xb_planner *p, size_t i, bool *out) XB_MUST_CHECK;
/* Says in OUT which of the picks so far those are. */
void xb_repairs_explain_lines(struct xb_planner *p, size_t i, struct xb_plan_pick *out);
/* Follow-up-to: an advisory, or a commit of the window or of the base. */
struct xb_err *xb_repairs_of_words(struct xb_planner *p, size_t i) XB_MUST_CHECK;

#endif
