/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stateref.h"

#include "advisories/table.h"
#include "config/value.h"
#include "odb/oidjson.h"
#include "odb/tree.h"
#include "plan/plan-json.h"
#include "repo/git.h"
#include "text/json.h"
#include "util/alloc.h"

void xb_state_release(struct xb_state *s)
{
	for (size_t i = 0; i < s->picks.n; i++) {
		xb_strv_release(&s->picks.v[i].advisories);
		xb_strv_release(&s->picks.v[i].fixes);
		free(s->picks.v[i].subject);
	}
	XB_FREE(s->picks.v, s->derived_ref, s->base_tag, s->tip_ref, s->ended, s->rules, s->stopped, s->git);
	*s = (struct xb_state){0};
}

static struct xb_err *bad(const git_oid *at, const char *what)
{
	return xb_err_new(XB_E_HOSTILE, "state %s: %s", xb_hex(at).s, what);
}

static bool get_oid(const json_t *o, const char *key, git_oid *out)
{
	return xb_oid_from_json(json_object_get(o, key), out);
}

static bool get_pick(const json_t *o, struct xb_state_pick *out)
{
	const char *role = xb_json_str(o, "role");

	for (out->role = XB_ROLE_SECURITY; role && strcmp(role, xb_role_name(out->role)) != 0; out->role++)
		if (out->role == XB_ROLE_PREREQUISITE)
			return false;
	xb_json_list(o, "advisories", &out->advisories);
	xb_json_list(o, "fixes", &out->fixes);
	out->subject = xb_json_dup(o, "subject");
	return role && get_oid(o, "commit", &out->commit) && get_oid(o, "replaces", &out->replaces) &&
	       get_oid(o, "derived", &out->derived);
}

const char *xb_state_parse(const json_t *o, struct xb_state *out)
{
	const json_t *picks = json_object_get(o, "picks"), *ended = json_object_get(o, "ended");

	if (xb_json_num(o, "version") != 1)
		return "state.json is none of version 1";
	if (!get_oid(o, "published", &out->published) || !get_oid(o, "chain_tip", &out->chain_tip) ||
	    !get_oid(o, "base", &out->base) || !get_oid(o, "tip", &out->tip) ||
	    !get_oid(o, "notes", &out->notes))
		return "state.json has an id that is none";
	out->rules_version = (unsigned)xb_json_num(o, "rules_version");
	out->derived_ref = xb_json_dup(o, "derived");
	out->base_tag = xb_json_dup(o, "base_tag");
	out->tip_ref = xb_json_dup(o, "tip_ref");
	out->ended = xb_json_dup(ended, "reason");
	out->ended_at = xb_json_num(ended, "time");
	out->git = xb_json_dup(o, "git");
	out->stopped = xb_json_dup(o, "stopped");
	for (size_t i = 0; i < json_array_size(picks); i++)
		if (!get_pick(json_array_get(picks, i), XB_PUSH(&out->picks, v, n, cap)))
			return "state.json has a pick that is none";
	return NULL;
}

static struct xb_err *parse(const git_oid *at, const struct xb_obj *blob, struct xb_state *out)
{
	XB_AUTOJSON json_t *o = xb_json_own(blob->data, blob->len);
	const char *wrong = xb_state_parse(o, out);

	return wrong ? bad(at, wrong) : NULL;
}

static struct xb_err *read_file(struct xb_store *s, const git_oid *at, const git_oid *tree, const char *name,
				struct xb_obj **out)
{
	struct xb_entry e;

	XB_TRY(xb_tree_lookup_path(s, tree, name, &e));
	if (!xb_entry_is_file(&e))
		return bad(at, "a file is missing");
	return xb_store_get(s, &e.oid, GIT_OBJECT_BLOB, out);
}

struct xb_err *xb_state_files(struct xb_store *s, const git_oid *at, struct xb_obj **state,
			      struct xb_obj **rules)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

	XB_TRY(xb_commit_load(s, at, &c));
	XB_TRY(read_file(s, at, &c.tree, "rules", rules));
	return read_file(s, at, &c.tree, "state.json", state);
}

