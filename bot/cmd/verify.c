/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"

#include "publish/verify.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <stdio.h>

static struct xb_err *verify_one(struct xb_env *env, const struct xb_target *t, bool *attention)
{
	static const char *const words[] = {"good", "behind", "DIFFERS", "nothing"};
	struct xb_verify_inputs in = {
	    .repo = env->repo, .config = env->config, .rules = env->rules, .target = t};
	struct xb_verify_result r;
	XB_AUTOFREE char *text = NULL;

	XB_TRY(xb_verify(&in, &r));
	text = xb_vis_dup(r.text);
	if (!env->o.quiet || r.what == XB_VERIFIED_DIFFERS)
		printf("%s: %s: %s: %s\n", t->name, t->derived_ref, words[r.what], text);
	*attention |= r.what == XB_VERIFIED_DIFFERS || (r.what == XB_VERIFIED_BEHIND && env->o.strict);
	xb_verify_result_release(&r);
	return NULL;
}

struct xb_err *xb_cmd_verify(struct xb_env *env, bool *attention)
{
	struct xb_target_options to = {.remote = true};
	struct xb_targets targets;
	struct xb_err *err;

	XB_TRY(xb_targets_find(env->repo, env->config, env->o.args, env->o.n_args, &to, &targets));
	err = NULL;
	for (size_t i = 0; !err && i < targets.n; i++)
		err = verify_one(env, &targets.v[i], attention);
	xb_targets_release(&targets);
	return err;
}
