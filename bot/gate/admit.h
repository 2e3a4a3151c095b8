/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the plan and the refs: how much of what could be published may be, by
 * the gates and the time. The plan knows none of these; here they are asked, and
 * what they keep back is said, with what would change it. What is published
 * already is never kept back.
 */
#ifndef XB_ADMIT_H
#define XB_ADMIT_H

#include "publish/publish.h"

struct xb_admit_inputs {
	const struct xb_publish_inputs *in;
	const struct xb_plan *plan;
	const struct xb_state *old;
	size_t n; /* picks that the plan would publish */
};

struct xb_admitted {
	bool none;              /* not even a part may be: all stays as it is */
	size_t n;               /* picks to publish */
	struct xb_whys reasons; /* why that is not all; none: it is all */
	bool attention;
	enum xb_wait wait;
	int64_t until;
	struct xb_chore chore;
	bool gate_failed;
	char *gate_log;
	char *candidate_ref; /* to be moved to `candidate`; NULL: none */
	git_oid candidate_old, candidate;
	size_t n_candidate; /* its picks */
};

/* Release OUT in each case. */
struct xb_err *xb_admit(const struct xb_admit_inputs *in, struct xb_admitted *out) XB_MUST_CHECK;
void xb_admitted_release(struct xb_admitted *a);

#endif
