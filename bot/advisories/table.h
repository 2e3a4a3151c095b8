/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of a line: its advisories, each with its state and why, and the picks
 * as who takes the branch wants to have them. All that is printed for others (the
 * commands, exports, the state's advisories.json) is made of this. Texts are
 * untrusted.
 */
#ifndef XB_ADVISORIES_TABLE_H
#define XB_ADVISORIES_TABLE_H

#include "metadata.h"
#include "names.h"
#include "plan/plan.h"
#include "since.h"

#include <jansson.h>

struct xb_table_pick {
	const struct xb_plan_pick *pick; /* borrowed from the plan */
	git_oid staging;
	const char *origin; /* the main branch's commit, as the message has it; NULL; borrowed */
	char *file;
	char *sha256, *sha512; /* of the file; NULL: they were not wanted */
	bool published;        /* as far as can be told */
	bool is_new;           /* not in what was packaged */
};

struct xb_table_row {
	char *id;
	struct xb_strv aliases;
	char *title, *public_time; /* NULL: not known */
	int64_t issue;             /* 0: not known */
	enum xb_advisory_state state;
	char *why;              /* NULL: there is nothing to say */
	struct xb_strv commits; /* full ids: of the stable branch, or of the base */
	struct {
		size_t *v; /* indices of picks */
		size_t n, cap;
	} picks;
	bool is_new;
};

/* An advisory that the base has. */
struct xb_table_fix {
	char *id;
	struct xb_strv aliases, commits;
};

struct xb_table {
	const struct xb_plan *plan; /* borrowed */
	struct {
		struct xb_table_row *v;
		size_t n, cap;
	} rows; /* those of the plan, those that are missing, those of the base */
	struct {
		struct xb_table_pick *v;
		size_t n, cap;
	} picks; /* as many as the plan has, in its order */
	struct {
		struct xb_table_fix *v;
		size_t n, cap;
	} base;
	struct xb_strv notices; /* what a person should look at */
	bool since;             /* `is_new` says something */
	bool published;         /* so does `published` */
};

struct xb_table_inputs {
	const struct xb_plan *plan;
	const struct xb_rules *rules;
	struct xb_metadata *metadata; /* NULL: none is wanted */
	size_t n_published;           /* picks; SIZE_MAX: not known */
	const char *stopped;          /* why the rest waits; NULL */
	struct xb_since *since;       /* NULL: everything is wanted */
	enum xb_names_style names;
	bool hashes;
	bool not_here; /* rows for what the metadata says is for other lines, too */
	/*
	 * What xb_table_json gave before, or NULL: what can't have changed since is taken from there.
	 */
	const json_t *before;
};

/* Release OUT in each case; it borrows the plan. */
struct xb_err *xb_table_make(const struct xb_table_inputs *in, struct xb_table *out) XB_MUST_CHECK;
void xb_table_release(struct xb_table *t);
/* The table as JSON, as `advisories --format=json` has it for a line. */
json_t *xb_table_json(const struct xb_table *t);
/*
 * What the metadata says of the advisory ID, of which LINE has no commit: missing, or not for this line.
 * False: nothing.
 */
bool xb_table_absent(struct xb_metadata *m, const char *line, const char *id, enum xb_advisory_state *state);
/* Does the line lack something of it that it should have? That is for a person to look at. */
bool xb_table_row_lacks(const struct xb_table_row *r);
bool xb_table_lacks(const struct xb_table *t);

/* ---- for its parts ---- */

/* Fills T's list of what the base has, from BEFORE where that is of the same base and rules. */
struct xb_err *xb_table_list_base(const struct xb_table_inputs *in, struct xb_table *t) XB_MUST_CHECK;
/* The hashes that BEFORE has of the commit DERIVED. False: none. */
bool xb_table_known_hashes(const json_t *before, const git_oid *derived, char **sha256, char **sha512);

#endif
