/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "jobs.h"

#include "util/alloc.h"
#include "util/log.h"

#include <stdlib.h>
#include <string.h>

static struct xb_ended *find_ended(const struct xb_jobs *jobs, const char *name)
{
	for (size_t i = 0; i < jobs->ended.n; i++)
		if (!strcmp(jobs->ended.v[i].name, name))
			return &jobs->ended.v[i];
	return NULL;
}

static struct xb_ended *take_ended(struct xb_jobs *jobs, const char *name)
{
	struct xb_ended *e = find_ended(jobs, name);

	if (!e) {
		e = XB_PUSH(&jobs->ended, v, n, cap);
		e->name = xb_strdup(name);
	}
	return e;
}

static bool has_room(const struct xb_jobs *jobs, const struct xb_chore *c)
{
	size_t kin = 0, most = c->alike ? c->alike : XB_JOBS_OF_A_KIND;

	for (size_t i = 0; i < jobs->n; i++) {
		if (!strcmp(jobs->v[i]->name, c->name))
			return false;
		kin += !strcmp(c->kind, jobs->v[i]->kind);
	}
	return jobs->n < XB_JOBS_MAX && kin < most;
}

/* When C can be started, if nothing else runs: milliseconds, or XB_NEVER. */
static int64_t start_time(const struct xb_jobs *jobs, const struct xb_chore *c, int64_t now)
{
	const struct xb_ended *e = find_ended(jobs, c->name);
	int64_t at = xb_now_ms();

	if (c->due == XB_NEVER || c->due - now > INT32_MAX)
		return XB_NEVER;
	if (c->due > now)
		at += (c->due - now) * 1000;
	if (!e)
		return at;
	if (!jobs->resident)
		return e->starts < XB_JOBS_STARTS ? at : XB_NEVER;
	return at > e->at + XB_JOBS_PAUSE_MS ? at : e->at + XB_JOBS_PAUSE_MS;
}

void xb_jobs_start(struct xb_jobs *jobs, const struct xb_chores *chores, int64_t now, int lock_fd)
{
	for (size_t i = 0; i < chores->n; i++) {
		const struct xb_chore *c = &chores->v[i];
		struct xb_ended *e;
		struct xb_err *err;

		if (!has_room(jobs, c) || start_time(jobs, c, now) > xb_now_ms())
			continue;
		e = take_ended(jobs, c->name);
		e->starts++;
		e->at = xb_now_ms();
		xb_log(XB_DEBUG, "%s: begins", c->name);
		err = xb_job_start(c, lock_fd, &jobs->v[jobs->n]);
		if (!err) {
			jobs->n++;
			continue;
		}
		xb_log(XB_WARN, "%s", err->msg);
		xb_err_free(err);
	}
}

int64_t xb_jobs_next(const struct xb_jobs *jobs, const struct xb_chores *chores, int64_t now)
{
	int64_t next = XB_NEVER;

	for (size_t i = 0; i < chores->n; i++) {
		int64_t at = has_room(jobs, &chores->v[i]) ? start_time(jobs, &chores->v[i], now) : XB_NEVER;

		next = at < next ? at : next;
	}
	return next;
}

int64_t xb_jobs_deadline(const struct xb_jobs *jobs)
{
	int64_t first = XB_NEVER;

	for (size_t i = 0; i < jobs->n; i++)
		if (!jobs->v[i]->killed && jobs->v[i]->deadline < first)
			first = jobs->v[i]->deadline;
	return first;
}

size_t xb_jobs_poll(const struct xb_jobs *jobs, struct pollfd *p)
{
	for (size_t i = 0; i < jobs->n; i++)
		p[i] = (struct pollfd){.fd = jobs->v[i]->pidfd, .events = POLLIN};
	return jobs->n;
}

bool xb_jobs_reap(struct xb_jobs *jobs, struct xb_job_result *out)
{
	for (size_t i = 0; i < jobs->n; i++) {
		struct xb_job *j = jobs->v[i];
		struct xb_ended *e;

		if (!xb_job_expire(j, xb_now_ms()) && !xb_job_ended(j))
			continue;
		jobs->v[i] = jobs->v[--jobs->n];
		e = take_ended(jobs, j->name);
		e->at = xb_now_ms();
		*out = (struct xb_job_result){.name = xb_strdup(j->name), .after = j->after};
		out->err = xb_job_end(j, &out->attention);
		return true;
	}
	return false;
}

void xb_job_result_release(struct xb_job_result *r)
{
	free(r->name);
	xb_err_free(r->err);
	*r = (struct xb_job_result){0};
}

void xb_jobs_release(struct xb_jobs *jobs)
{
	for (size_t i = 0; i < jobs->n; i++)
		xb_job_kill(jobs->v[i]);
	for (size_t i = 0; i < jobs->ended.n; i++)
		free(jobs->ended.v[i].name);
	free(jobs->ended.v);
	*jobs = (struct xb_jobs){0};
}
