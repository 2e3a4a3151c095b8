/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report: what such branches were, or would have been, from each release to the next. */
#include "cmd.h"

#include "config/refpat.h"
#include "lines/releases.h"
#include "odb/git.h"
#include "util/alloc.h"
#include "util/log.h"

#include <stdio.h>

enum { BEARABLE = 6 /* prerequisites in a window that packagers call bearable */ };

struct count {
	size_t windows, commits, security, advisories, prerequisites, follow_ups, picks, blocked;
	size_t minority, bearable; /* windows: security is less than a half; few prerequisites */
};

struct reporting {
	struct xb_env *env;
	struct count sum;
};

static void count_plan(const struct xb_plan *p, struct count *c)
{
	*c = (struct count){.windows = 1, .commits = p->window.n, .picks = p->picks.n};
	for (size_t i = 0; i < p->picks.n; i++) {
		c->security += p->picks.v[i].role == XB_ROLE_SECURITY;
		c->prerequisites += p->picks.v[i].role == XB_ROLE_PREREQUISITE;
		c->follow_ups += p->picks.v[i].role == XB_ROLE_FOLLOW_UP;
	}
	c->advisories = p->advisories.n;
	c->blocked = p->blocked.n;
	c->minority = 2 * c->security < c->commits;
	c->bearable = c->prerequisites <= BEARABLE;
}

static void add(struct count *to, const struct count *c)
{
	to->windows += c->windows;
	to->commits += c->commits;
	to->security += c->security;
	to->advisories += c->advisories;
	to->prerequisites += c->prerequisites;
	to->follow_ups += c->follow_ups;
	to->picks += c->picks;
	to->blocked += c->blocked;
	to->minority += c->minority;
	to->bearable += c->bearable;
}

static double share(size_t part, size_t of)
{
	return of ? 100.0 * (double)part / (double)of : 0;
}

static void print(const struct reporting *r, const struct xb_target *t, const char *tip,
		  const struct count *c)
{
	if (r->env->o.format == XB_FORMAT_CSV)
		printf("%s,%s,%s,%zu,%zu,%.1f,%zu,%zu,%zu,%zu,%zu\n", t->line, t->base_tag, tip, c->commits,
		       c->security, share(c->security, c->commits), c->advisories, c->prerequisites,
		       c->follow_ups, c->picks, c->blocked);
	else
		printf("%-18s %-18s %7zu %8zu %4.0f%% %10zu %13zu %10zu %5zu%s\n", t->base_tag, tip,
		       c->commits, c->security, share(c->security, c->commits), c->advisories,
		       c->prerequisites, c->follow_ups, c->picks, c->blocked ? "  blocked" : "");
}

static const char *short_name(const char *ref)
{
	return strncmp(ref, "refs/tags/", 10) ? ref : ref + 10;
}

static struct xb_err *report_window(struct reporting *r, const struct xb_target *line,
				    const struct xb_release *from, const git_oid *to, const char *tip)
{
	struct xb_target t = *line;
	struct xb_plan_inputs in = {.repo = r->env->repo,
				    .config = r->env->config,
				    .rules = r->env->rules,
				    .target = &t,
				    .options = r->env->o.plan};
	XB_AUTOFREE char *tag = xb_strdup(short_name(from->ref));
	struct xb_plan *p = NULL;
	struct xb_err *err;
	struct count c;
	bool before = false;

	XB_TRY(xb_is_ancestor(r->env->repo, &from->commit, to, &before));
	if (!before || git_oid_equal(&from->commit, to))
		return NULL;
	t.base = from->commit;
	t.base_tag = tag;
	t.tip = *to;
	t.window = true;
	err = xb_plan_make(&in, &p);
	if (!err) {
		count_plan(p, &c);
		print(r, &t, tip, &c);
		add(&r->sum, &c);
	}
	xb_plan_free(p);
	return err ? xb_err_wrap(err, "%s..%s", tag, tip) : NULL;
}

/* A window that can't be planned is told; the others are there. */
static void tell(struct xb_err *err)
{
	if (err)
		xb_log(XB_WARN, "%s", err->msg);
	xb_err_free(err);
}

static struct xb_err *report_line(struct reporting *r, const struct xb_target *t)
{
	struct xb_refnames refs = {.repo = r->env->repo};
	XB_AUTORELEASES struct xb_releases all = {0};
	XB_AUTOREFPAT struct xb_refpat *pat = NULL;

	XB_TRY(xb_refpat_compile(t->conf->release, 0, XB_REFPAT_ANY, &pat));
	XB_TRY(xb_releases_find(&refs, pat, t->line, &all));
	for (size_t i = 0; i + 1 < all.n; i++)
		if (!all.v[i].trouble && !all.v[i + 1].trouble)
			tell(report_window(r, t, &all.v[i], &all.v[i + 1].commit,
					   short_name(all.v[i + 1].ref)));
	if (all.n && !all.v[all.n - 1].trouble && t->tip_ref)
		tell(report_window(r, t, &all.v[all.n - 1], &t->tip, t->tip_ref));
	return NULL;
}

static void print_sum(const struct count *c)
{
	if (!c->windows)
		return;
	printf("\nwindows: %zu; commits: %zu, of them security fixes: %zu (%.0f %%); windows with fewer than "
	       "half: %zu\n",
	       c->windows, c->commits, c->security, share(c->security, c->commits), c->minority);
	printf("prerequisites: %zu, for %zu advisories (%.2f each); windows with at most %d: %zu\n",
	       c->prerequisites, c->advisories,
	       c->advisories ? (double)c->prerequisites / (double)c->advisories : 0.0, BEARABLE, c->bearable);
	printf("follow-ups: %zu; windows that end in a block: %zu\n", c->follow_ups, c->blocked);
}

struct xb_err *xb_cmd_report(struct xb_env *env, bool *attention)
{
	struct xb_target_options to = {.remote = true};
	struct reporting r = {.env = env};
	struct xb_targets targets;
	struct xb_err *err = NULL;

	(void)attention;
	XB_TRY(xb_targets_find(env->repo, env->config, env->o.args, env->o.n_args, &to, &targets));
	if (env->o.format == XB_FORMAT_CSV)
		puts(
		    "line,base,tip,commits,security,share,advisories,prerequisites,follow_ups,picks,blocked");
	else
		printf("%-18s %-18s %7s %8s %5s %10s %13s %10s %5s\n", "from", "to", "commits", "security",
		       "share", "advisories", "prerequisites", "follow-ups", "picks");
	for (size_t i = 0; i < targets.n && !err; i++)
		if (!i || strcmp(targets.v[i].line, targets.v[i - 1].line) != 0)
			err = report_line(&r, &targets.v[i]);
	if (env->o.format != XB_FORMAT_CSV)
		print_sum(&r.sum);
	xb_targets_release(&targets);
	return err;
}
