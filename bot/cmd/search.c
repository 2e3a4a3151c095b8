/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"

#include "os/log.h"
#include "repo/git.h"
#include "search/gatesearch.h"
#include "util/alloc.h"
#include "util/vis.h"
#include "words/advice.h"

#include <stdio.h>
#include <sys/stat.h>

enum { MAX_TESTS = 1000 };

static void print_found(const struct xb_env *env, const struct xb_gate_search *r,
			const struct xb_gate_found *f)
{
	const struct xb_hist *h = &r->plan->window.v[f->i], *before = &r->plan->window.v[f->before];
	XB_AUTOFREE char *note = NULL;

	printf("%s ", xb_hex(&h->oid).s);
	xb_vis_print(h->msg.subject);
	printf("\n    %s %s ", f->before > f->i ? "before" : "for", xb_hex(&before->oid).s);
	xb_vis_print(before->msg.subject);
	fputs("\n    ", stdout);
	xb_vis_print(f->why);
	putchar('\n');
	if (!xb_advice_has_notes(env->config))
		return;
	note = xb_advice_note(env->config, "Prerequisite-of", xb_hex(&before->oid).s, &h->oid);
	printf("    %s\n", note);
}

static void print_command(char *command)
{
	if (command)
		puts(command);
	free(command);
}

static void print_all(const struct xb_env *env, const struct xb_target *t, const struct xb_gate_search *r)
{
	const struct xb_config *c = env->config;

	printf("%s: the command passes with %zu commit%s more (%zu tests, %zu remembered)\n", t->name,
	       r->found.n, r->found.n == 1 ? "" : "s", r->tests, r->remembered);
	printf("    the plan that these make was tested, its tree is %s\n", xb_hex(&r->tree).s);
	if (xb_advice_has_notes(c))
		print_command(xb_advice_fetch_notes(c, !git_oid_is_zero(&r->plan->notes)));
	for (size_t k = 0; k < r->found.n; k++)
		print_found(env, r, &r->found.v[k]);
	putchar('\n');
	if (xb_advice_has_notes(c))
		print_command(xb_advice_push_notes(c));
	puts("\n# or, in the configuration:\n[picks]");
	for (size_t k = 0; k < r->found.n; k++)
		printf("%s = Prerequisite-of: %s\n", xb_hex(&r->plan->window.v[r->found.v[k].i].oid).s,
		       xb_hex(&r->plan->window.v[r->found.v[k].before].oid).s);
}

static struct xb_err *print_result(const struct xb_env *env, const struct xb_target *t,
				   const struct xb_gate_search *r)
{
	switch (r->result) {
	case XB_GATE_FOUND:
		print_all(env, t, r);
		return NULL;
	case XB_GATE_NOTHING_NEEDED:
		printf("%s: the candidate passes: nothing is needed\n", t->name);
		break;
	case XB_GATE_CANT_TELL:
		printf("%s: the command can't tell %s (status 125)\n", t->name, r->why);
		break;
	case XB_GATE_TIP_FAILS:
		printf("%s: the staging tip fails as well: nothing in the window helps\n", t->name);
		break;
	case XB_GATE_NO_PICKS:
		printf("%s: the plan is empty, so the release itself fails: nothing could need anything\n",
		       t->name);
		break;
	case XB_GATE_NOT_REACHED:
		printf("%s: the staging tip passes, but not the plan with all other commits that it could "
		       "have\n",
		       t->name);
		break;
	}
	return NULL;
}

/* Where verdicts are kept without --state: owned, or NULL. */
static char *state_file(const struct xb_env *env)
{
	const char *dir = env->config->state_dir;
	struct stat st;

	if (env->o.state)
		return xb_strdup(env->o.state);
	return dir && !stat(dir, &st) && S_ISDIR(st.st_mode) ? xb_asprintf("%s/search-verdicts", dir) : NULL;
}

static struct xb_err *search(struct xb_env *env, const struct xb_target *t, bool *attention)
{
	XB_AUTOFREE char *path = state_file(env);
	struct xb_gate_inputs in = {
	    .plan = {.repo = env->repo,
		     .config = env->config,
		     .rules = env->rules,
		     .target = t,
		     .options = env->o.plan},
	    .command = {.text = env->o.command, .timeout = env->o.timeout},
	    .max_tests = env->o.tests ? env->o.tests : MAX_TESTS,
	};
	struct xb_gate_search r = {0};
	struct xb_err *err;

	XB_TRY(xb_verdicts_open(path, &in.verdicts));
	if (xb_verdicts_read(in.verdicts))
		xb_log(XB_DEBUG, "%s: %zu verdicts", path, xb_verdicts_read(in.verdicts));
	xb_stop_catch();
	err = xb_gate_search(&in, &r);
	xb_stop_ignore();
	if (!err)
		err = print_result(env, t, &r);
	*attention = r.result != XB_GATE_FOUND && r.result != XB_GATE_NOTHING_NEEDED;
	xb_gate_search_release(&r);
	xb_verdicts_free(in.verdicts);
	return err;
}

struct xb_err *xb_cmd_search(struct xb_env *env, bool *attention)
{
	struct xb_target_options to = {.base = env->o.base, .tip = env->o.tip};
	struct xb_targets targets = {0};
	struct xb_err *err;

	if (!env->o.command || !*env->o.command)
		return xb_err_new(XB_E_USAGE, "search: which --command?");
	XB_TRY(xb_targets_find(env->repo, env->config, env->o.args, 1, &to, &targets));
	if (targets.v[0].status != XB_TARGET_OK)
		err = xb_err_new(XB_E_NOTFOUND, "%s: %s", targets.v[0].name,
				 targets.v[0].status == XB_TARGET_NO_STAGING ? "no staging ref"
									     : "no release in staging");
	else
		err = search(env, &targets.v[0], attention);
	xb_targets_release(&targets);
	return err;
}
