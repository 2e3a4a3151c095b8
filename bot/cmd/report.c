/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report: what such branches were, or would have been, from each release to the next. */
#include "report/claims.h"

#include "tables.h"

#include <stdio.h>

static void print_csv(void *data, const struct xb_report_window *w)
{
	const struct xb_report_count *c = &w->count;

	(void)data;
	printf("%s,%s,%s,%zu,%zu,%.1f,%zu,%zu,%zu,%zu,%zu,%zu,%zu,%zu\n", w->line, w->from, w->to, c->commits,
	       c->security, xb_report_share(c->security, c->commits), c->advisories, c->prerequisites,
	       c->follow_ups, c->picks, c->blocked, c->alone, c->definitions, c->mixtures);
}

static void print_text(void *data, const struct xb_report_window *w)
{
	const struct xb_report_count *c = &w->count;

	(void)data;
	printf("%-18s %-18s %7zu %8zu %4.0f%% %10zu %13zu %10zu %5zu %8zu%s\n", w->from, w->to, c->commits,
	       c->security, xb_report_share(c->security, c->commits), c->advisories, c->prerequisites,
	       c->follow_ups, c->picks, c->mixtures, c->blocked ? "  blocked" : "");
}

static void print_sum(const struct xb_report_count *c)
{
	printf("\nwindows: %zu; commits: %zu, of them security fixes: %zu (%.0f %%); windows with fewer than "
	       "half: %zu\n",
	       c->windows, c->commits, c->security, xb_report_share(c->security, c->commits), c->minority);
	printf("prerequisites: %zu, for %zu advisories (%.2f each); windows with at most %d: %zu\n",
	       c->prerequisites, c->advisories,
	       c->advisories ? (double)c->prerequisites / (double)c->advisories : 0.0, XB_REPORT_BEARABLE,
	       c->bearable);
	printf("follow-ups: %zu; windows that end in a block: %zu\n", c->follow_ups, c->blocked);
}

static void print_years(const struct xb_report *r, struct xb_metadata *metadata)
{
	struct xb_report_years years = {0};

	xb_report_by_year(r, metadata, &years);
	printf("\n%-4s %7s %8s %13s %10s %8s %10s %5s %18s\n", "year", "windows", "security", "prerequisites",
	       "advisories", "mixtures", "disclosed", "dates", "lines an advisory");
	for (size_t i = 0; i < years.n; i++) {
		const struct xb_report_year *y = &years.v[i];

		printf("%-4d %7zu %7.0f%% %13zu %10zu %8zu %10zu %5zu %18.1f\n", y->year, y->count.windows,
		       xb_report_share(y->count.security, y->count.commits), y->count.prerequisites,
		       y->count.advisories, y->count.mixtures, y->disclosed, y->dates,
		       y->disclosed ? (double)y->lines / (double)y->disclosed : 0.0);
	}
	free(years.v);
}

static void print_claims(const struct xb_report *r, struct xb_metadata *metadata)
{
	XB_AUTOSTRV struct xb_strv claims = {0};

	xb_report_claims(r, metadata, &claims);
	putchar('\n');
	for (size_t i = 0; i < claims.n; i++)
		puts(claims.v[i]);
}

struct xb_err *xb_cmd_report(struct xb_env *env, bool *attention)
{
	struct xb_target_options to = {.remote = true};
	XB_AUTO(xb_targets_release) struct xb_targets targets = {0};
	XB_AUTO(xb_report_release) struct xb_report r = {0};
	bool csv = env->o.format == XB_FORMAT_CSV;
	struct xb_report_inputs in = {.repo = env->repo,
				      .config = env->config,
				      .rules = env->rules,
				      .targets = &targets,
				      .options = env->o.plan,
				      .each = csv ? print_csv : print_text};

	(void)attention;
	XB_TRY(xb_targets_find(env->repo, env->config, env->o.args, env->o.n_args, &to, &targets));
	if (csv)
		puts("line,base,tip,commits,security,share,advisories,prerequisites,follow_ups,picks,blocked,"
		     "alone,"
		     "definitions,mixtures");
	else
		printf("%-18s %-18s %7s %8s %5s %10s %13s %10s %5s %8s\n", "from", "to", "commits",
		       "security", "share", "advisories", "prerequisites", "follow-ups", "picks", "mixtures");
	XB_TRY(xb_report_make(&in, &r));
	if (!csv && r.sum.windows) {
		print_sum(&r.sum);
		print_years(&r, xb_env_metadata(env));
		print_claims(&r, xb_env_metadata(env));
	}
	return NULL;
}
