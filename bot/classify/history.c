/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "history.h"

#include "odb/ancestry.h"
#include "odb/oidmap.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/hashmap.h"

static struct xb_err *read_commit(struct xb_store *s, const git_oid *oid, struct xb_commit *c)
{
	struct xb_obj *o;
	struct xb_err *err;

	XB_TRY(xb_store_get(s, oid, GIT_OBJECT_COMMIT, &o));
	err = xb_commit_parse(o->data, o->len, c);
	return err ? xb_err_wrap(err, "commit %s", xb_hex(oid).s) : NULL;
}

struct xb_err *xb_hist_parse(const struct xb_rules *rules, const git_oid *oid, const struct xb_commit *c,
			     struct xb_hist *out)
{
	struct xb_err *err;

	*out = (struct xb_hist){.oid = *oid};
	err = xb_message_parse(rules, c, &out->msg);
	if (err)
		return xb_err_wrap(err, "commit %s", xb_hex(oid).s);
	out->tree = c->tree;
	out->n_parents = c->n_parents;
	if (c->n_parents)
		out->parent = c->parents[0];
	out->time = c->committer.time;
	out->author = xb_hash_bytes(c->author.name.p, c->author.name.n) * 31 +
		      xb_hash_bytes(c->author.email.p, c->author.email.n);
	return NULL;
}

struct xb_err *xb_hist_load(struct xb_store *s, const struct xb_rules *rules, const git_oid *oid,
			    struct xb_hist *out)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

	*out = (struct xb_hist){.oid = *oid};
	XB_TRY(read_commit(s, oid, &c));
	return xb_hist_parse(rules, oid, &c, out);
}

void xb_hist_release(struct xb_hist *h)
{
	xb_message_release(&h->msg);
}

void xb_window_release(struct xb_window *w)
{
	for (size_t i = 0; i < w->n; i++)
		xb_hist_release(&w->v[i]);
	free(w->v);
	*w = (struct xb_window){0};
}

struct oids {
	git_oid *v;
	size_t n, cap;
};

/*
 * The common case: no merge between tip and FROM. *OUT newest first; *DONE false when there is one, or when
 * BASE comes before FROM.
 */
static struct xb_err *list_linear(struct xb_store *s, const git_oid *base, const git_oid *from,
				  const git_oid *tip, struct oids *out, bool *done)
{
	git_oid at = *tip;

	*done = false;
	while (!git_oid_equal(&at, from)) {
		XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

		if (git_oid_equal(&at, base))
			return NULL;
		XB_TRY(read_commit(s, &at, &c));
		if (c.n_parents != 1)
			return NULL;
		*XB_PUSH(out, v, n, cap) = at;
		at = c.parents[0];
	}
	*done = true;
	return NULL;
}

/* Marks in SET what TIP has and BASE hasn't, by reading all that BASE has. */
static struct xb_err *mark_slowly(struct xb_store *s, const git_oid *base, const git_oid *tip,
				  struct xb_oidmap *set)
{
	struct xb_ancestry *below = xb_ancestry_new(s, base);
	struct oids open = {0};
	struct xb_err *err = NULL;

	*XB_PUSH(&open, v, n, cap) = *tip;
	while (open.n && !err) {
		XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
		git_oid at = open.v[--open.n];
		bool in;

		if (xb_oidmap_get(set, &at))
			continue;
		err = xb_ancestry_has(below, &at, &in);
		if (err || in)
			continue;
		xb_oidmap_set(set, &at, set);
		err = read_commit(s, &at, &c);
		for (size_t i = 0; i < c.n_parents; i++)
			*XB_PUSH(&open, v, n, cap) = c.parents[i];
	}
	free(open.v);
	xb_ancestry_free(below);
	return err;
}

/* The same, by libgit2, which reads less, but refuses commits that git reads: then slowly. */
static struct xb_err *mark_window(git_repository *repo, struct xb_store *s, const git_oid *base,
				  const git_oid *tip, struct xb_oidmap *set)
{
	git_revwalk *walk = NULL;
	git_oid oid;
	int rc = git_revwalk_new(&walk, repo);

	if (!rc)
		rc = git_revwalk_push(walk, tip);
	if (!rc)
		rc = git_revwalk_hide(walk, base);
	while (!rc && !(rc = git_revwalk_next(&oid, walk)))
		xb_oidmap_set(set, &oid, set);
	git_revwalk_free(walk);
	if (rc == GIT_ITEROVER)
		return NULL;
	xb_oidmap_clear(set, NULL);
	return mark_slowly(s, base, tip, set);
}

/*
 * Appends the commits of SET that AT reaches, oldest first. A stack of its own:
 * a history of merges is deeper than a thread's stack. Each frame is a chain of
 * first parents, entered from its oldest commit.
 */
struct frame {
	struct oids chain; /* newest first; the last ones are done */
	size_t parent;     /* of the chain's last commit: the next one to enter */
};

