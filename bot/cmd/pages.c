/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages/pages.h"

#include "tables.h"
#include "judge/judge.h"
#include "os/clock.h"
#include "os/log.h"
#include "text/json.h"

#include <stdio.h>

/* What the bot says of itself, where one works here; pages are made without, too. */
static json_t *judge(struct xb_env *env)
{
	struct xb_task_env c = {.config = env->config,
				.rules = env->rules,
				.state_dir = env->config->state_dir,
				.repo_path = env->config->repository,
				.now = xb_now_s()};
	json_t *report = NULL;
	XB_AUTOERR struct xb_err *err = xb_judge(&c, env->repo, &report);

	if (err && err->code != XB_E_NOTFOUND)
		xb_log(XB_WARN, "without the state of the bot: %s", err->msg);
	return err ? NULL : report;
}

static struct xb_err *add_line(struct xb_env *env, struct xb_pages *p, const struct xb_target *t)
{
	XB_AUTO(xb_line_table_release) struct xb_line_table l = {0};

	if (t->status != XB_TARGET_OK) {
		xb_pages_without_plan(p, t);
		return NULL;
	}
	XB_TRY(xb_line_table_make(env, t, true, &l));
	return xb_pages_line(p, &l.table);
}

/* A line that can't be planned is there, without a plan; the others have theirs. */
static struct xb_err *add_lines(struct xb_env *env, struct xb_pages *p, const struct xb_targets *targets,
				bool *attention)
{
	for (size_t i = 0; i < targets->n; i++) {
		struct xb_err *err = add_line(env, p, &targets->v[i]);

		if (!err)
			continue;
		if (err->code == XB_E_TEMP)
			return err;
		xb_log(XB_ERROR, "%s: %s", targets->v[i].name, err->msg);
		xb_err_free(err);
		xb_pages_without_plan(p, &targets->v[i]);
		*attention = true;
	}
	return NULL;
}

static struct xb_err *make_report(struct xb_env *env, const struct xb_targets *targets, struct xb_report *out)
{
	struct xb_report_inputs in = {.repo = env->repo,
				      .config = env->config,
				      .rules = env->rules,
				      .targets = targets,
				      .options = env->o.plan};

	return xb_report_make(&in, out);
}

struct xb_err *xb_cmd_pages(struct xb_env *env, bool *attention)
{
	struct xb_target_options to = {.remote = true};
	XB_AUTO(xb_targets_release) struct xb_targets targets = {0};
	XB_AUTOPTR(xb_pages) *p = NULL;
	XB_AUTO(xb_report_release) struct xb_report report = {0};
	XB_AUTOJSON json_t *status = judge(env);
	struct xb_pages_inputs in = {.config = env->config,
				     .metadata = xb_env_metadata(env),
				     .status = status,
				     .report = env->o.numbers ? &report : NULL,
				     .dir = env->o.args[0]};

	XB_TRY(xb_targets_find(env->repo, env->config, env->o.args + 1, env->o.n_args - 1, &to, &targets));
	if (env->o.numbers)
		XB_TRY(make_report(env, &targets, &report));
	XB_TRY(xb_pages_new(&in, &p));
	XB_TRY(add_lines(env, p, &targets, attention));
	XB_TRY(xb_pages_write(p));
	if (!env->o.quiet)
		printf("%zu %s\n", targets.n, targets.n == 1 ? "line" : "lines");
	return NULL;
}
