/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A repository that is kept elsewhere: its staging branches, release tags, notes
 * and fix-ups, and the answers of a test system where one is asked, are fetched
 * into our own, as the configuration's patterns name them; whatever else it offers
 * is not asked for. They become what they are there, also when that is no
 * fast-forward, and go when they are gone there: what that means for a derived
 * branch is decided where it is published. What is known is in
 * STATE/upstream/record.json.
 */
#ifndef XB_UPSTREAM_H
#define XB_UPSTREAM_H

#include "config/config.h"
#include "os/task.h"

/*
 * Appends the task that fetches: due when xb_upstream_wake was called since the last visit, else when `poll`
 * is over or, after a failure, what that asks to wait. None without an upstream.
 */
struct xb_err *xb_upstream_tasks(const struct xb_task_env *env, struct xb_tasks *out) XB_MUST_CHECK;
/* The same, due now. */
struct xb_err *xb_upstream_tasks_now(const struct xb_task_env *env, struct xb_tasks *out) XB_MUST_CHECK;
/*
 * There is something new, so it is up, too: remembered until a fetch begins. Without an upstream, nothing;
 * the second, nothing after a failure either.
 */
struct xb_err *xb_upstream_wake(const struct xb_config *config) XB_MUST_CHECK;
struct xb_err *xb_upstream_wake_if_well(const struct xb_config *config) XB_MUST_CHECK;

struct xb_upstream_status {
	bool is_there;    /* there is an upstream */
	bool attention;   /* a person should look at `why` */
	int64_t began_ms; /* when the last visit began, in milliseconds; 0: never */
	int64_t looked;   /* when it was last seen; 0: never */
	int64_t retry;    /* not before; 0: at the next occasion */
	char *why;        /* why the last visit failed; NULL: it did not; owned, safe to print */
};

/* How it stands, as far as is known here. */
struct xb_err *xb_upstream_summary(const struct xb_config *config,
				   struct xb_upstream_status *out) XB_MUST_CHECK;

#endif
