/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "notices.h"

#include "blame/blame.h"
#include "odb/blob.h"
#include "odb/git.h"
#include "odb/tree.h"
#include "util/alloc.h"
#include "util/bytes.h"
#include "util/hashmap.h"

#include <fnmatch.h>
#include <string.h>

enum {
	SHORT = 12,
	MOST = 20,       /* of a changelog */
	BUSY_LEAST = 20, /* commits */
	BUSY_SHARE = 4,  /* one of so many changes it */
	BUSY_NEEDED = 3, /* prerequisites for its sake */
};

/* Is there a commit of the window or of the base that is taken, or was refused, as its fix? */
static struct xb_err *is_known(struct xb_planner *p, const char *id, bool *out)
{
	const struct xb_plan *plan = p->plan;
	XB_AUTOFREE char *advisory = xb_strdup(id);
	struct xb_repairs r = {.window = SIZE_MAX, .advisory = advisory};

	*out = false;
	for (size_t i = 0; i < plan->advisories.n && !*out; i++)
		*out =
		    !strcmp(plan->advisories.v[i].id, id) || xb_strv_has(&plan->advisories.v[i].aliases, id);
	return *out ? NULL : xb_roles_holds(p, &r, out);
}

/* Those of IDS that are not known, and new. */
static struct xb_err *unknown_of(struct xb_planner *p, const struct xb_strv *ids, struct xb_strv *out)
{
	for (size_t i = 0; i < ids->n; i++) {
		bool known;

		XB_TRY(is_known(p, ids->v[i], &known));
		if (!known)
			xb_strv_add_new(out, ids->v[i]);
	}
	return NULL;
}

static struct xb_err *add_commits(struct xb_planner *p, struct xb_strv *told)
{
	for (size_t i = 0; i < p->plan->window.n; i++) {
		const struct xb_hist *h = &p->plan->window.v[i];
		XB_AUTOSTRV struct xb_strv ids = {0};

		if (!h->msg.named.n || p->board.c[i].tagged || p->board.c[i].excluded ||
		    p->board.c[i].fate != XB_FATE_NONE)
			continue;
		XB_TRY(unknown_of(p, &h->msg.named, &ids));
		if (!ids.n)
			continue;
		XB_AUTOFREE char *list = xb_strv_join(&ids, ", ");
		*XB_PUSH(&p->plan->notices, v, n, cap) =
		    xb_asprintf("%.*s names %s, and is not taken as a fix: %s", SHORT, xb_hex(&h->oid).s,
				list, h->msg.subject ? h->msg.subject : "");
		xb_strv_add_all_new(told, &ids);
	}
	return NULL;
}

/* ---- changelogs ---- */

/* The entry of ROOT that is the directory of PATTERN; its last part is what *NAME points to. */
static struct xb_err *directory_of(struct xb_planner *p, const git_oid *root, const char *pattern,
				   git_oid *out, const char **name)
{
	const char *slash = strrchr(pattern, '/');
	XB_AUTOFREE char *dir = slash ? xb_memdup0(pattern, (size_t)(slash - pattern)) : NULL;
	struct xb_entry e = {.oid = *root, .mode = XB_MODE_TREE};

	*name = slash ? slash + 1 : pattern;
	if (dir)
		XB_TRY(xb_tree_lookup_path(p->plan->store, root, dir, &e));
	*out = xb_entry_is_tree(&e) ? e.oid : (git_oid){{0}};
	return NULL;
}

/* The ids in lines that the blob NOW has and OLD (zero: none) does not. */
static struct xb_err *new_ids(struct xb_planner *p, const git_oid *old, const git_oid *now,
			      struct xb_strv *out)
{
	XB_AUTOBLOB struct xb_blob a = XB_BLOB_INIT, b = XB_BLOB_INIT;
	struct xb_hashmap seen = {0};
	struct xb_err *err;

	XB_TRY(xb_blob_open(p->plan->store, old, &a));
	XB_TRY(xb_blob_open(p->plan->store, now, &b));
	err = NULL;
	for (size_t at = 0, len; at < a.n; at += len + 1) {
		len = xb_line_len(a.p + at, a.n - at);
		xb_hashmap_at(&seen, xb_hash_bytes(a.p + at, len));
	}
	for (size_t at = 0, len; at < b.n && !err; at += len + 1) {
		len = xb_line_len(b.p + at, b.n - at);
		if (!xb_hashmap_find(&seen, xb_hash_bytes(b.p + at, len)))
			err = xb_rules_ids(p->in->rules, b.p + at, len, out, NULL);
	}
	xb_hashmap_release(&seen);
	return err;
}

static struct xb_err *add_file(struct xb_planner *p, const char *path, const git_oid *old, const git_oid *now,
			       struct xb_strv *told)
{
	XB_AUTOSTRV struct xb_strv all = {0}, ids = {0};
	XB_AUTOERR struct xb_err *over = NULL;

