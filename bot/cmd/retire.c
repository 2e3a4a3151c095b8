/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"

#include "state/retire.h"
#include "lines/linenames.h"
#include "mail/notify.h"
#include "os/log.h"
#include "repo/git.h"
#include "spool/spool.h"
#include "target/session.h"
#include "util/alloc.h"

#include <stdio.h>
#include <string.h>

enum { LOCK_WAIT_MS = 60000 };

static bool is_selected(const struct xb_env *env, const char *line)
{
	struct xb_targets targets = {0};
	char *names[] = {xb_strdup(line)};
	struct xb_err *err = xb_targets_find(env->repo, env->config, names, 1, NULL, &targets);
	bool is = !err && targets.n;

	free(names[0]);
	xb_err_free(err);
	xb_targets_release(&targets);
	return is;
}

/* Lines that come to their end. */
struct ending {
	struct xb_env *env;
	struct xb_session session;
	struct xb_notify *notify;
};

/* ---- telling ---- */

/* The one last mail; a look at the line would say the same, but there may never be one. */
static struct xb_err *tell(struct ending *e, const char *name, const struct xb_state *state)
{
	struct xb_env *env = e->env;
	XB_AUTO(xb_past_target_release) struct xb_target t = {0};
	XB_AUTO(xb_publish_result_release)
	struct xb_publish_result r = {.what = XB_PUBLISHED_ENDED, .until = XB_NEVER};
	struct xb_publish_inputs in = {.repo = env->repo,
				       .vault = e->session.vault,
				       .metadata = e->session.metadata,
				       .config = env->config,
				       .rules = env->rules,
				       .target = &t};
	struct xb_publish_facts facts = {.in = &in, .state = state, .result = &r};
	struct xb_reason *why = xb_whys_add(&r.reasons, XB_WHY_ENDED);

	why->until = state->ended_at;
	why->detail = xb_strdup(state->ended);
	r.why = xb_whys_line(&r.reasons);
	XB_TRY(xb_past_target(env->repo, env->config, name, state, &t));
	xb_notify_target(e->notify, &facts);
	printf("%s: %s stays for good: %s\n", name, t.derived_ref, r.why);
	return NULL;
}

static struct xb_err *end_one(struct ending *e, const char *name)
{
	struct xb_env *env = e->env;
	struct xb_retire r = {.repo = env->repo,
			      .vault = e->session.vault,
			      .config = env->config,
			      .name = name,
			      .reason = env->o.reason,
			      .now = xb_now_s()};
	struct xb_state state = {0};
	bool again = false;
	struct xb_err *err;

	if (env->o.dry_run) {
		printf("%s: would end\n", name);
		return NULL;
	}
	err = xb_retire(&r, &state, &again);
	if (!err && again)
		printf("%s: has ended already: %s\n", name, state.ended);
	else if (!err)
		err = tell(e, name, &state);
	xb_state_release(&state);
	return err;
}

/* ---- retire ---- */

static struct xb_err *end_all(struct ending *e)
{
	struct xb_env *env = e->env;
	XB_AUTOSTRV struct xb_strv names = {0};
	const char *line = env->o.args[0];

	XB_TRY(xb_ledger_of_line(env->config, line, &names));
	if (!names.n)
		return xb_err_new(XB_E_USAGE, "nothing was published of a line %s", line);
	for (size_t i = 0; i < names.n; i++)
		XB_TRY(end_one(e, names.v[i]));
	return NULL;
}

static struct xb_err *end_locked(struct xb_env *env)
{
	struct ending e = {
	    .env = env,
	    .session = {
		.repo = env->repo, .config = env->config, .rules = env->rules, .wait_ms = LOCK_WAIT_MS}};
	struct xb_err *err, *mail;

	XB_TRY(xb_session_open(&e.session));
	e.notify = xb_notify_new(env->config, env->config->state_dir, xb_now_s());
	err = end_all(&e);
	mail = xb_notify_flush(e.notify);
	xb_notify_free(e.notify);
	xb_session_close(&e.session);
	xb_log_err(XB_ERROR, "mail: ", mail);
	return err;
}

/* Who reports and pushes to mirrors looks at it now. */
static struct xb_err *follow(struct xb_env *env, bool *attention)
{
	struct xb_err *err;

	if (is_selected(env, env->o.args[0]))
		return xb_cmd_publish(env, attention);
	err = xb_spool_post(env->config->spool);
	return xb_err_allow(err, XB_E_NOTFOUND);
}

struct xb_err *xb_cmd_retire(struct xb_env *env, bool *attention)
{
	XB_TRY(xb_check_reason("retire", env->o.reason));
	XB_TRY(end_locked(env));
	fflush(stdout);
	return env->o.dry_run ? NULL : follow(env, attention);
}

/* ---- unretire ---- */

struct xb_err *xb_cmd_unretire(struct xb_env *env, bool *attention)
{
	const char *line = env->o.args[0];
	XB_AUTOSTRV struct xb_strv names = {0};

	if (!is_selected(env, line))
		return xb_err_new(
		    XB_E_USAGE,
		    "there is no line %s: [lines] lines must name it, and its stable branch be there", line);
	XB_TRY(xb_ledger_of_line(env->config, line, &names));
	if (!names.n)
		return xb_err_new(XB_E_USAGE, "nothing was published of a line %s", line);
	env->o.unretire = true;
	return xb_cmd_publish(env, attention);
}
