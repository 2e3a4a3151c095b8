/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "merges.h"
#include "planner.h"
#include "blame/blame.h"
#include "odb/store.h"
#include "odb/tree.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/bytes.h"
#include "util/hashmap.h"

#include <fnmatch.h>
#include <string.h>

/*
 * Fixes that the rules may miss: commits that name an advisory where fixes do, and
 * entries that a changelog got in the window, where no commit is taken as the fix.
 * Informs, and decides nothing.
 */

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
	XB_AUTO(xb_hashmap_release) struct xb_hashmap seen = {0};

	XB_TRY(xb_blob_open(p->plan->store, old, &a));
	XB_TRY(xb_blob_open(p->plan->store, now, &b));
	for (size_t at = 0, len; at < a.n; at += len + 1) {
		len = xb_line_len(a.p + at, a.n - at);
		xb_hashmap_at(&seen, xb_hash_bytes(a.p + at, len));
	}
	for (size_t at = 0, len; at < b.n; at += len + 1) {
		len = xb_line_len(b.p + at, b.n - at);
		if (!xb_hashmap_find(&seen, xb_hash_bytes(b.p + at, len)))
			XB_TRY(xb_rules_ids(p->in->rules, b.p + at, len, out, NULL));
	}
	return NULL;
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

/* Fills in the plan's notices, once all else is known. */
static struct xb_err *find(struct xb_planner *p)
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

/* Is NAMED, which may be SIZE_MAX, commit I, or the merge that brought it? */
static bool stands_for(const struct xb_planner *p, size_t named, size_t i)
{
	return named == i ||
	       (named != SIZE_MAX && xb_finds_whole(&p->board) && xb_merges_has_part(p, named, i));
}

/* Was commit I picked and then wholly reverted by a later pick, with nothing re-applying it? */
static bool is_reverted(const struct xb_planner *p, size_t i)
{
	bool out = false;

	for (size_t j = i + 1; j < p->plan->window.n; j++) {
		const struct xb_candidate *c = &p->board.c[j];

		if (c->fate != XB_FATE_PICKED && c->fate != XB_FATE_EMPTY)
			continue;
		for (size_t k = 0; k < c->repairs.n; k++)
			if (c->repairs.v[k].reverts && stands_for(p, c->repairs.v[k].window, i) &&
			    !is_reverted(p, j))
				out = true;
	}
	return out;
}

/* Did a later fix of the same advisory, which is in the branch, do what commit I did before it was reverted?
 */
static bool is_relanded(const struct xb_planner *p, size_t i)
{
	const struct xb_hist *h = &p->plan->window.v[i];

	for (size_t j = i + 1; j < p->plan->window.n; j++) {
		const struct xb_candidate *c = &p->board.c[j];
		bool same = h->author == p->plan->window.v[j].author &&
			    !strcmp(h->msg.subject, p->plan->window.v[j].msg.subject);

		for (size_t k = 0; k < p->plan->window.v[j].msg.origins.n && !same; k++) {
			const char *hex = p->plan->window.v[j].msg.origins.v[k].hex;

			same = !strncmp(xb_hex(&h->oid).s, hex, strlen(hex));
		}
		if (same && c->tagged && c->fate == XB_FATE_PICKED && !is_reverted(p, j))
			return true;
	}
	return false;
}

/* How the commits of an advisory fared. */
struct tally {
	size_t all, picked, empty, excluded, withdrawn, reverted, blocked, waiting;
};

static void tally_commit(const struct xb_planner *p, size_t i, struct tally *t)
{
	const struct xb_plan *plan = p->plan;

	t->all++;
	switch (p->board.c[i].fate) {
	case XB_FATE_PICKED:
		if (is_reverted(p, i) && !is_relanded(p, i))
			t->reverted++;
		else
			t->picked++;
		break;
	case XB_FATE_EMPTY:
		t->empty++;
		break;
	case XB_FATE_EXCLUDED:
		t->excluded++;
		t->withdrawn += p->board.c[i].words.withdrawn;
		break;
	case XB_FATE_REVERTED:
		t->reverted++;
		break;
	case XB_FATE_PENDING:
	case XB_FATE_NONE:
		if (plan->blocked.n && plan->blocked.v[0].wanted == i)
			t->blocked++;
		else
			t->waiting++;
		break;
	}
}

static enum xb_advisory_state state_of(const struct tally *t)
{
	if (t->reverted && t->reverted + t->excluded == t->all)
		return XB_ADV_REVERTED;
	if (t->excluded == t->all)
		return t->withdrawn ? XB_ADV_WITHDRAWN : XB_ADV_EXCLUDED;
	if (t->blocked)
		return XB_ADV_BLOCKED;
	if (t->empty == t->all)
		return XB_ADV_IN_BASE;
	if (t->picked + t->empty == t->all)
		return XB_ADV_APPLIED;
	if (t->picked + t->empty)
		return XB_ADV_PARTIAL;
	return XB_ADV_PENDING;
}

