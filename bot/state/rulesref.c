/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rulesref.h"

#include "ledger.h"
#include "lines/linenames.h"
#include "odb/commit.h"
#include "odb/tree.h"
#include "os/file.h"
#include "publish/publication.h"
#include "refs/ownrefs.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <string.h>

#define FILE_RULES "rules"
#define FILE_LINES "lines"

/* ---- writing ---- */

struct work {
	struct xb_vault *v;
	const struct xb_config *config;
	struct xb_store *store;
	git_oid old; /* zero: there is none, or nothing that can be built on */
	git_oid old_tree;
	int64_t time;
	struct xb_pack_object objects[4]; /* two files, the tree, the commit */
	size_t n;
};

/* What was published once and is no longer kept. */
static struct xb_err *add_frozen(const struct xb_config *c, const struct xb_targets *targets,
				 struct xb_strv *out)
{
	XB_AUTOSTRV struct xb_strv names = {0};

	XB_TRY(xb_ledger_list(c->state_dir, &names));
	for (size_t i = 0; i < names.n; i++) {
		XB_AUTO(xb_state_release) struct xb_state s = {0};

		if (!xb_targets_named(targets, names.v[i]) && xb_ledger_known(c->state_dir, names.v[i], &s) &&
		    s.derived_ref)
			*XB_PUSH(out, v, n, cap) = xb_asprintf("%s %s %s\n", names.v[i],
							       s.ended ? "ended" : "frozen", s.derived_ref);
	}
	return NULL;
}

static bool has_ended(const struct xb_config *c, const char *name)
{
	XB_AUTO(xb_state_release) struct xb_state s = {0};

	return xb_ledger_known(c->state_dir, name, &s) && s.ended;
}

/* Both files. */
static struct xb_err *describe(const struct xb_config *c, const struct xb_targets *targets,
			       struct xb_buf *rules, struct xb_buf *lines)
{
	XB_AUTOSTRV struct xb_strv all = {0};

	for (size_t i = 0; i < targets->n; i++) {
		*XB_PUSH(&all, v, n, cap) = xb_asprintf("%s %s %s\n", targets->v[i].name,
							has_ended(c, targets->v[i].name) ? "ended" : "kept",
							targets->v[i].derived_ref);
	}
	XB_TRY(add_frozen(c, targets, &all));
	for (size_t i = 0; i < all.n; i++)
		xb_buf_adds(lines, all.v[i]);
	xb_config_dump_public(c, rules);
	return NULL;
}

/* What stands there is built on where it is a commit, whoever put it there. */
static struct xb_err *read_old(struct work *w)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
	struct xb_obj *o = NULL;

	XB_TRY(xb_ref_value(w->v->public_repo, xb_ref_role(XB_REF_RULES)->name, &w->old));
	if (git_oid_is_zero(&w->old))
		return NULL;
	XB_TRY(xb_store_find(w->store, &w->old, GIT_OBJECT_COMMIT, &o));
	if (!o)
		return NULL;
	XB_TRY(xb_commit_parse(o->data, o->len, &c));
	w->old_tree = c.tree;
	w->time = c.committer.time;
	return NULL;
}

static struct xb_err *put(struct work *w, git_object_t type, const struct xb_buf *b, git_oid *oid)
{
	const struct xb_obj *o;

	XB_TRY(xb_store_put(w->store, type, b->p ? b->p : "", b->n, NULL, oid));
	o = xb_store_made(w->store, oid);
	if (o)
		w->objects[w->n++] =
		    (struct xb_pack_object){.oid = *oid, .type = type, .data = o->data, .len = o->len};
	return NULL;
}

static void add_entry(struct xb_buf *tree, const char *name, const git_oid *oid)
{
	xb_buf_addf(tree, "%o %s", XB_MODE_FILE, name);
	xb_buf_addc(tree, '\0');
	xb_buf_add(tree, oid->id, GIT_OID_RAWSZ);
}

