/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trypatch.h"

#include "odb/commit.h"
#include "odb/tree.h"
#include "os/file.h"
#include "pick/gitchild.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <git2/sys/mempack.h>
#include <string.h>

#define MAX_PATCH (16u << 20)

struct xb_err *xb_patchset_read(struct xb_patchset *set, const char *path)
{
	struct xb_patchfile *f = XB_PUSH(set, v, n, cap);
	const char *slash = strrchr(path, '/');

	f->name = xb_strdup(slash ? slash + 1 : path);
	return xb_file_read(path, MAX_PATCH, &f->text);
}

void xb_patchset_release(struct xb_patchset *set)
{
	for (size_t i = 0; i < set->n; i++) {
		free(set->v[i].name);
		xb_buf_release(&set->v[i].text);
	}
	free(set->v);
	*set = (struct xb_patchset){0};
}

void xb_tried_release(struct xb_tried *t)
{
	XB_FREE(t->where, t->trees);
	*t = (struct xb_tried){0};
}

static struct xb_err *git(const struct xb_quarantine *q, const char *const *argv, const struct xb_buf *in,
			  struct xb_buf *out)
{
	struct xb_gitchild c = {.argv = argv, .q = q, .in = in ? in->p : NULL, .in_n = in ? in->n : 0};
	struct xb_gitchild_end end = {0};
	struct xb_err *err = xb_gitchild_run(&c, out, &end);

	if (!err && end.missing)
		err = xb_err_new(XB_E_TEMP, "%s", end.missing);
	free(end.missing);
	return err;
}

/* The index becomes TREE. */
static struct xb_err *read_tree(struct xb_quarantine *q, const git_oid *tree)
{
	const struct xb_hex hex = xb_hex(tree);
	const char *const argv[] = {"git", "read-tree", hex.s, NULL};
	XB_AUTOBUF struct xb_buf out = XB_BUF_INIT;

	return git(q, argv, NULL, &out);
}

static struct xb_err *write_tree(struct xb_quarantine *q, const git_oid *like, git_oid *out)
{
	static const char *const argv[] = {"git", "write-tree", NULL};
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;

	XB_TRY(git(q, argv, NULL, &text));
	if (text.n < GIT_OID_HEXSZ || git_oid_fromstrn(out, text.p, GIT_OID_HEXSZ))
		return xb_err_new(XB_E_IO, "git write-tree gave no id");
	return xb_quarantine_give(q, out, like);
}

/* Git's ways to say that the patch is one, and doesn't apply. */
static bool is_verdict(const char *said)
{
	static const char *const words[] = {"patch failed:",
					    "does not apply",
					    "does not exist in index",
					    "already exists in index",
					    "No such file",
					    "does not match index",
					    "wrong type",
					    "has type"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strstr(said, words[i]))
			return true;
	return false;
}

/* *WHERE is set where the patch doesn't apply. */
static struct xb_err *apply(struct xb_quarantine *q, const struct xb_patchfile *f, bool back, char **where)
{
	static const char *const forth[] = {"git", "apply", "--cached", "--whitespace=nowarn", "-", NULL};
	static const char *const reverse[] = {"git",       "apply", "--cached", "--whitespace=nowarn",
					      "--reverse", "-",     NULL};
	XB_AUTOBUF struct xb_buf out = XB_BUF_INIT;
	struct xb_err *err = git(q, back ? reverse : forth, &f->text, &out);

	*where = NULL;
	if (!err || err->code != XB_E_IO)
		return err;
	if (!is_verdict(err->msg)) {
		struct xb_err *bad = xb_err_new(XB_E_USAGE, "%s: %s", f->name, err->msg);

		xb_err_free(err);
		return bad;
	}
	*where = xb_asprintf("%s: %s", f->name, err->msg);
	xb_err_free(err);
	return NULL;
}

/* Is it there already? Then all of it can be taken back, the last file first. */
static struct xb_err *look_whether_there(struct xb_quarantine *q, const git_oid *tree,
					 const struct xb_patchset *set, bool *there)
{
	XB_AUTOFREE char *where = NULL;

	XB_TRY(read_tree(q, tree));
	for (size_t i = set->n; i-- > 0 && !where;)
		XB_TRY(apply(q, &set->v[i], true, &where));
	*there = !where;
	return NULL;
}

static struct xb_err *try_all(struct xb_quarantine *q, const git_oid *tree, const struct xb_patchset *set,
			      struct xb_tried *out)
{
	const git_oid *last = tree;