struct xb_err *xb_state_read(struct xb_store *s, const git_oid *at, struct xb_state *out)
{
	struct xb_obj *state, *rules;

	*out = (struct xb_state){.commit = *at};
	if (git_oid_is_zero(at))
		return NULL;
	XB_TRY(xb_state_files(s, at, &state, &rules));
	out->rules = xb_memdup0(rules->data, rules->len);
	return parse(at, state, out);
}

unsigned xb_state_version_for(const struct xb_state *s, const struct xb_config *config,
			      const struct xb_target *t)
{
	if (config->rules_version)
		return config->rules_version;
	if (s->rules_version && s->rules_version < XB_RULES_VERSION_MAX && git_oid_equal(&s->base, &t->base))
		return s->rules_version;
	return XB_RULES_VERSION_MAX;
}

struct xb_err *xb_state_rules_version(git_repository *repo, const struct xb_config *config,
				      const struct xb_target *t, unsigned *out)
{
	struct xb_store *s = NULL;
	struct xb_state state = {0};
	struct xb_err *err = xb_store_open(repo, NULL, &s);

	if (!err)
		err = xb_state_read(s, &t->state, &state);
	if (err && err->code == XB_E_HOSTILE) { /* whoever made it, it records no version */
		xb_err_free(err);
		err = NULL;
	}
	if (!err)
		*out = xb_state_version_for(&state, config, t);
	xb_state_release(&state);
	xb_store_free(s);
	return err;
}

void xb_state_mark_waiting(struct xb_plan *p, size_t n)
{
	for (size_t i = n; i < p->picks.n; i++) {
		const struct xb_plan_pick *k = &p->picks.v[i];

		for (size_t a = 0; k->role == XB_ROLE_SECURITY && a < p->advisories.n; a++)
			if (xb_strv_has(&k->advisories, p->advisories.v[a].id))
				p->advisories.v[a].state = XB_ADV_WAITING;
	}
}

bool xb_state_is_part(const struct xb_state *s, const struct xb_plan *p, size_t *n)
{
	for (*n = p->picks.n; *n && !git_oid_equal(xb_plan_tip(p, *n), &s->chain_tip);)
		--*n;
	return git_oid_equal(xb_plan_tip(p, *n), &s->chain_tip);
}

const char *xb_state_waiting(const struct xb_state *s, struct xb_plan *p)
{
	size_t n;

	if (!s->stopped || !git_oid_equal(&s->tip, &p->target->tip) ||
	    !git_oid_equal(&s->base, &p->target->base))
		return NULL;
	/* All that the plan gives up to a block is there: then nothing waits. */
	if (!xb_state_is_part(s, p, &n) || n >= p->publishable)
		return NULL;
	xb_state_mark_waiting(p, n);
	return s->stopped;
}

static json_t *one_pick(const git_oid *commit, const git_oid *replaces, const git_oid *derived,
			enum xb_role role, const struct xb_strv *advisories, const struct xb_strv *fixes,
			const char *subject)
{
	json_t *o = json_object();

	json_object_set_new(o, "commit", xb_oid_json(commit));
	json_object_set_new(o, "replaces", xb_oid_json(replaces));
	json_object_set_new(o, "derived", xb_oid_json(derived));
	json_object_set_new(o, "role", json_string(xb_role_name(role)));
	json_object_set_new(o, "advisories", xb_json_texts(advisories));
	json_object_set_new(o, "fixes", xb_json_texts(fixes));
	xb_json_text(o, "subject", subject);
	return o;
}

static json_t *picks(const struct xb_state_new *in)
{
	json_t *a = json_array();

	for (size_t i = 0; in->adopted && i < in->adopted->picks.n; i++) {
		const struct xb_state_pick *k = &in->adopted->picks.v[i];

		json_array_append_new(a, one_pick(&k->commit, &k->replaces, &k->derived, k->role,
						  &k->advisories, &k->fixes, k->subject));
	}
	for (size_t i = 0; !in->adopted && i < in->n_published; i++) {
		const struct xb_plan_pick *k = &in->plan->picks.v[i];

		json_array_append_new(a, one_pick(&k->commit, &k->replaces, &k->derived, k->role,
						  &k->advisories, &k->fixes, k->subject));
	}
	return a;
}