static struct xb_err *make_tree(struct work *w, const struct xb_buf *rules, const struct xb_buf *lines,
				git_oid *out)
{
	XB_AUTOBUF struct xb_buf tree = XB_BUF_INIT;
	git_oid oid;

	XB_TRY(put(w, GIT_OBJECT_BLOB, lines, &oid));
	add_entry(&tree, FILE_LINES, &oid);
	XB_TRY(put(w, GIT_OBJECT_BLOB, rules, &oid));
	add_entry(&tree, FILE_RULES, &oid);
	return put(w, GIT_OBJECT_TREE, &tree, out);
}

static struct xb_err *tip_time(struct work *w, const git_oid *tip)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
	struct xb_obj *o = NULL;

	if (git_oid_is_zero(tip))
		return NULL;
	XB_TRY(xb_store_find(w->store, tip, GIT_OBJECT_COMMIT, &o));
	if (!o)
		return NULL;
	XB_TRY(xb_commit_parse(o->data, o->len, &c));
	if (c.committer.time > w->time)
		w->time = c.committer.time;
	return NULL;
}

/*
 * Its date is that of the newest stable branch it tells of: no clock. One whose commit is damaged is for its
 * own line to tell; one that can't be read just now may have the date.
 */
static struct xb_err *take_time(struct work *w, const struct xb_targets *targets)
{
	for (size_t i = 0; i < targets->n; i++) {
		struct xb_err *err = tip_time(w, &targets->v[i].tip);

		if (err && err->code == XB_E_TEMP)
			return err;
		xb_err_free(err);
	}
	return NULL;
}

static struct xb_err *make_commit(struct work *w, const git_oid *tree, git_oid *out)
{
	XB_AUTOBUF struct xb_buf raw = XB_BUF_INIT;

	xb_buf_addf(&raw, "tree %s\n", xb_hex(tree).s);
	if (!git_oid_is_zero(&w->old_tree))
		xb_buf_addf(&raw, "parent %s\n", xb_hex(&w->old).s);
	for (int i = 0; i < 2; i++)
		xb_buf_addf(&raw, "%s %s <%s> %lld +0000\n", i ? "committer" : "author",
			    w->config->committer_name, w->config->committer_email, (long long)w->time);
	xb_buf_adds(&raw, "\nxsabot: lines and rules\n");
	return put(w, GIT_OBJECT_COMMIT, &raw, out);
}

static bool is_rules(const char *ref, void *data)
{
	(void)data;
	return xb_ref_is(XB_REF_RULES, ref);
}

static struct xb_err *note(const struct work *w, const git_oid *at)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/rules", w->config->state_dir);
	const struct xb_hex hex = xb_hex(at);
	git_oid known;

	XB_TRY(xb_rules_ref_written(w->config->state_dir, &known));
	return git_oid_equal(&known, at) ? NULL : xb_file_write(path, hex.s, strlen(hex.s), 0600);
}

static struct xb_err *move(struct work *w, const git_oid *at)
{
	struct xb_ref_update to = {xb_strdup(xb_ref_role(XB_REF_RULES)->name), w->old, *at};
	struct xb_ref_policy policy = {.allowed = is_rules};
	struct xb_publication p = {.id = XB_RULES_REF_ID, .refs = &to, .n_refs = 1};
	struct xb_pack_written pack = {0};
	struct xb_pub_result r = {0};
	struct xb_err *err = xb_pack_write(w->v->pack_dir, w->objects, w->n, &pack);

	p.pack = &pack;
	if (!err)
		err = xb_publication_run(w->v, &p, &policy, &r);
	if (!err && r.outcome != XB_PUB_DONE)
		err = xb_err_new(XB_E_TEMP, "%s %s", to.name, xb_move_text(r.why));
	if (!err && r.intent)
		err = xb_intent_clear(w->v->intent_dir, p.id);
	xb_pub_result_release(&r);
	xb_pack_written_release(&pack);
	free(to.name);
	return err ? err : note(w, at);
}

static struct xb_err *publish(struct work *w, const struct xb_targets *targets)
{
	XB_AUTOBUF struct xb_buf rules = XB_BUF_INIT, lines = XB_BUF_INIT;
	git_oid tree, at;

