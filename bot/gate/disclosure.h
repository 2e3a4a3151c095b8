/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When advisories became public, by the project's list of them (xsa.json, in the
 * directory of metadata): those of one time are one disclosure, which appears
 * whole on a branch or not at all. The list informs; it never changes a plan.
 */
#ifndef XB_DISCLOSURE_H
#define XB_DISCLOSURE_H

#include "advisories/metadata.h"
#include "classify/rules.h"
#include "plan/plan.h"

/* Of a disclosure, a part is there, and a part is not. */
struct xb_lack {
	size_t pick;          /* the first of the plan's picks that belongs to it */
	const char *advisory; /* of that pick; borrowed from the plan */
	const char
	    *lacks; /* what the line needs as well and has not; NULL: nothing. Borrowed from the metadata */
	int64_t until; /* seconds since 1970: then nobody waits for it any more */
};

/* One whose fix never comes must not keep others from being published for longer: seconds. */
#define XB_LACK_MAX (INT64_C(24) * 3600)

/*
 * Looks for that among the picks FROM..TO of the plan P. What an advisory is to the line, where the line says
 * nothing of it, is known from its own metadata.
 */
struct xb_err *xb_disclosures_lack(struct xb_metadata *m, const struct xb_rules *rules,
				   const struct xb_plan *p, size_t from, size_t to, int64_t now,
				   struct xb_lack *out) XB_MUST_CHECK;

#endif
