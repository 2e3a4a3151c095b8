/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of the refs, and their move. */
#include "target-impl.h"

#include "odb/ancestry.h"
#include "os/log.h"
#include "publish/publication.h"
#include "repo/git.h"
#include "util/alloc.h"

enum { WATCHED = 2 };

struct xb_err *xb_publishing_has(const struct xb_publishing *w, const git_oid *value, bool *out)
{
	for (size_t i = 0; i < w->n; i++) {
		*out = git_oid_equal(&w->plan->picks.v[i].derived, value);
		if (*out)
			return NULL;
	}
	*out = false;
	return git_odb_exists(xb_store_odb(w->plan->store), value)
		   ? xb_ancestor_of(w->plan->store, value, &w->t->base, out)
		   : NULL;
}

struct xb_err *xb_publishing_commit_time(struct xb_store *s, const git_oid *oid, int64_t *out)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;

	XB_TRY(xb_commit_load(s, oid, &c));
	*out = c.committer.time;
	return NULL;
}

/* What those have who pull: what was published, also where someone moved the ref since. */
static const git_oid *had_by_all(const struct xb_publishing *w)
{
	const git_oid *p = &w->old.published;

	return git_oid_is_zero(p) || !git_odb_exists(xb_store_odb(w->plan->store), p) ? &w->t->derived : p;
}

static struct xb_err *stitch(struct xb_publishing *w)
{
	const struct xb_config *c = w->in->config;
	XB_AUTOBUF struct xb_buf raw = XB_BUF_INIT;
	struct xb_stitch_options o = {
	    .tree = xb_plan_tip_tree(w->plan, w->n),
	    .chain = xb_plan_tip(w->plan, w->n),
	    .old = had_by_all(w),
	    .chain_time = xb_plan_tip_time(w->plan, w->n),
	    .name = c->committer_name,
	    .email = c->committer_email,
	};

	XB_TRY(xb_publishing_commit_time(w->plan->store, o.old, &o.old_time));
	XB_TRY(xb_commit_stitch(&o, &raw));
	XB_TRY(xb_store_put(w->plan->store, GIT_OBJECT_COMMIT, raw.p, raw.n, NULL, &w->value));
	w->time = o.old_time > o.chain_time ? o.old_time : o.chain_time;
	w->out->stitched = true;
	return NULL;
}

struct xb_err *xb_publishing_choose(struct xb_publishing *w)
{
	const git_oid *tip = xb_plan_tip(w->plan, w->n), *had = had_by_all(w);
	bool contained = true;

	w->value = *tip;
	w->time = xb_plan_tip_time(w->plan, w->n);
	if (git_oid_is_zero(had) || git_oid_equal(tip, had))
		return NULL;
	if (git_oid_equal(tip, &w->old.chain_tip)) {
		w->value = *had; /* a stitch on this chain */
		return xb_publishing_commit_time(w->plan->store, &w->value, &w->time);
	}
	if (w->t->conf->history == XB_REWRITE)
		return NULL;
	XB_TRY(xb_publishing_has(w, had, &contained));
	return contained ? NULL : stitch(w);
}

static bool allowed(const char *ref, void *data)
{
	const struct xb_target *t = data;

	return !strcmp(ref, t->derived_ref) || !strcmp(ref, t->state_ref) ||
	       (t->chain_ref && !strcmp(ref, t->chain_ref));
}

static size_t list_moves(const struct xb_publishing *w, const git_oid *state, struct xb_ref_update moves[3])
{
	const git_oid *chain = xb_plan_tip(w->plan, w->n);
	size_t n = 0;

	if (!git_oid_equal(&w->value, &w->t->derived))
		moves[n++] = (struct xb_ref_update){w->t->derived_ref, w->t->derived, w->value};
	if (w->t->chain_ref && !git_oid_equal(chain, &w->t->chain))
		moves[n++] = (struct xb_ref_update){w->t->chain_ref, w->t->chain, *chain};
	if (!git_oid_equal(state, &w->t->state))
		moves[n++] = (struct xb_ref_update){w->t->state_ref, w->t->state, *state};
	return n;
}