	XB_TRY(read_old(w));
	XB_TRY(describe(w->config, targets, &rules, &lines));
	XB_TRY(make_tree(w, &rules, &lines, &tree));
	if (git_oid_equal(&tree, &w->old_tree))
		return note(w, &w->old);
	XB_TRY(take_time(w, targets));
	XB_TRY(make_commit(w, &tree, &at));
	return move(w, &at);
}

struct xb_err *xb_rules_ref_publish(struct xb_vault *v, const struct xb_config *c,
				    const struct xb_targets *targets)
{
	struct work w = {.v = v, .config = c};
	struct xb_err *err;

	if (!targets->n) /* nothing to tell of yet */
		return NULL;
	XB_TRY(xb_store_open(v->public_repo, NULL, &w.store));
	err = publish(&w, targets);
	xb_store_free(w.store);
	return err;
}

struct xb_err *xb_rules_ref_written(const char *state_dir, git_oid *out)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/rules", state_dir);
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	struct xb_err *err = xb_file_read(path, GIT_OID_HEXSZ, &b);

	*out = (git_oid){{0}};
	if (err && err->code == XB_E_NOTFOUND) {
		xb_err_free(err);
		return NULL;
	}
	if (!err && (b.n != GIT_OID_HEXSZ || git_oid_fromstr(out, b.p)))
		*out = (git_oid){{0}}; /* then it is written anew */
	return err;
}

/* ---- reading ---- */

static struct xb_err *find_ref(git_repository *repo, git_oid *out, const char **name)
{
	static const char there[] = XB_ORIGIN "xsabot/rules"; /* where a refspec of one's own may put it */
	int rc = git_reference_name_to_id(out, repo, *name = xb_ref_role(XB_REF_RULES)->name);

	if (rc == GIT_ENOTFOUND)
		rc = git_reference_name_to_id(out, repo, *name = there);
	if (rc)
		*out = (git_oid){{0}};
	return rc && rc != GIT_ENOTFOUND ? xb_err_git(XB_E_IO, rc, "cannot read %s", *name) : NULL;
}

/* What is parsed and written again is nothing but what is written. */
static struct xb_err *take(const char *name, const struct xb_obj *blob, struct xb_config **out)
{
	XB_AUTOBUF struct xb_buf plain = XB_BUF_INIT;
	struct xb_config *first;

	XB_TRY(xb_config_parse(name, (const char *)blob->data, blob->len, &first));
	xb_config_dump_public(first, &plain);
	xb_config_free(first);
	return xb_config_parse(NULL, plain.p, plain.n, out); /* no file of this host */
}

static struct xb_err *read_at(git_repository *repo, const char *name, const git_oid *at,
			      struct xb_config **out)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
	XB_AUTOPTR(xb_store) *s = NULL;
	struct xb_entry e = {0};
	struct xb_obj *o = NULL;

	XB_TRY(xb_store_open(repo, NULL, &s));
	XB_TRY(xb_store_get(s, at, GIT_OBJECT_COMMIT, &o));
	XB_TRY(xb_commit_parse(o->data, o->len, &c));
	XB_TRY(xb_tree_lookup_path(s, &c.tree, FILE_RULES, &e));
	if (!xb_entry_is_file(&e))
		return xb_err_new(XB_E_HOSTILE, "it has no file \"%s\"", FILE_RULES);
	XB_TRY(xb_store_get(s, &e.oid, GIT_OBJECT_BLOB, &o));
	return take(name, o, out);
}

struct xb_err *xb_rules_ref_read(git_repository *repo, struct xb_config **out)
{
	const char *name;
	git_oid at;
	struct xb_err *err;

	*out = NULL;
	XB_TRY(find_ref(repo, &at, &name));
	err = git_oid_is_zero(&at) ? NULL : read_at(repo, name, &at, out);
	return err ? xb_err_wrap(err, "the rules that %s has can't be used (-c FILE goes by others)", name)
		   : NULL;
}
