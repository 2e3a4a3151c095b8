/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "differs.h"

#include "odb/trailers.h"
#include "odb/tree.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <string.h>

enum { SPARE = 256 /* commits that may have come to a chain */ };

struct chain {
	const struct xb_plan *plan;
	struct {
		git_oid *v; /* from the first pick to the tip */
		size_t n, cap;
	} ids;
	git_oid base; /* what the first one stands on */
};

/* The commits from AT down to the base, first parents; without it, as far as there may be picks. */
static struct xb_err *collect(struct chain *c, git_oid at)
{
	size_t most = c->plan->picks.n + SPARE;

	while (!git_oid_equal(&at, &c->plan->target->base) && c->ids.n < most) {
		XB_AUTOCOMMIT struct xb_commit one = XB_COMMIT_INIT;

		XB_TRY(xb_commit_load(c->plan->store, &at, &one));
		*XB_PUSH(&c->ids, v, n, cap) = at;
		if (!one.n_parents)
			break;
		at = one.parents[0];
	}
	c->base = at;
	for (size_t i = 0; i < c->ids.n / 2; i++) {
		git_oid other = c->ids.v[i];

		c->ids.v[i] = c->ids.v[c->ids.n - 1 - i];
		c->ids.v[c->ids.n - 1 - i] = other;
	}
	return NULL;
}

/* The commit of the stable branch that a derived commit says it is. */
static bool source_of(const struct xb_commit *c, git_oid *out)
{
	struct xb_trailers t = {0};
	bool found = false;

	xb_trailers_of_message(c->message.p, c->message.n, &t);
	for (size_t i = 0; i < t.n; i++)
		if (!strcmp(t.v[i].key, "Xsabot-Source"))
			found = !git_oid_fromstr(out, t.v[i].value);
	xb_trailers_release(&t);
	return found;
}

static size_t pick_of(const struct xb_plan *p, const git_oid *source, size_t from)
{
	for (size_t i = from; i < p->picks.n; i++)
		if (git_oid_equal(&p->picks.v[i].commit, source))
			return i;
	return SIZE_MAX;
}

static char *named(const struct xb_plan *p, size_t i)
{
	const struct xb_plan_pick *k = &p->picks.v[i];

	return xb_asprintf("%.12s%s%s", xb_hex(&k->commit).s, k->subject ? " " : "",
			   k->subject ? k->subject : "");
}

/* ---- the same pick, otherwise ---- */

static struct xb_err *take_path(void *ctx, const char *path, const struct xb_entry *a,
				const struct xb_entry *b)
{
	char **out = ctx;

	(void)a;
	(void)b;
	if (!*out)
		*out = xb_strdup(path);
	return NULL;
}