static struct xb_err *after_run(struct xb_publishing *w, const git_oid *state,
				const struct xb_ref_update *moves, struct xb_pub_result *r)
{
	struct xb_vault *v = w->in->vault;

	switch (r->outcome) {
	case XB_PUB_DONE:
		if (r->later)
			xb_log(XB_WARN, "%s: published, but afterwards: %s", w->t->name, r->later->msg);
		if (!git_oid_equal(&w->value, &w->t->derived))
			w->out->what = XB_PUBLISHED_MOVED;
		w->t->derived = w->value;
		w->t->state = *state;
		XB_TRY(xb_owned_note(w->in, w->plan->store, state));
		break;
	case XB_PUB_STALE:
		return xb_err_new(XB_E_MOVED, "%s: staging or the release moved meanwhile", w->t->name);
	case XB_PUB_REFUSED:
	case XB_PUB_PARTIAL:
		if (r->why == XB_MOVE_LOCKED)
			return xb_err_new(XB_E_TEMP, "%s: %s %s", w->t->name, moves[r->stopped_at].name,
					  xb_move_text(r->why));
		xb_publishing_hold(w, XB_WHY_NOT_MOVED, moves[r->stopped_at].name)->detail =
		    xb_strdup(xb_move_text(r->why));
		if (r->outcome == XB_PUB_PARTIAL) /* the derived ref, which is the first */
			XB_TRY(xb_owned_note(w->in, w->plan->store, state));
		break;
	}
	return r->intent ? xb_intent_clear(v->intent_dir, w->t->name) : NULL;
}

/* All that the new values need, and no other ref reaches. */
static struct xb_err *collect(const struct xb_publishing *w, const git_oid *state, struct xb_objects *out)
{
	XB_TRY(xb_objects_of_chain(w->plan, w->n, &w->t->derived, out));
	if (w->out->stitched)
		XB_TRY(xb_objects_of_commit(w->plan, &w->value, out));
	return git_oid_equal(state, &w->t->state) ? NULL : xb_objects_of_commit(w->plan, state, out);
}

/* Staging and the release, which reach what `collect` leaves out; *TAG, the caller's, is the release's ref.
 */
static struct xb_err *watch(const struct xb_publishing *w, struct xb_ref_update *out, size_t *n, char **tag)
{
	const struct xb_target *t = w->t;
	git_oid at;

	*n = 0;
	if (t->tip_ref)
		out[(*n)++] = (struct xb_ref_update){t->tip_ref, t->tip, t->tip};
	if (!t->base_tag)
		return NULL;
	*tag = xb_asprintf("%s%s", strncmp(t->base_tag, "refs/", 5) ? "refs/tags/" : "", t->base_tag);
	XB_TRY(xb_ref_value(w->in->repo, *tag, &at));
	if (git_oid_is_zero(&at))
		return xb_err_new(XB_E_MOVED, "%s: %s went away meanwhile", t->name, *tag);
	out[(*n)++] = (struct xb_ref_update){*tag, at, at};
	return NULL;
}

struct xb_err *xb_publishing_move(struct xb_publishing *w, const git_oid *state)
{
	struct xb_ref_update moves[3], watched[WATCHED];
	XB_AUTOFREE char *tag = NULL;
	struct xb_ref_policy policy = {.allowed = allowed, .data = w->t};
	struct xb_publication p = {.id = w->t->name, .refs = moves, .watched = watched};
	XB_AUTO(xb_pack_written_release) struct xb_pack_written pack = {0};
	XB_AUTO(xb_pub_result_release) struct xb_pub_result r = {0};

	p.n_refs = list_moves(w, state, moves);
	w->out->old_id = w->t->derived;
	w->out->new_id = w->value;
	if (!p.n_refs)
		return w->owned.known ? NULL : xb_owned_note(w->in, w->plan->store, state);
	if (w->in->options.dry) {
		if (!git_oid_equal(&w->value, &w->t->derived))
			w->out->what = XB_PUBLISHED_MOVED;
		return NULL;
	}
	XB_TRY(watch(w, watched, &p.n_watched, &tag));
	XB_TRY(collect(w, state, &w->objects));
	if (w->objects.n) {
		XB_TRY(xb_pack_write(w->in->vault->pack_dir, w->objects.v, w->objects.n, &pack));
		p.pack = &pack;
	}
	XB_TRY(xb_publication_run(w->in->vault, &p, &policy, &r));
	return after_run(w, state, moves, &r);
}
