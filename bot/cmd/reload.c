/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configuration again, for the commands that stay. */
#include "cmd.h"

#include "util/alloc.h"
#include "util/chore.h"
#include "util/log.h"
#include "engine/waker.h"

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

static struct xb_err *reload(struct xb_env *env, const struct xb_reload *r)
{
	struct xb_config *config = NULL;
	struct xb_rules *rules = NULL;
	struct xb_err *err = load(env, &config, &rules);

	if (!err && r->check)
		err = r->check(config);
	if (!err) {
		struct xb_config *old_config = env->config;
		struct xb_rules *old_rules = env->rules;

		env->config = config;
		env->rules = rules;
		r->use(r->data);
		config = old_config;
		rules = old_rules;
	}
	xb_rules_free(rules);
	xb_config_free(config);
	return err;
}

struct xb_err *xb_reload(struct xb_env *env, const struct xb_reload *r)
{
	XB_AUTOFREE char *text = xb_asprintf("RELOADING=1\nMONOTONIC_USEC=%lld000", (long long)xb_now_ms());
	struct xb_err *err;

	xb_waker_tell(text);
	err = reload(env, r);
	if (err) {
		xb_log(XB_ERROR, "%s", err->msg);
		xb_log(XB_ERROR, "the configuration was not taken over; the old one stays in force");
	} else {
		xb_log(XB_INFO, "the configuration was read again");
	}
	xb_waker_tell("READY=1");
	return err;
}
