/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tables.h"

#include "os/log.h"
#include "repo/git.h"
#include "target/recorded.h"

#include <string.h>

static struct xb_err *take_names(const char *style, enum xb_names_style *out)
{
	*out = XB_NAMES_ADVISORY;
	if (!style || !strcmp(style, "advisory"))
		return NULL;
	*out = XB_NAMES_ORIGIN;
	if (!strcmp(style, "origin"))
		return NULL;
	return xb_err_new(XB_E_USAGE, "--names=%s: it is advisory or origin", style);
}

/* The commit that was packaged. */
static struct xb_err *open_since(struct xb_env *env, struct xb_line_table *l)
{
	git_object *o = NULL, *c = NULL;
	int rc = git_revparse_single(&o, env->repo, env->o.since);
	struct xb_err *err;
	struct xb_under u;

	if (!rc)
		rc = git_object_peel(&c, o, GIT_OBJECT_COMMIT);
	if (rc)
		err = xb_err_new(XB_E_USAGE, "--since=%s: there is no such commit in this repository",
				 env->o.since);
	else
		err = xb_chain_under(l->plan->store, git_object_id(c), &u);
	if (!err)
		err = xb_since_open(l->plan->store, &u.chain, &l->since);
	git_object_free(o);
	git_object_free(c);
	return err;
}

/* How much of the plan the derived branch has; SIZE_MAX: it isn't there, or is of another plan. */
static struct xb_err *published(const struct xb_target *t, const struct xb_plan *p, size_t *out)
{
	struct xb_under u;

	*out = SIZE_MAX;
	if (git_oid_is_zero(&t->derived))
		return NULL;
	XB_TRY(xb_chain_under(p->store, &t->derived, &u));
	*out = xb_prefix_length(p, &u.chain);
	return NULL;
}

struct xb_metadata *xb_env_metadata(struct xb_env *env)
{
	if (!env->metadata)
		env->metadata = xb_metadata_open(env->config);
	return env->metadata;
}

struct xb_err *xb_line_table_make(struct xb_env *env, const struct xb_target *t, bool hashes,
				  struct xb_line_table *out)
{
	struct xb_plan_inputs in = {.repo = env->repo,
				    .config = env->config,
				    .rules = env->rules,
				    .target = t,
				    .options = env->o.plan};
	struct xb_table_inputs ti = {.rules = env->rules, .hashes = hashes};

	*out = (struct xb_line_table){0};
	XB_TRY(take_names(env->o.names, &ti.names));
	if (!t->window)
		XB_TRY(xb_state_rules_version(env->repo, env->config, t, &in.rules_version));
	XB_TRY(xb_plan_make(&in, &out->plan));
	if (!t->window)
		XB_TRY(xb_state_read(out->plan->store, &t->state, &out->state));
	ti.stopped = xb_state_waiting(&out->state, out->plan);
	XB_TRY(published(t, out->plan, &ti.n_published));
	if (env->o.since)
		XB_TRY(open_since(env, out));
	ti.plan = out->plan;
	ti.metadata = xb_env_metadata(env);
	ti.since = out->since;
	ti.not_here = env->o.format == XB_FORMAT_JSON;
	return xb_table_make(&ti, &out->table);
}

void xb_line_table_release(struct xb_line_table *l)
{
	xb_table_release(&l->table);
	xb_since_free(l->since);
	xb_state_release(&l->state);
	xb_plan_free(l->plan);
	*l = (struct xb_line_table){0};
}

struct xb_err *xb_each_line(struct xb_env *env, char *const *names, size_t n, xb_line_fn fn, void *data)
{
	struct xb_target_options to = {.base = env->o.base, .tip = env->o.tip, .remote = true};
	struct xb_targets targets;
	struct xb_err *err = NULL;

	XB_TRY(xb_targets_find(env->repo, env->config, names, n, &to, &targets));
	for (size_t i = 0; i < targets.n; i++) {
		struct xb_err *one = NULL;

		if (targets.v[i].status == XB_TARGET_OK)
			one = fn(env, &targets.v[i], data);
		else if (n)
			one = xb_err_new(XB_E_USAGE, "there is no plan: %s %s",
					 targets.v[i].tip_ref ? targets.v[i].tip_ref : "the tip",
					 targets.v[i].status == XB_TARGET_NO_STAGING ? "is not there"
										     : "contains no release");
		if (one)
			one = xb_err_wrap(one, "%s", targets.v[i].name);
		xb_log_later(&err, one);
	}
	xb_targets_release(&targets);
	return err;
}
