/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check-advisory: files of an advisory that may not be public yet, tried on each
 * line: on the release, on the branch, on the stable branch; and, as commits there,
 * what the plan would make of them.
 */
#include "tables.h"
#include "advisories/trypatch.h"
#include "export/cases.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "words/advice.h"

#include <fnmatch.h>
#include <glob.h>
#include <string.h>

/* An advisory to be checked: a file xsaN.meta, or patch files. */
struct subject {
	char *id;
	char *meta; /* the path of its metadata; NULL: patches alone */
	struct xb_patchset patches;
};

struct checking {
	struct xb_cases cases;
	struct xb_metadata *metadata;
	struct {
		struct subject *v;
		size_t n, cap;
	} subjects;
};

/* ---- the files ---- */

/* "xsa492-4.17-1.patch" is of "XSA-492", where that is how advisories are named. */
static char *id_of_name(const struct xb_env *env, const char *path)
{
	const char *name = strrchr(path, '/'), *form = env->config->advisory, *digits;
	size_t n;

	name = name ? name + 1 : path;
	digits = name + strcspn(name, "0123456789");
	n = strspn(digits, "0123456789");
	if (!n || digits == name || !strstr(form, "{n}"))
		return xb_strdup(name);
	return xb_asprintf("%.*s%.*s", (int)(strstr(form, "{n}") - form), form, (int)n, digits);
}

static struct xb_err *take_files(struct xb_env *env, struct checking *c)
{
	struct subject *loose = NULL;

	for (size_t i = 0; i < env->o.n_args; i++) {
		const char *path = env->o.args[i];

		if (!fnmatch("*.meta", path, 0)) {
			struct subject *s = XB_PUSH(&c->subjects, v, n, cap);

			s->meta = xb_strdup(path);
			XB_TRY(xb_metadata_take(c->metadata, path, &s->id));
		}
	}
	for (size_t i = 0; i < env->o.n_args; i++) {
		if (!fnmatch("*.meta", env->o.args[i], 0))
			continue;
		if (!loose) {
			loose = XB_PUSH(&c->subjects, v, n, cap);
			loose->id = id_of_name(env, env->o.args[i]);
		}
		XB_TRY(xb_patchset_read(&loose->patches, env->o.args[i]));
	}
	return NULL;
}

/* The files that PATTERN, which is relative to the metadata's directory, names. */
static struct xb_err *read_pattern(const char *meta, const char *pattern, struct xb_patchset *out)
{
	const char *slash = strrchr(meta, '/');
	XB_AUTOBUF struct xb_buf full = XB_BUF_INIT;
	struct xb_err *err = NULL;
	glob_t found;
	int rc;

	if (*pattern == '/' || strstr(pattern, ".."))
		return xb_err_new(XB_E_USAGE, "%s: patches are named below its directory, not by %s", meta,
				  pattern);
	for (const char *p = meta; slash && p <= slash; p++) {
		if (strchr("*?[\\", *p))
			xb_buf_addc(&full, '\\');
		xb_buf_addc(&full, *p);
	}
	xb_buf_adds(&full, pattern);
	rc = glob(full.p, 0, NULL, &found);
	if (rc)
		return xb_err_new(XB_E_USAGE, "%s: there is no file %s beside it", meta, pattern);
	for (size_t i = 0; i < found.gl_pathc && !err; i++)
		err = xb_patchset_read(out, found.gl_pathv[i]);
	globfree(&found);
	return err;
}

/* SET: of the metadata, those for the line. */
static struct xb_err *patches_for(struct checking *c, const struct subject *s, const char *line,
				  struct xb_patchset *set)
{
	XB_AUTOSTRV struct xb_strv patterns = {0};

	xb_metadata_patches(c->metadata, line, s->id, &patterns);
	for (size_t i = 0; i < patterns.n; i++)
		XB_TRY(read_pattern(s->meta, patterns.v[i], set));
	return NULL;
}

/* ---- one advisory on one line ---- */

struct on_line {
	struct xb_env *env;
	struct checking *c;
	const struct subject *s;
	const struct xb_patchset *set;
	const struct xb_target *t;
	const struct xb_line_table *l;
	char *objects;
};

static void add(const struct on_line *o, const char *what, enum xb_case_result r, const char *why)
{
	XB_AUTOFREE char *name = xb_asprintf("%s %s", o->s->id, what);

	xb_cases_add(&o->c->cases, o->t->name, name, r, why);
}

