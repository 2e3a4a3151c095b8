/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "health.h"

#include "config/config.h"
#include "notify.h"
#include "remote/mirror.h"
#include "remote/upstream.h"
#include "util/alloc.h"
#include "util/file.h"
#include "util/lock.h"
#include "util/log.h"

/* Behind alone is no failure: the next push is on its way, unless something keeps it from that. */
static const char *mirror_trouble(const struct xb_mirror_status *s)
{
	if (s->state == XB_MIRROR_TROUBLE)
		return s->why ? s->why : "it lacks what was published";
	return s->state == XB_MIRROR_BEHIND ? s->why : NULL;
}

static struct xb_err *note_mirrors(const struct xb_chore_env *env, struct xb_notify *n)
{
	struct xb_mirror_statuses all = {0};
	struct xb_err *err = xb_mirror_summary(env, NULL, 0, &all);

	for (size_t i = 0; i < all.n && !err; i++) {
		XB_AUTOFREE char *what = xb_asprintf("the mirror %s", all.v[i].name);

		xb_notify_health(n, what, mirror_trouble(&all.v[i]));
	}
	xb_mirror_statuses_release(&all);
	return err;
}

static struct xb_err *note_upstream(const struct xb_chore_env *env, struct xb_notify *n)
{
	struct xb_upstream_status s = {0};
	struct xb_err *err = xb_upstream_summary(env->config, &s);

	if (!err && s.is_there)
		xb_notify_health(n, "fetching from the upstream", s.why);
	free(s.why);
	return err;
}

void xb_health_check(const struct xb_chore_env *env, const char *misconfigured, const char *blind)
{
	struct xb_notify *n;
	struct xb_err *err;
	XB_AUTOCLOSE int lock = -1;

	if (!env->config->mail.on)
		return;
	err = xb_lock_acquire(env->state_dir, &lock);
	if (err) {
		xb_err_free(err);
		return;
	}
	n = xb_notify_new(env->config, env->state_dir, env->now);
	xb_notify_health(n, "reading the configuration", misconfigured);
	xb_notify_health(n, "looking at the repository", blind);
	err = note_mirrors(env, n);
	if (!err)
		err = note_upstream(env, n);
	if (!err)
		err = xb_notify_flush(n);
	if (err)
		xb_log(XB_WARN, "mail: %s", err->msg);
	xb_err_free(err);
	xb_notify_free(n);
}
