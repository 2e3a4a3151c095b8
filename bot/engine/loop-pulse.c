/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signs of life, for who judges from outside. */
#include "loop-impl.h"

#include "judge.h"
#include "pulse.h"

/* Of the wall clock; XB_NEVER is no time to tell. */
static int64_t retry_at(const struct xb_loop *w)
{
	return !w->o.resident || w->retry == XB_NEVER ? 0
						      : xb_now_s() + (w->retry - xb_now_ms() + 999) / 1000;
}

/* For those who may not read what mirrors and the outbox keep; as that takes long, with signs of life alone.
 */
static void take_queues(const struct xb_loop *w, json_t **mirrors, json_t **mail)
{
	struct xb_task_env env = {.config = w->o.config,
				  .rules = w->o.rules,
				  .state_dir = w->o.config->state_dir,
				  .repo_path = w->o.config->repository,
				  .now = xb_now_s()};

	xb_err_free(xb_judge_mirrors(&env, mirrors)); /* then it is not told */
	xb_err_free(xb_judge_mail(w->o.config, mail));
}

void xb_loop_pulse(struct xb_loop *w, bool looked, bool ended)
{
	struct xb_pulse p = {.resident = w->o.resident,
			     .ended = ended,
			     .looked = looked,
			     .common = &w->looks.common,
			     .rescan = w->o.config->rescan,
			     .error = w->said,
			     .retry = w->said ? retry_at(w) : 0,
			     .misconfigured = w->misconfigured};
	bool due = xb_now_ms() >= w->pulse || ended;

	if (w->instance < 0 || w->o.n_names)
		return; /* a person's command beside the bot */
	if (due)
		take_queues(w, &p.mirrors, &p.mail);
	xb_pulse_write(w->o.config->state_dir, &p);
	if (due)
		w->pulse = w->o.resident ? xb_now_ms() + XB_PULSE_S * 1000 : XB_NEVER;
	json_decref(p.mirrors);
	json_decref(p.mail);
}

void xb_loop_beat(struct xb_loop *w)
{
	if (w->o.alive)
		w->o.alive(w->o.data);
	if (w->o.resident && xb_now_ms() >= w->pulse)
		xb_loop_pulse(w, false, false);
}
