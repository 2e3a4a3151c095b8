/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "odb/git.h"
#include "roles-impl.h"

#include "discover/discover.h"
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
	const struct xb_candidate *c = &p->c[i];
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

static struct xb_err *explain_follow_up(struct xb_planner *p, size_t i, struct xb_plan_pick *out)
{
	const struct xb_candidate *c = &p->c[i];

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
		xb_strv_add_all_new(&out->advisories,
				    r->window != SIZE_MAX ? &p->c[r->window].advisories : &r->advisories);
		if (!out->why)
			out->why = xb_asprintf(
			    "%s %.12s%s: %s", r->reverts ? "reverts" : "repairs", id,
			    r->window == SIZE_MAX && !r->advisory ? ", which the release has" : "", r->words);
	}
	if (!out->why)
		xb_repairs_explain_lines(p, i, out);
	return NULL;
}

/* The commit goes on with the series of a fix that is in the branch. */
static void explain_late_part(struct xb_planner *p, size_t i, struct xb_plan_pick *out)
{
	size_t fix = p->c[i].part_of;
	const struct xb_hex id = xb_hex(&p->plan->window.v[fix].oid);

	xb_strv_add_new(&out->needed_by, id.s);
	xb_strv_add_new(&out->trailer_for, id.s);
	xb_strv_add_all_new(&out->advisories, &p->c[fix].advisories);
	add_evidence(out, XB_EV_SERIES, NULL)->need = xb_strdup(id.s);
	if (!out->why)
		out->why =
		    xb_asprintf("it was put on the branch together with %.12s, by the same author, for "
				"the same files",
				id.s);
}

static void explain_need(struct xb_planner *p, size_t i, size_t needed_by, struct xb_plan_pick *out)
{
	const struct xb_candidate *c = &p->c[i];

	if (needed_by != SIZE_MAX && needed_by != i) {
		const struct xb_hex id = xb_hex(&p->plan->window.v[needed_by].oid);

		xb_strv_add_new(&out->needed_by, id.s);
		xb_strv_add_new(&out->trailer_for, id.s);
		xb_strv_add_all_new(&out->advisories, &p->c[needed_by].advisories);
		for (size_t k = 0; k < p->c[needed_by].declared.n; k++) {
			if (p->c[needed_by].declared.v[k] != i)
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
		if (!out->trailer_for.n && !xb_looks_like_id(value))
			xb_strv_add_new(&out->trailer_for, value);
		if (!out->why)
			out->why = xb_asprintf("declared by a %s: Prerequisite-of: %s",
					       xb_source_name(c->words.prerequisite_level), value);
	}
}

struct xb_err *xb_roles_explain(struct xb_planner *p, size_t i, size_t needed_by, struct xb_plan_pick *out)
{
	bool wanted;

	XB_TRY(xb_roles_decide(p, i, &wanted, &out->role));
	out->subject = xb_strdup(p->plan->window.v[i].msg.subject);
	/* Who needs it is better known than what it may repair. */
	if (p->c[i].optional && xb_discover_needs(p, i))
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
		if (wanted && p->c[i].part_of != SIZE_MAX)
			explain_late_part(p, i, out);
		break;
	}
	/* A security commit may be needed by another; then both are said. */
	explain_need(p, i, needed_by, out);
	return NULL;
}