static bool is_embargoed(const git_oid *tips, size_t n, const git_oid *oid)
{
	for (size_t i = 0; i < n; i++)
		if (git_oid_equal(&tips[i], oid))
			return true;
	return false;
}

static bool was_picked(const struct xb_plan *p, const git_oid *commit)
{
	for (size_t i = 0; i < p->picks.n; i++)
		if (git_oid_equal(&p->picks.v[i].commit, commit))
			return true;
	return false;
}

/* What the plan says of it: what it takes with it, or why it can't be. True: it is in. */
static bool read_plan(const struct on_line *o, const struct xb_plan *p, const git_oid *tips,
		      struct xb_buf *why)
{
	size_t in = 0;

	for (size_t i = 0; i < p->picks.n; i++) {
		const struct xb_plan_pick *k = &p->picks.v[i];

		if (is_embargoed(tips, o->set->n, &k->commit))
			in++;
		else if (!was_picked(o->l->plan, &k->commit))
			xb_buf_addf(why, "with %s %s (%s)\n", xb_hex(&k->commit).s,
				    k->subject ? k->subject : "", k->why ? k->why : "");
	}
	for (size_t i = 0; i < p->blocked.n; i++) {
		const struct xb_plan_blocked *b = &p->blocked.v[i];

		xb_buf_addf(why, "%s\n", b->why);
		for (size_t k = 0; k < b->candidates.n; k++)
			xb_buf_addf(why, "may settle it: %s\n", b->candidates.v[k]);
	}
	for (size_t i = 0; i < p->left_out.n; i++)
		if (is_embargoed(tips, o->set->n, &p->window.v[p->left_out.v[i].window].oid))
			xb_buf_addf(why, "%s\n", p->left_out.v[i].why);
	return in == o->set->n;
}

/* The plan of the line, were the patches at the tip of its stable branch. */
static struct xb_err *plan_with(const struct on_line *o, const struct xb_tried *staging, bool *in,
				struct xb_buf *why)
{
	XB_AUTOFREE git_oid *tips = xb_calloc(o->set->n, sizeof *tips);
	struct xb_target t = *o->t;
	struct xb_plan_inputs pi = {.repo = o->env->repo,
				    .config = o->env->config,
				    .rules = o->env->rules,
				    .target = &t,
				    .options = o->env->o.plan,
				    .rules_version = o->l->plan->rules_version};
	struct xb_plan *p = NULL;
	size_t picks = o->env->config->picks.n;
	struct xb_err *err =
	    xb_embargo_commit(o->l->plan->store, o->env->config, o->s->id, o->set, staging, &t.tip, tips);

	t.tip = tips[o->set->n - 1];
	t.window = true;
	if (!err)
		err = xb_plan_make(&pi, &p);
	if (!err)
		*in = read_plan(o, p, tips, why);
	xb_plan_free(p);
	for (struct xb_config *c = o->env->config; c->picks.n > picks;) {
		struct xb_pick_conf *last = &c->picks.v[--c->picks.n];

		XB_FREE(last->commit, last->word, last->value);
	}
	return err;
}

static struct xb_err *try_on(const struct on_line *o, const git_oid *tree, struct xb_tried *out)
{
	return xb_patchset_try(o->l->plan->store, o->objects, tree, o->set, out);
}

static void judge(const struct on_line *o, const char *where, const struct xb_tried *t, bool settled)
{
	XB_AUTOFREE char *what = xb_asprintf("applies to %s", where);

	add(o, what,
	    t->applies            ? XB_CASE_OK
	    : t->there || settled ? XB_CASE_SKIPPED
				  : XB_CASE_FAILED,
	    t->applies ? NULL
	    : t->there ? "it is there already"
		       : t->where);
}

/* What the metadata wants before it. */
static void check_needs(const struct on_line *o)
{
	XB_AUTOSTRV struct xb_strv needs = {0};

	xb_metadata_needs(o->c->metadata, o->t->line, o->s->id, &needs);
	for (size_t i = 0; i < needs.n; i++) {
		const struct xb_table_row *r = NULL;
		XB_AUTOFREE char *what = xb_asprintf("has %s before it", needs.v[i]);

		for (size_t k = 0; k < o->l->table.rows.n && !r; k++)
			if (!strcmp(o->l->table.rows.v[k].id, needs.v[i]))
				r = &o->l->table.rows.v[k];
		if (!r)
			add(o, what, XB_CASE_SKIPPED, "no commit of the line names it");
		else
			add(o, what, xb_table_row_lacks(r) ? XB_CASE_FAILED : XB_CASE_OK,
			    xb_table_row_lacks(r) ? xb_advisory_state_name(r->state) : NULL);
	}
}