/* The advisories while they are listed: each name's place, and how its commits fared. */
struct listing {
	struct xb_planner *p;
	struct xb_hashmap places; /* hash of the id -> index, plus 1 */
	struct {
		struct tally *v;
		size_t n, cap;
	} tallies;
};

/* The advisory's index; it is added where it isn't there. */
static size_t place_of(struct listing *l, const char *id)
{
	struct xb_plan *plan = l->p->plan;
	uint64_t *place = xb_hashmap_at(&l->places, xb_hash_bytes(id, strlen(id)));

	if (*place && !strcmp(plan->advisories.v[*place - 1].id, id))
		return (size_t)*place - 1;
	for (size_t i = 0; *place && i < plan->advisories.n; i++) /* another one has the same hash */
		if (!strcmp(plan->advisories.v[i].id, id))
			return i;
	XB_PUSH(&plan->advisories, v, n, cap)->id = xb_strdup(id);
	XB_PUSH(&l->tallies, v, n, cap);
	*place = plan->advisories.n;
	return plan->advisories.n - 1;
}

static void list_commit(struct listing *l, size_t i)
{
	struct xb_plan *plan = l->p->plan;
	const struct xb_candidate *c = &l->p->board.c[i];

	for (size_t k = 0; k < c->advisories.n; k++) {
		size_t at = place_of(l, c->advisories.v[k]);
		struct xb_plan_advisory *a = &plan->advisories.v[at];

		xb_strv_add_new(&a->commits, xb_hex(&plan->window.v[i].oid).s);
		for (size_t m = 0; m < c->aliases.n && c->advisories.n == 1; m++)
			xb_strv_add_new(&a->aliases, c->aliases.v[m]);
		a->excluded += c->excluded;
		tally_commit(l->p, i, &l->tallies.v[at]);
	}
}

static void list_advisories(struct xb_planner *p)
{
	struct listing l = {.p = p};

	for (size_t i = 0; i < p->plan->window.n; i++)
		if (p->board.c[i].tagged || p->board.c[i].excluded)
			list_commit(&l, i);
	for (size_t k = 0; k < p->plan->advisories.n; k++) {
		struct xb_plan_advisory *a = &p->plan->advisories.v[k];

		a->state = state_of(&l.tallies.v[k]);
		if (a->state == XB_ADV_APPLIED && xb_strv_has(&p->plan->incomplete, a->id))
			a->state = XB_ADV_PARTIAL;
	}
	xb_hashmap_release(&l.places);
	free(l.tallies.v);
}

/* An annotation that names an advisory or a commit which the window doesn't have is probably mistyped. */
static struct xb_err *warn_about_needs(struct xb_planner *p)
{
	struct xb_plan *plan = p->plan;

	for (size_t i = 0; i < plan->window.n; i++) {
		const struct xb_words *w = &p->board.c[i].words;

		for (size_t k = 0; k < w->prerequisite_of.n; k++) {
			struct xb_repairs r = {.window = SIZE_MAX};
			XB_AUTOFREE char *advisory = xb_rules_advisory(p->in->rules, w->prerequisite_of.v[k]);
			bool found = false;

			for (size_t m = 0; m < plan->window.n && !found; m++)
				found = xb_board_names(&p->board, w->prerequisite_of.v[k], m, false);
			r.advisory = advisory;
			if (!found && advisory)
				XB_TRY(xb_roles_holds(p, &r, &found));
			if (!found)
				xb_board_warn(
				    &p->board,
				    xb_asprintf("%s says Prerequisite-of: %s, which is not on this line",
						xb_hex(&plan->window.v[i].oid).s, w->prerequisite_of.v[k]));
		}
	}
	return NULL;
}

/*
 * Where a block leaves an advisory half in, the whole of it is held back: the
 * part that may be published ends before its first pick.
 */
static void find_publishable(struct xb_planner *p)
{
	struct xb_plan *plan = p->plan;
	bool moved = true;

	plan->publishable = plan->picks.n;
	if (!plan->blocked.n)
		return;
	while (moved) {
		moved = false;
		for (size_t n = 0; n < plan->publishable; n++) {
			const struct xb_plan_pick *k = &plan->picks.v[n];
			bool half = false;

			if (k->role != XB_ROLE_SECURITY)
				continue;
			for (size_t i = 0; i < plan->window.n && !half; i++) {
				const struct xb_candidate *c = &p->board.c[i];
				bool out = c->fate == XB_FATE_NONE || c->fate == XB_FATE_PENDING ||
					   (c->fate == XB_FATE_PICKED && c->pick >= plan->publishable);

				if (!c->tagged || !out)
					continue;
				for (size_t a = 0; a < k->advisories.n && !half; a++)
					half = xb_strv_has(&c->advisories, k->advisories.v[a]);
			}
			if (half) {
				plan->publishable = k->bundle;
				moved = true;
				break;
			}
		}
	}
}

struct xb_err *xb_plan_sum_up(struct xb_planner *p)
{
	list_advisories(p);
	find_publishable(p);
	p->warned = p->plan->warnings.n;
	XB_TRY(warn_about_needs(p));
	return find(p);
}