	XB_TRY(xb_quarantine_take(q, tree));
	XB_TRY(read_tree(q, tree));
	out->trees = xb_calloc(set->n + 1, sizeof *out->trees);
	for (size_t i = 0; i < set->n && !out->where; i++) {
		XB_TRY(apply(q, &set->v[i], false, &out->where));
		if (out->where)
			return look_whether_there(q, tree, set, &out->there);
		XB_TRY(write_tree(q, last, &out->trees[i]));
		last = &out->trees[i];
	}
	out->applies = true;
	return NULL;
}

struct xb_err *xb_patchset_try(struct xb_store *s, const char *objects, const git_oid *tree,
			       const struct xb_patchset *set, struct xb_tried *out)
{
	XB_AUTOPTR(xb_quarantine) *q = NULL;

	*out = (struct xb_tried){0};
	XB_TRY(xb_tree_is_bounded(s, tree));
	XB_TRY(xb_quarantine_open(s, objects, &q));
	return try_all(q, tree, set, out);
}

/* ---- patches at the tip ---- */

struct xb_err *xb_embargo_begin(git_repository *repo)
{
	git_odb_backend *memory = NULL;
	git_odb *odb = NULL;
	int rc = git_repository_odb(&odb, repo);

	if (!rc)
		rc = git_mempack_new(&memory);
	if (!rc)
		rc = git_odb_add_backend(odb, memory, 1000); /* before those that write files */
	git_odb_free(odb);
	return rc ? xb_err_git(XB_E_INTERNAL, rc, "cannot keep objects in memory") : NULL;
}

static struct xb_err *put(git_odb *odb, git_object_t type, const void *data, size_t n, git_oid *out)
{
	int rc = git_odb_write(out, odb, data, n, type);

	return rc ? xb_err_git(XB_E_INTERNAL, rc, "cannot keep an object in memory") : NULL;
}

/* What the store has of TREE in its own memory goes where the repository's other readers find it. */
static struct xb_err *copy(git_odb *odb, struct xb_store *s, const git_oid *tree)
{
	const struct xb_obj *o = xb_store_made(s, tree);
	struct xb_tree_iter it;
	struct xb_entry e;
	git_oid oid;

	if (!o)
		return NULL;
	XB_TRY(put(odb, GIT_OBJECT_TREE, o->data, o->len, &oid));
	XB_TRY(xb_tree_open(s, tree, &it));
	while (xb_tree_next(&it, &e)) {
		const struct xb_obj *blob = xb_entry_is_tree(&e) ? NULL : xb_store_made(s, &e.oid);

		if (xb_entry_is_tree(&e))
			XB_TRY(copy(odb, s, &e.oid));
		else if (blob)
			XB_TRY(put(odb, GIT_OBJECT_BLOB, blob->data, blob->len, &oid));
	}
	return NULL;
}

static struct xb_err *tip_time(struct xb_store *s, const git_oid *tip, int64_t *out)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

	XB_TRY(xb_commit_load(s, tip, &c));
	*out = c.committer.time;
	return NULL;
}

static void annotate(struct xb_config *config, const git_oid *commit, const char *id)
{
	struct xb_pick_conf *p = XB_PUSH(&config->picks, v, n, cap);

	p->commit = xb_strdup(xb_hex(commit).s);
	p->word = xb_strdup("Security");
	p->value = xb_strdup(id);
}

struct xb_err *xb_embargo_commit(struct xb_store *s, struct xb_config *config, const char *id,
				 const struct xb_patchset *set, const struct xb_tried *tried,
				 const git_oid *tip, git_oid *tips)
{
	const git_oid *parent = tip;
	git_odb *odb = xb_store_odb(s);
	int64_t time;

	XB_TRY(tip_time(s, tip, &time));
	for (size_t i = 0; i < set->n; i++) {
		XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

		XB_TRY(copy(odb, s, &tried->trees[i]));
		xb_buf_addf(&b, "tree %s\n", xb_hex(&tried->trees[i]).s);
		xb_buf_addf(&b, "parent %s\n", xb_hex(parent).s);
		for (int k = 0; k < 2; k++)
			xb_buf_addf(&b, "%s x <x@example.org> %lld +0000\n", k ? "committer" : "author",
				    (long long)time);
		xb_buf_addf(&b, "\n%s\n", set->v[i].name);
		XB_TRY(put(odb, GIT_OBJECT_COMMIT, b.p, b.n, &tips[i]));
		annotate(config, &tips[i], id);
		parent = &tips[i];
	}
	return NULL;
}
