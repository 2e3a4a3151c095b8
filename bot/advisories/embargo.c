/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "embargo.h"

#include "odb/commit.h"
#include "odb/git.h"
#include "odb/tree.h"
#include "util/alloc.h"

#include <git2/sys/mempack.h>

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
