/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bot that stays: the steps of work.h, one after another, and sleep between them. */
#include "cmd.h"

#include "odb/git.h"
#include "spool/spool.h"
#include "util/alloc.h"
#include "util/log.h"
#include "watch/waker.h"
#include "watch/work.h"

#include <string.h>

struct watch {
	struct xb_env *env;
	struct xb_work *work;
	struct xb_waker *waker;
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

/* Files that came before it is watched are seen by the look that follows. */
static struct xb_err *watch_spool(struct watch *w)
{
	const char *spool = w->env->config->spool;
	XB_AUTOFREE char *dir = xb_asprintf("%s/new", spool);
	struct xb_spool *s;

	XB_TRY(xb_spool_open(spool, true, &s));
	xb_spool_free(s);
	XB_TRY(xb_waker_watch(w->waker, dir));
	xb_work_wake(w->work);
	return NULL;
}

static bool same_place(const struct xb_config *a, const struct xb_config *b)
{
	return b->repository && b->state_dir && !strcmp(a->repository, b->repository) &&
	       !strcmp(a->state_dir, b->state_dir);
}

static struct xb_err *load_again(struct watch *w, struct xb_config **config, struct xb_rules **rules)
{
	const struct xb_options *o = &w->env->o;

	XB_TRY(xb_config_load(o->config, config));
	if (o->repo)
		xb_config_set_repository(*config, o->repo);
	if (!same_place(w->env->config, *config))
		return xb_err_new(XB_E_CONFIG,
				  "another repository or state directory needs a restart, not a reload");
	return xb_rules_compile(*config, rules);
}

/* What is wrong leaves the old configuration in force. */
static void reload(struct watch *w)
{
	struct xb_config *config = NULL;
	struct xb_rules *rules = NULL;
	XB_AUTOERR struct xb_err *err = load_again(w, &config, &rules);

	if (err) {
		xb_log(XB_ERROR, "%s", err->msg);
		xb_log(XB_ERROR, "the configuration was not taken over; the old one stays in force");
		xb_work_misconfigured(w->work, err->msg);
	} else {
		struct xb_config *old_config = w->env->config;
		struct xb_rules *old_rules = w->env->rules;

		w->env->config = config;
		w->env->rules = rules;
		xb_work_use(w->work, config, rules);
		xb_work_misconfigured(w->work, NULL);
		config = old_config;
		rules = old_rules;
		xb_log(XB_INFO, "the configuration was read again");
	}
	xb_rules_free(rules);
	xb_config_free(config);
}

static void tell_reload(struct watch *w)
{
	XB_AUTOFREE char *text = xb_asprintf("RELOADING=1\nMONOTONIC_USEC=%lld000", (long long)xb_now_ms());

	xb_waker_tell(text);
	reload(w);
	xb_waker_tell("READY=1");
}

static void turn(struct watch *w)
{
	struct pollfd p[XB_JOBS_MAX];
	XB_AUTOERR struct xb_err *err = NULL;
	unsigned woken;

	xb_work_step(w->work);
	if (!xb_waker_watches(w->waker))
		err = watch_spool(w);
	if (err) /* the next turn tries again */
		xb_log(XB_WARN, "%s", err->msg);
	woken = xb_waker_wait(w->waker, p, xb_work_poll(w->work, p), xb_work_due(w->work));
	if (woken & XB_WOKEN_FILE)
		xb_work_wake(w->work);
	if (woken & XB_WOKEN_RELOAD)
		tell_reload(w);
}

static struct xb_err *start(struct watch *w)
{
	struct xb_work_options o = {.config = w->env->config,
				    .rules = w->env->rules,
				    .resident = true,
				    .tell = tell,
				    .ending = ending,
				    .data = w};

	git_repository_free(w->env->repo); /* it could be opened; each look opens it anew */
	w->env->repo = NULL;
	XB_TRY(xb_work_new(&o, &w->work));
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
	xb_work_free(w.work);
	xb_waker_free(w.waker);
	return err;
}
