/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "children.h"

#include "os/log.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

static struct xb_ended *find_ended(const struct xb_children *children, const char *name)
{
	for (size_t i = 0; i < children->ended.n; i++)
		if (!strcmp(children->ended.v[i].name, name))
			return &children->ended.v[i];
	return NULL;
}

static struct xb_ended *take_ended(struct xb_children *children, const char *name)
{
	struct xb_ended *e = find_ended(children, name);

	if (!e) {
		e = XB_PUSH(&children->ended, v, n, cap);
		e->name = xb_strdup(name);
	}
	return e;
}

static bool has_room(const struct xb_children *children, const struct xb_task *c)
{
	size_t kin = 0, most = c->alike ? c->alike : XB_CHILDREN_OF_A_KIND;

	for (size_t i = 0; i < children->n; i++) {
		if (!strcmp(children->v[i]->name, c->name))
			return false;
		kin += !strcmp(c->kind, children->v[i]->kind);
	}
	return children->n < XB_CHILDREN_MAX && kin < most;
}

/* When C can be started, if nothing else runs: milliseconds, or XB_NEVER. */
static int64_t start_time(const struct xb_children *children, const struct xb_task *c, int64_t now)
{
	const struct xb_ended *e = find_ended(children, c->name);
	int64_t at = xb_now_ms();

	if (c->due == XB_NEVER || c->due - now > INT32_MAX)
		return XB_NEVER;
	if (c->due > now)
		at += (c->due - now) * 1000;
	if (!e)
		return at;
	if (!children->resident)
		return e->starts < XB_CHILDREN_STARTS ? at : XB_NEVER;
	return at > e->at + XB_CHILDREN_PAUSE_MS ? at : e->at + XB_CHILDREN_PAUSE_MS;
}

void xb_children_start(struct xb_children *children, const struct xb_tasks *tasks, int64_t now, int lock_fd)
{
	for (size_t i = 0; i < tasks->n; i++) {
		const struct xb_task *c = &tasks->v[i];
		struct xb_ended *e;
		struct xb_err *err;

		if (!has_room(children, c) || start_time(children, c, now) > xb_now_ms())
			continue;
		e = take_ended(children, c->name);
		e->starts++;
		e->at = xb_now_ms();
		xb_log(XB_DEBUG, "%s: begins", c->name);
		err = xb_child_start(c, lock_fd, &children->v[children->n]);
		if (!err) {
			children->n++;
			continue;
		}
		xb_log_err(XB_WARN, "", err);
	}
}

int64_t xb_children_next(const struct xb_children *children, const struct xb_tasks *tasks, int64_t now)
{
	int64_t next = XB_NEVER;

	for (size_t i = 0; i < tasks->n; i++) {
		int64_t at =
		    has_room(children, &tasks->v[i]) ? start_time(children, &tasks->v[i], now) : XB_NEVER;

		next = at < next ? at : next;
	}
	return next;
}

int64_t xb_children_deadline(const struct xb_children *children)
{
	int64_t first = XB_NEVER;

	for (size_t i = 0; i < children->n; i++)
		if (!children->v[i]->killed && children->v[i]->deadline < first)
			first = children->v[i]->deadline;
	return first;
}

size_t xb_children_poll(const struct xb_children *children, struct pollfd *p)
{
	for (size_t i = 0; i < children->n; i++)
		p[i] = (struct pollfd){.fd = children->v[i]->pidfd, .events = POLLIN};
	return children->n;
}

bool xb_children_reap(struct xb_children *children, struct xb_child_result *out)
{
	for (size_t i = 0; i < children->n; i++) {
		struct xb_child *j = children->v[i];
		struct xb_ended *e;

		if (!xb_child_expire(j, xb_now_ms()) && !xb_child_ended(j))
			continue;
		children->v[i] = children->v[--children->n];
		e = take_ended(children, j->name);
		e->at = xb_now_ms();
		*out = (struct xb_child_result){.name = xb_strdup(j->name), .after = j->after};
		out->err = xb_child_end(j, &out->attention);
		return true;
	}
	return false;
}

void xb_child_result_release(struct xb_child_result *r)
{
	free(r->name);
	xb_err_free(r->err);
	*r = (struct xb_child_result){0};
}

void xb_children_release(struct xb_children *children)
{
	for (size_t i = 0; i < children->n; i++)
		xb_child_kill(children->v[i]);
	for (size_t i = 0; i < children->ended.n; i++)
		free(children->ended.v[i].name);
	free(children->ended.v);
	*children = (struct xb_children){0};
}
