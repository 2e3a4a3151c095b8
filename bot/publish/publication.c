/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "publication.h"

#include "keep.h"
#include "objects.h"
#include "os/file.h"
#include "os/log.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/bytes.h"

#include <errno.h>
#include <fts.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One publication on its way. */
struct run {
	struct xb_vault *v;
	const struct xb_publication *p;
	const struct xb_ref_policy *policy;
	struct xb_pub_result *out;
	char *pack; /* its name in the public repository, once it is there */
	bool moved; /* some ref, for all we know */
};

static void stop(struct xb_pub_result *out, enum xb_pub_outcome outcome, size_t at, enum xb_move why)
{
	out->outcome = outcome;
	out->stopped_at = at;
	out->why = why;
}

static struct xb_err *check_free(const struct xb_vault *v, const char *id)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s.json", v->intent_dir, id);
	struct stat st;

	if (!lstat(path, &st))
		return xb_err_new(XB_E_TEMP, "an earlier publication of %s is not finished", id);
	return NULL;
}

/* Step 1. *STOPPED: something stands in the way, and OUT says what. */
static struct xb_err *look(struct run *r, bool *stopped)
{
	const struct xb_publication *p = r->p;

	XB_TRY(xb_vault_reopen(r->v));
	for (size_t i = 0; i < p->n_refs; i++) {
		enum xb_move m;

		XB_TRY(xb_ref_look(r->v->public_repo, &p->refs[i], r->policy, &m));
		if (m == XB_MOVE_DONE || m == XB_MOVE_ALREADY)
			continue;
		stop(r->out, XB_PUB_REFUSED, i, m);
		*stopped = true;
		break;
	}
	return NULL;
}

/* Each ref's new value is a commit, and what is new in it is there. */
static struct xb_err *check_tips(const struct xb_vault *v, const struct xb_ref_update *refs, size_t n)
{
	XB_AUTOGIT(git_odb) *odb = NULL;

	XB_TRY(xb_vault_public_odb(v, &odb));
	for (size_t i = 0; i < n; i++) {
		git_object_t type = GIT_OBJECT_INVALID;
		size_t size;
		int rc = git_odb_read_header(&size, &type, odb, &refs[i].new_id);

		if (rc)
			return xb_err_git(rc == GIT_ENOTFOUND ? XB_E_NOTFOUND : XB_E_IO, rc,
					  "cannot read %s, the new value of %s", xb_hex(&refs[i].new_id).s,
					  refs[i].name);
		if (type != GIT_OBJECT_COMMIT)
			return xb_err_new(XB_E_INTERNAL, "%s, the new value of %s, is no commit",
					  xb_hex(&refs[i].new_id).s, refs[i].name);
		XB_TRY(xb_whole_tree(odb, &refs[i].new_id, &refs[i].old_id));
	}
	return NULL;
}

static struct xb_err *check_watched(struct run *r, bool *stopped)
{
	for (size_t i = 0; i < r->p->n_watched; i++) {
		const struct xb_ref_update *w = &r->p->watched[i];
		git_oid now;

		XB_TRY(xb_ref_value(r->v->public_repo, w->name, &now));
		if (git_oid_equal(&now, &w->old_id))
			continue;
		stop(r->out, XB_PUB_STALE, i, XB_MOVE_OTHER);
		*stopped = true;
		break;
	}
	return NULL;
}

/* Steps 2 and 3. */
static struct xb_err *place(struct run *r, bool *stopped)
{
	if (r->p->pack) {
		XB_TRY(xb_keep_install(r->v, r->p->pack, r->p->id, &r->pack));
		XB_TRY(xb_keep_check(r->v, r->pack, true));
	}
	XB_TRY(check_tips(r->v, r->p->refs, r->p->n_refs));
	XB_TRY(xb_vault_reopen(r->v));
	return check_watched(r, stopped);
}

