/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bot that stays: the steps of loop.h, one after another, and sleep between them. */
#include "stay.h"

#include "engine/loop.h"

struct watch {
	struct xb_stay stay;
	struct xb_loop *loop;
};

static void tell(void *data, const struct xb_target *t, const struct xb_publish_result *r, bool news)
{
	struct watch *w = data;

	if (news)
		xb_print_result(w->stay.env, t, r);
}

static bool ending(void *data)
{
	(void)data;
	return xb_waker_ending();
}

static void alive(void *data)
{
	struct watch *w = data;

	xb_waker_feed(w->stay.waker);
}

static void use(void *data)
{
	struct watch *w = data;

	xb_loop_use(w->loop, w->stay.env->config, w->stay.env->rules);
}

static void refused(void *data, const char *why)
{
	struct watch *w = data;

	xb_loop_misconfigured(w->loop, why);
}

static void wake(void *data)
{
	struct watch *w = data;

	xb_loop_wake(w->loop);
}

static void step(void *data)
{
	struct watch *w = data;

	xb_loop_step(w->loop);
}

static size_t descriptors(const void *data, struct pollfd *p)
{
	const struct watch *w = data;

	_Static_assert((int)XB_LOOP_FDS <= (int)XB_WAKER_FDS, "room for all that the loop waits for");
	return xb_loop_poll(w->loop, p);
}

static int64_t due(const void *data)
{
	const struct watch *w = data;

	return xb_loop_due(w->loop);
}

static char *words(const void *data)
{
	const struct watch *w = data;

	return xb_loop_words(w->loop);
}

static struct xb_err *start(struct watch *w)
{
	struct xb_env *env = w->stay.env;
	struct xb_loop_options o = {.config = env->config,
				    .rules = env->rules,
				    .resident = true,
				    .tell = tell,
				    .ending = ending,
				    .alive = alive,
				    .data = w};

	xb_cheap_checks(env);           /* says what is wrong, and goes on as far as it can */
	git_repository_free(env->repo); /* it could be opened; each pass opens it anew */
	env->repo = NULL;
	XB_TRY(xb_loop_new(&o, &w->loop));
	return xb_stay_begin(&w->stay);
}

struct xb_err *xb_cmd_watch(struct xb_env *env, bool *attention)
{
	static const struct xb_stay_ops ops = {.use = use,
					       .refused = refused,
					       .wake = wake,
					       .step = step,
					       .poll = descriptors,
					       .due = due,
					       .words = words};
	struct watch w = {.stay = {.env = env, .ops = &ops, .data = &w}};
	struct xb_err *err = start(&w);

	(void)attention; /* a service that was told to end has done its work */
	if (!err)
		xb_stay(&w.stay, env->config->repository);
	xb_loop_free(w.loop);
	xb_stay_end(&w.stay);
	return err;
}
