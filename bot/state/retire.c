/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "retire.h"

#include "ledger.h"
#include "odb/commit.h"
#include "odb/store.h"
#include "odb/tree.h"
#include "os/log.h"
#include "plan/plan-json.h"
#include "publish/publication.h"
#include "refs/ownrefs.h"
#include "refs/refpat.h"
#include "repo/git.h"
#include "text/json.h"
#include "util/alloc.h"
#include "util/buf.h"

#include <jansson.h>
#include <string.h>

/* ---- the state that says so ---- */

static struct xb_err *ended_json(const struct xb_retire *r, const struct xb_obj *state, char **out)
{
	XB_AUTOJSON json_t *o = xb_json_own(state->data, state->len);
	json_t *ended = json_object();

	json_object_set_new(ended, "time", json_integer(r->now));
	xb_json_text(ended, "reason", r->reason);
	json_object_set_new(o, "ended", ended);
	*out = xb_json_dump(o, JSON_INDENT(1));
	return *out ? NULL : xb_err_new(XB_E_INTERNAL, "%s: cannot make its state", r->name);
}

/* The objects of the new state, from the old one's. */
struct made {
	git_oid blob, tree, commit;
};

static struct xb_err *make_commit(const struct xb_retire *r, struct xb_store *s, const git_oid *old,
				  struct made *m)
{
	const struct xb_config *c = r->config;
	XB_AUTOBUF struct xb_buf raw = XB_BUF_INIT;

	xb_buf_addf(&raw, "tree %s\nparent %s\n", xb_hex(&m->tree).s, xb_hex(old).s);
	for (int i = 0; i < 2; i++)
		xb_buf_addf(&raw, "%s %s <%s> %lld +0000\n", i ? "committer" : "author", c->committer_name,
			    c->committer_email, (long long)r->now);
	xb_buf_addf(&raw, "\nxsabot: end of %s\n", r->name);
	return xb_store_put(s, GIT_OBJECT_COMMIT, raw.p, raw.n, NULL, &m->commit);
}

static struct xb_err *make(const struct xb_retire *r, struct xb_store *s, const git_oid *old, struct made *m)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
	struct xb_entry e = {.mode = XB_MODE_FILE};
	struct xb_obj *state, *rules, *commit;
	XB_AUTOFREE char *text = NULL;

	XB_TRY(xb_state_files(s, old, &state, &rules));
	XB_TRY(ended_json(r, state, &text));
	XB_TRY(xb_store_get(s, old, GIT_OBJECT_COMMIT, &commit));
	XB_TRY(xb_commit_parse(commit->data, commit->len, &c));
	XB_TRY(xb_store_put(s, GIT_OBJECT_BLOB, text, strlen(text), NULL, &e.oid));
	m->blob = e.oid;
	XB_TRY(xb_tree_set_path(s, &c.tree, "state.json", &e, &m->tree));
	return make_commit(r, s, old, m);
}

static struct xb_err *pack(const struct xb_retire *r, struct xb_store *s, const struct made *m,
			   struct xb_pack_written *out)
{
	const struct {
		git_oid id;
		git_object_t type;
	} ids[] = {{m->commit, GIT_OBJECT_COMMIT}, {m->tree, GIT_OBJECT_TREE}, {m->blob, GIT_OBJECT_BLOB}};
	struct xb_pack_object objects[3] = {0};

	for (size_t i = 0; i < 3; i++) {
		struct xb_obj *o;

		XB_TRY(xb_store_get(s, &ids[i].id, ids[i].type, &o));
		objects[i] = (struct xb_pack_object){
		    .oid = ids[i].id, .type = o->type, .data = o->data, .len = o->len};
	}
	return xb_pack_write(r->vault->pack_dir, objects, 3, out);
}

/* ---- its ref ---- */

static bool is_state_ref(const char *ref, void *data)
{
	return !strcmp(ref, data);
}

static struct xb_err *move(const struct xb_retire *r, const struct made *m,
			   const struct xb_pack_written *pack)
{
	XB_AUTOFREE char *ref = xb_ref_of(XB_REF_STATES, r->name);
	struct xb_ref_policy policy = {.allowed = is_state_ref, .data = ref};
	struct xb_ref_update update = {.name = ref, .new_id = m->commit};
	struct xb_publication p = {.id = r->name, .pack = pack, .refs = &update, .n_refs = 1};
	XB_AUTO(xb_pub_result_release) struct xb_pub_result result = {0};

	XB_TRY(xb_ref_value(r->repo, ref, &update.old_id));
	XB_TRY(xb_publication_run(r->vault, &p, &policy, &result));
	if (result.outcome != XB_PUB_DONE)
		return xb_err_new(XB_E_TEMP, "%s: %s %s", r->name, ref, xb_move_text(result.why));
	if (result.later)
		xb_log(XB_WARN, "%s: ended, but afterwards: %s", r->name, result.later->msg);
	return NULL;
}

