/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the discovery: one need under search. discover.c finds a set of commits
 * that makes it apply, shrink.c leaves out what can be left out, reasons.c says
 * what each of the rest is there for. No one else includes this.
 */
#ifndef XB_SEARCH_H
#define XB_SEARCH_H

#include "discover.h"
#include "suspects.h"
#include "trial.h"

/* Window indices, ascending. */
struct xb_set {
	size_t *v;
	size_t n, cap;
};

struct xb_search {
	struct xb_board *board;
	struct xb_meaning *meaning;
	struct xb_findings *found;
	size_t root;
	struct xb_trials trials;
	struct xb_set text;      /* found by text */
	struct xb_set meant;     /* found by meaning */
	struct xb_findings uses; /* for those: who uses what */
};

bool xb_set_has(const struct xb_set *s, size_t i);
void xb_set_add(struct xb_set *s, size_t i);
void xb_set_drop(struct xb_set *s, size_t i);
void xb_set_copy(struct xb_set *to, const struct xb_set *from);
void xb_set_release(struct xb_set *s);

/* Adds I to TO with what it reverts and what reverts it: they come together or not at all. */
void xb_search_unit(const struct xb_search *s, size_t i, struct xb_set *to);
/* The bundle of the root, what was found by meaning, and TEXT, closed. B is emptied first. */
struct xb_err *xb_search_compose(struct xb_search *s, const struct xb_set *text,
				 struct xb_bundle *b) XB_MUST_CHECK;
/* Tries that bundle; B keeps it. */
struct xb_err *xb_search_try(struct xb_search *s, const struct xb_set *text, struct xb_bundle *b,
			     struct xb_outcome *out) XB_MUST_CHECK;

/* S->text applies. Leaves out what can be left out. *SPENT: the budget did not suffice. */
struct xb_err *xb_shrink(struct xb_search *s, bool *spent) XB_MUST_CHECK;
/* Makes what is there apply, with as little as possible. Not *DONE: it can't be, or (*SPENT) not within the
 * budget. */
struct xb_err *xb_search_text(struct xb_search *s, bool *done, bool *spent) XB_MUST_CHECK;
/* Makes B what was found, and tries it, for its tree. */
struct xb_err *xb_search_finish(struct xb_search *s, struct xb_bundle *b, struct xb_attempt *a) XB_MUST_CHECK;
/*
 * B applies and gives A's tree. Adds what its members use and lack, and what
 * that needs by text, until nothing new comes; B and A are then the result.
 */
struct xb_err *xb_search_meaning(struct xb_search *s, struct xb_bundle *b,
				 struct xb_attempt *a) XB_MUST_CHECK;
/* Says for each commit of S->text what needs it; adds to what was found. */
struct xb_err *xb_findings_reasons(struct xb_search *s) XB_MUST_CHECK;
struct xb_finding *xb_findings_add(struct xb_findings *f, size_t i, size_t need, enum xb_evidence_kind kind);

#endif
