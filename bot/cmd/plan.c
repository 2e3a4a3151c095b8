/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/cmd.h"

#include "plan-json.h"
#include "util/alloc.h"
#include "util/log.h"
#include "util/vis.h"

static void print_vis(const char *s)
{
	XB_AUTOFREE char *safe = xb_vis_dup(s);

	fputs(safe, stdout);
}

static void print_text(const struct xb_plan *p)
{
	const struct xb_target *t = p->target;

	printf("%s: %s", t->name, t->base_tag ? t->base_tag : git_oid_tostr_s(&t->base));
	printf("..%.12s, %zu commits, %zu picks\n", git_oid_tostr_s(&t->tip), p->window.n, p->picks.n);
	for (size_t i = 0; i < p->picks.n; i++) {
		const struct xb_plan_pick *k = &p->picks.v[i];

		printf("  %.12s %-12s ", git_oid_tostr_s(&k->commit), xb_role_name(k->role));
		print_vis(k->subject);
		printf("\n    ");
		print_vis(k->why ? k->why : "");
		putchar('\n');
	}
	for (size_t i = 0; i < p->blocked.n; i++) {
		printf("  blocked: ");
		print_vis(p->blocked.v[i].why);
		putchar('\n');
	}
}

struct xb_err *xb_cmd_plan(struct xb_env *env, bool *attention)
{
	struct xb_target_options to = {.base = env->o.base, .tip = env->o.tip};
	struct xb_targets targets;
	struct xb_err *err;
	json_t *lines = json_array();

	XB_TRY(xb_targets_find(env->repo, env->config, env->o.args, env->o.n_args, &to, &targets));
	for (size_t i = 0; i < targets.n; i++) {
		struct xb_plan_inputs in = {.repo = env->repo, .config = env->config, .rules = env->rules, .target = &targets.v[i], .options = env->o.plan};
		struct xb_plan *p = NULL;

		if (in.target->status != XB_TARGET_OK) {
			json_array_append_new(lines, xb_target_json(in.target));
			continue;
		}
		err = xb_plan_make(&in, &p);
		if (err)
			return xb_err_wrap(err, "%s", in.target->name);
		if (env->o.format == XB_FORMAT_IDS)
			for (size_t k = 0; k < p->picks.n; k++)
				puts(git_oid_tostr_s(&p->picks.v[k].commit));
		else if (env->o.format == XB_FORMAT_JSON)
			json_array_append_new(lines, xb_plan_json(p, env->o.left_out));
		else
			print_text(p);
		*attention |= xb_plan_needs_attention(p);
		xb_plan_free(p);
	}
	if (env->o.format == XB_FORMAT_JSON) {
		XB_AUTOFREE char *s = xb_plan_json_dump(lines);

		fputs(s, stdout);
	} else {
		json_decref(lines);
	}
	xb_targets_release(&targets);
	return NULL;
}
