/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/cmd.h"

#include "session.h"
#include "spool.h"
#include "util/alloc.h"
#include "util/log.h"
#include "util/vis.h"

#include <stdio.h>
#include <time.h>

static void print_result(const struct xb_env *env, const struct xb_target *t,
			 const struct xb_publish_result *r)
{
	XB_AUTOFREE char *why = xb_vis_dup(r->why ? r->why : "");

	switch (r->what) {
	case XB_PUBLISHED_MOVED:
		printf("%s: %s is now %.12s (%s, %zu picks%s)\n", t->name, t->derived_ref,
		       git_oid_tostr_s(&r->new_id), t->base_tag ? t->base_tag : "no release", r->picks,
		       r->stitched ? ", stitched on its old value" : "");
		break;
	case XB_PUBLISHED_SAME:
		if (!env->o.quiet)
			printf("%s: %s is up to date (%s, %zu picks)\n", t->name, t->derived_ref,
			       t->base_tag ? t->base_tag : "no release", r->picks);
		break;
	case XB_PUBLISHED_HELD:
		printf("%s: %s stays as it is: %s\n", t->name, t->derived_ref, why);
		break;
	case XB_PUBLISHED_NOTHING:
		if (!env->o.quiet)
			printf("%s: nothing to do: %s\n", t->name, why);
		break;
	case XB_PUBLISHED_WAITING:
		printf("%s: %s\n", t->name, why);
		break;
	}
	if (*why && (r->what == XB_PUBLISHED_MOVED || r->what == XB_PUBLISHED_SAME))
		printf("%s: %s\n", t->name, why);
	if (t->stray)
		xb_log(XB_WARN, "%s: the tag %s is higher than its release but not in %s: ignored", t->name,
		       t->stray, t->tip_ref);
}

/* Handles all TARGETS; one that fails doesn't keep the others from being done. Gives the worst error. */
static struct xb_err *publish_all(struct xb_env *env, struct xb_session *s, const struct xb_targets *targets,
				  bool adopt, bool *attention)
{
	struct xb_publish_options o = {
	    .accept_removal = env->o.accept_removal, .at_once = env->o.now, .now = time(NULL)};
	struct xb_err *worst = NULL;

	for (size_t i = 0; i < targets->n; i++) {
		struct xb_publish_result r = {0};
		struct xb_err *err = xb_session_publish(s, targets->v[i].name, &o, adopt, &r);

		if (!err) {
			print_result(env, &targets->v[i], &r);
			fflush(stdout);
			*attention |= r.blocked || r.what == XB_PUBLISHED_HELD;
		} else if (worst) {
			xb_log(XB_ERROR, "%s", err->msg);
			xb_err_free(err);
		} else {
			worst = err;
		}
		xb_publish_result_release(&r);
	}
	return worst;
}

static struct xb_err *with_session(struct xb_env *env, bool adopt, bool *attention)
{
	struct xb_session s = {.repo = env->repo, .config = env->config, .rules = env->rules};
	struct xb_targets targets = {0};
	struct xb_err *err = xb_session_open(&s);

	if (err)
		return err;
	err = xb_targets_find(env->repo, env->config, env->o.args, env->o.n_args, NULL, &targets);
	if (!err)
		err = publish_all(env, &s, &targets, adopt, attention);
	xb_targets_release(&targets);
	xb_session_close(&s);
	return err;
}

struct xb_err *xb_cmd_publish(struct xb_env *env, bool *attention)
{
	return with_session(env, false, attention);
}

struct xb_err *xb_cmd_adopt(struct xb_env *env, bool *attention)
{
	return with_session(env, true, attention);
}

/* The events only say that something may have changed: all lines are looked at, then the events go. */
struct xb_err *xb_cmd_run(struct xb_env *env, bool *attention)
{
	struct xb_session s = {.repo = env->repo, .config = env->config, .rules = env->rules};
	struct xb_spool_batch batch = {0};
	struct xb_targets targets = {0};
	struct xb_spool *spool = NULL;
	struct xb_err *err = xb_session_open(&s);

	if (err)
		return err;
	err = xb_spool_open(env->config->spool, true, &spool);
	if (!err)
		err = xb_spool_drain(spool, &batch);
	if (!err) {
		xb_log(XB_DEBUG, "spool: %zu events, %zu unreadable", batch.events, batch.bad);
		err = xb_targets_find(env->repo, env->config, NULL, 0, NULL, &targets);
	}
	if (!err)
		err = publish_all(env, &s, &targets, false, attention);
	if (!err)
		err = xb_spool_done(spool, &batch);
	xb_targets_release(&targets);
	xb_spool_batch_release(&batch);
	xb_spool_free(spool);
	xb_session_close(&s);
	return err;
}

/* Writes the chain's objects into the repository; no ref moves, so gc takes them one day. */
static struct xb_err *write_chain(struct xb_env *env, const struct xb_plan *plan)
{
	XB_AUTOFREE char *dir = xb_asprintf("%sobjects/pack", git_repository_path(env->repo));
	struct xb_objects objects = {0};
	struct xb_pack_written pack = {0};
	struct xb_err *err = xb_publish_objects(plan, plan->picks.n, NULL, 0, &objects);

	if (!err && objects.n)
		err = xb_pack_write(dir, objects.v, objects.n, &pack);
	xb_pack_written_release(&pack);
	free(objects.v);
	return err;
}

struct xb_err *xb_cmd_build(struct xb_env *env, bool *attention)
{
	struct xb_target_options to = {.base = env->o.base, .tip = env->o.tip};
	struct xb_targets targets = {0};
	struct xb_plan *plan = NULL;
	struct xb_plan_inputs in = {
	    .repo = env->repo, .config = env->config, .rules = env->rules, .options = env->o.plan};
	struct xb_err *err = xb_targets_find(env->repo, env->config, env->o.args, 1, &to, &targets);

	if (err)
		return err;
	in.target = &targets.v[0];
	if (in.target->status != XB_TARGET_OK)
		err = xb_err_new(XB_E_NOTFOUND, "%s: %s", in.target->name,
				 in.target->status == XB_TARGET_NO_STAGING ? "no staging ref"
									   : "no release in staging");
	if (!err)
		err = xb_plan_make(&in, &plan);
	if (!err)
		err = write_chain(env, plan);
	if (!err) {
		for (size_t i = 0; i < plan->blocked.n; i++)
			xb_log(XB_WARN, "%s: %s", in.target->name, plan->blocked.v[i].why);
		*attention = xb_plan_needs_attention(plan);
		puts(git_oid_tostr_s(xb_plan_tip(plan, plan->picks.n)));
	}
	xb_plan_free(plan);
	xb_targets_release(&targets);
	return err;
}
