/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of lines, for the commands that print or write them. */
#ifndef XB_CMD_TABLES_H
#define XB_CMD_TABLES_H

#include "cmd.h"
#include "advisories/table.h"
#include "export/cases.h"
#include "state/stateref.h"

/* A line's table with all that it is made of; zeroed is empty. */
struct xb_line_table {
	struct xb_plan *plan;
	struct xb_state state;
	struct xb_since *since;
	struct xb_table table;
};

/* What is known of advisories beside the repository, read once for all lines. Borrowed. */
struct xb_metadata *xb_env_metadata(struct xb_env *env);
/* Makes it as the options of the command say; T has a plan. Release OUT in each case. */
struct xb_err *xb_line_table_make(struct xb_env *env, const struct xb_target *t, bool hashes,
				  struct xb_line_table *out) XB_MUST_CHECK;
void xb_line_table_release(struct xb_line_table *l);

/*
 * Calls FN for each line that was named and has a plan. One that fails doesn't keep the others from their
 * turn: the first error is the result, others are logged.
 */
typedef struct xb_err *(*xb_line_fn)(struct xb_env *env, const struct xb_target *t, void *data);
struct xb_err *xb_each_line(struct xb_env *env, char *const *names, size_t n, xb_line_fn fn,
			    void *data) XB_MUST_CHECK;

/* Prints the results as --format says. */
void xb_print_cases(const struct xb_env *env, const struct xb_cases *c);

#endif
