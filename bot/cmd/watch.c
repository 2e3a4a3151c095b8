/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bot that stays: the steps of work.h, one after another, and sleep between them. */
#include "cmd.h"

#include "odb/git.h"
#include "spool/places.h"
#include "spool/spool.h"
#include "util/alloc.h"
#include "util/log.h"
#include "engine/waker.h"
#include "engine/loop.h"

#include <string.h>

struct watch {
	struct xb_env *env;
	struct xb_loop *work;
	struct xb_waker *waker;
	char *words; /* that the service manager was told last */
};

static void tell(void *data, const struct xb_target *t, const struct xb_publish_result *r, bool news)
{
	struct watch *w = data;

	if (news)
		xb_print_result(w->env, t, r);
}

static bool ending(void *data)
{
	(void)data;
	return xb_waker_ending();
}

static void alive(void *data)
{
	struct watch *w = data;

	xb_waker_feed(w->waker);
}

/*
 * Whatever happened to the directory, or to its name in the configuration. Files that came before it is
 * watched are seen by the look that follows.
 */
static struct xb_err *watch_spool(struct watch *w)
{
	const char *spool = w->env->config->spool;
	XB_AUTOFREE char *dir = xb_asprintf("%s/new", spool);
	struct xb_spool *s;

	if (xb_waker_watches(w->waker, dir))
		return NULL;
	XB_TRY(xb_places_of(w->env->config));
	XB_TRY(xb_spool_open(spool, false, &s));
	xb_spool_free(s);
	XB_TRY(xb_waker_watch(w->waker, dir));
	xb_loop_wake(w->work);
	return NULL;
}

static void use(void *data)
{
	struct watch *w = data;

	xb_loop_use(w->work, w->env->config, w->env->rules);
}

/* What is wrong leaves the old configuration in force. */
static void reload(struct watch *w)
{
	struct xb_reload r = {.use = use, .data = w};
	XB_AUTOERR struct xb_err *err = xb_reload(w->env, &r);

	xb_loop_misconfigured(w->work, err ? err->msg : NULL);
}

static void tell_manager(struct watch *w)
{
	XB_AUTOFREE char *words = xb_loop_words(w->work), *text = xb_asprintf("STATUS=%s", words);

	for (char *p = text; *p; p++)
		if (*p == '\n')
			*p = ' '; /* it would begin another assignment */
	if (w->words && !strcmp(w->words, words))
		return;
	xb_waker_tell(text);
	free(w->words);
	w->words = XB_STEAL(words);
}

static void turn(struct watch *w)
{
	struct pollfd p[XB_LOOP_FDS];
	XB_AUTOERR struct xb_err *err = NULL;
	unsigned woken;

	xb_loop_step(w->work);
	tell_manager(w);
	err = watch_spool(w);
	if (err) /* the next turn tries again */
		xb_log(XB_WARN, "%s", err->msg);
	woken = xb_waker_wait(w->waker, p, xb_loop_poll(w->work, p), xb_loop_due(w->work));
	if (woken & XB_WOKEN_FILE)
		xb_loop_wake(w->work);
	if (woken & XB_WOKEN_RELOAD)
		reload(w);
}

static struct xb_err *start(struct watch *w)
{
	struct xb_loop_options o = {.config = w->env->config,
				    .rules = w->env->rules,
				    .resident = true,
				    .tell = tell,
				    .ending = ending,
				    .alive = alive,
				    .data = w};

	xb_cheap_checks(w->env); /* says what is wrong, and goes on as far as it can */
	git_repository_free(w->env->repo); /* it could be opened; each look opens it anew */
	w->env->repo = NULL;
	XB_TRY(xb_loop_new(&o, &w->work));
	XB_TRY(xb_waker_new(&w->waker));
	return watch_spool(w);
}

struct xb_err *xb_cmd_watch(struct xb_env *env, bool *attention)
{
	struct watch w = {.env = env};
	struct xb_err *err = start(&w);

	(void)attention; /* a service that was told to end has done its work */
	if (!err) {
		xb_log(XB_INFO, "watching %s", env->config->repository);
		xb_waker_tell("READY=1");
	}
	while (!err && !xb_waker_ending())
		turn(&w);
	xb_waker_tell("STOPPING=1");
	xb_loop_free(w.work);
	xb_waker_free(w.waker);
	free(w.words);
	return err;
}
