/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "since.h"

#include "odb/ancestry.h"
#include "odb/trailers.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/strv.h"

struct xb_since {
	struct xb_store *store;
	struct xb_strv sources;   /* full ids of what was picked */
	struct xb_ancestry *base; /* of what the picks stand on */
};

static struct xb_err *read_commit(struct xb_store *s, const git_oid *at, struct xb_commit *out)
{

	return xb_commit_load(s, at, out);
}

/* Takes what the chain's commit C says that it is. False: it is none. */
static bool take(struct xb_since *s, const struct xb_commit *c)
{
	struct xb_trailers t = {0};
	bool is_pick = false;

	xb_trailers_of_message(c->message.p, c->message.n, &t);
	for (size_t i = 0; i < t.n; i++) {
		if (strcmp(t.v[i].key, "Xsabot-Source") != 0)
			continue;
		xb_strv_add_new(&s->sources, t.v[i].value);
		is_pick = true;
	}
	xb_trailers_release(&t);
	return is_pick;
}

/* Goes down the chain from its commit AT to what it stands on. */
static struct xb_err *walk_chain(struct xb_since *s, const git_oid *at, git_oid *base)
{
	for (*base = *at;;) {
		XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

		XB_TRY(read_commit(s->store, base, &c));
		if (!take(s, &c) || !c.n_parents)
			return NULL;
		*base = c.parents[0];
	}
}

static struct xb_err *fill(struct xb_since *s, const git_oid *at)
{
	git_oid base;

	XB_TRY(walk_chain(s, at, &base));
	s->base = xb_ancestry_new(s->store, &base);
	return NULL;
}

struct xb_err *xb_since_open(struct xb_store *store, const git_oid *at, struct xb_since **out)
{
	XB_AUTOPTR(xb_since) *s = xb_calloc(1, sizeof *s);

	s->store = store;
	XB_TRY(fill(s, at));
	*out = XB_STEAL(s);
	return NULL;
}

void xb_since_free(struct xb_since *s)
{
	if (!s)
		return;
	xb_ancestry_free(s->base);
	xb_strv_release(&s->sources);
	free(s);
}

struct xb_err *xb_since_has_commit(struct xb_since *s, const git_oid *commit, bool *out)
{
	const struct xb_hex hex = xb_hex(commit);

	*out = xb_strv_has(&s->sources, hex.s);
	return *out ? NULL : xb_ancestry_has(s->base, commit, out);
}