static struct xb_err *staging_tree(const struct on_line *o, git_oid *out)
{
	const struct xb_window *w = &o->l->plan->window;

	*out = w->n ? w->v[w->n - 1].tree : o->l->plan->base_tree;
	return NULL;
}

static struct xb_err *check_on(const struct on_line *o, struct xb_tried tried[3])
{
	const struct xb_plan *p = o->l->plan;
	XB_AUTOBUF struct xb_buf why = XB_BUF_INIT;
	bool in = false;
	git_oid tree;

	XB_TRY(try_on(o, &p->base_tree, &tried[0]));
	XB_TRY(try_on(o, xb_plan_tip_tree(p, p->picks.n), &tried[1]));
	XB_TRY(staging_tree(o, &tree));
	XB_TRY(try_on(o, &tree, &tried[2]));
	if (tried[2].applies)
		XB_TRY(plan_with(o, &tried[2], &in, &why));
	judge(o, o->t->base_tag ? o->t->base_tag : "the release", &tried[0], in || tried[1].applies);
	judge(o, o->t->derived_ref, &tried[1], in);
	judge(o, o->t->tip_ref ? o->t->tip_ref : "the stable branch", &tried[2], false);
	if (tried[2].applies)
		add(o, "can be picked", in ? XB_CASE_OK : XB_CASE_FAILED, why.n ? why.p : NULL);
	check_needs(o);
	return NULL;
}

static struct xb_err *check_subject(struct xb_env *env, struct checking *c, const struct subject *s,
				    const struct xb_target *t, const struct xb_line_table *l)
{
	struct xb_patchset own = {0};
	struct xb_tried tried[3] = {0};
	struct on_line o = {env, c, s, s->meta ? &own : &s->patches, t, l, NULL};
	struct xb_err *err = NULL;

	o.objects = xb_asprintf("%sobjects", git_repository_commondir(env->repo));
	if (s->meta)
		err = patches_for(c, s, t->line, &own);
	if (!err && !o.set->n)
		add(&o, "has patches for it", XB_CASE_SKIPPED, "its metadata has none for this line");
	else if (!err)
		err = check_on(&o, tried);
	for (size_t i = 0; i < 3; i++)
		xb_tried_release(&tried[i]);
	xb_patchset_release(&own);
	free(o.objects);
	return err;
}

static struct xb_err *check_line(struct xb_env *env, const struct xb_target *t, void *data)
{
	struct checking *c = data;
	XB_AUTO(xb_line_table_release) struct xb_line_table l = {0};

	XB_TRY(xb_line_table_make(env, t, false, &l));
	for (size_t i = 0; i < c->subjects.n; i++)
		XB_TRY(check_subject(env, c, &c->subjects.v[i], t, &l));
	return NULL;
}

static struct xb_err *check_lines(struct xb_env *env, struct checking *c)
{
	XB_AUTOSTRV struct xb_strv names = {0};

	for (const char *p = env->o.line; p && *p; p += *p == ',') {
		XB_AUTOFREE char *one = xb_memdup0(p, strcspn(p, ","));

		xb_strv_add(&names, one);
		p += strlen(one);
	}
	return xb_each_line(env, names.v, names.n, check_line, c);
}

struct xb_err *xb_cmd_check_advisory(struct xb_env *env, bool *attention)
{
	struct checking c = {.metadata = xb_metadata_open(env->config)};
	struct xb_err *err = take_files(env, &c);

	if (!err)
		err = xb_embargo_begin(env->repo);
	if (!err)
		err = check_lines(env, &c);
	xb_print_cases(env, &c.cases);
	*attention |= xb_cases_failed(&c.cases);
	for (size_t i = 0; i < c.subjects.n; i++) {
		XB_FREE(c.subjects.v[i].id, c.subjects.v[i].meta);
		xb_patchset_release(&c.subjects.v[i].patches);
	}
	free(c.subjects.v);
	xb_metadata_free(c.metadata);
	xb_cases_release(&c.cases);
	return err;
}
