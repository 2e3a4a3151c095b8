/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages/pages.h"

#include "tables.h"
#include "util/clock.h"
#include "util/log.h"
#include "engine/judge.h"

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
	struct xb_line_table l;
	struct xb_err *err;

	if (t->status != XB_TARGET_OK) {
		xb_pages_without_plan(p, t);
		return NULL;
	}
	err = xb_line_table_make(env, t, true, &l);
	if (!err)
		err = xb_pages_line(p, &l.table);
	xb_line_table_release(&l);
	return err;
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
	struct xb_targets targets;
	struct xb_pages *p = NULL;
	struct xb_report report = {0};
	json_t *status = judge(env);
	struct xb_pages_inputs in = {.config = env->config,
				     .metadata = xb_env_metadata(env),
				     .status = status,
				     .report = env->o.numbers ? &report : NULL,
				     .dir = env->o.args[0]};
	struct xb_err *err =
	    xb_targets_find(env->repo, env->config, env->o.args + 1, env->o.n_args - 1, &to, &targets);

	if (!err && env->o.numbers)
		err = make_report(env, &targets, &report);
	if (!err)
		err = xb_pages_new(&in, &p);
	if (!err)
		err = add_lines(env, p, &targets, attention);
	if (!err)
		err = xb_pages_write(p);
	if (!err && !env->o.quiet)
		printf("%zu %s\n", targets.n, targets.n == 1 ? "line" : "lines");
	xb_pages_free(p);
	xb_report_release(&report);
	xb_targets_release(&targets);
	json_decref(status);
	return err;
}