static bool same(struct xb_slice a, struct xb_slice b)
{
	return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

static const char *date_or_name(const struct xb_ident *a, const struct xb_ident *b, const char *date,
				const char *name)
{
	return same(a->name, b->name) && same(a->email, b->email) ? date : name;
}

static struct xb_err *what_differs(struct xb_store *s, const struct xb_commit *is,
				   const struct xb_commit *should, char **out)
{
	XB_AUTOFREE char *path = NULL;

	if (!git_oid_equal(&is->tree, &should->tree)) {
		XB_TRY(xb_tree_diff(s, &is->tree, &should->tree, take_path, &path));
		*out = xb_asprintf("has other contents, in %s", path ? path : "its tree");
	} else if (is->n_parents != should->n_parents ||
		   (is->n_parents && !git_oid_equal(&is->parents[0], &should->parents[0])))
		*out = xb_strdup("stands on another commit");
	else if (!same(is->author.raw, should->author.raw))
		*out = xb_asprintf("has another %s",
				   date_or_name(&is->author, &should->author, "author date", "author"));
	else if (!same(is->committer.raw, should->committer.raw))
		*out = xb_asprintf("has another %s", date_or_name(&is->committer, &should->committer,
								  "committer date", "committer"));
	else
		*out = xb_strdup(same(is->message, should->message) ? "has other headers"
								    : "has another message");
	return NULL;
}

/* IS, at the place of pick I, says that it is that. */
static struct xb_err *altered(const struct chain *c, size_t i, const struct xb_commit *is, char **where)
{
	XB_AUTOCOMMIT struct xb_commit should = XB_COMMIT_INIT;
	XB_AUTOFREE char *name = named(c->plan, i), *what = NULL;

	XB_TRY(xb_commit_load(c->plan->store, &c->plan->picks.v[i].derived, &should));
	XB_TRY(what_differs(c->plan->store, is, &should, &what));
	*where = xb_asprintf("pick %zu, %.12s, which is %s, %s", i + 1, xb_hex(&c->ids.v[i]).s, name, what);
	return NULL;
}

/* ---- another one ---- */

static struct xb_err *is_later(const struct chain *c, size_t from, const git_oid *source, bool *out)
{
	*out = false;
	for (size_t i = from; i < c->ids.n && !*out; i++) {
		XB_AUTOCOMMIT struct xb_commit one = XB_COMMIT_INIT;
		git_oid is;

		XB_TRY(xb_commit_load(c->plan->store, &c->ids.v[i], &one));
		*out = source_of(&one, &is) && git_oid_equal(&is, source);
	}
	return NULL;
}

/* At the place of pick I stands a commit of SOURCE; NULL: it says of none. */
static struct xb_err *other(const struct chain *c, size_t i, const git_oid *source, char **where)
{
	const struct xb_plan *p = c->plan;
	XB_AUTOFREE char *name = i < p->picks.n ? named(p, i) : NULL;
	bool later = false;

	if (!source || pick_of(p, source, 0) == SIZE_MAX || !name) {
		*where = xb_asprintf("pick %zu, %.12s, was added: the plan has no such pick", i + 1,
				     xb_hex(&c->ids.v[i]).s);
		return NULL;
	}
	XB_TRY(is_later(c, i + 1, &p->picks.v[i].commit, &later));
	*where = later ? xb_asprintf("the order of the picks, from pick %zu on: %s comes later", i + 1, name)
		       : xb_asprintf("pick %zu, %s, was left out", i + 1, name);
	return NULL;
}

/* A merge on a chain that says it is a stitch, and is none. */
static struct xb_err *bad_stitch(const struct xb_plan *p, const git_oid *at, const struct xb_commit *is,
				 char **where)
{
	static const char mark[] = "\nXsabot-Stitch: 1\n";
	XB_AUTOCOMMIT struct xb_commit first = XB_COMMIT_INIT;
	XB_AUTOFREE char *path = NULL;

	if (is->n_parents != 2 || !memmem(is->message.p, is->message.n, mark, sizeof mark - 1))
		return NULL;
	XB_TRY(xb_commit_load(p->store, &is->parents[0], &first));
	XB_TRY(xb_tree_diff(p->store, &is->tree, &first.tree, take_path, &path));
	if (path)
		*where =
		    xb_asprintf("the stitch %.12s changes %s, and should change nothing", xb_hex(at).s, path);
	return NULL;
}

static struct xb_err *look_at(const struct chain *c, size_t i, char **where)
{
	XB_AUTOCOMMIT struct xb_commit is = XB_COMMIT_INIT;
	git_oid source;
	bool says;

	XB_TRY(xb_commit_load(c->plan->store, &c->ids.v[i], &is));
	if (i + 1 == c->ids.n)
		XB_TRY(bad_stitch(c->plan, &c->ids.v[i], &is, where));
	if (*where)
		return NULL;
	says = source_of(&is, &source);
	if (says && i < c->plan->picks.n && git_oid_equal(&source, &c->plan->picks.v[i].commit))
		return altered(c, i, &is, where);
	return other(c, i, says ? &source : NULL, where);
}

static struct xb_err *compare(const struct chain *c, char **where)
{
	const struct xb_plan *p = c->plan;
	const char *tag = p->target->base_tag;

	if (!git_oid_equal(&c->base, &p->target->base)) {
		*where = xb_asprintf("it does not stand on %s, %.12s", tag ? tag : "the base",
				     xb_hex(&p->target->base).s);
		return NULL;
	}
	for (size_t i = 0; i < c->ids.n; i++)
		if (i >= p->picks.n || !git_oid_equal(&c->ids.v[i], &p->picks.v[i].derived))
			return look_at(c, i, where);
	return NULL;
}

struct xb_err *xb_differs_where(const struct xb_plan *p, const git_oid *chain, char **where)
{
	struct chain c = {.plan = p};
	struct xb_err *err = collect(&c, *chain);

	*where = NULL;
	if (!err)
		err = compare(&c, where);
	free(c.ids.v);
	return err;
}
