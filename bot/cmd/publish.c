/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"

#include "engine/loop.h"
#include "mirror/upstream.h"
#include "os/log.h"
#include "publish/objects.h"
#include "remote/remote-record.h"
#include "repo/git.h"
#include "repo/modes.h"
#include "util/alloc.h"
#include "util/vis.h"
#include "words/advice.h"

#include <stdio.h>

static void print_line(bool quiet, const struct xb_target *t, const struct xb_publish_result *r)
{
	XB_AUTOFREE char *why = xb_vis_dup(r->why ? r->why : "");
	const char *many = r->n_chain == 1 ? "" : "s";

	switch (r->what) {
	case XB_PUBLISHED_MOVED:
		printf("%s: %s is now %.12s (%s, %zu pick%s%s)\n", t->name, t->derived_ref,
		       xb_hex(&r->new_id).s, t->base_tag ? t->base_tag : "no release", r->n_chain, many,
		       r->stitched ? ", stitched on its old value" : "");
		break;
	case XB_PUBLISHED_SAME:
		if (!quiet)
			printf("%s: %s is up to date (%s, %zu pick%s)\n", t->name, t->derived_ref,
			       t->base_tag ? t->base_tag : "no release", r->n_chain, many);
		break;
	case XB_PUBLISHED_HELD:
		printf("%s: %s stays as it is: %s\n", t->name, t->derived_ref, why);
		break;
	case XB_PUBLISHED_ENDED:
		if (!quiet)
			printf("%s: %s stays for good: %s\n", t->name, t->derived_ref, why);
		break;
	case XB_PUBLISHED_NOTHING:
		if (!quiet)
			printf("%s: nothing to do: %s\n", t->name, why);
		break;
	case XB_PUBLISHED_WAITING:
		printf("%s: %s\n", t->name, why);
		break;
	}
	if (*why && (r->what == XB_PUBLISHED_MOVED || r->what == XB_PUBLISHED_SAME))
		printf("%s: %s\n", t->name, why);
}

/* Who adopts a branch that was set back may not want it to come back. */
static void print_next(const struct xb_env *env, const struct xb_target *t)
{
	XB_AUTOFREE char *withdraw = xb_advice_withdraw(env->config, "WHAT", t->name);

	printf("%s: the next run makes it again what the plan says, with all the plan's picks; what must not "
	       "come "
	       "back is withdrawn first:\n    %s\n",
	       t->name, withdraw);
}

void xb_print_result(const struct xb_env *env, const struct xb_target *t, const struct xb_publish_result *r)
{
	print_line(env->o.quiet, t, r);
	if (r->moves_next)
		print_next(env, t);
	fflush(stdout);
	for (size_t i = 0; i < r->notices.n; i++)
		xb_log(XB_WARN, "%s: %s", t->name, r->notices.v[i]);
}

static void tell(void *data, const struct xb_target *t, const struct xb_publish_result *r, bool news)
{
	(void)news;
	xb_print_result(data, t, r);
}

/* Work until nothing is left to do: on all lines, or on those that were named. */
static struct xb_err *work(struct xb_env *env, bool adopt, bool *attention)
{
	struct xb_loop_options o = {
	    .config = env->config,
	    .rules = env->rules,
	    .repo = env->repo,
	    .names = env->o.args,
	    .n_names = env->o.n_args,
	    .beside = env->o.n_args != 0,
	    .adopt = adopt,
	    .publish = {.accept_removal = env->o.accept_removal,
			.at_once = env->o.now,
			.retest = env->o.retest,
			.unretire = env->o.unretire},
	    .tell = tell,
	    .data = env,
	};
	XB_AUTOPTR(xb_loop) *w = NULL;

	XB_TRY(xb_loop_new(&o, &w));
	return xb_loop_finish(w, attention);
}

struct xb_err *xb_cmd_publish(struct xb_env *env, bool *attention)
{
	return work(env, false, attention);
}

struct xb_err *xb_cmd_adopt(struct xb_env *env, bool *attention)
{
	return work(env, true, attention);
}

struct xb_err *xb_cmd_run(struct xb_env *env, bool *attention)
{
	int64_t began_ms = xb_now_wall_ms();
	struct xb_err *err;

	xb_cheap_checks(env);                          /* says what is wrong, and goes on as far as it can */
	XB_TRY(xb_upstream_wake_if_well(env->config)); /* a run looks, each time */
	err = work(env, false, attention);
	return err ? err : xb_tell_remotes(env, began_ms, attention);
}

static struct xb_err *give_modes(git_repository *repo, const struct xb_pack_written *w)
{
	XB_AUTOFREE char *pack = xb_asprintf("%s/%s.pack", w->dir, w->name);
	XB_AUTOFREE char *idx = xb_asprintf("%s/%s.idx", w->dir, w->name);
	struct xb_modes modes;

	XB_TRY(xb_modes_of(repo, "objects/pack", &modes));
	XB_TRY(xb_modes_give(&modes, pack));
	return xb_modes_give(&modes, idx);
}

/* Writes the chain's objects into the repository; no ref moves, so gc takes them one day. */
static struct xb_err *write_chain(struct xb_env *env, const struct xb_plan *plan)
{
	XB_AUTOFREE char *dir = xb_asprintf("%sobjects/pack", git_repository_path(env->repo));
	struct xb_objects objects = {0};
	struct xb_pack_written pack = {0};
	struct xb_err *err = xb_objects_of_chain(plan, plan->picks.n, &plan->target->derived, &objects);

	if (!err && objects.n)
		err = xb_pack_write(dir, objects.v, objects.n, &pack);
	if (!err && objects.n)
		err = give_modes(env->repo, &pack);
	xb_pack_written_release(&pack);
	free(objects.v);
	return err;
}

struct xb_err *xb_cmd_build(struct xb_env *env, bool *attention)
{
	struct xb_target_options to = {.base = env->o.base, .tip = env->o.tip};
	struct xb_targets targets = {0};
	struct xb_plan *plan = NULL;
	const struct xb_target *t;
	struct xb_err *err = xb_targets_find(env->repo, env->config, env->o.args, 1, &to, &targets);

	if (err)
		return err;
	t = &targets.v[0];
	if (t->status != XB_TARGET_OK)
		err = xb_err_new(XB_E_NOTFOUND, "%s: %s", t->name,
				 t->status == XB_TARGET_NO_STAGING ? "no staging ref"
								   : "no release in staging");
	if (!err)
		err = xb_cmd_make_plan(env, t, &plan);
	if (!err)
		err = write_chain(env, plan);
	if (!err) {
		for (size_t i = 0; i < plan->blocked.n; i++)
			xb_log(XB_WARN, "%s: %s", t->name, plan->blocked.v[i].why);
		*attention = xb_plan_needs_attention(plan);
		puts(xb_hex(xb_plan_tip(plan, plan->picks.n)).s);
	}
	xb_plan_free(plan);
	xb_targets_release(&targets);
	return err;
}
