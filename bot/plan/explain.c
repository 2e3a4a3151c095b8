/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "roles-impl.h"

#include "repo/git.h"

#include "util/alloc.h"

static struct xb_evidence *add_evidence(struct xb_plan_pick *out, enum xb_evidence_kind kind,
					const char *name)
{
	struct xb_evidence *e = XB_PUSH(&out->evidence, v, n, cap);

	e->kind = kind;
	e->name = name ? xb_strdup(name) : NULL;
	return e;
}

static void explain_security(struct xb_planner *p, size_t i, struct xb_plan_pick *out)
{
	const struct xb_candidate *c = &p->board.c[i];
	const struct xb_tags *tags = &p->plan->window.v[i].msg.tags;
	XB_AUTOFREE char *ids = xb_strv_join(&c->advisories, ", ");

	xb_strv_add_all_new(&out->advisories, &c->advisories);
	if (c->words.security.n) {
		add_evidence(out, xb_source_evidence(c->words.role_level), c->words.security.v[0]);
		out->why = xb_asprintf("fixes %s, as a %s says", ids, xb_source_name(c->words.role_level));
	} else {
		struct xb_evidence *e = add_evidence(out, XB_EV_TAG, tags->v[0].text);

		e->line = tags->v[0].line;
		out->why = *ids ? xb_asprintf("its message says that it fixes %s", ids)
				: xb_strdup("its message says that it is a security fix");
	}
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

/* Which of the picks so far commit I repairs, by lines. */
static void explain_lines(struct xb_planner *p, size_t i, struct xb_plan_pick *out)
{
	const struct xb_owners *o = &p->board.c[i].owners;
	const struct xb_base_owners *base = &p->board.c[i].base_owners;

	for (size_t k = 0; k < o->n; k++) {
		const struct xb_candidate *c = &p->board.c[o->v[k].i];

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

static struct xb_err *explain_follow_up(struct xb_planner *p, size_t i, struct xb_plan_pick *out)
{
	const struct xb_candidate *c = &p->board.c[i];

	for (size_t k = 0; k < c->repairs.n; k++) {
		const struct xb_repairs *r = &c->repairs.v[k];
		const struct xb_hex hex = xb_hex(&r->oid);
		const char *id = r->advisory ? r->advisory : hex.s;
		struct xb_evidence *e;
		bool holds;

		XB_TRY(xb_roles_holds(p, r, &holds));
		if (!holds)
			continue;
		if (!r->advisory)
			xb_strv_add_new(&out->fixes, id);
		xb_strv_add_new(&out->trailer_for, id);
		e = add_evidence(out, r->kind, r->words);
		e->need = xb_strdup(id);
		xb_strv_add_all_new(&out->advisories, r->window != SIZE_MAX
							  ? &p->board.c[r->window].advisories
							  : &r->advisories);
		if (!out->why)
			out->why = xb_asprintf(
			    "%s %.12s%s: %s", r->reverts ? "reverts" : "repairs", id,
			    r->window == SIZE_MAX && !r->advisory ? ", which the release has" : "", r->words);
	}
	if (!out->why)
		explain_lines(p, i, out);
	return NULL;
}

/* The commit goes on with the series of a fix that is in the branch. */
static void explain_late_part(struct xb_planner *p, size_t i, struct xb_plan_pick *out)
{
	size_t fix = p->board.c[i].part_of;
	const struct xb_hex id = xb_hex(&p->plan->window.v[fix].oid);

	xb_strv_add_new(&out->needed_by, id.s);
	xb_strv_add_new(&out->trailer_for, id.s);
	xb_strv_add_all_new(&out->advisories, &p->board.c[fix].advisories);
	add_evidence(out, XB_EV_SERIES, NULL)->need = xb_strdup(id.s);
	if (!out->why)
		out->why =
		    xb_asprintf("it was put on the branch together with %.12s, by the same author, for "
				"the same files",
				id.s);
}

static void explain_need(struct xb_planner *p, size_t i, size_t needed_by, struct xb_plan_pick *out)
{
	const struct xb_candidate *c = &p->board.c[i];

	if (needed_by != SIZE_MAX && needed_by != i) {
		const struct xb_hex id = xb_hex(&p->plan->window.v[needed_by].oid);

		xb_strv_add_new(&out->needed_by, id.s);
		xb_strv_add_new(&out->trailer_for, id.s);
		xb_strv_add_all_new(&out->advisories, &p->board.c[needed_by].advisories);
		for (size_t k = 0; k < p->board.c[needed_by].declared.n; k++) {
			if (p->board.c[needed_by].declared.v[k] != i)
				continue;
			add_evidence(out, XB_EV_DECLARED, "Cc: stable")->need = xb_strdup(id.s);
			if (!out->why)
				out->why = xb_asprintf("%.12s says that it needs this: Cc: stable", id.s);
		}
	}
	for (size_t k = 0; k < c->words.prerequisite_of.n; k++) {
		const char *value = c->words.prerequisite_of.v[k];
		struct xb_evidence *e =
		    add_evidence(out, xb_source_evidence(c->words.prerequisite_level), "Prerequisite-of");

		e->need = xb_strdup(value);
		if (!out->trailer_for.n && !xb_seen_like_id(value))
			xb_strv_add_new(&out->trailer_for, value);
		if (!out->why)
			out->why = xb_asprintf("declared by a %s: Prerequisite-of: %s",
					       xb_source_name(c->words.prerequisite_level), value);
	}
}

static struct xb_err *explain_role(struct xb_planner *p, const struct xb_findings *found, size_t i,
				   struct xb_plan_pick *out)
{
	bool wanted;

	XB_TRY(xb_roles_decide(p, i, &wanted, &out->role));
	out->subject = xb_strdup(p->plan->window.v[i].msg.subject);
	/* Who needs it is better known than what it may repair. */
	if (p->board.c[i].optional && xb_findings_have(found, i))
		wanted = false;
	if (!wanted)
		out->role = XB_ROLE_PREREQUISITE;
	switch (out->role) {
	case XB_ROLE_SECURITY:
		explain_security(p, i, out);
		break;
	case XB_ROLE_FOLLOW_UP:
		XB_TRY(explain_follow_up(p, i, out));
		break;
	case XB_ROLE_PREREQUISITE:
		if (wanted && p->board.c[i].part_of != SIZE_MAX)
			explain_late_part(p, i, out);
		break;
	}
	return NULL;
}

/* For what advisories a commit is picked. */
static void add_advisories(const struct xb_planner *p, size_t i, struct xb_strv *out)
{
	const struct xb_candidate *c = &p->board.c[i];

	for (size_t k = 0; k < c->advisories.n; k++)
		xb_strv_add_new(out, c->advisories.v[k]);
	for (size_t k = 0; k < c->repairs.n && !c->tagged; k++) {
		const struct xb_repairs *r = &c->repairs.v[k];
		const struct xb_strv *of =
		    r->window != SIZE_MAX ? &p->board.c[r->window].advisories : &r->advisories;

		for (size_t m = 0; m < of->n; m++)
			xb_strv_add_new(out, of->v[m]);
	}
}

static char *why_meaning(const char *need, const struct xb_finding *r)
{
	switch (r->how) {
	case XB_MEANS_ENDS_USE:
		return xb_asprintf("%.12s removes %s from %s near line %zu, and it ends a use of that", need,
				   r->name, r->path, r->line);
	case XB_MEANS_READS:
		return xb_asprintf("%.12s adds what it makes %s read to %s, near line %zu", need, r->name,
				   r->path, r->line);
	case XB_MEANS_SERIES:
		return *r->path
			   ? xb_asprintf(
				 "it was put on the branch together with %.12s, and changes %s as well", need,
				 r->path)
			   : xb_asprintf("it was put on the branch together with %.12s, by the same author",
					 need);
	case XB_MEANS_CHANGES:
		return xb_asprintf("%.12s newly uses %s in %s near line %zu, and it changes what that means",
				   need, r->name, r->path, r->line);
	case XB_MEANS_MIXED:
		return xb_asprintf(
		    "without it %s in %s would be as the stable branch never had it, with %.12s", r->name,
		    r->path, need);
	case XB_MEANS_BRINGS:
		break;
	}
	return xb_asprintf("%.12s uses %s in %s near line %zu, which it brings", need, r->name, r->path,
			   r->line);
}

static void explain_finding(struct xb_planner *p, const struct xb_finding *r, struct xb_plan_pick *out)
{
	char need[GIT_OID_HEXSZ + 1];
	struct xb_evidence *e = XB_PUSH(&out->evidence, v, n, cap);

	git_oid_tostr(need, sizeof need, &p->board.window->v[r->need].oid);
	xb_strv_add_new(&out->needed_by, need);
	xb_strv_add_new(&out->trailer_for, need);
	*e = (struct xb_evidence){.kind = r->kind, .need = xb_strdup(need), .line = r->line};
	e->path = r->path && *r->path ? xb_strdup(r->path) : NULL;
	e->name = r->name && *r->name ? xb_strdup(r->name) : NULL;
	if (out->why)
		return;
	if (r->kind != XB_EV_TEXT)
		out->why = why_meaning(need, r);
	else if (r->line)
		out->why =
		    xb_asprintf("without it %.12s conflicts in %s near line %zu", need, r->path, r->line);
	else
		out->why = xb_asprintf("without it %.12s conflicts in %s", need, r->path ? r->path : "?");
}

/* What was found out about ITEM. */
static void explain_found(struct xb_planner *p, const struct xb_company *of,
			  const struct xb_bundle_item *item, struct xb_plan_pick *out)
{
	for (size_t k = 0; k < of->found->n; k++) {
		if (of->found->v[k].i != item->i)
			continue;
		explain_finding(p, &of->found->v[k], out);
		add_advisories(p, of->root, &out->advisories);
	}
	if (!out->why && item->needed_by != SIZE_MAX)
		out->why = xb_asprintf("comes with what %.12s needs",
				       xb_hex(&p->plan->window.v[item->needed_by].oid).s);
	if (!out->why)
		out->why = xb_strdup("needed");
}

struct xb_err *xb_explain_pick(struct xb_planner *p, const struct xb_company *of,
			       const struct xb_bundle_item *item, struct xb_plan_pick *out)
{
	XB_TRY(explain_role(p, of->found, item->i, out));
	/* A security commit may be needed by another; then both are said. */
	explain_need(p, item->i, item->needed_by, out);
	explain_found(p, of, item, out);
	return NULL;
}
