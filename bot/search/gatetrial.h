/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the search by a test: trying one set of commits. gatesearch.c decides
 * which; no one else includes this.
 */
#ifndef XB_GATETRIAL_H
#define XB_GATETRIAL_H

#include "gatesearch.h"

struct xb_gate {
	const struct xb_gate_inputs *in;
	struct xb_gate_search *out;
	git_oid test;
};

/* A commit, and the pick that it is declared to be a prerequisite of: window indices. */
struct xb_declared {
	size_t i, before;
};

struct xb_gate_outcome {
	enum xb_test verdict;
	git_oid tree;                       /* zero: there was none to be tested, the plan blocked */
	const struct xb_mentions *mentions; /* of the failing output; NULL: none. Borrowed */
};

/* Runs the command on TREE, of STORE, unless it is known what it gives. WHAT is for the log. */
struct xb_err *xb_gate_test(struct xb_gate *g, struct xb_store *store, const git_oid *tree, const char *what,
			    struct xb_gate_outcome *out) XB_MUST_CHECK;
/* Both, for a set that may block where the candidate doesn't: then nothing can be told. */
struct xb_err *xb_gate_try(struct xb_gate *g, const struct xb_declared *v, size_t n,
			   struct xb_gate_outcome *out) XB_MUST_CHECK;

#endif
