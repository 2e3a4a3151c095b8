/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"

#include "publish/verify.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Looks at one target, while its refs move under our eyes. */
enum { LOOKS = 10, WAIT_MS = 200 };

static const struct xb_target *named(const struct xb_targets *targets, const char *name)
{
	for (size_t i = 0; i < targets->n; i++)
		if (!strcmp(targets->v[i].name, name))
			return &targets->v[i];
	return NULL;
}

static bool same_refs(const struct xb_target *a, const struct xb_target *b)
{
	return git_oid_equal(&a->derived, &b->derived) && git_oid_equal(&a->state, &b->state) &&
	       git_oid_equal(&a->chain, &b->chain) && git_oid_equal(&a->tip, &b->tip) &&
	       git_oid_equal(&a->base, &b->base);
}

static struct xb_err *verify(struct xb_env *env, const struct xb_target *t, struct xb_verify_result *out)
{
	struct xb_verify_inputs in = {.repo = env->repo,
				      .config = env->config,
				      .rules = env->rules,
				      .target = t,
				      .with_git = env->o.with_git};

	return xb_verify(&in, out);
}

/*
 * A bot moves the derived ref and its state one after the other: in between they
 * disagree. So what differs is looked at until the refs stay where they are.
 */
static struct xb_err *verify_still(struct xb_env *env, const struct xb_target *t,
				   struct xb_verify_result *out)
{
	struct xb_target_options to = {.remote = true};
	char *name[] = {t->name};
	struct xb_targets before = {0}, now = {0};
	struct xb_err *err = verify(env, t, out);

	for (int look = 0; !err && out->what == XB_VERIFIED_DIFFERS && look < LOOKS; look++) {
		const struct xb_target *again;

		nanosleep(&(struct timespec){.tv_nsec = WAIT_MS * 1000000L}, NULL);
		err = xb_targets_find(env->repo, env->config, name, 1, &to, &now);
		again = err ? NULL : named(&now, *name);
		if (!again || same_refs(t, again))
			break;
		xb_targets_release(&before);
		before = now;
		now = (struct xb_targets){0};
		t = again;
		xb_verify_result_release(out);
		err = verify(env, t, out);
	}
	xb_targets_release(&before);
	xb_targets_release(&now);
	return err;
}

static struct xb_err *verify_one(struct xb_env *env, const struct xb_target *t, bool *attention)
{
	static const char *const words[] = {"good", "behind", "DIFFERS", "can't tell", "nothing"};
	struct xb_verify_result r = {0};
	XB_AUTOFREE char *text = NULL;
	struct xb_err *err = verify_still(env, t, &r);

	if (err) {
		xb_verify_result_release(&r);
		return err;
	}
	text = xb_vis_dup(r.text);
	if (!env->o.quiet || r.what == XB_VERIFIED_DIFFERS)
		printf("%s: %s: %s: %s\n", t->name, t->derived_ref, words[r.what], text);
	*attention |= r.what == XB_VERIFIED_DIFFERS ||
		      ((r.what == XB_VERIFIED_BEHIND || r.what == XB_VERIFIED_CANT_TELL) && env->o.strict);
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
