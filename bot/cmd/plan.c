/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"

#include "tables.h"
#include "advisories/prereqs.h"
#include "advisories/table.h"
#include "os/log.h"
#include "plan/leftout.h"
#include "plan/plan-json.h"
#include "repo/git.h"
#include "state/stateref.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <stdio.h>

static void put_ids(const struct xb_strv *v)
{
	for (size_t i = 0; i < v->n; i++) {
		fputs(i ? ", " : " [", stdout);
		xb_vis_print(v->v[i]);
	}
	if (v->n)
		putchar(']');
}

static void print_pick(const struct xb_plan_pick *k)
{
	printf("  %.12s %-12s ", xb_hex(&k->commit).s, xb_role_name(k->role));
	xb_vis_print(k->subject);
	put_ids(&k->advisories);
	fputs("\n      ", stdout);
	xb_vis_print(k->why);
	putchar('\n');
}

static void print_left(const struct xb_plan *p, const struct xb_plan_left *l)
{
	const struct xb_hist *h = &p->window.v[l->window];

	printf("  %.12s left out, %s: ", xb_hex(&h->oid).s, xb_left_reason_name(l->reason));
	xb_vis_print(h->msg.subject);
	put_ids(&l->advisories);
	fputs("\n      ", stdout);
	xb_vis_print(l->why);
	putchar('\n');
}

static void print_counts(const struct xb_plan *p)
{
	size_t by_role[XB_ROLE_PREREQUISITE + 1] = {0};

	for (size_t i = 0; i < p->picks.n; i++)
		by_role[p->picks.v[i].role]++;
	printf(", %zu commits, %zu picks", p->window.n, p->picks.n);
	for (size_t r = 0, said = 0; r <= XB_ROLE_PREREQUISITE; r++)
		if (by_role[r])
			printf("%s%zu %s", said++ ? ", " : ": ", by_role[r], xb_role_name((enum xb_role)r));
	puts(p->blocked.n ? "; blocked" : "");
}

static void print_text(const struct xb_plan *p)
{
	const struct xb_target *t = p->target;

	printf("%s: %s..", t->name, t->base_tag ? t->base_tag : xb_hex(&t->base).s);
	printf("%.12s", xb_hex(&t->tip).s);
	print_counts(p);
	for (size_t i = 0; i < p->picks.n; i++)
		print_pick(&p->picks.v[i]);
	for (size_t i = 0; i < p->left_out.n; i++)
		print_left(p, &p->left_out.v[i]);
	for (size_t i = 0; i < p->blocked.n; i++) {
		fputs("  blocked: ", stdout);
		xb_vis_print(p->blocked.v[i].why);
		put_ids(&p->blocked.v[i].advisories);
		putchar('\n');
	}
}

static void put_more(const char *before, const char *text, bool *said)
{
	if (!text)
		return;
	fputs(*said ? "; " : "\n      ", stdout);
	fputs(before, stdout);
	xb_vis_print(text);
	*said = true;
}

static void print_leftouts(const struct xb_plan *p, const struct xb_leftouts *l)
{
	const struct xb_residue *r = &p->residue;

	printf("%s: not in the branch: %zu of %zu commits\n", p->target->name, l->n, p->window.n);
	printf("%s: of %zu definitions that picks changed, %zu stand as on the stable branch, %zu as it once "
	       "had them, %zu as it never had them\n",
	       p->target->name, r->touched, r->tested, r->once, r->n);
	for (size_t i = 0; i < l->n; i++) {
		const struct xb_leftout *o = &l->v[i];
		const struct xb_hist *h = &p->window.v[o->window];
		bool said = false;

		printf("%s %.12s ",
		       o->residue ? "!"
		       : o->fixes ? "*"
		       : o->words ? "?"
				  : " ",
		       xb_hex(&h->oid).s);
		xb_vis_print(h->msg.subject);
		put_more("without it untested: ", o->residue, &said);
		put_more("", o->fixes, &said);
		put_more("", o->words, &said);
		putchar('\n');
	}
}