	if (git_oid_equal(old, now))
		return NULL;
	over = new_ids(p, old, now, &all);
	if (over && over->code != XB_E_HOSTILE) /* a list that is too long tells nothing */
		return XB_STEAL(over);
	XB_TRY(unknown_of(p, &all, &ids));
	for (size_t i = 0; i < ids.n && i < MOST; i++)
		if (!xb_strv_has(told, ids.v[i]))
			*XB_PUSH(&p->plan->notices, v, n, cap) =
			    xb_asprintf("%s tells of %s, and no commit is taken as its fix", path, ids.v[i]);
	xb_strv_add_all_new(told, &ids);
	return NULL;
}

static struct xb_err *add_changelog(struct xb_planner *p, const char *pattern, const git_oid *tip_tree,
				    struct xb_strv *told)
{
	struct xb_tree_iter it;
	struct xb_entry e;
	const char *name;
	git_oid dir;

	XB_TRY(directory_of(p, tip_tree, pattern, &dir, &name));
	if (git_oid_is_zero(&dir))
		return NULL;
	XB_TRY(xb_tree_open(p->plan->store, &dir, &it));
	while (xb_tree_next(&it, &e)) {
		XB_AUTOFREE char *entry = xb_memdup0(e.name, e.len);
		XB_AUTOFREE char *path = xb_asprintf("%.*s%s", (int)(name - pattern), pattern, entry);
		struct xb_entry was;

		if (!xb_entry_is_file(&e) || fnmatch(name, entry, 0) != 0)
			continue;
		XB_TRY(xb_tree_lookup_path(p->plan->store, &p->plan->base_tree, path, &was));
		XB_TRY(add_file(p, path, xb_entry_is_file(&was) ? &was.oid : &(git_oid){{0}}, &e.oid, told));
	}
	return NULL;
}

/* ---- files that most commits change ---- */

struct busy {
	size_t touched, needed;
	char *path;
};

struct busies {
	struct busy *v;
	size_t n, cap;
};

static struct busy *busy_of(struct busies *all, const char *path)
{
	struct busy *new;

	for (size_t i = 0; i < all->n; i++)
		if (!strcmp(all->v[i].path, path))
			return &all->v[i];
	new = XB_PUSH(all, v, n, cap);
	new->path = xb_strdup(path);
	return new;
}

/* For which files commits are picked as prerequisites, or could not be picked. */
static void count_needs(const struct xb_plan *p, struct busies *out)
{
	for (size_t i = 0; i < p->picks.n; i++)
		for (size_t k = 0; k < p->picks.v[i].evidence.n; k++) {
			const struct xb_evidence *e = &p->picks.v[i].evidence.v[k];

			if (e->kind == XB_EV_TEXT && e->path)
				busy_of(out, e->path)->needed++;
		}
	for (size_t i = 0; i < p->blocked.n; i++)
		for (size_t k = 0; k < p->blocked.v[i].conflict.n; k++)
			busy_of(out, p->blocked.v[i].conflict.v[k].path)->needed++;
}

static struct xb_err *count_touches(struct xb_planner *p, struct busies *all)
{
	struct xb_blame *b = xb_board_blame(&p->board);

	for (size_t i = 0; i < p->plan->window.n; i++) {
		const struct xb_touches *t;

		XB_TRY(xb_blame_touches(b, i, &t));
		for (size_t k = 0; k < t->n; k++)
			for (size_t m = 0; m < all->n; m++)
				all->v[m].touched += !strcmp(all->v[m].path, t->v[k].path);
	}
	return NULL;
}

static struct xb_err *add_busy(struct xb_planner *p)
{
	const size_t n = p->plan->window.n;
	struct busies all = {0};
	struct xb_err *err = NULL;
	bool any = p->plan->blocked.n;

	count_needs(p->plan, &all);
	for (size_t i = 0; i < all.n; i++)
		any |= all.v[i].needed >= BUSY_NEEDED;
	if (any && n >= BUSY_LEAST)
		err = count_touches(p, &all);
	for (size_t i = 0; i < all.n; i++) {
		const struct busy *b = &all.v[i];

		if (!err && any && n >= BUSY_LEAST && b->touched * BUSY_SHARE >= n &&
		    (b->needed >= BUSY_NEEDED || p->plan->blocked.n) &&
		    !xb_config_is_bookkeeping(p->in->config, b->path))
			*XB_PUSH(&p->plan->notices, v, n, cap) = xb_asprintf(
			    "%s is changed by %zu of %zu commits, and decides what is picked or blocked: if "
			    "it "
			    "only keeps books, bookkeeping = %s in [rules] takes it out of account",
			    b->path, b->touched, n, b->path);
		free(b->path);
	}
	free(all.v);
	return err;
}

struct xb_err *xb_notices_find(struct xb_planner *p)
{
	const struct xb_strv *patterns = &p->in->config->changelog;
	const struct xb_window *w = &p->plan->window;
	XB_AUTOSTRV struct xb_strv told = {0};

	XB_TRY(add_commits(p, &told));
	XB_TRY(add_busy(p));
	for (size_t i = 0; i < patterns->n && w->n; i++)
		XB_TRY(add_changelog(p, patterns->v[i], &w->v[w->n - 1].tree, &told));
	return NULL;
}
