/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check: do the advisories that came since a line's release apply on it? */
#include "tables.h"
#include "export/cases.h"
#include "repo/git.h"

#include <stdio.h>

/* What was picked before the advisory's own commits, one a line. */
static void add_needs(const struct xb_line_table *l, const struct xb_table_row *r, struct xb_buf *why)
{
	for (size_t i = 0; i < r->picks.n; i++) {
		const struct xb_table_pick *k = &l->table.picks.v[r->picks.v[i]];

		if (k->pick->role == XB_ROLE_PREREQUISITE)
			xb_buf_addf(why, "with %.12s %s\n", xb_hex(&k->staging).s,
				    k->pick->subject ? k->pick->subject : "");
	}
}

static void check_row(const struct xb_line_table *l, const struct xb_table_row *r, struct xb_cases *out)
{
	const char *line = l->plan->target->name;
	enum xb_case_result result = XB_CASE_OK;
	XB_AUTOBUF struct xb_buf why = XB_BUF_INIT;

	if (r->state == XB_ADV_IN_BASE)
		return;
	if (xb_table_row_lacks(r))
		result = XB_CASE_FAILED;
	else if (r->state != XB_ADV_APPLIED && r->state != XB_ADV_WAITING)
		result = XB_CASE_SKIPPED;
	if (result != XB_CASE_OK || r->state != XB_ADV_APPLIED)
		xb_buf_addf(&why, "%s%s%s\n", xb_advisory_state_name(r->state), r->why ? ": " : "",
			    r->why ? r->why : "");
	for (size_t i = 0; result == XB_CASE_FAILED && i < l->plan->blocked.n; i++)
		for (size_t k = 0; k < l->plan->blocked.v[i].candidates.n; k++)
			if (xb_strv_has(&l->plan->blocked.v[i].advisories, r->id))
				xb_buf_addf(&why, "may settle it: %s\n",
					    l->plan->blocked.v[i].candidates.v[k]);
	add_needs(l, r, &why);
	xb_cases_add(out, line, r->id, result, why.n ? why.p : NULL);
}

static struct xb_err *check_line(struct xb_env *env, const struct xb_target *t, void *data)
{
	struct xb_cases *cases = data;
	struct xb_line_table l;
	struct xb_err *err = xb_line_table_make(env, t, false, &l);
	size_t before = cases->n;

	for (size_t i = 0; !err && i < l.table.rows.n; i++)
		check_row(&l, &l.table.rows.v[i], cases);
	if (!err && cases->n == before)
		xb_cases_add(cases, t->name, t->base_tag ? t->base_tag : "the base", XB_CASE_OK,
			     "no advisory came since");
	xb_line_table_release(&l);
	return err;
}

void xb_print_cases(const struct xb_env *env, const struct xb_cases *c)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;

	xb_cases_print(c,
		       env->o.format == XB_FORMAT_TAP     ? XB_CASES_TAP
		       : env->o.format == XB_FORMAT_JUNIT ? XB_CASES_JUNIT
							  : XB_CASES_TEXT,
		       &text);
	fwrite(text.p ? text.p : "", 1, text.n, stdout);
}

struct xb_err *xb_cmd_check(struct xb_env *env, bool *attention)
{
	struct xb_cases cases = {0};
	struct xb_err *err = xb_each_line(env, env->o.args, env->o.n_args, check_line, &cases);

	/* What is known is printed in any case: a test system would take nothing for a success. */
	if (err)
		xb_cases_add(&cases, "all", "every line can be looked at", XB_CASE_FAILED, err->msg);
	xb_print_cases(env, &cases);
	*attention |= xb_cases_failed(&cases);
	xb_cases_release(&cases);
	return err;
}
