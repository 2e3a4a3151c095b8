/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"
#include "tables.h"

#include "mail/notify.h"
#include "os/log.h"
#include "state/ledger.h"

#include <stdio.h>

/* Without [mail], a preview has names that reach nobody. */
static struct xb_mail_conf stand_in(void)
{
	static char from[] = "xsabot@example.invalid", to[] = "you@example.invalid",
		    list[] = "xsabot.example.invalid", nothing[] = "";
	static char *addresses[] = {to};
	const struct xb_strv v = {addresses, 1, 1};

	return (struct xb_mail_conf){.from_name = nothing,
				     .from = from,
				     .contact = from,
				     .to = v,
				     .announce = v,
				     .list_id = list,
				     .templates = nothing};
}

/* A window that nothing is published of, with the outcome that publishing would have. */
static struct xb_err *look_at_window(const struct xb_publish_inputs *in, const struct xb_plan_options *o,
				     struct xb_buf *out)
{
	struct xb_plan_inputs pi = {
	    .repo = in->repo, .config = in->config, .rules = in->rules, .target = in->target, .options = *o};
	struct xb_publish_result r = {.what = XB_PUBLISHED_SAME};
	struct xb_state none = {0};
	struct xb_plan *p = NULL;
	struct xb_err *err = xb_plan_make(&pi, &p);

	if (!err) {
		struct xb_publish_facts facts = {.in = in,
						 .plan = p,
						 .state = &none,
						 .result = &r,
						 .n_published = p->publishable,
						 .is_part = true,
						 .no_discover = o->no_discover};

		r.blocked = xb_plan_needs_attention(p);
		err = xb_notify_preview(&facts, true, out);
	}
	xb_plan_free(p);
	return err;
}

struct look {
	struct xb_buf *out;
	struct xb_err *err;
};

static void end(void *data, const struct xb_publish_facts *f)
{
	struct look *l = data;

	l->err = xb_notify_preview(f, true, l->out);
}

/* What a bot that looks after it would do now: a test that fails is told by what that gave. */
static struct xb_err *look_at_line(struct xb_publish_inputs *in, struct xb_buf *out)
{
	struct look l = {.out = out};
	const struct xb_publish_listener listener = {.end = end, .data = &l};
	struct xb_publish_result r = {0};
	struct xb_err *err;

	in->listener = &listener;
	in->options.now = xb_now_s();
	err = xb_publish(in, &r);
	xb_publish_result_release(&r);
	if (!err)
		return l.err;
	xb_err_free(l.err);
	return err;
}

/* The bot that looks after it is here. */
static struct xb_err *is_known(const struct xb_config *c, const char *name, bool *known)
{
	XB_AUTO(xb_state_release) struct xb_state s = {0};

	return c->state_dir ? xb_ledger_read(c->state_dir, name, &s, known) : NULL;
}

static struct xb_err *preview(struct xb_env *env, const struct xb_config *c, struct xb_target *t,
			      struct xb_buf *out)
{
	struct xb_publish_inputs in = {.repo = env->repo,
				       .config = c,
				       .rules = env->rules,
				       .target = t,
				       .metadata = xb_env_metadata(env),
				       .options = {.dry = true}};

	bool known = false;

	if (!t->window)
		XB_TRY(is_known(c, t->name, &known));
	if (known)
		return look_at_line(&in, out);
	if (t->status != XB_TARGET_OK)
		return xb_err_new(XB_E_NOTFOUND, "%s: there is no plan", t->name);
	return look_at_window(&in, &env->o.plan, out);
}

struct xb_err *xb_cmd_mail(struct xb_env *env, bool *attention)
{
	struct xb_target_options to = {.base = env->o.base, .tip = env->o.tip};
	XB_AUTOBUF struct xb_buf out = XB_BUF_INIT;
	struct xb_config c = *env->config; /* shares all that it has */
	struct xb_targets targets = {0};
	struct xb_err *err;

	(void)attention;
	if (!env->o.preview)
		return xb_err_new(XB_E_USAGE, "mail: give --preview; mail is sent by xsabot run");
	if (c.mail.closed)
		xb_log(XB_WARN, "the repository is private and [mail] is not marked so: nobody gets this");
	if (!c.mail.on)
		c.mail = stand_in();
	err = xb_targets_find(env->repo, env->config, env->o.args, 1, &to, &targets);
	for (size_t i = 0; i < targets.n && !err; i++)
		err = preview(env, &c, &targets.v[i], &out);
	if (!err && out.n)
		fputs(out.p, stdout);
	else if (!err)
		xb_log(XB_INFO, "%s: nothing to tell", env->o.args[0]);
	xb_targets_release(&targets);
	return err;
}
