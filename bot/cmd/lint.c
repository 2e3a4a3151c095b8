/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lint.h"

#include "classify/history.h"
#include "odb/git.h"
#include "odb/oidmap.h"
#include "util/alloc.h"
#include "util/hashmap.h"
#include "util/log.h"
#include "util/vis.h"

#include <stdio.h>

enum {
	MOST = 30000, /* commits: a second */
	SHOWN = 3,
	FEW = 10 /* one in so many that is missed is prose */
};

struct lint {
	struct xb_env *env;
	struct xb_store *store;
	struct xb_notes notes;
	size_t n, tagged;
	bool cut;
	struct xb_hashmap known; /* hashes of the advisories that are named by fixes */
	struct {
		struct missed {
			git_oid oid;
			char *subject;
			struct xb_strv ids;
		} * v;
		size_t n, cap;
	} missed;
};

static uint64_t hash(const char *id)
{
	return xb_hash_bytes(id, strlen(id));
}

static void know(struct lint *l, const struct xb_strv *ids)
{
	for (size_t i = 0; i < ids->n; i++)
		xb_hashmap_at(&l->known, hash(ids->v[i]));
}

static void take(struct lint *l, const struct xb_hist *h)
{
	const struct xb_message *m = &h->msg;
	struct missed *one;

	l->tagged += m->tags.n > 0;
	for (size_t i = 0; i < m->tags.n; i++) {
		know(l, &m->tags.v[i].ids);
		know(l, &m->tags.v[i].aliases);
	}
	if (!m->named.n || (l->notes.map && xb_oidmap_get(l->notes.map, &h->oid)))
		return;
	one = XB_PUSH(&l->missed, v, n, cap);
	*one = (struct missed){.oid = h->oid, .subject = xb_strdup(m->subject ? m->subject : "")};
	xb_strv_add_all_new(&one->ids, &m->named);
}

static struct xb_err *walk(struct lint *l, git_revwalk *walk)
{
	git_oid oid;
	int rc = 0;

	while (l->n < MOST && !(rc = git_revwalk_next(&oid, walk))) {
		struct xb_hist h = {0};
		struct xb_err *err = xb_hist_load(l->store, l->env->rules, &oid, &h);

		if (!err)
			take(l, &h);
		xb_hist_release(&h);
		l->n++;
		if (err)
			return err;
	}
	l->cut = l->n == MOST;
	return rc && rc != GIT_ITEROVER ? xb_err_git(XB_E_IO, rc, "cannot walk the history") : NULL;
}

static struct xb_err *walk_all(struct lint *l, const struct xb_targets *targets)
{
	XB_AUTOGIT(git_revwalk) *w = NULL;
	int rc = git_revwalk_new(&w, l->env->repo);

	git_revwalk_sorting(w, GIT_SORT_TIME);
	for (size_t i = 0; i < targets->n && !rc; i++)
		if (targets->v[i].status == XB_TARGET_OK)
			rc = git_revwalk_push(w, &targets->v[i].tip);
	return rc ? xb_err_git(XB_E_IO, rc, "cannot walk the history") : walk(l, w);
}

/* Those of advisories that a fix names as well are prose, or repairs. */
static void drop_known(struct lint *l)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->missed.n; i++) {
		struct missed *m = &l->missed.v[i];
		bool all = true;

		for (size_t k = 0; k < m->ids.n; k++)
			all &= xb_hashmap_find(&l->known, hash(m->ids.v[k])) != NULL;
		if (!all) {
			l->missed.v[kept++] = *m;
			continue;
		}
		free(m->subject);
		xb_strv_release(&m->ids);
	}
	l->missed.n = kept;
}

static void report(const struct lint *l, bool *attention)
{
	const struct xb_config *c = l->env->config;
	bool many = l->missed.n * FEW > l->tagged;

	printf(
	    "rules: %zu of the %s%zu commits of these lines are fixes, %zu more name an advisory like %s\n",
	    l->tagged, l->cut ? "newest " : "", l->n, l->missed.n, c->advisory);
	for (size_t i = 0; i < l->missed.n && i < SHOWN && many; i++) {
		XB_AUTOFREE char *subject = xb_vis_dup(l->missed.v[i].subject);

		xb_log(XB_WARN, "%.12s names %s, and security does not match: %s",
		       xb_hex(&l->missed.v[i].oid).s, l->missed.v[i].ids.v[0], subject);
	}
	if (many)
		xb_log(XB_WARN, "%zu commits name an advisory and are no fixes by the patterns of security",
		       l->missed.n);
	if (!l->tagged && c->security.n)
		xb_log(XB_WARN, "no commit of these lines matches security: nothing will be picked");
	*attention |= many || (!l->tagged && c->security.n);
}

static void release(struct lint *l)
{
	for (size_t i = 0; i < l->missed.n; i++) {
		free(l->missed.v[i].subject);
		xb_strv_release(&l->missed.v[i].ids);
	}
	free(l->missed.v);
	xb_hashmap_release(&l->known);
	xb_notes_release(&l->notes);
	xb_store_free(l->store);
}

struct xb_err *xb_lint_history(struct xb_env *env, const struct xb_targets *targets, bool *attention)
{
	XB_AUTO(release) struct lint l = {.env = env};

	XB_TRY(xb_store_open(env->repo, NULL, &l.store));
	XB_TRY(xb_notes_load(env->repo, l.store, env->config->notes, NULL, &l.notes));
	XB_TRY(walk_all(&l, targets));
	if (l.n) {
		drop_known(&l);
		report(&l, attention);
	}
	return NULL;
}
