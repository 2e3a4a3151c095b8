/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"

#include "tables.h"
#include "advisories/table.h"
#include "odb/ancestry.h"
#include "repo/git.h"
#include "state/stateref.h"
#include "util/alloc.h"
#include "util/vis.h"
#include "words/settle.h"

#include <stdio.h>

#define MAX_HUNKS 3
#define MAX_LINES 12

static void put_list(const char *title, const struct xb_strv *v)
{
	if (!v->n)
		return;
	printf("  %s:", title);
	for (size_t i = 0; i < v->n; i++) {
		putchar(' ');
		xb_vis_print(v->v[i]);
	}
	putchar('\n');
}

static void put_evidence(const struct xb_evidences *ev)
{
	for (size_t i = 0; i < ev->n; i++) {
		const struct xb_evidence *e = &ev->v[i];

		printf("  evidence: %s", xb_evidence_name(e->kind));
		if (e->name) {
			fputs(" \"", stdout);
			xb_vis_print(e->name);
			putchar('"');
		}
		if (e->path) {
			fputs(" in ", stdout);
			xb_vis_print(e->path);
		}
		if (e->line)
			printf(e->path ? ":%zu" : ", line %zu of the message", e->line);
		if (e->need)
			printf(", for %s", e->need);
		putchar('\n');
	}
}

static struct xb_err *put_lines(struct xb_picker *p, const char *mark, const struct xb_entry *e, size_t from,
				size_t n)
{
	struct xb_text *t;

	printf("    %s %s lines %zu to %zu\n", mark, mark[0] == '<' ? "the branch," : "the commit,", from + 1,
	       from + n);
	if (!e->mode)
		return NULL;
	XB_TRY(xb_picker_text(p, &e->oid, &t));
	for (size_t i = from; i < from + n && i < t->n && i < from + MAX_LINES; i++) {
		XB_AUTOBUF struct xb_buf line = XB_BUF_INIT;
		size_t len = xb_text_size(t, i, i + 1);

		if (len && xb_text_at(t, i)[len - 1] == '\n')
			len--;
		xb_vis(&line, xb_text_at(t, i), len, XB_VIS_LINES);
		printf("    %c %s\n", mark[0], line.p ? line.p : "");
	}
	if (n > MAX_LINES)
		printf("    %c ... %zu more lines\n", mark[0], n - MAX_LINES);
	return NULL;
}

static struct xb_err *put_conflict(struct xb_picker *p, const struct xb_conflict *c)
{
	fputs("  ", stdout);
	xb_vis_print(c->path);
	printf(": %s: %s\n", xb_conflict_kind_name(c->kind), c->why);
	for (size_t i = 0; i < c->hunks.n && i < MAX_HUNKS; i++) {
		const struct xb_hunk *h = &c->hunks.v[i];

		XB_TRY(put_lines(p, "<", &c->ours, h->ours, h->ours_n));
		XB_TRY(put_lines(p, ">", &c->theirs, h->theirs, h->theirs_n));
	}
	if (c->hunks.n > MAX_HUNKS)
		printf("    and %zu more places\n", c->hunks.n - MAX_HUNKS);
	return NULL;
}

/* From the chain where it was built; else from the release. */
static void put_reproduce(const struct xb_env *env, const struct xb_plan *p, const struct xb_stuck *s)
{
	const struct xb_target *t = p->target;
	bool built = git_odb_exists(xb_store_odb(p->store), xb_plan_tip(p, p->picks.n));
	XB_AUTOFREE char *options = xb_advice_options(env->config), *commands = NULL;
	XB_AUTOFREE char *window = t->window ? xb_asprintf(" --base %.*s --tip %.*s", XB_SHORT,
							   xb_hex(&t->base).s, XB_SHORT, xb_hex(&t->tip).s)
					     : xb_strdup("");
	XB_AUTOFREE char *build = xb_asprintf("xsabot build %s %s%s%s", t->name, options, window,
					      env->o.plan.no_discover ? " --no-discover" : "");
	struct xb_reproduce r = {.plan = p,
				 .stuck = s,
				 .start = built ? *xb_plan_tip(p, p->picks.n) : t->base,
				 .from = built ? p->picks.n : 0,
				 .build = build};

	commands = xb_stuck_reproduce(&r, " && ");
	printf("  to reproduce: %s\n", commands);
}