static struct xb_err *record(struct run *r)
{
	XB_AUTOFREE struct xb_ref_update *refs = xb_calloc(r->p->n_refs, sizeof *refs);
	XB_AUTOFREE char *id = xb_strdup(r->p->id);
	struct xb_intent intent = {id, r->pack, refs, r->p->n_refs};

	memcpy(refs, r->p->refs, r->p->n_refs * sizeof *refs);
	return xb_intent_write(r->v->intent_dir, &intent);
}

/* Moves refs[*AT] and those after it; stops at the first that can't. */
static struct xb_err *move_from(git_repository *repo, const struct xb_ref_update *refs, size_t n,
				const struct xb_ref_policy *policy, size_t *at, enum xb_move *why)
{
	for (; *at < n; ++*at) {
		XB_TRY(xb_ref_move(repo, &refs[*at], policy, why));
		if (*why != XB_MOVE_DONE && *why != XB_MOVE_ALREADY)
			return NULL;
	}
	return NULL;
}

static struct xb_err *release_keep(const struct run *r)
{
	return r->pack ? xb_keep_release(r->v, r->pack) : NULL;
}

static void later(struct xb_pub_result *out, struct xb_err *err)
{
	if (out->later)
		xb_err_free(err); /* the first one tells more */
	else
		out->later = err;
}

/* Takes back all but the pack; what can't be taken back is left to recovery. */
static void undo(const struct run *r)
{
	XB_AUTOERR struct xb_err *keep = release_keep(r);
	XB_AUTOERR struct xb_err *intent = xb_intent_clear(r->v->intent_dir, r->p->id);

	if (keep)
		xb_log(XB_WARN, "%s", keep->msg);
	if (intent)
		xb_log(XB_WARN, "%s", intent->msg);
}

/* Step 6: trouble from here on does not undo what happened. */
static void finish(struct run *r)
{
	struct xb_err *err = r->pack ? xb_keep_check(r->v, r->pack, false) : NULL;

	r->out->intent = true;
	if (err)
		later(r->out, xb_err_wrap(err,
					  "the refs moved, but the new objects are not whole; "
					  "%s.keep stays for this run",
					  r->pack));
	else
		later(r->out, release_keep(r));
}

static bool any_moved(const struct run *r, size_t upto)
{
	for (size_t i = 0; i < upto; i++)
		if (!git_oid_equal(&r->p->refs[i].old_id, &r->p->refs[i].new_id))
			return true;
	return false;
}

/*
 * After an error: true unless each ref is seen not to be at its new value. The
 * error may have come after the move, and one that lasts hides the ref too.
 */
static bool may_have_moved(const struct run *r)
{
	for (size_t i = 0; i < r->p->n_refs; i++) {
		const struct xb_ref_update *u = &r->p->refs[i];
		XB_AUTOERR struct xb_err *unknown = NULL;
		git_oid now;

		if (git_oid_equal(&u->old_id, &u->new_id))
			continue;
		unknown = xb_ref_value(r->v->public_repo, u->name, &now);
		if (unknown || git_oid_equal(&now, &u->new_id))
			return true;
	}
	return false;
}

/* Steps 4 and 5. */
static struct xb_err *move(struct run *r)
{
	const struct xb_publication *p = r->p;
	enum xb_move why = XB_MOVE_DONE;
	size_t at = 0;
	struct xb_err *err;

	XB_TRY(record(r));
	err = move_from(r->v->public_repo, p->refs, p->n_refs, r->policy, &at, &why);
	r->moved = err ? may_have_moved(r) : any_moved(r, at);
	if (err && r->moved)
		return xb_err_wrap(err, "refs may have moved, recovery goes on");
	if (err)
		return err;
	stop(r->out, at == p->n_refs ? XB_PUB_DONE : r->moved ? XB_PUB_PARTIAL : XB_PUB_REFUSED, at, why);
	return NULL;
}

static struct xb_err *run_steps(struct run *r, bool *stopped)
{
	XB_TRY(look(r, stopped));
	if (!*stopped)
		XB_TRY(place(r, stopped));
	if (*stopped)
		return NULL;
	return move(r);
}

