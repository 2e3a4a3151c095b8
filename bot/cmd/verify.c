/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"

#include "verify/verify.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Looks at one target, while its refs move under our eyes. */
enum { LOOKS = 12, STILL = 3, WAIT_MS = 200 };

static bool same_refs(const struct xb_target *a, const struct xb_target *b)
{
	return git_oid_equal(&a->derived, &b->derived) && git_oid_equal(&a->state, &b->state) &&
	       git_oid_equal(&a->chain, &b->chain) && git_oid_equal(&a->tip, &b->tip) &&
	       git_oid_equal(&a->base, &b->base);
}

static struct xb_err *verify(struct xb_env *env, const struct xb_target *t, bool frozen,
			     struct xb_verify_result *out)
{
	struct xb_verify_inputs in = {.repo = env->repo,
				      .config = env->config,
				      .rules = env->rules,
				      .target = t,
				      .with_git = env->o.with_git,
				      .frozen = frozen};

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
	struct xb_err *err = verify(env, t, false, out);

	for (int look = 0, still = 0; !err && out->what == XB_VERIFIED_DIFFERS && look < LOOKS; look++) {
		const struct xb_target *again;

		nanosleep(&(struct timespec){.tv_nsec = WAIT_MS * 1000000L}, NULL);
		err = xb_targets_find(env->repo, env->config, name, 1, &to, &now);
		again = err ? NULL : xb_targets_named(&now, *name);
		if (!again || (same_refs(t, again) && ++still == STILL))
			break;
		if (same_refs(t, again)) {
			xb_targets_release(&now);
			continue;
		}
		still = 0;
		xb_targets_release(&before);
		before = now;
		now = (struct xb_targets){0};
		t = again;
		xb_verify_result_release(out);
		err = verify(env, t, false, out);
	}
	xb_targets_release(&before);
	xb_targets_release(&now);
	return err;
}

static struct xb_err *verify_one(struct xb_env *env, const struct xb_target *t, bool frozen, bool *attention)
{
	static const char *const words[] = {"good", "behind", "DIFFERS", "can't tell", "nothing"};
	struct xb_verify_result r = {0};
	XB_AUTOFREE char *text = NULL;
	struct xb_err *err = frozen ? verify(env, t, true, &r) : verify_still(env, t, &r);

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

/*
 * The targets NAMES (none: all), and after the first *N_KEPT those that are no longer kept, of which there is
 * a record.
 */
static struct xb_err *find(struct xb_env *env, char **names, size_t n, struct xb_targets *out, size_t *n_kept)
{
	struct xb_target_options to = {.remote = true};
	struct xb_err *err = xb_targets_find(env->repo, env->config, names, n, &to, out);
	XB_AUTOERR struct xb_err *no_line = err && err->code == XB_E_USAGE && n ? err : NULL;

	if (err && !no_line)
		return err;
	*n_kept = out->n;
	if (!n || no_line)
		XB_TRY(xb_verify_frozen(env->repo, env->config, n ? *names : NULL, out));
	return no_line && !out->n ? XB_STEAL(no_line) : NULL;
}

static struct xb_err *verify_named(struct xb_env *env, char **names, size_t n, bool *attention)
{
	XB_AUTO(xb_targets_release) struct xb_targets targets = {0};
	size_t n_kept = 0;

	XB_TRY(find(env, names, n, &targets, &n_kept));
	for (size_t i = 0; i < targets.n; i++)
		XB_TRY(verify_one(env, &targets.v[i], i >= n_kept, attention));
	return NULL;
}

struct xb_err *xb_cmd_verify(struct xb_env *env, bool *attention)
{
	if (!env->o.n_args)
		return verify_named(env, NULL, 0, attention);
	for (size_t i = 0; i < env->o.n_args; i++)
		XB_TRY(verify_named(env, env->o.args + i, 1, attention));
	return NULL;
}
