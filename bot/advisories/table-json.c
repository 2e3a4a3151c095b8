/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "odb/oidjson.h"
#include "plan/plan-json.h"
#include "table.h"

static json_t *pick(const struct xb_table *t, const struct xb_table_pick *k)
{
	json_t *o = json_object();

	json_object_set_new(o, "derived", xb_oid_json(&k->pick->derived));
	json_object_set_new(o, "staging", xb_oid_json(&k->staging));
	json_object_set_new(o, "commit", xb_oid_json(&k->pick->commit));
	xb_json_text(o, "origin", k->origin);
	json_object_set_new(o, "role", json_string(xb_role_name(k->pick->role)));
	json_object_set_new(o, "advisories", xb_json_texts(&k->pick->advisories));
	json_object_set_new(o, "for", xb_json_texts(&k->pick->trailer_for));
	json_object_set_new(o, "file", json_string(k->file));
	xb_json_text(o, "subject", k->pick->subject);
	if (k->sha256) {
		json_object_set_new(o, "sha256", json_string(k->sha256));
		json_object_set_new(o, "sha512", json_string(k->sha512));
	}
	json_object_set_new(o, "published", t->published ? json_boolean(k->published) : json_null());
	if (t->since)
		json_object_set_new(o, "new", json_boolean(k->is_new));
	return o;
}

static json_t *row(const struct xb_table *t, const struct xb_table_row *r)
{
	json_t *o = json_object(), *picks = json_array();

	xb_json_text(o, "id", r->id);
	json_object_set_new(o, "aliases", xb_json_texts(&r->aliases));
	xb_json_text(o, "title", r->title);
	xb_json_text(o, "public_time", r->public_time);
	json_object_set_new(o, "issue", r->issue ? json_integer(r->issue) : json_null());
	json_object_set_new(o, "state", json_string(xb_advisory_state_name(r->state)));
	xb_json_text(o, "why", r->why);
	json_object_set_new(o, "commits", xb_json_texts(&r->commits));
	for (size_t i = 0; i < r->picks.n; i++)
		json_array_append_new(picks, json_string(t->picks.v[r->picks.v[i]].file));
	json_object_set_new(o, "files", picks);
	if (t->since)
		json_object_set_new(o, "new", json_boolean(r->is_new));
	return o;
}

static json_t *fix(const struct xb_table_fix *f)
{
	json_t *o = json_object();

	xb_json_text(o, "id", f->id);
	json_object_set_new(o, "aliases", xb_json_texts(&f->aliases));
	json_object_set_new(o, "commits", xb_json_texts(&f->commits));
	return o;
}

json_t *xb_table_json(const struct xb_table *t)
{
	json_t *o = xb_target_json(t->plan->target), *a;

	json_object_set_new(o, "chain_tip", xb_oid_json(xb_plan_tip(t->plan, t->plan->picks.n)));
	json_object_set_new(o, "advisories", a = json_array());
	for (size_t i = 0; i < t->rows.n; i++)
		json_array_append_new(a, row(t, &t->rows.v[i]));
	json_object_set_new(o, "picks", a = json_array());
	for (size_t i = 0; i < t->picks.n; i++)
		json_array_append_new(a, pick(t, &t->picks.v[i]));
	json_object_set_new(o, "rules", xb_oid_json(&t->plan->rules));
	json_object_set_new(o, "release_has", a = json_array());
	for (size_t i = 0; i < t->base.n; i++)
		json_array_append_new(a, fix(&t->base.v[i]));
	json_object_set_new(o, "notices", xb_json_texts(&t->notices));
	return o;
}