static json_t *leftouts_json(const struct xb_plan *p, const struct xb_leftouts *l)
{
	json_t *a = json_array();

	for (size_t i = 0; i < l->n; i++) {
		const struct xb_hist *h = &p->window.v[l->v[i].window];
		json_t *o = json_object();

		json_object_set_new(o, "commit", json_string(xb_hex(&h->oid).s));
		xb_json_text(o, "subject", h->msg.subject);
		xb_json_text(o, "fixes", l->v[i].fixes);
		xb_json_text(o, "words", l->v[i].words);
		xb_json_text(o, "residue", l->v[i].residue);
		json_array_append_new(a, o);
	}
	return a;
}

/* Of an advisory that is none of the plan's. */
static json_t *row_json(const struct xb_table_row *r)
{
	json_t *o = json_object();

	xb_json_text(o, "id", r->id);
	json_object_set_new(o, "aliases", xb_json_texts(&r->aliases));
	json_object_set_new(o, "state", json_string(xb_advisory_state_name(r->state)));
	json_object_set_new(o, "commits", xb_json_texts(&r->commits));
	json_object_set_new(o, "excluded", json_integer(0));
	xb_json_text(o, "why", r->why);
	return o;
}

static char *missing_words(const struct xb_table_row *r)
{
	return xb_asprintf("%s is missing: %s", r->id, r->why);
}

/* What the base has, and what the metadata says that the line lacks or doesn't need. */
static void add_rows(const struct xb_table *t, json_t *plan)
{
	json_t *list = json_object_get(plan, "advisories"), *warnings = json_object_get(plan, "warnings");

	for (size_t i = t->plan->advisories.n; i < t->rows.n; i++) {
		const struct xb_table_row *r = &t->rows.v[i];
		XB_AUTOFREE char *words = r->state == XB_ADV_MISSING ? missing_words(r) : NULL;

		json_array_append_new(list, row_json(r));
		if (words)
			json_array_append_new(warnings, json_string(words));
	}
}

static struct xb_err *show(struct xb_env *env, const struct xb_plan *p, const struct xb_table *t,
			   json_t *lines)
{
	struct xb_leftouts left = {0};
	struct xb_err *err = env->o.left_out ? xb_leftout_find(p, env->rules, &left) : NULL;

	if (err)
		return err;
	if (env->o.format == XB_FORMAT_IDS) {
		for (size_t k = 0; k < p->picks.n; k++)
			puts(xb_hex(&p->picks.v[k].commit).s);
	} else if (env->o.format == XB_FORMAT_JSON) {
		json_t *one = xb_plan_json(p);

		json_object_set_new(json_object_get(one, "counts"), "trials",
				    json_integer((json_int_t)p->trials));
		add_rows(t, one);
		json_object_set_new(json_object_get(one, "counts"), "work",
				    json_integer((json_int_t)p->work));
		json_object_set_new(one, "notices", xb_json_texts(&p->notices));
		if (env->o.left_out)
			json_object_set_new(one, "not_in_branch", leftouts_json(p, &left));
		json_array_append_new(lines, one);
	} else {
		print_text(p);
		if (env->o.left_out)
			print_leftouts(p, &left);
	}
	xb_leftouts_release(&left);
	return NULL;
}

static struct xb_err *warn(struct xb_env *env, const struct xb_plan *p, const struct xb_table *t)
{
	struct xb_prereqs_inputs in = {.metadata = xb_env_metadata(env), .rules = env->rules, .plan = p};
	XB_AUTOSTRV struct xb_strv findings = {0};
	struct xb_err *err = xb_prereqs_check(&in, &findings);

