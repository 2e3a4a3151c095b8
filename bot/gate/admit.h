/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the plan and the refs: how much of what could be published may be, by
 * the gates and the time. The plan knows none of these; here they are asked, and
 * what they keep back is said, with what would change it. What is published
 * already is never kept back.
 */
#ifndef XB_ADMIT_H
#define XB_ADMIT_H

#include "classify/rules.h"
#include "os/task.h"
#include "packs/pack.h"
#include "plan/plan.h"
#include "words/reason.h"

enum xb_wait {
	XB_WAIT_NONE,   /* for nothing */
	XB_WAIT_GATE,   /* for the gate's command: `task` runs it, from its `due` on */
	XB_WAIT_TESTED, /* for a test system's answer, which is a push: see the refs of [gate] external */
	XB_WAIT_BATCH,  /* for the time when changes are published */
};

struct xb_admit_options {
	bool dry;     /* remember nothing */
	bool at_once; /* waits for no batch */
	bool retest;  /* what the gate's command gave for what is not published yet is forgotten */
	int64_t now;  /* seconds since 1970 */
};

/* All is borrowed. */
struct xb_admit_inputs {
	git_repository *repo;
	const struct xb_config *config;
	const struct xb_rules *rules;
	const struct xb_plan *plan;
	struct xb_metadata *metadata;
	struct xb_admit_options options;
	size_t n;          /* picks that the plan would publish */
	git_oid published; /* the chain's tip that is; zero: nothing is */

	/* May the plan's first N picks take the place of what is published? */
	struct xb_err *(*may_replace)(void *ctx, size_t n, bool *out);
	/* The objects of the chain of N picks that the repository may lack; *V is the caller's to free. */
	struct xb_err *(*objects)(void *ctx, size_t n, struct xb_pack_object **v, size_t *n_objects);
	void *ctx;
};

struct xb_admitted {
	bool none;              /* not even a part may be: all stays as it is */
	size_t n;               /* picks to publish */
	struct xb_whys reasons; /* why that is not all; none: it is all */
	bool attention;
	enum xb_wait wait;
	int64_t until;
	struct xb_task task;
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