static struct xb_err *end(const struct xb_retire *r, struct xb_store *s, const git_oid *old)
{
	XB_AUTO(xb_pack_written_release) struct xb_pack_written written = {0};
	struct made m;

	XB_TRY(make(r, s, old, &m));
	XB_TRY(pack(r, s, &m, &written));
	XB_TRY(move(r, &m, &written));
	XB_TRY(xb_ledger_write(r->config->state_dir, r->name, s, &m.commit));
	return xb_intent_clear(r->vault->intent_dir, r->name);
}

struct xb_err *xb_retire(const struct xb_retire *r, struct xb_state *out, bool *again)
{
	struct xb_store *s;
	bool known = false;
	struct xb_err *err;
	git_oid old;

	XB_TRY(xb_ledger_read(r->config->state_dir, r->name, out, &known));
	*again = out->ended != NULL;
	if (*again)
		return NULL;
	if (!known)
		return xb_err_new(XB_E_USAGE, "%s: nothing was published of it", r->name);
	old = out->commit;
	XB_TRY(xb_store_open(r->repo, NULL, &s));
	err = end(r, s, &old);
	xb_store_free(s);
	if (err)
		return err;
	xb_state_release(out);
	return xb_ledger_read(r->config->state_dir, r->name, out, &known);
}

/* ---- names in the ledger ---- */

static bool matches(const char *pattern, const char *line, const char *ref)
{
	XB_AUTOPTR(xb_refpat) *pat = NULL, *bound = NULL;

	/* The patterns were checked with the configuration: no error is left to tell. */
	xb_err_free(xb_refpat_compile(pattern, 0, XB_REFPAT_LINE | XB_REFPAT_N, &pat));
	if (pat)
		bound = xb_refpat_bind(pat, line);
	return bound && xb_refpat_match(bound, ref, NULL, NULL);
}

struct xb_err *xb_ledger_of_line(const struct xb_config *c, const char *line, struct xb_strv *out)
{
	const struct xb_line_conf *conf = xb_config_line(c, line);
	XB_AUTOSTRV struct xb_strv names = {0};

	XB_TRY(xb_ledger_list(c->state_dir, &names));
	for (size_t i = 0; i < names.n; i++) {
		struct xb_state s = {0};
		bool known = false;
		struct xb_err *err = xb_ledger_read(c->state_dir, names.v[i], &s, &known);
		bool is = !strcmp(names.v[i], line) ||
			  (s.derived_ref && (matches(conf->derived, line, s.derived_ref) ||
					     matches(conf->derived_release, line, s.derived_ref)));

		xb_state_release(&s);
		if (err)
			return err;
		if (is)
			xb_strv_add(out, names.v[i]);
	}
	return NULL;
}

/* Kept releases that fall out of the number kept are frozen: that is as it should be. */
static bool is_kept_release(const struct xb_targets *targets, const char *name)
{
	for (size_t i = 0; i < targets->n; i++) {
		size_t n = strlen(targets->v[i].line);

		if (!strncmp(name, targets->v[i].line, n) && name[n] == '.')
			return true;
	}
	return false;
}

struct xb_err *xb_ledger_left(const struct xb_config *c, const struct xb_targets *targets,
			      struct xb_strv *out)
{
	XB_AUTOSTRV struct xb_strv names = {0};

	XB_TRY(xb_ledger_list(c->state_dir, &names));
	for (size_t i = 0; i < names.n; i++) {
		XB_AUTO(xb_state_release) struct xb_state s = {0};

		if (xb_targets_named(targets, names.v[i]) || is_kept_release(targets, names.v[i]))
			continue;
		if (xb_ledger_known(c->state_dir, names.v[i], &s) && s.derived_ref && !s.ended)
			xb_strv_add(out, names.v[i]);
	}
	return NULL;
}

/* ---- a target that was ---- */

static char *copy(const char *s)
{
	return s ? xb_strdup(s) : NULL;
}

struct xb_err *xb_past_target(git_repository *repo, const struct xb_config *c, const char *name,
			      const struct xb_state *s, struct xb_target *out)
{
	*out = (struct xb_target){.line = xb_strdup(name),
				  .name = xb_strdup(name),
				  .conf = xb_config_line(c, name),
				  .status = XB_TARGET_OK,
				  .base_tag = copy(s->base_tag),
				  .base = s->base,
				  .tip_ref = copy(s->tip_ref),
				  .tip = s->tip,
				  .derived_ref = copy(s->derived_ref),
				  .state_ref = xb_ref_of(XB_REF_STATES, name),
				  .state = s->commit};
	return xb_ref_value(repo, out->derived_ref, &out->derived);
}

void xb_past_target_release(struct xb_target *t)
{
	XB_FREE(t->line, t->name, t->base_tag, t->tip_ref, t->derived_ref, t->state_ref);
	*t = (struct xb_target){0};
}