/* One line each: the notes that are there come first, as one that is added to no copy of them can't be
 * pushed. */
static void put_ways(const struct xb_config *c, const struct xb_plan *p, const struct xb_stuck *s)
{
	XB_AUTOFREE char *fetch = xb_advice_fetch_notes(c, !git_oid_is_zero(&p->notes));
	XB_AUTOFREE char *push = xb_advice_push_notes(c);
	struct xb_ways ways;

	xb_stuck_ways(c, p, s, &ways);
	for (size_t i = 0; i < ways.n; i++) {
		XB_AUTOFREE char *commands = xb_strv_join(&ways.v[i].commands, " && ");

		printf("  to settle it: %s%s%s && %s\n      if %s\n", fetch ? fetch : "", fetch ? " && " : "",
		       commands, push, ways.v[i].when);
	}
	xb_ways_release(&ways);
}

static struct xb_err *put_blocked(const struct xb_env *env, const struct xb_plan *p,
				  const struct xb_plan_blocked *b)
{
	const struct xb_stuck stuck = xb_stuck_of(b);

	printf("  blocked: ");
	xb_vis_print(b->why);
	putchar('\n');
	put_list("advisories", &b->advisories);
	for (size_t i = 0; i < b->conflict.n; i++)
		XB_TRY(put_conflict(p->picker, &b->conflict.v[i]));
	put_list("may settle it", &b->candidates);
	put_reproduce(env, p, &stuck);
	put_ways(env->config, p, &stuck);
	return NULL;
}

/* What the plan says of window commit I; false when it says nothing. */
static struct xb_err *explain_commit(const struct xb_env *env, const struct xb_plan *p, size_t i)
{
	const struct xb_hist *h = &p->window.v[i];

	printf("%s: %s ", p->target->name, xb_hex(&h->oid).s);
	xb_vis_print(h->msg.subject);
	putchar('\n');
	for (size_t k = 0; k < p->picks.n; k++) {
		const struct xb_plan_pick *pick = &p->picks.v[k];

		if (pick->window != i)
			continue;
		printf("  pick %zu of %zu, as %s: ", k + 1, p->picks.n, xb_role_name(pick->role));
		xb_vis_print(pick->why);
		printf("\n  in the branch as %s%s\n", xb_hex(&pick->derived).s,
		       k < p->publishable ? "" : " once the block behind it is settled");
		if (!git_oid_is_zero(&pick->replaces))
			printf("  replaced by %s\n", xb_hex(&pick->commit).s);
		put_list("advisories", &pick->advisories);
		put_list("needed by", &pick->needed_by);
		put_list("repairs", &pick->fixes);
		put_evidence(&pick->evidence);
		return NULL;
	}
	for (size_t k = 0; k < p->blocked.n; k++)
		if (p->blocked.v[k].window == i || p->blocked.v[k].wanted == i)
			return put_blocked(env, p, &p->blocked.v[k]);
	for (size_t k = 0; k < p->left_out.n; k++) {
		const struct xb_plan_left *l = &p->left_out.v[k];

		if (l->window != i)
			continue;
		printf("  left out (%s): ", xb_left_reason_name(l->reason));
		xb_vis_print(l->why);
		putchar('\n');
		put_list("conflicts in", &l->paths);
		return NULL;
	}
	puts("  not in the branch: no rule makes it a security fix, a repair of one, or a need of one");
	return NULL;
}

/* What the advisory's picks changed and that stands as the stable branch never had it. */
static void put_residue(const struct xb_plan *p, const char *advisory)
{
	for (size_t k = 0; k < p->residue.n; k++) {
		const struct xb_residue_item *r = &p->residue.v[k];

		if (!xb_strv_has(&r->advisories, advisory))
			continue;
		printf("  untested: %s ", xb_block_kind_name(r->kind));
		xb_vis_print(r->name);
		fputs(" in ", stdout);
		xb_vis_print(r->path);
		fputs(" stands as the stable branch never had it, without", stdout);
		for (size_t i = 0; i < r->by.n; i++)
			printf(" %.12s", r->by.v[i]);
		putchar('\n');
	}
}

