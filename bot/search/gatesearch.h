/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prerequisites that a test finds: the plan's final tree, the candidate, fails
 * a command, and staging's own tip passes. Which few commits of the window that
 * are not in the plan make it pass?
 *
 * A set is tried as what people would do with it: each of its commits declared
 * Prerequisite-of the first security commit or repair of the plan that follows it
 * in staging (the last, where none does), a plan made with these declarations,
 * and the command run on that plan's tree. So what is found needs no other
 * check, and what its members themselves need by text comes with them.
 *
 * First the commits are added that the failing output names, round by round
 * (likely.h); where that leads nowhere, the whole window is, and made smaller
 * (reduce.h). Then each commit that can be left out is left out. Merges, excluded
 * commits and those already there are not looked at; a revert comes with what it
 * reverts. Nothing is written but verdicts.
 */
#ifndef XB_GATESEARCH_H
#define XB_GATESEARCH_H

#include "likely.h"
#include "gate/verdicts.h"
#include "plan/plan.h"
#include "sandbox/command.h"

enum xb_gate_result {
	XB_GATE_FOUND,
	XB_GATE_NOTHING_NEEDED, /* the candidate passes */
	XB_GATE_CANT_TELL,      /* about the candidate or the tip */
	XB_GATE_TIP_FAILS,      /* staging's tip fails, too: nothing in the window is known to help */
	XB_GATE_NO_PICKS,       /* the plan is empty: nothing is there that could need something */
	XB_GATE_NOT_REACHED,    /* even all commits that may be picked together don't make it pass */
};

struct xb_gate_found {
	size_t i;      /* window index */
	size_t before; /* window index of the pick that it is declared a prerequisite of */
	char *why;
};

struct xb_gate_search {
	enum xb_gate_result result;
	char *why; /* for people; NULL where the result says all */
	struct {
		struct xb_gate_found *v; /* in staging order */
		size_t n, cap;
	} found;
	struct xb_plan *plan;     /* the candidate's, with its window; owned */
	size_t tests, remembered; /* how often the command was run, and how often that was not necessary */
	git_oid tree;             /* found: of the plan with what was found */
};

struct xb_gate_inputs {
	struct xb_plan_inputs plan;
	struct xb_command command;
	struct xb_verdicts *verdicts;
	size_t max_tests;
};

/* Searches. Release OUT in each case. A signal to stop, or so many tests: XB_E_TEMP, and a next search goes
 * on from there. */
struct xb_err *xb_gate_search(const struct xb_gate_inputs *in, struct xb_gate_search *out) XB_MUST_CHECK;
void xb_gate_search_release(struct xb_gate_search *s);

#endif
