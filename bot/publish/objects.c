/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "objects.h"

#include "odb/ancestry.h"
#include "odb/commit.h"
#include "odb/oidmap.h"
#include "odb/store.h"
#include "odb/tree.h"
#include "repo/git.h"
#include "util/alloc.h"

struct collection {
	struct xb_store *store;
	struct xb_oidmap seen;
	struct xb_objects *out;
};

/* A tree that refs reach, beside the one that is collected, as far as it has been gone through. */
struct beside {
	struct xb_tree_iter it;
	struct xb_entry e; /* the next one; mode 0: none is left */
};

enum { BESIDE = 2 };

static struct xb_err *open_beside(struct xb_store *s, const git_oid *tree, struct beside *b)
{
	XB_TRY(xb_tree_open(s, tree, &b->it));
	if (!xb_tree_next(&b->it, &b->e))
		b->e = (struct xb_entry){0};
	return NULL;
}

/* The entry of E's name in B, which is gone through in step; mode 0: there is none. */
static struct xb_entry beside_of(struct beside *b, const struct xb_entry *e)
{
	static const struct xb_entry none;

	while (b->e.mode && xb_entry_cmp(&b->e, e) < 0)
		if (!xb_tree_next(&b->it, &b->e))
			b->e = none;
	return b->e.mode && !xb_entry_cmp(&b->e, e) ? b->e : none;
}

static struct xb_err *add(struct collection *c, const git_oid *oid, git_object_t type)
{
	struct xb_pack_object *to;
	struct xb_obj *o;

	if (xb_oidmap_get(&c->seen, oid))
		return NULL;
	xb_oidmap_set(&c->seen, oid, c);
	XB_TRY(xb_store_get(c->store, oid, type, &o));
	to = XB_PUSH(c->out, v, n, cap);
	*to = (struct xb_pack_object){.oid = o->oid, .type = o->type, .data = o->data, .len = o->len};
	if (type == GIT_OBJECT_TREE && !git_oid_is_zero(&o->like))
		to->base = &o->like;
	return NULL;
}

static struct xb_err *add_tree(struct collection *c, const git_oid *oid, const git_oid beside[BESIDE]);

/* E and, of a directory, what is in it; unless one of the others has it at the same place. */
static struct xb_err *add_entry(struct collection *c, const struct xb_entry *e, struct beside b[BESIDE])
{
	git_oid trees[BESIDE] = {{{0}}, {{0}}};
	bool reached = e->mode == XB_MODE_GITLINK;

	for (int i = 0; i < BESIDE; i++) {
		struct xb_entry other = beside_of(&b[i], e);

		reached |= xb_entry_is_tree(e) == xb_entry_is_tree(&other) && other.mode != XB_MODE_GITLINK &&
			   git_oid_equal(&e->oid, &other.oid);
		if (xb_entry_is_tree(&other))
			trees[i] = other.oid;
	}
	if (reached)
		return NULL;
	return xb_entry_is_tree(e) ? add_tree(c, &e->oid, trees) : add(c, &e->oid, GIT_OBJECT_BLOB);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as a plan goes into trees, which is limited */
static struct xb_err *add_tree(struct collection *c, const git_oid *oid, const git_oid beside[BESIDE])
{
	struct beside b[BESIDE];
	struct xb_tree_iter it;
	struct xb_entry e;

	if (xb_oidmap_get(&c->seen, oid))
		return NULL;
	for (int i = 0; i < BESIDE; i++)
		XB_TRY(open_beside(c->store, &beside[i], &b[i]));
	XB_TRY(xb_tree_open(c->store, oid, &it));
	while (xb_tree_next(&it, &e))
		XB_TRY(add_entry(c, &e, b));
	return add(c, oid, GIT_OBJECT_TREE);
}

static struct xb_err *tree_of(struct xb_store *s, const git_oid *commit, git_oid *out)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
	XB_AUTORAW struct xb_raw raw = XB_RAW_INIT;

	XB_TRY(xb_store_read(s, commit, GIT_OBJECT_COMMIT, &raw));
	XB_TRY(xb_commit_parse(raw.data, raw.len, &c));
	*out = c.tree;
	return NULL;
}

/* SOURCE: a commit that refs reach and that has much of the same; NULL: none. */
static struct xb_err *add_commit(struct collection *c, const git_oid *oid, const git_oid *source)
{
	XB_AUTOCOMMIT struct xb_commit commit = XB_COMMIT_INIT;
	git_oid beside[BESIDE] = {{{0}}, {{0}}};

	XB_TRY(xb_commit_load(c->store, oid, &commit));
	if (commit.n_parents)
		XB_TRY(tree_of(c->store, &commit.parents[0], &beside[0]));
	if (source)
		XB_TRY(tree_of(c->store, source, &beside[1]));
	if (!git_oid_equal(&commit.tree, &beside[0]))
		XB_TRY(add_tree(c, &commit.tree, beside));
	return add(c, oid, GIT_OBJECT_COMMIT);
}

/* How many of the first N picks are in the history of PUBLISHED: those before one that is are, too. */
static struct xb_err *count_reached(const struct xb_plan *p, size_t n, const git_oid *published, size_t *out)
{
	size_t from = 0, to = n; /* FROM are; more than TO are not */
	struct xb_ancestry *a;
	struct xb_err *err = NULL;

	*out = 0;
	if (git_oid_is_zero(published))
		return NULL;
	a = xb_ancestry_new(p->store, published);
	while (!err && from < to) {
		size_t mid = to - (to - from) / 2;
		bool in;

		err = xb_ancestry_has(a, &p->picks.v[mid - 1].derived, &in);
		if (!err && in)
			from = mid;
		else
			to = mid - 1;
	}
	xb_ancestry_free(a);
	*out = from;
	return err;
}

struct xb_err *xb_objects_of_chain(const struct xb_plan *p, size_t n_picks, const git_oid *published,
				   struct xb_objects *out)
{
	struct collection c = {.store = p->store, .out = out};
	struct xb_err *err;
	size_t i;

	XB_TRY(count_reached(p, n_picks, published, &i));
	for (err = NULL; !err && i < n_picks; i++) {
		const struct xb_plan_pick *k = &p->picks.v[i];

		/* A replacement is on a ref of its own, which may go at any time. */
		err = add_commit(&c, &k->derived, git_oid_is_zero(&k->replaces) ? &k->commit : NULL);
	}
	xb_oidmap_clear(&c.seen, NULL);
	return err;
}

struct xb_err *xb_objects_of_commit(const struct xb_plan *p, const git_oid *oid, struct xb_objects *out)
{
	struct collection c = {.store = p->store, .out = out};
	struct xb_err *err = add_commit(&c, oid, NULL);

	xb_oidmap_clear(&c.seen, NULL);
	return err;
}

/* ---- is a history whole ---- */

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
