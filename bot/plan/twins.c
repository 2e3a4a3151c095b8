/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "twins.h"

#include "odb/tree.h"
#include "repo/git.h"
#include "util/alloc.h"

/* What a release has beyond the fork is not the history of a project. */
#define MAX_BESIDE 5000

struct xb_twins {
	struct {
		struct xb_hist *v;
		size_t n, cap;
	} beside; /* what the base has beyond the fork from the branch; newest first */
};

void xb_twins_free(struct xb_twins *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->beside.n; i++)
		xb_hist_release(&t->beside.v[i]);
	XB_FREE(t->beside.v, t);
}

/* Where the branch's first parents meet the base's history: the parent of the first of them in the window. */
static const git_oid *fork_of(const struct xb_planner *p)
{
	const struct xb_window *w = &p->plan->window;
	const git_oid *at = &p->in->target->tip;

	for (size_t i = w->n; i-- > 0;)
		if (git_oid_equal(&w->v[i].oid, at))
			at = &w->v[i].parent;
	return at;
}

static struct xb_err *list_beside(struct xb_planner *p, struct xb_twins *t)
{
	const git_oid *fork = fork_of(p);
	XB_AUTOGIT(git_revwalk) *walk = NULL;
	git_oid oid;
	int rc;

	if (git_oid_equal(fork, &p->in->target->base) || git_oid_is_zero(fork))
		return NULL;
	rc = git_revwalk_new(&walk, p->in->repo);
	if (!rc)
		rc = git_revwalk_push(walk, &p->in->target->base);
	if (!rc)
		rc = git_revwalk_hide(walk, fork);
	while (!rc && t->beside.n < MAX_BESIDE && !(rc = git_revwalk_next(&oid, walk)))
		XB_TRY(xb_hist_load(p->plan->store, p->in->rules, &oid, XB_PUSH(&t->beside, v, n, cap)));
	if (rc && rc != GIT_ITEROVER)
		return xb_err_git(XB_E_IO, rc, "cannot walk from %s", xb_hex(&p->in->target->base).s);
	return NULL;
}

/* The lines that a change takes away and adds, as one number; whatever stands around them. */
struct patch {
	struct xb_planner *p;
	uint64_t id;
};

static struct xb_err *add_lines(struct patch *x, const git_oid *blob, size_t from, size_t to, uint64_t mark)
{
	struct xb_text *t;

	XB_TRY(xb_picker_text(x->p->plan->picker, blob, &t));
	xb_text_split(t);
	for (size_t line = from; line < to && line < t->n; line++)
		x->id = xb_hash_mix(
		    x->id, mark + xb_line_hash(xb_text_at(t, line), xb_text_size(t, line, line + 1)));
	return NULL;
}

static void add_id(struct patch *x, uint32_t mode, const git_oid *id)
{
	x->id = xb_hash_mix(x->id, mode);
	if (mode)
		x->id = xb_hash_mix(x->id, xb_hash_bytes((const char *)id->id, GIT_OID_RAWSZ));
}

static struct xb_err *add_file(struct patch *x, const struct xb_touch *t)
{
	const struct xb_changes *c;

	x->id = xb_hash_mix(x->id, xb_hash_bytes(t->path, strlen(t->path)));
	if (!xb_mode_is_file(t->old_mode) || !xb_mode_is_file(t->new_mode)) {
		add_id(x, t->old_mode, &t->old_id);
		add_id(x, t->new_mode, &t->new_id);
		return NULL;
	}
	XB_TRY(xb_blame_changes(xb_board_blame(&x->p->board), &t->old_id, &t->new_id, &c));
	for (size_t k = 0; k < c->n; k++) {
		XB_TRY(add_lines(x, &t->old_id, c->v[k].a, c->v[k].a + c->v[k].an, 1));
		XB_TRY(add_lines(x, &t->new_id, c->v[k].b, c->v[k].b + c->v[k].bn, 2));
	}
	return NULL;
}

static struct xb_err *patch_of(struct xb_planner *p, const struct xb_hist *h, uint64_t *out)
{
	struct patch x = {.p = p, .id = 1};
	XB_AUTO(xb_touches_release) struct xb_touches all = {0};
	git_oid parent;

	XB_TRY(xb_hist_parent_tree(p->plan->store, h, &parent));
	XB_TRY(xb_touches_between(p->plan->store, &parent, &h->tree, &all));
	for (size_t k = 0; k < all.n; k++)
		XB_TRY(add_file(&x, &all.v[k]));
	*out = x.id;
	return NULL;
}