	for (size_t i = 0; i < p->warnings.n; i++)
		xb_log(XB_WARN, "%s: %s", p->target->name, p->warnings.v[i]);
	for (size_t i = 0; i < p->notices.n; i++)
		xb_log(XB_WARN, "%s: %s", p->target->name, p->notices.v[i]);
	for (size_t i = 0; i < findings.n; i++)
		xb_log(XB_WARN, "%s", findings.v[i]);
	for (size_t i = p->advisories.n; i < t->rows.n; i++) {
		XB_AUTOFREE char *words =
		    t->rows.v[i].state == XB_ADV_MISSING ? missing_words(&t->rows.v[i]) : NULL;

		if (words)
			xb_log(XB_WARN, "%s: %s", p->target->name, words);
	}
	return err;
}

struct xb_err *xb_cmd_make_plan(struct xb_env *env, const struct xb_target *t, struct xb_plan **out)
{
	struct xb_plan_inputs in = {.repo = env->repo,
				    .config = env->config,
				    .rules = env->rules,
				    .target = t,
				    .options = env->o.plan};

	if (env->o.config)
		XB_TRY(xb_state_rules_version(env->repo, env->config, t, &in.rules_version));
	return xb_plan_make(&in, out);
}

/* Only JSON has them all; the others say what is missing, which takes metadata. */
static struct xb_err *list_advisories(struct xb_env *env, const struct xb_plan *p, struct xb_table *out)
{
	struct xb_table_inputs in = {.plan = p,
				     .rules = env->rules,
				     .metadata = xb_env_metadata(env),
				     .n_published = SIZE_MAX,
				     .not_here = true};

	return env->o.format == XB_FORMAT_JSON || *env->config->metadata ? xb_table_make(&in, out) : NULL;
}

static struct xb_err *plan_one(struct xb_env *env, const struct xb_target *t, json_t *lines, bool *attention)
{
	struct xb_plan *p = NULL;
	struct xb_table table = {0};
	struct xb_err *err;

	if (t->status != XB_TARGET_OK) {
		*attention |= env->o.n_args != 0; /* a line that is asked for, and there is nothing */
		json_array_append_new(lines, xb_target_json(t));
		if (env->o.format == XB_FORMAT_TEXT)
			printf("%s: no plan: %s %s\n", t->name, t->tip_ref ? t->tip_ref : "the tip",
			       t->status == XB_TARGET_NO_STAGING ? "is not there" : "contains no release");
		return NULL;
	}
	err = xb_cmd_make_plan(env, t, &p);
	if (err)
		return xb_err_wrap(err, "%s", t->name);
	err = list_advisories(env, p, &table);
	if (!err)
		err = show(env, p, &table, lines);
	if (!err)
		err = warn(env, p, &table);
	xb_table_release(&table);
	if (t->stray && !t->window)
		xb_log(XB_WARN, "%s: the tag %s is higher than its release and passed over: %s", t->name,
		       t->stray, t->stray_why);
	*attention |= xb_plan_needs_attention(p) || (t->stray && !t->window);
	xb_plan_free(p);
	return err;
}

struct xb_err *xb_cmd_plan(struct xb_env *env, bool *attention)
{
	struct xb_target_options to = {.base = env->o.base, .tip = env->o.tip};
	struct xb_targets targets;
	json_t *lines;
	struct xb_err *err;

	XB_TRY(xb_targets_find(env->repo, env->config, env->o.args, env->o.n_args, &to, &targets));
	lines = json_array();
	err = NULL;
	for (size_t i = 0; i < targets.n; i++) {
		struct xb_err *one = plan_one(env, &targets.v[i], lines, attention);

		/* A line that fails doesn't keep the others from being shown. */
		xb_log_later(&err, one);
	}
	xb_targets_release(&targets);
	if (env->o.format == XB_FORMAT_JSON) {
		XB_AUTOFREE char *s = xb_plan_json_dump(lines);

		fputs(s, stdout);
	} else {
		json_decref(lines);
	}
	return err;
}
