/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stay.h"

#include "os/log.h"
#include "os/task.h"
#include "spool/places.h"
#include "spool/spool.h"
#include "util/alloc.h"

#include <string.h>

static struct xb_err *load(const struct xb_env *env, struct xb_config **config, struct xb_rules **rules)
{
	const struct xb_options *o = &env->o;

	XB_TRY(xb_config_load(o->config, config));
	if (o->repo)
		xb_config_set_repository(*config, o->repo);
	if (!xb_same_text(env->config->repository, (*config)->repository) ||
	    !xb_same_text(env->config->state_dir, (*config)->state_dir))
		return xb_err_new(XB_E_CONFIG,
				  "another repository or state directory needs a restart, not a reload");
	return xb_rules_compile(*config, rules);
}

static struct xb_err *replace(struct xb_stay *s)
{
	struct xb_env *env = s->env;
	struct xb_config *config = NULL;
	struct xb_rules *rules = NULL;
	struct xb_err *err = load(env, &config, &rules);

	if (!err && s->ops->check)
		err = s->ops->check(config);
	if (!err) {
		struct xb_config *old_config = env->config;
		struct xb_rules *old_rules = env->rules;

		env->config = config;
		env->rules = rules;
		s->ops->use(s->data);
		config = old_config;
		rules = old_rules;
	}
	xb_rules_free(rules);
	xb_config_free(config);
	return err;
}

static void reload(struct xb_stay *s)
{
	XB_AUTOFREE char *text = xb_asprintf("RELOADING=1\nMONOTONIC_USEC=%lld000", (long long)xb_now_ms());
	XB_AUTOERR struct xb_err *err = NULL;

	xb_waker_tell(text);
	err = replace(s);
	if (err) {
		xb_log(XB_ERROR, "%s", err->msg);
		xb_log(XB_ERROR, "the configuration was not taken over; the old one stays in force");
	} else {
		xb_log(XB_INFO, "the configuration was read again");
	}
	xb_waker_tell("READY=1");
	if (s->ops->refused)
		s->ops->refused(s->data, err ? err->msg : NULL);
}

/*
 * Whatever happened to the directory, or to its name in the configuration. Files that came before it is
 * watched are seen by the step that follows.
 */
static struct xb_err *watch_spool(struct xb_stay *s)
{
	const char *spool = s->env->config->spool;
	XB_AUTOFREE char *dir = xb_asprintf("%s/new", spool);
	struct xb_spool *opened;

	if (xb_waker_watches(s->waker, dir))
		return NULL;
	XB_TRY(xb_places_of(s->env->config));
	XB_TRY(xb_spool_open(spool, false, &opened));
	xb_spool_free(opened);
	XB_TRY(xb_waker_watch(s->waker, dir));
	s->ops->wake(s->data);
	return NULL;
}

static void tell_manager(struct xb_stay *s)
{
	XB_AUTOFREE char *words = s->ops->words ? s->ops->words(s->data) : NULL, *text = NULL;

	if (!words || (s->words && !strcmp(s->words, words)))
		return;
	text = xb_asprintf("STATUS=%s", words);
	for (char *p = text; *p; p++)
		if (*p == '\n')
			*p = ' '; /* it would begin another assignment */
	xb_waker_tell(text);
	free(s->words);
	s->words = XB_STEAL(words);
}

static void turn(struct xb_stay *s)
{
	struct pollfd p[XB_WAKER_FDS];
	XB_AUTOERR struct xb_err *lost = NULL;
	unsigned woken;

	s->ops->step(s->data);
	tell_manager(s);
	lost = watch_spool(s);
	if (lost) /* the next turn tries again */
		xb_log(XB_WARN, "%s", lost->msg);
	woken = xb_waker_wait(s->waker, p, s->ops->poll(s->data, p), s->ops->due(s->data));
	if (woken & XB_WOKEN_FILE)
		s->ops->wake(s->data);
	if (woken & XB_WOKEN_RELOAD)
		reload(s);
}

struct xb_err *xb_stay_begin(struct xb_stay *s)
{
	XB_TRY(xb_waker_new(&s->waker));
	return watch_spool(s);
}

void xb_stay(struct xb_stay *s, const char *what)
{
	xb_log(XB_INFO, "watching %s", what);
	xb_waker_tell("READY=1");
	while (!xb_waker_ending())
		turn(s);
	xb_waker_tell("STOPPING=1");
}

void xb_stay_end(struct xb_stay *s)
{
	xb_waker_free(s->waker);
	free(s->words);
}
