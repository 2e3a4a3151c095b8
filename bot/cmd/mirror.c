/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"

#include "mirror/mirror.h"
#include "engine/metafetch.h"
#include "mirror/upstream.h"
#include "os/log.h"
#include "util/alloc.h"

#include <stdio.h>

static struct xb_task_env task_env(const struct xb_env *env)
{
	return (struct xb_task_env){.config = env->config,
				    .rules = env->rules,
				    .state_dir = env->config->state_dir,
				    .repo_path = env->config->repository,
				    .now = xb_now_s()};
}

/* Runs all CHORES to their ends; gives the first error, and logs the others. */
static struct xb_err *run_all(const struct xb_tasks *tasks, bool *attention)
{
	XB_AUTOFREE struct xb_child **children = xb_calloc(tasks->n + 1, sizeof *children);
	struct xb_err *first = NULL;

	fflush(NULL); /* a child must not write it again */
	for (size_t i = 0; !first && i < tasks->n; i++)
		first = xb_child_start(&tasks->v[i], -1, &children[i]);
	for (size_t i = 0; i < tasks->n; i++)
		if (children[i])
			xb_log_later(&first, xb_child_end(children[i], attention));
	return first;
}

static struct xb_err *push_now(struct xb_env *env, bool *attention)
{
	struct xb_mirror_options o = {.names = env->o.args, .n_names = env->o.n_args, .adopt = env->o.adopt};
	struct xb_task_env ce = task_env(env);
	XB_AUTO(xb_tasks_release) struct xb_tasks tasks = {0};

	if (o.adopt && !o.n_names)
		return xb_err_new(XB_E_USAGE, "--adopt goes over what others did: name the mirrors");
	XB_TRY(xb_mirror_tasks_now(&ce, &o, &tasks));
	return run_all(&tasks, attention);
}

static struct xb_err *print_all(struct xb_env *env, bool *attention)
{
	struct xb_task_env ce = task_env(env);
	struct xb_mirror_statuses all;
	struct xb_err *late = NULL;

	XB_TRY(xb_mirror_summary(&ce, env->o.args, env->o.n_args, &all));
	for (size_t i = 0; i < all.n; i++) {
		const struct xb_mirror_status *s = &all.v[i];
		XB_AUTOFREE char *line = xb_mirror_line(s, ce.now);

		if (!env->o.quiet || s->state == XB_MIRROR_BEHIND || s->state == XB_MIRROR_TROUBLE)
			puts(line);
		*attention |= s->state == XB_MIRROR_TROUBLE;
		if (s->state == XB_MIRROR_BEHIND && !late)
			late = xb_err_new(XB_E_TEMP, "mirror %s is behind", s->name);
	}
	if (!all.n)
		xb_log(XB_INFO, "the configuration has no [mirror NAME]");
	xb_mirror_statuses_release(&all);
	if (*attention) { /* it says enough, and a person should look first */
		xb_err_free(late);
		late = NULL;
	}
	return late;
}

struct xb_err *xb_cmd_mirror(struct xb_env *env, bool *attention)
{
	struct xb_err *err = env->o.push || env->o.adopt ? push_now(env, attention) : NULL;

	if (err && err->code != XB_E_TEMP)
		return err;
	xb_err_free(err); /* the status has it */
	return print_all(env, attention);
}

struct xb_err *xb_cmd_fetch(struct xb_env *env, bool *attention)
{
	struct xb_task_env ce = task_env(env);
	XB_AUTO(xb_tasks_release) struct xb_tasks tasks = {0};

	if (!env->config->upstream && !*env->config->metadata_url)
		return xb_err_new(XB_E_USAGE,
				  "the configuration has no [repository] upstream, and no address of "
				  "[rules] metadata");
	XB_TRY(xb_upstream_tasks_now(&ce, &tasks));
	XB_TRY(xb_metadata_tasks_now(&ce, &tasks));
	return run_all(&tasks, attention);
}

static struct xb_err *tell_upstream(const struct xb_task_env *ce, int64_t since_ms, bool *attention)
{
	struct xb_upstream_status s;

	XB_TRY(xb_upstream_summary(ce->config, &s));
	if (s.why && s.began_ms < since_ms) {
		printf("upstream: not fetched: %s; next try in %lld min\n", s.why,
		       (long long)(s.retry - ce->now) / 60 + 1);
		*attention |= s.attention;
	}
	free(s.why);
	return NULL;
}

struct xb_err *xb_tell_remotes(const struct xb_env *env, int64_t since_ms, bool *attention)
{
	struct xb_task_env ce = task_env(env);
	struct xb_mirror_statuses all;

	XB_TRY(tell_upstream(&ce, since_ms, attention));
	XB_TRY(xb_mirror_summary(&ce, NULL, 0, &all));
	for (size_t i = 0; i < all.n; i++) {
		const struct xb_mirror_status *s = &all.v[i];
		XB_AUTOFREE char *line = xb_mirror_line(s, ce.now);

		if (!s->why || s->began_ms >= since_ms)
			continue;
		printf("mirror %s\n", line);
		*attention |= s->state == XB_MIRROR_TROUBLE;
	}
	xb_mirror_statuses_release(&all);
	return NULL;
}
