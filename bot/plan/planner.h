/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the planning: what its parts share. plan.c walks, roles.c says what a
 * commit of the window is, bundle.c says what must come with it and tries it.
 * No one else includes this.
 */
#ifndef XB_PLANNER_H
#define XB_PLANNER_H

#include "clash.h"
#include "discover/owners.h"
#include "names.h"
#include "past.h"
#include "plan.h"
#include "util/hashmap.h"

enum xb_fate {
	XB_FATE_NONE, /* not in the branch */
	XB_FATE_PICKED,
	XB_FATE_EMPTY, /* was there already */
	XB_FATE_EXCLUDED,
	XB_FATE_PENDING,  /* security or follow-up, set aside because it doesn't apply */
	XB_FATE_REVERTED, /* was pending, and staging reverted it */
};

/* What a commit repairs: a commit of the window, a fix that the base has, or an advisory as a whole. */
struct xb_repairs {
	enum xb_evidence_kind kind;
	size_t window; /* index, or SIZE_MAX */
	git_oid oid;   /* of the commit; zero for an advisory */
	char *advisory;
	struct xb_strv advisories; /* of what is repaired */
	bool reverts;              /* wholly */
	char *words;               /* that say so, for people */
};

struct xb_candidate {
	struct xb_words words;
	bool tagged;               /* security by tag or annotation, and not excluded */
	bool excluded;             /* or withdrawn */
	struct xb_strv advisories; /* of a tagged or excluded one */
	struct xb_strv aliases;
	struct {
		struct xb_repairs *v;
		size_t n, cap;
	} repairs;
	size_t undoes; /* the commit of the window that it reverts wholly, by its message; SIZE_MAX: none */
	struct {
		size_t *v; /* window indices of what its "Cc: stable # line: id" names */
		size_t n, cap;
	} declared;
	struct xb_owners owners; /* see owners.h; whose lines it changes */
	bool owners_known;
	struct xb_base_owners base_owners; /* of one that repairs fixes of the base */
	struct {
		size_t *v; /* window indices of those that change lines of it */
		size_t n, cap;
	} changers;
	size_t changers_upto; /* commits before this one were looked at */
	size_t part_of;       /* the picked fix whose series it goes on with; SIZE_MAX: none */
	bool optional;        /* wanted by a guess: left out, and told, where it doesn't apply */
	bool alone;           /* by one that may bring no other commits along */
	enum xb_fate fate;
	size_t pick;               /* index in the plan, for XB_FATE_PICKED */
	struct xb_clashes clashes; /* of its last pick that failed */
};

/* What a plan was made of, beside what the plan itself says. */
struct xb_made_of {
	git_oid base;
	char *base_tag; /* or NULL */
	struct xb_plan_options options;
};

struct xb_planner {
	const struct xb_plan_inputs *in; /* while the plan is made */
	struct xb_plan *plan;
	struct xb_notes notes;
	struct xb_candidate *c; /* one for each commit of the window */
	struct xb_names *names; /* of the window's commits up to the walk's place */
	struct xb_past *past;
	size_t at;   /* the walk's place: commits up to this one may be looked at */
	git_oid tip; /* tree of the chain so far */
	struct xb_strv base_advisories;
	bool base_advisories_known;
	struct xb_discovery *discovery;       /* see discover.h; NULL until needed */
	struct xb_meaning *meaning;           /* see meaning.h; NULL until needed */
	struct xb_changed_defs *changed_defs; /* see changes.h; NULL until needed */
	struct xb_twins *twins;               /* see twins.h; NULL until needed */
	struct xb_hashmap touched;            /* hashes of the paths of the picks before touched_upto */
	size_t touched_upto;
	struct xb_made_of made_of;
	uint64_t work; /* that searches did: see discover.h */
	size_t warned; /* warnings of the walk; those after them are of the end */
};

/*
 * *DONE: BEFORE, a folded plan, has the same inputs, and staging goes on from
 * its tip; its decisions are taken over, and the walk goes on at *FROM. Else, as
 * where BEFORE is NULL, nothing is changed.
 */
struct xb_err *xb_plan_take_over(struct xb_planner *p, struct xb_plan *before, bool *done,
				 size_t *from) XB_MUST_CHECK;
void xb_planner_free(struct xb_planner *p);
/* The walk is over: lists the advisories, how much may be published, and what looks mistyped. */
struct xb_err *xb_plan_sum_up(struct xb_planner *p) XB_MUST_CHECK;