struct xb_err *xb_publication_run(struct xb_vault *v, const struct xb_publication *p,
				  const struct xb_ref_policy *policy, struct xb_pub_result *out)
{
	struct run r = {v, p, policy, out, NULL, false};
	bool stopped = false, busy;
	struct xb_err *err;

	memset(out, 0, sizeof *out);
	err = check_free(v, p->id);
	busy = err; /* then there is an intent, and it is not this one's to take back */
	if (!err)
		err = run_steps(&r, &stopped);
	if (!busy && !r.moved && (err || out->outcome != XB_PUB_DONE))
		undo(&r);
	else if (!err && (out->outcome != XB_PUB_PARTIAL || out->why != XB_MOVE_LOCKED))
		finish(&r);
	if (p->pack)
		xb_pack_discard(p->pack);
	free(r.pack);
	return err ? xb_err_wrap(err, "cannot publish") : NULL;
}

void xb_pub_result_release(struct xb_pub_result *r)
{
	xb_err_free(r->later);
	memset(r, 0, sizeof *r);
}

/* Recovery. */
struct recovery {
	struct xb_vault *v;
	const struct xb_ref_policy *policy;
	const struct xb_lock_rule *rule;
	struct xb_recovered *out;
};

/* How many of the refs that were to change are at their new value, and of how many. */
static struct xb_err *count_moved(const struct recovery *r, const struct xb_intent *in, size_t *moved,
				  size_t *total)
{
	*moved = *total = 0;
	for (size_t i = 0; i < in->n_refs; i++) {
		git_oid now;

		if (git_oid_equal(&in->refs[i].old_id, &in->refs[i].new_id))
			continue;
		XB_TRY(xb_ref_value(r->v->public_repo, in->refs[i].name, &now));
		*moved += git_oid_equal(&now, &in->refs[i].new_id) ? 1 : 0;
		++*total;
	}
	return NULL;
}

/* *LOCKED: the first ref whose lock stays, or n_refs. */
static struct xb_err *free_locks(const struct recovery *r, const struct xb_intent *in, size_t *locked)
{
	struct timespec begun;

	*locked = in->n_refs;
	XB_TRY(xb_intent_time(r->v->intent_dir, in->id, &begun));
	for (size_t i = 0; i < in->n_refs; i++) {
		enum xb_stale s;

		XB_TRY(xb_ref_stale_lock(r->v->public_repo, &in->refs[i], r->rule, &begun, &s));
		if (s == XB_LOCK_LEFT && *locked == in->n_refs)
			*locked = i;
		if (s == XB_LOCK_REMOVED)
			r->out->swept++;
	}
	return NULL;
}

/* Makes the moves that lack, after the checks that a publication makes. */
static struct xb_err *complete(const struct recovery *r, struct xb_recovered_one *one)
{
	const struct xb_intent *in = &one->intent;

	one->stopped_at = 0;
	if (in->pack)
		XB_TRY(xb_keep_check(r->v, in->pack, true));
	XB_TRY(check_tips(r->v, in->refs, in->n_refs));
	XB_TRY(move_from(r->v->public_repo, in->refs, in->n_refs, r->policy, &one->stopped_at, &one->why));
	if (one->stopped_at == in->n_refs)
		one->state = XB_REC_COMPLETE;
	else
		one->state = one->why == XB_MOVE_LOCKED ? XB_REC_LOCKED : XB_REC_STOPPED;
	return NULL;
}

static struct xb_err *abandon(const struct recovery *r, struct xb_recovered_one *one)
{
	one->state = XB_REC_ABANDONED;
	if (one->intent.pack)
		XB_TRY(xb_keep_release(r->v, one->intent.pack));
	return xb_intent_clear(r->v->intent_dir, one->intent.id);
}

static struct xb_err *recover_one(const struct recovery *r, struct xb_recovered_one *one)
{
	const struct xb_intent *in = &one->intent;
	size_t moved, total;

