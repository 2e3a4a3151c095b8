/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "whole.h"

#include "odb/commit.h"
#include "odb/git.h"
#include "odb/oidmap.h"
#include "odb/store.h"
#include "odb/tree.h"

struct look {
	struct xb_store *store;
	struct xb_oidmap seen;
	git_oid by; /* the commit at hand */
};

static struct xb_err *explain(const struct look *l, struct xb_err *err)
{
	return xb_err_wrap(err, "commit %s is not whole", xb_hex(&l->by).s);
}

static struct xb_err *need_blob(struct look *l, const git_oid *oid)
{
	git_object_t type = GIT_OBJECT_INVALID;
	size_t size;
	int rc = git_odb_read_header(&size, &type, xb_store_odb(l->store), oid);

	if (rc == GIT_ENOTFOUND)
		return xb_err_new(XB_E_NOTFOUND, "object %s is not in the repository", xb_hex(oid).s);
	if (rc)
		return xb_err_git(XB_E_IO, rc, "cannot read object %s", xb_hex(oid).s);
	return NULL;
}

static struct xb_err *look_at_tree(struct look *l, const git_oid *oid, const git_oid *before);

static struct xb_err *look_at_entry(struct look *l, const struct xb_entry *e, const struct xb_entry *was)
{
	static const git_oid none;

	if (e->mode == XB_MODE_GITLINK || (was->mode && git_oid_equal(&e->oid, &was->oid)) ||
	    xb_oidmap_get(&l->seen, &e->oid))
		return NULL;
	xb_oidmap_set(&l->seen, &e->oid, l);
	if (xb_entry_is_tree(e))
		return look_at_tree(l, &e->oid, xb_entry_is_tree(was) ? &was->oid : &none);
	return need_blob(l, &e->oid);
}

/* NOLINTNEXTLINE(misc-no-recursion): a plan refuses trees that are too deep */
static struct xb_err *look_at_tree(struct look *l, const git_oid *oid, const git_oid *before)
{
	struct xb_tree_iter it, old;
	struct xb_entry e, was = {0};
	bool more;

	XB_TRY(xb_tree_open(l->store, oid, &it));
	XB_TRY(xb_tree_open(l->store, before, &old));
	more = xb_tree_next(&old, &was);
	while (xb_tree_next(&it, &e)) {
		static const struct xb_entry none;

		while (more && xb_entry_cmp(&was, &e) < 0)
			more = xb_tree_next(&old, &was);
		XB_TRY(look_at_entry(l, &e, more && !xb_entry_cmp(&was, &e) ? &was : &none));
	}
	return NULL;
}

/* OUT is parsed from RAW, which must outlive it. */
static struct xb_err *read_commit(struct look *l, const git_oid *oid, struct xb_raw *raw,
				  struct xb_commit *out)
{
	XB_TRY(xb_store_read(l->store, oid, GIT_OBJECT_COMMIT, raw));
	return xb_commit_parse(raw->data, raw->len, out);
}

/* The tree of a commit that need not be there. */
static git_oid tree_before(struct look *l, const git_oid *commit)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
	XB_AUTORAW struct xb_raw raw = XB_RAW_INIT;
	XB_AUTOERR struct xb_err *gone = NULL;

	if (!git_oid_is_zero(commit))
		gone = read_commit(l, commit, &raw, &c);
	return gone ? (git_oid){{0}} : c.tree;
}

/* BEFORE: see xb_whole_tree; NULL: its first parent. */
static struct xb_err *look_at_commit(struct look *l, const git_oid *oid, const git_oid *before)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
	XB_AUTORAW struct xb_raw raw = XB_RAW_INIT;
	static const git_oid none;
	struct xb_err *err;
	git_oid old;

	l->by = *oid;
	err = read_commit(l, oid, &raw, &c);
	if (!before)
		before = c.n_parents ? &c.parents[0] : &none;
	old = tree_before(l, before);
	if (!err)
		err = look_at_tree(l, &c.tree, &old);
	return err ? explain(l, err) : NULL;
}

struct xb_err *xb_whole_tree(git_odb *odb, const git_oid *commit, const git_oid *before)
{
	struct look l = {.store = xb_store_new(odb, NULL)};
	struct xb_err *err = look_at_commit(&l, commit, before);

	xb_oidmap_clear(&l.seen, NULL);
	xb_store_free(l.store);
	return err;
}

static struct xb_err *look_at_history(struct look *l, git_repository *repo, const git_oid *tip,
				      const git_oid *base)
{
	XB_AUTOGIT(git_revwalk) *walk = NULL;
	struct xb_err *err = NULL;
	git_oid oid;
	int rc = git_revwalk_new(&walk, repo);

	if (!rc)
		rc = git_revwalk_push(walk, tip);
	if (!rc && !git_oid_is_zero(base))
		rc = git_revwalk_hide(walk, base);
	while (!rc && !err && !(rc = git_revwalk_next(&oid, walk))) {
		xb_store_trim(l->store);
		err = look_at_commit(l, &oid, NULL);
	}
	if (!err && rc != GIT_ITEROVER)
		err = xb_err_git(XB_E_NOTFOUND, rc, "cannot go through the history of %s", xb_hex(tip).s);
	return err;
}

struct xb_err *xb_whole_history(git_repository *repo, const git_oid *commit, const git_oid *base)
{
	static const git_oid none;
	struct look l = {0};
	struct xb_err *err = xb_store_open(repo, NULL, &l.store);

	if (!err)
		err = look_at_commit(&l, commit, &none);
	if (!err)
		err = look_at_history(&l, repo, commit, base);
	xb_oidmap_clear(&l.seen, NULL);
	xb_store_free(l.store);
	return err;
}