/* WAITING: what those that wait for something wait for; NULL: none does. */
static struct xb_err *explain_advisory(const struct xb_env *env, const struct xb_plan *p, const char *id,
				       const char *waiting, bool *found)
{
	for (size_t i = 0; i < p->advisories.n; i++) {
		const struct xb_plan_advisory *a = &p->advisories.v[i];

		if (strcmp(a->id, id) != 0 && !xb_strv_has(&a->aliases, id))
			continue;
		*found = true;
		printf("%s: %s is %s", p->target->name, a->id, xb_advisory_state_name(a->state));
		if (a->excluded)
			printf(", %zu of %zu commits excluded", a->excluded, a->commits.n);
		if (waiting && a->state == XB_ADV_WAITING) {
			fputs(": ", stdout);
			xb_vis_print(waiting);
		}
		putchar('\n');
		for (size_t w = 0; w < p->window.n; w++)
			if (xb_strv_has(&a->commits, xb_hex(&p->window.v[w].oid).s))
				XB_TRY(explain_commit(env, p, w));
		for (size_t k = 0; k < p->picks.n; k++)
			if (p->picks.v[k].role != XB_ROLE_SECURITY &&
			    xb_strv_has(&p->picks.v[k].advisories, a->id))
				XB_TRY(explain_commit(env, p, p->picks.v[k].window));
		put_residue(p, a->id);
	}
	return NULL;
}

struct base_fix {
	const char *id;
	const struct xb_target *t;
	bool found;
};

static void put_base_fix(void *ctx, const struct xb_hist *h)
{
	struct base_fix *b = ctx;

	for (size_t i = 0; i < h->msg.tags.n; i++) {
		const struct xb_tag *tag = &h->msg.tags.v[i];

		if (!xb_strv_has(&tag->ids, b->id) && !xb_strv_has(&tag->aliases, b->id))
			continue;
		if (!b->found)
			printf("%s: %s is applied-in-base: %s has it\n", b->t->name, b->id,
			       b->t->base_tag ? b->t->base_tag : "the base");
		b->found = true;
		printf("  %s ", xb_hex(&h->oid).s);
		xb_vis_print(h->msg.subject);
		putchar('\n');
		return;
	}
}

static struct xb_err *explain_base(struct xb_env *env, const struct xb_plan *p, const char *id, bool *found)
{
	struct base_fix b = {.id = id, .t = p->target};
	struct xb_err *err = xb_plan_base_fixes(p, env->rules, put_base_fix, &b);

	*found |= b.found;
	return err;
}

/* The line has no commit for the advisory: what does the metadata say of that? */
static void explain_absence(struct xb_env *env, const struct xb_target *t, const char *id, bool *found,
			    bool *missing)
{
	enum xb_advisory_state state;

	if (!xb_table_absent(xb_env_metadata(env), t->line, id, &state))
		return;
	*found = true;
	*missing |= state == XB_ADV_MISSING;
	printf("%s: %s is %s: ", t->name, id, xb_advisory_state_name(state));
	if (state == XB_ADV_MISSING)
		printf("its metadata has a fix for %s, and no commit of the stable branch or of the base "
		       "says that "
		       "it is part of it; a note on the commit (Security: %s) would\n",
		       t->line, id);
	else
		printf("its metadata has no fix for %s\n", t->line);
}

/* No line has a commit for the advisory, and no file says of which lines it is. */
static void put_unknown(struct xb_env *env, const char *id)
{
	struct xb_metadata *m = xb_env_metadata(env);
	const struct xb_metadata_advisory *a = xb_metadata_find(m, id);

	printf("%s is in no window and, as far as can be seen, in no release of these lines. ", id);
	if (a) {
		fputs("xsa.json has it", stdout);
		if (a->title) {
			fputs(" (\"", stdout);
			xb_vis_print(a->title);
			fputs("\")", stdout);
		}
		puts(", and no .meta file says on which lines it has fixes");
	} else if (xb_metadata_listed(m)) {
		puts("xsa.json doesn't have it, either: no such advisory is public");
	} else {
		puts("Whether it concerns them, only metadata tells: see [rules] metadata in xsabot.conf(5)");
	}
}

