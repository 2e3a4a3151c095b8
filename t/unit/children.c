/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tasks side by side: which of them may run, when, and that they end. */
#include "tap.h"
#include "engine/children.h"

#include "util/alloc.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NOW = 1000 };

static struct xb_err *stays(const void *data, bool *attention)
{
	(void)data;
	(void)attention;
	pause();
	return NULL;
}

static struct xb_err *fails(const void *data, bool *attention)
{
	(void)data;
	(void)attention;
	return xb_err_new(XB_E_TEMP, "not now");
}

static void add(struct xb_tasks *to, const char *name, int64_t due,
		struct xb_err *(*work)(const void *, bool *))
{
	*XB_PUSH(to, v, n, cap) = (struct xb_task){.name = xb_strdup(name),
						   .kind = *name == 'm' && name[1] == 'i' ? "mirror"
							   : *name == 'm'                 ? "mail"
											  : "gate",
						   .due = due,
						   .seconds = 60,
						   .work = work};
}

static bool runs(const struct xb_children *children, const char *name)
{
	for (size_t i = 0; i < children->n; i++)
		if (!strcmp(children->v[i]->name, name))
			return true;
	return false;
}

/* Waits for the next end. */
static struct xb_child_result next(struct xb_children *children)
{
	struct xb_child_result r = {0};
	struct pollfd p[XB_CHILDREN_MAX];

	while (!xb_children_reap(children, &r))
		poll(p, (nfds_t)xb_children_poll(children, p), 1000);
	return r;
}

static void limits(void)
{
	struct xb_children children = {.resident = true};
	struct xb_tasks c = {0};
	pid_t pid;

	add(&c, "mail", NOW, stays);
	add(&c, "mail", NOW, stays);
	add(&c, "gate 4.17", NOW - 5, stays);
	add(&c, "gate 4.18", NOW + 1, stays);
	add(&c, "gate 4.19", XB_NEVER, stays);
	for (int i = 0; i < XB_CHILDREN_OF_A_KIND + 2; i++) {
		char name[] = {'m', 'i', 'r', 'r', 'o', 'r', ' ', (char)('a' + i), '\0'};

		add(&c, name, NOW, stays);
	}
	xb_children_start(&children, &c, NOW, -1);
	ok(children.n == 2 + XB_CHILDREN_OF_A_KIND, "one of a name, and not too many of a kind");
	ok(runs(&children, "mail") && runs(&children, "gate 4.17"), "many of one kind keep no other kind");
	ok(!runs(&children, "gate 4.18") && !runs(&children, "gate 4.19"), "none before its time");
	ok(xb_children_next(&children, &c, NOW) > xb_now_ms() + 500, "the next one is that whose time comes");
	ok(xb_children_deadline(&children) > xb_now_ms() + 50000, "they have a minute");
	pid = children.v[0]->pid;
	xb_children_release(&children);
	ok(kill(pid, 0) && !children.n, "all are ended");
	xb_tasks_release(&c);
}

static void ends(bool resident)
{
	struct xb_children children = {.resident = resident};
	struct xb_tasks c = {0};
	struct xb_child_result r;
	int64_t began = xb_now_ms();

	add(&c, "mail", NOW, fails);
	xb_children_start(&children, &c, NOW, -1);
	r = next(&children);
	ok(!strcmp(r.name, "mail") && r.err && r.err->code == XB_E_TEMP, "how it ended");
	xb_child_result_release(&r);
	xb_children_start(&children, &c, NOW, -1);
	if (resident) {
		ok(!children.n && xb_children_next(&children, &c, NOW) >= began + XB_CHILDREN_PAUSE_MS,
		   "it is not started again at once");
	} else {
		int n = 1;

		for (; children.n; n++) {
			r = next(&children);
			xb_child_result_release(&r);
			xb_children_start(&children, &c, NOW, -1);
		}
		ok(n == XB_CHILDREN_STARTS && xb_children_next(&children, &c, NOW) == XB_NEVER,
		   "in a run that ends it is, but not for ever");
	}
	xb_children_release(&children);
	xb_tasks_release(&c);
}

static void late(void)
{
	struct xb_children children = {.resident = true};
	struct xb_tasks c = {0};
	struct xb_child_result r;

	add(&c, "gate 4.17", NOW, stays);
	c.v[0].seconds = 1;
	xb_children_start(&children, &c, NOW, -1);
	r = next(&children);
	ok(r.err && strstr(r.err->msg, "took too long"), "one that is late is ended");
	xb_child_result_release(&r);
	xb_children_release(&children);
	xb_tasks_release(&c);
}

int main(void)
{
	limits();
	ends(true);
	ends(false);
	late();
	return done();
}
