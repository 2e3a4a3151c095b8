/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tables.h"
#include "advisories/across.h"
#include "os/log.h"
#include "plan/plan-json.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <stdio.h>

struct printing {
	json_t *lines; /* NULL: as text */
	struct xb_across across;
	bool *attention;
};

static void print_words(const struct xb_table_row *r)
{
	for (size_t i = 0; i < r->aliases.n; i++) {
		fputs(i ? ", " : " / ", stdout);
		xb_vis_print(r->aliases.v[i]);
	}
	if (r->title) {
		fputs(": ", stdout);
		xb_vis_print(r->title);
	}
	if (r->public_time) {
		fputs(" (public ", stdout);
		xb_vis_print(r->public_time);
		putchar(')');
	}
	putchar('\n');
	if (r->why) {
		fputs("      ", stdout);
		xb_vis_print(r->why);
		putchar('\n');
	}
}

static void print_row(const struct xb_table *t, const struct xb_table_row *r)
{
	printf("  %-15s ", xb_advisory_state_name(r->state));
	xb_vis_print(r->id);
	print_words(r);
	for (size_t i = 0; i < r->picks.n; i++) {
		const struct xb_table_pick *k = &t->picks.v[r->picks.v[i]];

		if (t->since && !k->is_new)
			continue;
		printf("      %.12s %-12s %s%s\n", xb_hex(&k->pick->derived).s, xb_role_name(k->pick->role),
		       k->file, k->published || !t->published ? "" : " (not published)");
	}
}

static void print_text(const struct xb_table *t)
{
	const struct xb_target *to = t->plan->target;
	size_t n = 0;

	for (size_t i = 0; i < t->rows.n; i++)
		n += !t->since || t->rows.v[i].is_new;
	printf("%s: %s..%.12s, %s: %zu, picks: %zu\n", to->name,
	       to->base_tag ? to->base_tag : xb_hex(&to->base).s, xb_hex(&to->tip).s,
	       t->since ? "advisories with something new" : "advisories", n, t->picks.n);
	for (size_t i = 0; i < t->rows.n; i++)
		if (!t->since || t->rows.v[i].is_new || xb_table_row_lacks(&t->rows.v[i]))
			print_row(t, &t->rows.v[i]);
}

static struct xb_err *print_line(struct xb_env *env, const struct xb_target *t, void *data)
{
	struct printing *p = data;
	struct xb_line_table l;
	struct xb_err *err = xb_line_table_make(env, t, p->lines != NULL, &l);

	if (!err && p->lines)
		json_array_append_new(p->lines, xb_table_json(&l.table));
	else if (!err)
		print_text(&l.table);
	for (size_t i = 0; !err && i < l.table.notices.n; i++)
		xb_log(XB_WARN, "%s", l.table.notices.v[i]);
	if (!err && !env->o.since)
		xb_across_add(&p->across, &l.table);
	*p->attention |= !err && xb_table_lacks(&l.table);
	xb_line_table_release(&l);
	return err;
}

static void tell_across(struct xb_env *env, const struct xb_across *a)
{
	XB_AUTOSTRV struct xb_strv notices = {0};

	xb_across_notices(a, xb_env_metadata(env), &notices);
	for (size_t i = 0; i < notices.n; i++)
		xb_log(XB_WARN, "%s", notices.v[i]);
}

struct xb_err *xb_cmd_advisories(struct xb_env *env, bool *attention)
{
	struct printing p = {env->o.format == XB_FORMAT_JSON ? json_array() : NULL, {0}, attention};
	struct xb_err *err = xb_each_line(env, env->o.args, env->o.n_args, print_line, &p);

	if (p.lines) {
		XB_AUTOFREE char *s = xb_plan_json_dump(p.lines);

		fputs(s, stdout);
	}
	tell_across(env, &p.across);
	xb_across_release(&p.across);
	return err;
}