/* The version of git that decided picks, when they were published first; owned, NULL: none did. */
static struct xb_err *deciding_git(const struct xb_state_new *in, char **out)
{
	const char *version = NULL, *why;
	bool any = false;

	*out = NULL;
	for (size_t i = 0; !in->adopted && i < in->n_published; i++)
		any |= in->plan->picks.v[i].by_git;
	if (!any)
		return NULL;
	if (in->old->git && git_oid_equal(&in->old->chain_tip, xb_plan_tip(in->plan, in->n_published)))
		version = in->old->git;
	else
		XB_TRY(xb_gitmerge_version(xb_picker_git(in->plan->picker), &version, &why));
	*out = version ? xb_strdup(version) : NULL;
	return NULL;
}

static char *state_json(const struct xb_state_new *in, const char *git)
{
	static const git_oid none;
	const struct xb_plan *p = in->plan;
	json_t *o = json_object();
	char *s;

	json_object_set_new(o, "version", json_integer(1));
	xb_json_text(o, "line", p->target->name);
	xb_json_text(o, "derived", p->target->derived_ref);
	json_object_set_new(o, "published", xb_oid_json(&in->published));
	json_object_set_new(o, "chain_tip",
			    xb_oid_json(in->adopted ? &none : xb_plan_tip(p, in->n_published)));
	xb_json_text(o, "base_tag", p->target->base_tag);
	json_object_set_new(o, "base", xb_oid_json(&p->target->base));
	xb_json_text(o, "tip_ref", p->target->tip_ref);
	json_object_set_new(o, "tip", xb_oid_json(&p->target->tip));
	json_object_set_new(o, "notes", xb_oid_json(&p->notes));
	json_object_set_new(o, "rules", xb_oid_json(&p->rules));
	json_object_set_new(o, "rules_version", json_integer(p->rules_version));
	if (git)
		json_object_set_new(o, "git", json_string(git));
	xb_json_text(o, "stopped", in->stopped);
	json_object_set_new(o, "picks", picks(in));
	s = xb_json_dump(o, JSON_INDENT(1));
	json_decref(o);
	return s ? s : xb_strdup("{}\n");
}

static struct xb_err *add_file(struct xb_store *s, const char *name, const char *text, size_t n,
			       git_oid *tree)
{
	struct xb_entry e = {.mode = XB_MODE_FILE};
	git_oid out;

	XB_TRY(xb_store_put(s, GIT_OBJECT_BLOB, text, n, NULL, &e.oid));
	XB_TRY(xb_tree_set_path(s, tree, name, &e, &out));
	*tree = out;
	return NULL;
}

struct xb_err *xb_state_table(struct xb_store *s, const git_oid *at, json_t **root, const json_t **line)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
	struct xb_entry e;
	struct xb_obj *o;

	*root = NULL;
	*line = NULL;
	if (git_oid_is_zero(at))
		return NULL;
	XB_TRY(xb_store_get(s, at, GIT_OBJECT_COMMIT, &o));
	XB_TRY(xb_commit_parse(o->data, o->len, &c));
	XB_TRY(xb_tree_lookup_path(s, &c.tree, "advisories.json", &e));
	if (!xb_entry_is_file(&e))
		return NULL; /* by an earlier version */
	XB_TRY(xb_store_get(s, &e.oid, GIT_OBJECT_BLOB, &o));
	*root = xb_json_own(o->data, o->len);
	*line = json_array_get(json_object_get(*root, "lines"), 0);
	return NULL;
}

static struct xb_err *table_json(const struct xb_state_new *in, char **out)
{
	static const git_oid none;
	struct xb_table_inputs ti = {.plan = in->plan,
				     .rules = in->rules,
				     .n_published = in->adopted ? SIZE_MAX : in->n_published,
				     .stopped = in->stopped,
				     .hashes = true};
	XB_AUTO(xb_table_release) struct xb_table table = {0};
	XB_AUTOJSON json_t *root = NULL;
	json_t *one, *lines;