static struct xb_err *push_chain(struct xb_store *s, struct xb_oidmap *set, struct xb_oidmap *seen,
				 git_oid at, struct frame *f)
{
	*f = (struct frame){.parent = 1};
	while (xb_oidmap_get(set, &at) && !xb_oidmap_get(seen, &at)) {
		XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

		xb_oidmap_set(seen, &at, seen);
		*XB_PUSH(&f->chain, v, n, cap) = at;
		XB_TRY(read_commit(s, &at, &c));
		if (!c.n_parents)
			break;
		at = c.parents[0];
	}
	return NULL;
}

static struct xb_err *list_merges(struct xb_store *s, struct xb_oidmap *set, const git_oid *tip,
				  struct oids *out)
{
	struct xb_oidmap seen = {0};
	struct {
		struct frame *v;
		size_t n, cap;
	} stack = {0};
	struct xb_err *err = push_chain(s, set, &seen, *tip, XB_PUSH(&stack, v, n, cap));

	while (!err && stack.n) {
		struct frame *f = &stack.v[stack.n - 1];
		XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
		git_oid at;

		if (!f->chain.n) {
			free(f->chain.v);
			stack.n--;
			continue;
		}
		at = f->chain.v[f->chain.n - 1];
		err = read_commit(s, &at, &c);
		if (err)
			break;
		if (f->parent < c.n_parents) {
			git_oid side = c.parents[f->parent++];

			err = push_chain(s, set, &seen, side, XB_PUSH(&stack, v, n, cap));
			continue;
		}
		*XB_PUSH(out, v, n, cap) = at;
		f->chain.n--;
		f->parent = 1;
	}
	while (stack.n)
		free(stack.v[--stack.n].chain.v);
	free(stack.v);
	xb_oidmap_clear(&seen, NULL);
	return err;
}

static void reverse(struct oids *o)
{
	for (size_t i = 0, j = o->n; i + 1 < j; i++) {
		git_oid t = o->v[i];

		o->v[i] = o->v[--j];
		o->v[j] = t;
	}
}

static struct xb_err *list_window(git_repository *repo, struct xb_store *s, const git_oid *base,
				  const git_oid *tip, struct oids *out)
{
	struct xb_oidmap set = {0};
	struct xb_err *err;
	bool done;

	XB_TRY(xb_ancestor_of(s, base, tip, &done)); /* else it is a release beside the branch */
	if (done)
		XB_TRY(list_linear(s, base, base, tip, out, &done));
	if (done) {
		reverse(out);
		return NULL;
	}
	out->n = 0;
	err = mark_window(repo, s, base, tip, &set);
	if (!err)
		err = list_merges(s, &set, tip, out);
	xb_oidmap_clear(&set, NULL);
	return err;
}

struct xb_err *xb_hist_parent_tree(struct xb_store *s, const struct xb_hist *h, git_oid *out)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

	*out = h->parent_tree;
	if (!git_oid_is_zero(out) || git_oid_is_zero(&h->parent))
		return NULL;
	XB_TRY(read_commit(s, &h->parent, &c));
	*out = c.tree;
	return NULL;
}

/* The tree of each first parent: mostly that of the commit before. */
static struct xb_err *fill_parent_trees(struct xb_store *s, struct xb_window *w, size_t from)
{
	for (size_t i = from; i < w->n; i++) {
		struct xb_hist *h = &w->v[i];
		XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

		if (!h->n_parents)
			continue;
		if (i && git_oid_equal(&w->v[i - 1].oid, &h->parent)) {
			h->parent_tree = w->v[i - 1].tree;
			continue;
		}
		XB_TRY(read_commit(s, &h->parent, &c));
		h->parent_tree = c.tree;
	}
	return NULL;
}

static struct xb_err *append(struct xb_store *s, const struct xb_rules *rules, const struct oids *oids,
			     struct xb_window *w)
{
	size_t from = w->n;

	for (size_t i = 0; i < oids->n; i++)
		XB_TRY(xb_hist_load(s, rules, &oids->v[i], XB_PUSH(w, v, n, cap)));
	return fill_parent_trees(s, w, from);
}

struct xb_err *xb_window_load(git_repository *repo, struct xb_store *s, const struct xb_rules *rules,
			      const git_oid *base, const git_oid *tip, struct xb_window *out)
{
	struct oids oids = {0};
	struct xb_err *err = list_window(repo, s, base, tip, &oids);

	*out = (struct xb_window){0};
	if (!err)
		err = append(s, rules, &oids, out);
	free(oids.v);
	if (err)
		xb_window_release(out);
	return err;
}

struct xb_err *xb_window_extend(struct xb_store *s, const struct xb_rules *rules, const git_oid *base,
				const git_oid *tip, struct xb_window *w, bool *done)
{
	const git_oid *from = w->n ? &w->v[w->n - 1].oid : base;
	size_t before = w->n;
	struct oids oids = {0};
	struct xb_err *err = list_linear(s, base, from, tip, &oids, done);

	reverse(&oids);
	if (!err && *done)
		err = append(s, rules, &oids, w);
	while (err && w->n > before)
		xb_hist_release(&w->v[--w->n]);
	free(oids.v);
	return err;
}
