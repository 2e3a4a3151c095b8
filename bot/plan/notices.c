/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "notices.h"

#include "odb/blob.h"
#include "odb/git.h"
#include "odb/tree.h"
#include "util/alloc.h"
#include "util/bytes.h"
#include "util/hashmap.h"

#include <fnmatch.h>
#include <string.h>

enum { SHORT = 12, MOST = 20 /* of a changelog */ };

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

		if (!h->msg.named.n || p->c[i].tagged || p->c[i].excluded || p->c[i].fate != XB_FATE_NONE)
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

struct xb_err *xb_notices_find(struct xb_planner *p)
{
	const struct xb_strv *patterns = &p->in->config->changelog;
	const struct xb_window *w = &p->plan->window;
	XB_AUTOSTRV struct xb_strv told = {0};

	XB_TRY(add_commits(p, &told));
	for (size_t i = 0; i < patterns->n && w->n; i++)
		XB_TRY(add_changelog(p, patterns->v[i], &w->v[w->n - 1].tree, &told));
	return NULL;
}