	XB_TRY(xb_state_table(in->plan->store, in->old ? &in->old->commit : &none, &root, &ti.before));
	XB_TRY(xb_table_make(&ti, &table));
	one = xb_table_json(&table);
	/* It stays the same object as long as nothing happens to an advisory or a pick. */
	json_object_del(one, "tip");
	json_array_append_new(lines = json_array(), one);
	*out = xb_plan_json_dump(lines);
	return NULL;
}

static struct xb_err *make_tree(const struct xb_state_new *in, git_oid *tree)
{
	struct xb_store *s = in->plan->store;
	XB_AUTOBUF struct xb_buf rules = XB_BUF_INIT;
	XB_AUTOFREE char *git = NULL, *state = NULL, *plan = NULL, *table = NULL;
	json_t *lines;

	XB_TRY(deciding_git(in, &git));
	XB_TRY(table_json(in, &table));
	state = state_json(in, git);
	lines = json_array();
	json_array_append_new(lines, xb_plan_json(in->plan));
	plan = xb_plan_json_dump(lines);
	xb_config_dump(in->config, in->plan->target->line, in->plan->rules_version, &rules);
	memset(tree, 0, sizeof *tree);
	XB_TRY(add_file(s, "state.json", state, strlen(state), tree));
	XB_TRY(add_file(s, "plan.json", plan, strlen(plan), tree));
	XB_TRY(add_file(s, "advisories.json", table, strlen(table), tree));
	return add_file(s, "rules", rules.p, rules.n, tree);
}

/* In the message of a state commit whose last parent is what is published. */
#define HOLDS "\nThe last parent is what is published.\n"

static struct xb_err *old_commit(const struct xb_state_new *in, git_oid *tree, int64_t *time)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

	memset(tree, 0, sizeof *tree);
	*time = in->time;
	if (!in->old || git_oid_is_zero(&in->old->commit))
		return NULL;
	XB_TRY(xb_commit_load(in->plan->store, &in->old->commit, &c));
	*tree = c.tree;
	if (c.committer.time > *time)
		*time = c.committer.time;
	return NULL;
}

/* Has the state commit C, beside the state before it, the published value for a parent? */
static bool holds_value(const struct xb_commit *c)
{
	return c->n_parents && memmem(c->message.p, c->message.n, HOLDS, sizeof HOLDS - 1);
}

git_oid xb_state_before(const struct xb_commit *c)
{
	return c->n_parents > holds_value(c) ? c->parents[0] : (git_oid){{0}};
}

git_oid xb_state_holds(const struct xb_commit *c)
{
	return holds_value(c) ? c->parents[c->n_parents - 1] : (git_oid){{0}};
}

struct xb_err *xb_state_make(const struct xb_state_new *in, git_oid *out)
{
	XB_AUTOBUF struct xb_buf raw = XB_BUF_INIT;
	const struct xb_config *c = in->config;
	git_oid tree, old_tree;
	int64_t time;
	bool holds;

	XB_TRY(make_tree(in, &tree));
	XB_TRY(old_commit(in, &old_tree, &time));
	if (git_oid_equal(&tree, &old_tree)) {
		*out = in->old->commit;
		return NULL;
	}
	holds = !git_oid_is_zero(&in->published);
	xb_buf_addf(&raw, "tree %s\n", xb_hex(&tree).s);
	if (!git_oid_is_zero(&old_tree))
		xb_buf_addf(&raw, "parent %s\n", xb_hex(&in->old->commit).s);
	if (holds)
		xb_buf_addf(&raw, "parent %s\n", xb_hex(&in->published).s);
	for (int i = 0; i < 2; i++)
		xb_buf_addf(&raw, "%s %s <%s> %lld +0000\n", i ? "committer" : "author", c->committer_name,
			    c->committer_email, (long long)time);
	xb_buf_addf(&raw, "\nxsabot: state of %s\n%s", in->plan->target->name, holds ? HOLDS : "");
	return xb_store_put(in->plan->store, GIT_OBJECT_COMMIT, raw.p, raw.n, NULL, out);
}