	XB_TRY(free_locks(r, in, &one->stopped_at));
	XB_TRY(count_moved(r, in, &moved, &total));
	if (one->stopped_at < in->n_refs) {
		one->state = XB_REC_LOCKED;
		one->why = XB_MOVE_LOCKED;
	} else if (moved == total) {
		one->state = XB_REC_COMPLETE; /* with its pack collected and packed anew, perhaps */
	} else if (moved) {
		XB_TRY(complete(r, one));
	} else {
		XB_TRY(abandon(r, one));
	}
	if (one->state != XB_REC_LOCKED && in->pack)
		XB_TRY(xb_keep_release(r->v, in->pack));
	return NULL;
}

static struct xb_err *recover_all(const struct recovery *r, char *const *ids, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct xb_recovered_one *one = XB_PUSH(r->out, v, n, cap);
		struct xb_err *err = xb_intent_read(r->v->intent_dir, ids[i], &one->intent);

		if (!err)
			err = recover_one(r, one);
		if (err)
			return xb_err_wrap(err, "cannot recover the publication %s", ids[i]);
	}
	return NULL;
}

static struct xb_err *recover_intents(const struct recovery *r)
{
	char **ids;
	size_t n;
	struct xb_err *err;

	XB_TRY(xb_intent_list(r->v->intent_dir, &ids, &n));
	err = recover_all(r, ids, n);
	for (size_t i = 0; i < n; i++)
		free(ids[i]);
	free(ids);
	return err;
}

static struct xb_err *sweep_public(const struct recovery *r)
{
	XB_AUTOFREE char **spared = xb_calloc(r->out->n + 1, sizeof *spared);
	size_t n = 0, removed;

	for (size_t i = 0; i < r->out->n; i++)
		if (r->out->v[i].state == XB_REC_LOCKED && r->out->v[i].intent.pack)
			spared[n++] = r->out->v[i].intent.pack;
	XB_TRY(xb_keep_sweep(r->v, spared, n, &removed));
	r->out->swept += removed;
	return NULL;
}

/* In our own directories nobody else writes, and we hold the lock: each of these is a leftover. */
static bool is_leftover(const FTSENT *e)
{
	if (e->fts_info != FTS_F)
		return false;
	if (e->fts_level == 1 && !strncmp(e->fts_parent->fts_name, "pack", 4))
		return true;
	return strstr(e->fts_name, ".tmp-") || !strncmp(e->fts_name, "tmp_", 4) ||
	       xb_ends(e->fts_name, strlen(e->fts_name), ".lock");
}

static struct xb_err *sweep_private(const struct recovery *r)
{
	char *const roots[] = {r->v->pack_dir, r->v->intent_dir, NULL};
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	struct xb_err *err = NULL;
	FTSENT *e;

	if (!fts)
		return xb_err_sys(XB_E_IO, errno, "cannot read %s", r->v->state_dir);
	while (!err && (e = fts_read(fts))) {
		if (!is_leftover(e))
			continue;
		if (unlink(e->fts_path))
			err = xb_err_sys(XB_E_IO, errno, "cannot remove %s", e->fts_path);
		else
			r->out->swept++;
	}
	fts_close(fts);
	return err;
}

struct xb_err *xb_publication_recover(struct xb_vault *v, const struct xb_ref_policy *policy,
				      const struct xb_lock_rule *rule, struct xb_recovered *out)
{
	static const struct xb_lock_rule usual = {600, 5000};
	struct recovery r = {v, policy, rule ? rule : &usual, out};

	memset(out, 0, sizeof *out);
	XB_TRY(xb_vault_reopen(v));
	XB_TRY(recover_intents(&r));
	XB_TRY(sweep_public(&r));
	return sweep_private(&r);
}

void xb_recovered_release(struct xb_recovered *r)
{
	for (size_t i = 0; i < r->n; i++)
		xb_intent_release(&r->v[i].intent);
	free(r->v);
	memset(r, 0, sizeof *r);
}
