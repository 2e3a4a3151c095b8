/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"

#include "outbox/outbox.h"
#include "outbox/send.h"
#include "outbox/sender.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <stdio.h>
#include <time.h>

static void print_entry(const struct xb_outbox_entry *e)
{
	XB_AUTOFREE char *queued = xb_time_text(e->queued), *next = xb_time_text(e->next);

	printf("%s  %s  to %s  ", xb_outbox_short(e), e->failed ? "given up" : "waits", e->to);
	xb_vis_print(e->subject);
	printf("\n    queued %s, tried %u time%s", queued, e->tries, e->tries == 1 ? "" : "s");
	if (!e->failed && e->tries)
		printf(", again at %s", next);
	putchar('\n');
	if (*e->error) {
		fputs("    ", stdout);
		xb_vis_print(e->error);
		putchar('\n');
	}
}

/* What waits for no try of its own. */
static void print_cap(const struct xb_env *env, const struct xb_outbox_entries *all)
{
	int64_t until = xb_send_capped_until(env->config->state_dir, &env->config->mail);
	XB_AUTOFREE char *at = until ? xb_time_text(until) : NULL;
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		n += all->v[i].news && !all->v[i].failed;
	if (at && n)
		printf("%zu announcement%s wait%s until %s, as %u went in the last hour (cap); what needs a "
		       "person does "
		       "not wait\n",
		       n, n == 1 ? "" : "s", n == 1 ? "s" : "", at, env->config->mail.cap);
}

static struct xb_err *list(const struct xb_env *env, const struct xb_outbox_entries *all, bool *attention)
{
	print_cap(env, all);
	for (size_t i = 0; i < all->n; i++) {
		print_entry(&all->v[i]);
		*attention |= all->v[i].failed;
	}
	if (!all->n)
		puts("the outbox is empty");
	return NULL;
}

/* Headers, and the body as it is read; not raw onto a terminal, whoever wrote the file. */
static struct xb_err *show(const struct xb_outbox_entry *e)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT, safe = XB_BUF_INIT;

	print_entry(e);
	XB_TRY(xb_sender_show(&e->message, &text));
	xb_vis(&safe, text.p ? text.p : "", text.n, XB_VIS_LINES);
	printf("\n%s", safe.p ? safe.p : "");
	return NULL;
}

static struct xb_err *act(struct xb_env *env, struct xb_outbox_entry *e)
{
	const char *verb = env->o.args[0], *state = env->config->state_dir;

	if (!strcmp(verb, "show"))
		return show(e);
	if (!strcmp(verb, "retry"))
		return xb_outbox_retry(state, e, xb_now_s());
	return xb_outbox_remove(state, e);
}

static struct xb_err *check(const struct xb_env *env)
{
	static const char *const verbs[] = {"list", "show", "retry", "drop"};
	bool known = false;

	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		known = known || !strcmp(env->o.args[0], verbs[i]);
	if (!known)
		return xb_err_new(XB_E_USAGE, "outbox: %s: it is list, show, retry or drop", env->o.args[0]);
	if (!strcmp(env->o.args[0], "list") != (env->o.n_args == 1) && strcmp(env->o.args[0], "retry") != 0)
		return xb_err_new(XB_E_USAGE, "outbox %s: %s", env->o.args[0],
				  env->o.n_args == 1 ? "it needs the ID of a message" : "it takes no ID");
	return NULL;
}

static struct xb_err *each(struct xb_env *env, struct xb_outbox_entries *all)
{
	const char *id = env->o.n_args > 1 ? env->o.args[1] : NULL;
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		if (id && strcmp(xb_outbox_short(&all->v[i]), id) != 0 && strcmp(all->v[i].name, id) != 0)
			continue;
		n++;
		XB_TRY(act(env, &all->v[i]));
	}
	if (id && !n)
		return xb_err_new(XB_E_USAGE, "outbox: there is no message %s", id);
	return strcmp(env->o.args[0], "retry") != 0 || !n ? NULL : xb_send_wake(env->config->state_dir);
}

struct xb_err *xb_cmd_outbox(struct xb_env *env, bool *attention)
{
	struct xb_outbox_entries all = {0};
	struct xb_err *err = env->o.n_args ? check(env) : NULL;

	if (err)
		return err;
	if (!env->config->state_dir)
		return xb_err_new(XB_E_USAGE,
				  "which repository? Give -C REPO, or -c FILE with [repository] path");
	err = xb_outbox_list(env->config->state_dir, &all);
	if (!err)
		err = !env->o.n_args || !strcmp(env->o.args[0], "list") ? list(env, &all, attention)
									: each(env, &all);
	xb_outbox_entries_release(&all);
	return err;
}
