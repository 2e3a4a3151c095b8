/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state ref of a target: what was published, and from what, so that
 * anyone can recompute it and the next run knows its own work from a stranger's.
 * A commit, on top of the last state, whose tree has
 *	state.json	ids of all inputs, the published value, where it stopped and why
 *	plan.json	the plan, as `plan --format=json` prints it
 *	advisories.json	their table, as `advisories --format=json` prints it, without what is known of them
 *			beside the repository
 *	rules		the rules in force, as a configuration (config.h)
 */
#ifndef XB_STATEREF_H
#define XB_STATEREF_H

#include "odb/store.h"
#include "plan/plan.h"

#include <jansson.h>

/* A pick of the published chain, as the state remembers it. */
struct xb_state_pick {
	git_oid commit, replaces, derived;
	enum xb_role role;
	struct xb_strv advisories, fixes;
	char *subject;
};

struct xb_state {
	git_oid commit;    /* of the state ref; zero: none was read */
	char *derived_ref; /* its full name */
	git_oid published; /* the derived ref's value */
	git_oid chain_tip; /* of the chain under it; zero: adopted, so not known */
	git_oid base;
	char *base_tag; /* NULL: none */
	git_oid tip;
	char *tip_ref; /* NULL: not recorded */
	char *ended;   /* why the target came to its end; NULL: it hasn't */
	int64_t ended_at;
	git_oid notes; /* zero: there was no notes ref */
	char *rules;   /* the text */
	char *git;     /* its version, where it decided picks of the chain; NULL: it didn't */
	unsigned rules_version;
	char *stopped; /* why the published chain is shorter than the plan; NULL: it isn't */
	struct {
		struct xb_state_pick *v;
		size_t n, cap;
	} picks; /* of the published chain */
};

/* Reads the state commit AT. What has not this form is XB_E_HOSTILE. Release OUT in each case. */
struct xb_err *xb_state_read(struct xb_store *s, const git_oid *at, struct xb_state *out) XB_MUST_CHECK;
/* Fills OUT, but for its commit and its rules, from what is in state.json. What is wrong with that, or NULL.
 */
const char *xb_state_parse(const json_t *o, struct xb_state *out);
/* The files of the state commit AT; borrowed from S. */
struct xb_err *xb_state_files(struct xb_store *s, const git_oid *at, struct xb_obj **state,
			      struct xb_obj **rules) XB_MUST_CHECK;
/*
 * The table of advisories in the state commit AT: *LINE, within *ROOT, which is the caller's; both NULL where
 * there is none.
 */
struct xb_err *xb_state_table(struct xb_store *s, const git_oid *at, json_t **root,
			      const json_t **line) XB_MUST_CHECK;
void xb_state_release(struct xb_state *s);
/*
 * The version of the rules that T's next plan is made by, where the configuration
 * leaves it open: as recorded in S, so that new algorithms come with a new release;
 * the newest where nothing is recorded, or on another base.
 */
unsigned xb_state_version_for(const struct xb_state *s, const struct xb_config *config,
			      const struct xb_target *t);
/* The same, as the state ref records it. */
struct xb_err *xb_state_rules_version(git_repository *repo, const struct xb_config *config,
				      const struct xb_target *t, unsigned *out) XB_MUST_CHECK;

/*
 * The picks of P that are the published chain S: its first N. False: that chain is no part of P, as after
 * `adopt`, or once history changed; then N is 0.
 */
bool xb_state_is_part(const struct xb_state *s, const struct xb_plan *p, size_t *n);
/* Marks the advisories that have a fix in P after its first N picks as waiting. */
void xb_state_mark_waiting(struct xb_plan *p, size_t n);
/*
 * What a gate or a batch keeps back is not in a plan, which knows neither. Where S
 * was made of the same inputs as P: marks it there, and gives the reason; else
 * NULL. Borrowed.
 */
const char *xb_state_waiting(const struct xb_state *s, struct xb_plan *p);

struct xb_state_new {
	const struct xb_plan *plan;
	const struct xb_config *config;
	const struct xb_rules *rules;
	const struct xb_state *old; /* the state so far; its commit may be zero */
	git_oid published;
	size_t n_published; /* picks of the plan in the published chain */
	int64_t time;       /* committer date of the published value */
	const char *stopped;
	const struct xb_state *adopted; /* keeps these picks and no chain tip, for adopt; or NULL */
};

/*
 * Makes the state's objects in the plan's store. *OUT is the state commit: the
 * old one when nothing in it would change.
 */
struct xb_err *xb_state_make(const struct xb_state_new *in, git_oid *out) XB_MUST_CHECK;
/*
 * A state commit's parents are the state before it and, last, the published value: so whoever moves the
 * derived ref away does not leave that to git's garbage collection. Earlier versions made it without.
 */
git_oid xb_state_before(const struct xb_commit *c); /* zero: C is the first */
git_oid xb_state_holds(const struct xb_commit *c);  /* zero: nothing */

#endif