/* Reads words and tags of commit I, which makes it known by its names. Call in staging order. */
struct xb_err *xb_roles_read(struct xb_planner *p, size_t i) XB_MUST_CHECK;
/* Is the commit, by what was picked so far, to be picked now? *ROLE says as what. */
struct xb_err *xb_roles_decide(struct xb_planner *p, size_t i, bool *wanted,
			       enum xb_role *role) XB_MUST_CHECK;
/* Is what R names in the branch or in the base? */
struct xb_err *xb_roles_holds(struct xb_planner *p, const struct xb_repairs *r, bool *out) XB_MUST_CHECK;
/* Does VALUE (an advisory or a commit id) name commit I? FIRST: advisories count only before their first
 * pick. */
bool xb_roles_names(const struct xb_planner *p, const char *value, size_t i, bool first);
void xb_candidate_release(struct xb_candidate *c);

/* Fills in role, reasons and texts of a pick. NEEDED_BY: the window index it is a need of, or SIZE_MAX. */
struct xb_err *xb_roles_explain(struct xb_planner *p, size_t i, size_t needed_by,
				struct xb_plan_pick *out) XB_MUST_CHECK;

/* A set of window indices, ascending; each with the one it is needed by (itself: for its own sake). */
struct xb_bundle {
	struct xb_bundle_item {
		size_t i, needed_by;
	} * v;
	size_t n, cap;
};

/* How trying a bundle went. */
struct xb_attempt {
	size_t failed;       /* position in the bundle; SIZE_MAX: all apply */
	size_t lacks;        /* failed: by its need of this commit, which was withdrawn; SIZE_MAX: none */
	bool spent;          /* failed: the search for what it needs was given up, its budget being spent */
	git_oid tree;        /* all apply: the resulting tree */
	git_oid onto;        /* failed: the tree that the pick met */
	struct xb_pick pick; /* failed: how */
};

/* Version 2 of the rules looks for all of a fix: its series, silent repairs, changed definitions. */
static inline bool xb_finds_whole(const struct xb_planner *p)
{
	return p->plan->rules_version >= 2;
}

/* Adds to B what repairs its member M without saying so, among what came up so far. */
struct xb_err *xb_repairs_of_lines(struct xb_planner *p, struct xb_bundle *b, size_t m) XB_MUST_CHECK;

bool xb_bundle_has(const struct xb_bundle *b, size_t i);
/* May commit I still be taken into B? Not what is in the branch, excluded or reverted. */
bool xb_bundle_free_to_take(const struct xb_planner *p, const struct xb_bundle *b, size_t i);
struct xb_bundle_item *xb_bundle_add(struct xb_bundle *b, size_t i, size_t needed_by);
void xb_bundle_copy(struct xb_bundle *to, const struct xb_bundle *from);
void xb_bundle_release(struct xb_bundle *b);
/* Adds what the members are declared to need, and what repairs them, until nothing is missing. */
struct xb_err *xb_bundle_close(struct xb_planner *p, struct xb_bundle *b) XB_MUST_CHECK;
/* Sets *DOUBT (owned) where what is to be picked in place of commit I can't be. */
struct xb_err *xb_bundle_check_source(struct xb_planner *p, size_t i, char **doubt) XB_MUST_CHECK;
/* Picks commit I of the window, or its replacement, onto the tree TIP. */
struct xb_err *xb_bundle_pick(struct xb_planner *p, size_t i, const git_oid *tip,
			      struct xb_pick *out) XB_MUST_CHECK;
/* Picks all in order onto the chain so far. OUT->pick is the caller's to release where it failed. */
struct xb_err *xb_bundle_try(struct xb_planner *p, const struct xb_bundle *b,
			     struct xb_attempt *out) XB_MUST_CHECK;
struct xb_plan_left *xb_left_out(struct xb_planner *p, size_t i, enum xb_left_reason reason, char *why);
void xb_plan_pick_release(struct xb_plan_pick *k);

/*
 * Tries commit I with all it needs and all that repairs those. *DONE true: the
 * picks were appended. False: BLOCKED, zeroed before, says why, without candidates; the plan is unchanged.
 */
struct xb_err *xb_bundle_append(struct xb_planner *p, size_t i, bool *done,
				struct xb_plan_blocked *blocked) XB_MUST_CHECK;
/*
 * Must xb_bundle_append of commit I fail, which was tried before? *OUT false: it
 * may not, or only trying it tells.
 */
struct xb_err *xb_bundle_must_fail(struct xb_planner *p, size_t i, bool *out) XB_MUST_CHECK;

#endif
