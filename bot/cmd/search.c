/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"

#include "odb/git.h"
#include "odb/oidmap.h"
#include "search/gatesearch.h"
#include "util/alloc.h"
#include "util/log.h"
#include "util/vis.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

/* The short name of the notes ref for `git notes --ref`, where it can be typed as it is; else NULL. */
static const char *notes_name(const struct xb_config *c)
{
	static const char ok[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_.-";
	const char *prefix = "refs/notes/";

	if (strncmp(c->notes, prefix, strlen(prefix)) != 0 || c->notes[strspn(c->notes, ok)])
		return NULL;
	return c->notes + strlen(prefix);
}

static void print_found(const struct xb_env *env, const struct xb_gate_search *r,
			const struct xb_gate_found *f, const struct xb_notes *notes)
{
	const struct xb_hist *h = &r->plan->window.v[f->i], *before = &r->plan->window.v[f->before];
	const char *ref = notes_name(env->config);

	printf("%s ", xb_hex(&h->oid).s);
	xb_vis_print(h->msg.subject);
	printf("\n    %s %s ", f->before > f->i ? "before" : "for", xb_hex(&before->oid).s);
	xb_vis_print(before->msg.subject);
	fputs("\n    ", stdout);
	xb_vis_print(f->why);
	putchar('\n');
	if (ref)
		printf("    git notes --ref=%s %s -m 'Prerequisite-of: %s' %s\n", ref,
		       xb_oidmap_get(notes->map, &h->oid) ? "append" : "add", xb_hex(&before->oid).s,
		       xb_hex(&h->oid).s);
}

static struct xb_err *print_all(const struct xb_env *env, const struct xb_target *t,
				const struct xb_gate_search *r)
{
	struct xb_notes notes = {0};
	struct xb_err *err =
	    xb_notes_load(env->repo, r->plan->store, env->config->notes, &r->plan->notes, &notes);

	printf("%s: the command passes with %zu commit%s more (%zu tests, %zu remembered)\n", t->name,
	       r->found.n, r->found.n == 1 ? "" : "s", r->tests, r->remembered);
	printf("    the plan that these make was tested, its tree is %s\n", xb_hex(&r->tree).s);
	for (size_t k = 0; !err && k < r->found.n; k++)
		print_found(env, r, &r->found.v[k], &notes);
	if (!err && notes_name(env->config))
		printf("\ngit push origin refs/notes/%s\n", notes_name(env->config));
	if (!err)
		puts("\n# or, in the configuration:\n[picks]");
	for (size_t k = 0; !err && k < r->found.n; k++)
		printf("%s = Prerequisite-of: %s\n", xb_hex(&r->plan->window.v[r->found.v[k].i].oid).s,
		       xb_hex(&r->plan->window.v[r->found.v[k].before].oid).s);
	xb_notes_release(&notes);
	return err;
}

static struct xb_err *print_result(const struct xb_env *env, const struct xb_target *t,
				   const struct xb_gate_search *r)
{
	switch (r->result) {
	case XB_GATE_FOUND:
		return print_all(env, t, r);
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
