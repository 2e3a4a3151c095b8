/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Repairs that say nothing of it: commits that change mostly lines which picks added. */
#include "roles-impl.h"

#include "discover/discover.h"
#include "odb/git.h"
#include "util/alloc.h"

static uint64_t path_hash(const char *path)
{
	return xb_hash_bytes(path, strlen(path));
}

/* The paths of the picks so far. */
static struct xb_err *know_touched(struct xb_planner *p)
{
	for (; p->touched_upto < p->plan->picks.n; p->touched_upto++) {
		const struct xb_touches *t;

		XB_TRY(xb_blame_touches(xb_discover_blame(p), p->plan->picks.v[p->touched_upto].window, &t));
		for (size_t k = 0; k < t->n; k++)
			if (!xb_config_is_bookkeeping(p->in->config, t->v[k].path))
				*xb_hashmap_at(&p->touched, path_hash(t->v[k].path)) = 1;
	}
	return NULL;
}

static struct xb_err *touches_what_picks_did(struct xb_planner *p, size_t i, bool *out)
{
	const struct xb_touches *t;

	*out = false;
	XB_TRY(know_touched(p));
	XB_TRY(xb_blame_touches(xb_discover_blame(p), i, &t));
	for (size_t k = 0; k < t->n && !*out; k++)
		*out = xb_hashmap_find(&p->touched, path_hash(t->v[k].path)) != NULL;
	return NULL;
}

static struct xb_err *know_owners(struct xb_planner *p, size_t i)
{
	struct xb_candidate *c = &p->c[i];

	if (c->owners_known)
		return NULL;
	c->owners_known = true;
	return xb_owners_find(xb_discover_blame(p), p->plan->picker, i, &c->owners);
}

/* Whoever says what it repairs has said it; the bot's guess is for the others. */
static bool may_repair(const struct xb_planner *p, size_t i)
{
	const struct xb_candidate *c = &p->c[i];

	return !c->tagged && !c->excluded && p->plan->window.v[i].n_parents <= 1;
}

static bool is_in(const struct xb_planner *p, const struct xb_bundle *b, size_t i)
{
	return p->c[i].fate == XB_FATE_PICKED || (b && xb_bundle_has(b, i));
}

/* More than half of what it changes was added by commits that are in the branch or in B. */
static bool owes_half(const struct xb_planner *p, const struct xb_bundle *b, size_t i)
{
	const struct xb_owners *o = &p->c[i].owners;
	size_t lines = 0;

	for (size_t k = 0; k < o->n; k++)
		if (is_in(p, b, o->v[k].i))
			lines += o->v[k].lines;
	return lines * 2 > o->lines;
}

/* Bookkeeping is nobody's. */
static struct xb_err *base_touches(void *ctx, const char *path, const struct xb_base_touch **v, size_t *n)
{
	struct xb_planner *p = ctx;

	*n = 0;
	return xb_config_is_bookkeeping(p->in->config, path) ? NULL : xb_past_touches(p->past, path, v, n);
}

/* Was more than half of what it changes added by fixes that the base has? */
static struct xb_err *owes_base_half(struct xb_planner *p, size_t i, bool *out)
{
	const struct xb_base_touches base = {base_touches, p};
	struct xb_base_owners *o = &p->c[i].base_owners;

	xb_base_owners_release(o);
	XB_TRY(xb_base_owners_find(xb_discover_blame(p), p->plan->picker, &base, i, o));
	*out = o->n > 0;
	return NULL;
}

/* ID, a fix whose LINES of ALL go. */
static void explain_owner(struct xb_plan_pick *out, char *id, const char *whose, size_t lines, size_t all)
{
	struct xb_evidence *e = XB_PUSH(&out->evidence, v, n, cap);

	xb_strv_add_new(&out->fixes, id);
	xb_strv_add_new(&out->trailer_for, id);
	e->kind = XB_EV_LINES;
	e->need = id;
	e->name = xb_asprintf("%zu of %zu lines", lines, all);
	if (!out->why)
		out->why = xb_asprintf(
		    "repairs %.12s%s: %zu of the %zu lines that it changes or removes were added there", id,
		    whose, lines, all);
}

void xb_repairs_explain_lines(struct xb_planner *p, size_t i, struct xb_plan_pick *out)
{
	const struct xb_owners *o = &p->c[i].owners;
	const struct xb_base_owners *base = &p->c[i].base_owners;

	for (size_t k = 0; k < o->n; k++) {
		const struct xb_candidate *c = &p->c[o->v[k].i];

		if (c->fate != XB_FATE_PICKED)
			continue;
		explain_owner(out, xb_strdup(xb_hex(&p->plan->window.v[o->v[k].i].oid).s), "", o->v[k].lines,
			      o->lines);
		xb_strv_add_all_new(&out->advisories, &p->plan->picks.v[c->pick].advisories);
	}
	for (size_t k = 0; k < base->n; k++) {
		const struct xb_tags *tags = &base->v[k].fix->msg.tags;

		explain_owner(out, xb_strdup(xb_hex(&base->v[k].fix->oid).s), ", which the release has",
			      base->v[k].lines, base->lines);
		for (size_t a = 0; a < tags->n; a++)
			xb_strv_add_all_new(&out->advisories, &tags->v[a].ids);
	}
}

struct xb_err *xb_repairs_by_lines(struct xb_planner *p, size_t i, bool *out)
{
	*out = false;
	if (!xb_finds_whole(p) || p->in->options.no_follow_ups || !may_repair(p, i))
		return NULL;
	XB_TRY(touches_what_picks_did(p, i, out));
	if (*out) {
		XB_TRY(know_owners(p, i));
		*out = owes_half(p, NULL, i);
	}
	if (*out)
		return NULL;
	XB_TRY(owes_base_half(p, i, out));
	p->c[i].alone = *out;
	return NULL;
}

/* Those after M, up to the walk's place, that change lines of M; each is looked at once. */
static struct xb_err *know_changers(struct xb_planner *p, size_t m)
{
	struct xb_candidate *c = &p->c[m];
	size_t i = c->changers_upto > m ? c->changers_upto : m + 1;

	for (; i <= p->at && i < p->plan->window.n; i++) {
		const char *shared;

		c->changers_upto = i + 1;
		if (!may_repair(p, i))
			continue;
		XB_TRY(xb_discover_shared_path(p, m, i, &shared));
		if (!shared)
			continue;
		XB_TRY(know_owners(p, i));
		for (size_t k = 0; k < p->c[i].owners.n; k++)
			if (p->c[i].owners.v[k].i == m)
				*XB_PUSH(&c->changers, v, n, cap) = i;
	}
	return NULL;
}

struct xb_err *xb_repairs_of_lines(struct xb_planner *p, struct xb_bundle *b, size_t m)
{
	if (!xb_finds_whole(p) || p->in->options.no_follow_ups)
		return NULL;
	XB_TRY(know_changers(p, m));
	for (size_t k = 0; k < p->c[m].changers.n; k++) {
		size_t i = p->c[m].changers.v[k];

		if (xb_bundle_free_to_take(p, b, i) && owes_half(p, b, i))
			xb_bundle_add(b, i, m);
	}
	return NULL;
}