static struct xb_err *explain_oid(struct xb_env *env, const struct xb_plan *p, const git_oid *oid,
				  bool *found)
{
	bool in_base = false;

	for (size_t i = 0; i < p->window.n; i++) {
		if (!git_oid_equal(&p->window.v[i].oid, oid))
			continue;
		*found = true;
		return explain_commit(env, p, i);
	}
	for (size_t k = 0; k < p->picks.n; k++) {
		if (!git_oid_equal(&p->picks.v[k].derived, oid) && !git_oid_equal(&p->picks.v[k].commit, oid))
			continue;
		*found = true;
		return explain_commit(env, p, p->picks.v[k].window);
	}
	XB_TRY(xb_ancestor_of(p->store, oid, &p->target->base, &in_base));
	if (in_base && env->o.n_args > 1) {
		*found = true;
		printf("%s: %s is in the base%s%s\n", p->target->name, xb_hex(oid).s,
		       p->target->base_tag ? ", " : "", p->target->base_tag ? p->target->base_tag : "");
	}
	return NULL;
}

static struct xb_err *explain_in(struct xb_env *env, const struct xb_target *t, const char *advisory,
				 const git_oid *oid, bool *found, bool *missing)
{
	struct xb_state state = {0};
	struct xb_plan *p = NULL;
	struct xb_err *err;
	bool here = false;

	if (t->status != XB_TARGET_OK)
		return NULL;
	XB_TRY(xb_cmd_make_plan(env, t, &p));
	if (advisory) {
		err = t->window ? NULL : xb_state_read(p->store, &t->state, &state);
		if (!err)
			err = explain_advisory(env, p, advisory, xb_state_waiting(&state, p), &here);
		if (!err && !here)
			err = explain_base(env, p, advisory, &here);
		if (!err && !here)
			explain_absence(env, t, advisory, &here, missing);
	} else {
		err = explain_oid(env, p, oid, &here);
	}
	*found |= here;
	xb_state_release(&state);
	xb_plan_free(p);
	return err;
}

static struct xb_err *resolve(struct xb_env *env, const char *what, git_oid *oid)
{
	git_object *o = NULL, *c = NULL;
	int rc = git_revparse_single(&o, env->repo, what);

	if (!rc)
		rc = git_object_peel(&c, o, GIT_OBJECT_COMMIT);
	if (!rc)
		*oid = *git_object_id(c);
	git_object_free(o);
	git_object_free(c);
	return rc ? xb_err_new(XB_E_USAGE, "%s is neither an advisory like %s nor a commit of the repository",
			       what, env->config->advisory)
		  : NULL;
}

struct xb_err *xb_cmd_explain(struct xb_env *env, bool *attention)
{
	struct xb_target_options to = {.base = env->o.base, .tip = env->o.tip};
	XB_AUTOFREE char *advisory = xb_rules_advisory(env->rules, env->o.args[0]);
	struct xb_targets targets = {0};
	struct xb_err *err = NULL;
	git_oid oid = {{0}};
	bool found = false, looked = false;

	if (!advisory)
		XB_TRY(resolve(env, env->o.args[0], &oid));
	XB_TRY(xb_targets_find(env->repo, env->config, env->o.args + 1, env->o.n_args - 1, &to, &targets));
	for (size_t i = 0; !err && i < targets.n; i++) {
		looked |= targets.v[i].status == XB_TARGET_OK;
		err = explain_in(env, &targets.v[i], advisory, &oid, &found, attention);
	}
	xb_targets_release(&targets);
	if (err || found)
		return err;
	if (!looked)
		return xb_err_new(
		    XB_E_USAGE,
		    "explain looks at stable branches and releases, of which this repository has "
		    "none like %s with %s; git clone --mirror brings all",
		    env->config->line_default.staging, env->config->line_default.release);
	if (advisory)
		put_unknown(env, advisory);
	else
		printf("%s is in no window and, as far as can be seen, in no release of these lines\n",
		       env->o.args[0]);
	return NULL;
}
