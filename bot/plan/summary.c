/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "odb/git.h"
#include "merges.h"
#include "planner.h"

#include "notices.h"

#include "util/alloc.h"
#include "util/hashmap.h"

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
	return xb_notices_find(p);
}