static bool same_origin(const struct xb_message *a, const struct xb_message *b)
{
	for (size_t i = 0; i < a->origins.n; i++)
		for (size_t k = 0; k < b->origins.n; k++)
			if (!strcmp(a->origins.v[i].hex, b->origins.v[k].hex))
				return true;
	return false;
}

static bool names(const struct xb_message *a, const git_oid *oid)
{
	struct xb_hex id;

	if (!a->origins.n)
		return false;
	id = xb_hex(oid);
	for (size_t i = 0; i < a->origins.n; i++)
		if (!strncmp(id.s, a->origins.v[i].hex, strlen(a->origins.v[i].hex)))
			return true;
	return false;
}

/* By what they say of themselves: of all pairs, so it comes before all that takes longer. */
static bool may_be_same(const struct xb_hist *a, const struct xb_hist *b)
{
	if (a->n_parents > 1 || b->n_parents > 1)
		return false;
	return (a->author == b->author && !strcmp(a->msg.subject, b->msg.subject)) ||
	       same_origin(&a->msg, &b->msg) || names(&a->msg, &b->oid) || names(&b->msg, &a->oid);
}

static struct xb_err *is_same(struct xb_planner *p, const struct xb_hist *a, const struct xb_hist *b,
			      bool *out)
{
	uint64_t x, y;

	XB_TRY(patch_of(p, a, &x));
	XB_TRY(patch_of(p, b, &y));
	*out = x == y;
	return NULL;
}

/* Does a newer commit beside the branch say that it reverts it? */
static bool taken_back(const struct xb_twins *t, size_t of)
{
	const struct xb_hex id = xb_hex(&t->beside.v[of].oid);

	for (size_t i = 0; i < of; i++)
		for (size_t k = 0; k < t->beside.v[i].msg.reverts.n; k++)
			if (!strncmp(id.s, t->beside.v[i].msg.reverts.v[k].hex,
				     strlen(t->beside.v[i].msg.reverts.v[k].hex)))
				return true;
	return false;
}

static struct xb_err *in_base(struct xb_planner *p, size_t i, bool *out)
{
	const struct xb_twins *t = p->twins;

	*out = false;
	for (size_t k = 0; k < t->beside.n && !*out; k++) {
		if (!may_be_same(&p->plan->window.v[i], &t->beside.v[k]) || taken_back(t, k))
			continue;
		XB_TRY(is_same(p, &p->plan->window.v[i], &t->beside.v[k], out));
		if (*out && p->board.c[i].tagged)
			xb_left_out(p, i, XB_LEFT_IN_BASE,
				    xb_asprintf("the release has the same change as %.12s",
						xb_hex(&t->beside.v[k].oid).s));
	}
	return NULL;
}

/* Was commit K reverted by a commit of the window before I that is in the branch, too? */
static bool was_reverted(const struct xb_planner *p, size_t k, size_t i)
{
	for (size_t j = k + 1; j < i; j++)
		for (size_t m = 0; m < p->board.c[j].repairs.n; m++)
			if (p->board.c[j].repairs.v[m].reverts && p->board.c[j].repairs.v[m].window == k)
				return true;
	return false;
}

static struct xb_err *is_picked(struct xb_planner *p, size_t i, bool *out)
{
	*out = false;
	for (size_t k = 0; k < i && !*out; k++) {
		if (p->board.c[k].fate != XB_FATE_PICKED ||
		    !may_be_same(&p->plan->window.v[i], &p->plan->window.v[k]) || was_reverted(p, k, i))
			continue;
		XB_TRY(is_same(p, &p->plan->window.v[i], &p->plan->window.v[k], out));
		if (*out)
			xb_left_out(p, i, XB_LEFT_ALREADY_PICKED,
				    xb_asprintf("%.12s, which is picked, is the same change",
						xb_hex(&p->plan->window.v[k].oid).s));
	}
	return NULL;
}

struct xb_err *xb_twins_settle(struct xb_planner *p, size_t i)
{
	struct xb_candidate *c = &p->board.c[i];
	bool there = false;

	if (!xb_finds_whole(&p->board) || c->fate != XB_FATE_NONE || p->plan->window.v[i].n_parents > 1)
		return NULL;
	if (!p->twins) {
		p->twins = xb_calloc(1, sizeof *p->twins);
		XB_TRY(list_beside(p, p->twins));
	}
	XB_TRY(in_base(p, i, &there));
	if (!there && c->tagged)
		XB_TRY(is_picked(p, i, &there));
	if (there)
		c->fate = XB_FATE_EMPTY;
	return NULL;
}
