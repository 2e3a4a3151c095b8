/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plan-json.h"

#include "odb/oidjson.h"
#include "text/json.h"
#include "util/alloc.h"
#include "util/vis.h"

void xb_json_text(json_t *object, const char *key, const char *s)
{
	XB_AUTOBUF struct xb_buf clean = XB_BUF_INIT, hex = XB_BUF_INIT;
	XB_AUTOFREE char *twin = NULL;

	if (!s) {
		json_object_set_new(object, key, json_null());
		return;
	}
	if (xb_utf8_valid(s, strlen(s))) {
		json_object_set_new(object, key, json_string(s));
		return;
	}
	xb_utf8_clean(&clean, s, strlen(s));
	json_object_set_new(object, key, json_string(clean.p));
	for (const char *p = s; *p; p++)
		xb_buf_addf(&hex, "%02x", (unsigned char)*p);
	twin = xb_asprintf("%s_bytes", key);
	json_object_set_new(object, twin, json_string(hex.p));
}

static json_t *text(const char *s)
{
	XB_AUTOBUF struct xb_buf clean = XB_BUF_INIT;

	xb_utf8_clean(&clean, s, strlen(s));
	return json_string(clean.p ? clean.p : "");
}

json_t *xb_json_texts(const struct xb_strv *v)
{
	json_t *a = json_array();

	for (size_t i = 0; i < v->n; i++)
		json_array_append_new(a, text(v->v[i]));
	return a;
}

static json_t *evidence(const struct xb_evidences *ev)
{
	json_t *a = json_array();

	for (size_t i = 0; i < ev->n; i++) {
		const struct xb_evidence *e = &ev->v[i];
		json_t *o = json_object();

		json_object_set_new(o, "kind", json_string(xb_evidence_name(e->kind)));
		xb_json_text(o, "need", e->need);
		xb_json_text(o, "path", e->path);
		json_object_set_new(o, "line", e->line ? json_integer((json_int_t)e->line) : json_null());
		xb_json_text(o, "name", e->name);
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *pick(const struct xb_plan_pick *k)
{
	json_t *o = json_object();

	json_object_set_new(o, "commit", xb_oid_json(&k->commit));
	json_object_set_new(o, "role", json_string(xb_role_name(k->role)));
	json_object_set_new(o, "advisories", xb_json_texts(&k->advisories));
	json_object_set_new(o, "needed_by", xb_json_texts(&k->needed_by));
	json_object_set_new(o, "kept", xb_json_texts(&k->kept));
	json_object_set_new(o, "fixes", xb_json_texts(&k->fixes));
	json_object_set_new(o, "replaces", xb_oid_json(&k->replaces));
	json_object_set_new(o, "evidence", evidence(&k->evidence));
	xb_json_text(o, "why", k->why);
	xb_json_text(o, "subject", k->subject);
	json_object_set_new(o, "tree", xb_oid_json(&k->tree));
	json_object_set_new(o, "derived", xb_oid_json(&k->derived));
	if (k->by_git)
		json_object_set_new(o, "decided_by", json_string("git"));
	return o;
}

static json_t *left(const struct xb_plan *p, const struct xb_plan_left *l)
{
	const struct xb_hist *h = &p->window.v[l->window];
	json_t *o = json_object();

	json_object_set_new(o, "commit", xb_oid_json(&h->oid));
	json_object_set_new(o, "advisories", xb_json_texts(&l->advisories));
	json_object_set_new(o, "reason", json_string(xb_left_reason_name(l->reason)));
	xb_json_text(o, "why", l->why);
	xb_json_text(o, "subject", h->msg.subject);
	json_object_set_new(o, "paths", xb_json_texts(&l->paths));
	return o;
}

static json_t *blocked(const struct xb_plan *p, const struct xb_plan_blocked *b)
{
	json_t *o = json_object(), *paths = json_array();

	json_object_set_new(o, "commit", xb_oid_json(&p->window.v[b->wanted].oid));
	json_object_set_new(o, "failing", xb_oid_json(&p->window.v[b->window].oid));
	json_object_set_new(o, "advisories", xb_json_texts(&b->advisories));
	for (size_t i = 0; i < b->conflict.n; i++)
		json_array_append_new(paths, text(b->conflict.v[i].path));
	json_object_set_new(o, "paths", paths);
	xb_json_text(o, "why", b->why);
	xb_json_text(o, "subject", p->window.v[b->wanted].msg.subject);
	json_object_set_new(o, "candidates", xb_json_texts(&b->candidates));
	return o;
}

static json_t *advisory(const struct xb_plan_advisory *a)
{
	json_t *o = json_object();

	xb_json_text(o, "id", a->id);
	json_object_set_new(o, "aliases", xb_json_texts(&a->aliases));
	json_object_set_new(o, "state", json_string(xb_advisory_state_name(a->state)));
	json_object_set_new(o, "commits", xb_json_texts(&a->commits));
	json_object_set_new(o, "excluded", json_integer((json_int_t)a->excluded));
	return o;
}

static json_t *base(const struct xb_target *t)
{
	json_t *o = json_object();

	xb_json_text(o, "tag", t->base_tag);
	json_object_set_new(o, "commit", xb_oid_json(&t->base));
	return o;
}

json_t *xb_target_json(const struct xb_target *t)
{
	json_t *o = json_object();

	xb_json_text(o, "line", t->line);
	xb_json_text(o, "release", t->release);
	xb_json_text(o, "derived", t->derived_ref);
	json_object_set_new(o, "base", base(t));
	json_object_set_new(o, "tip", xb_oid_json(&t->tip));
	xb_json_text(o, "tip_ref", t->tip_ref);
	json_object_set_new(o, "status",
			    json_string(t->status == XB_TARGET_OK           ? "ok"
					: t->status == XB_TARGET_NO_STAGING ? "no-staging"
									    : "no-release"));
	return o;
}

static size_t count_role(const struct xb_plan *p, enum xb_role role)
{
	size_t n = 0;

	for (size_t i = 0; i < p->picks.n; i++)
		n += p->picks.v[i].role == role;
	return n;
}

/* Picks that were found, by what spoke for them. */
static size_t count_found(const struct xb_plan *p, enum xb_role role, enum xb_evidence_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < p->picks.n; i++) {
		const struct xb_plan_pick *k = &p->picks.v[i];

		if (k->role == role && k->evidence.n && k->evidence.v[0].kind == kind)
			n++;
	}
	return n;
}

static json_t *counts(const struct xb_plan *p)
{
	json_t *o = json_object();

	json_object_set_new(o, "window", json_integer((json_int_t)p->window.n));
	json_object_set_new(o, "security", json_integer((json_int_t)count_role(p, XB_ROLE_SECURITY)));
	json_object_set_new(o, "follow_up", json_integer((json_int_t)count_role(p, XB_ROLE_FOLLOW_UP)));
	json_object_set_new(o, "prerequisite", json_integer((json_int_t)count_role(p, XB_ROLE_PREREQUISITE)));
	json_object_set_new(o, "prerequisite_text",
			    json_integer((json_int_t)count_found(p, XB_ROLE_PREREQUISITE, XB_EV_TEXT)));
	json_object_set_new(o, "prerequisite_meaning",
			    json_integer((json_int_t)count_found(p, XB_ROLE_PREREQUISITE, XB_EV_MEANING)));
	json_object_set_new(o, "prerequisite_series",
			    json_integer((json_int_t)count_found(p, XB_ROLE_PREREQUISITE, XB_EV_SERIES)));
	json_object_set_new(o, "prerequisite_definition",
			    json_integer((json_int_t)count_found(p, XB_ROLE_PREREQUISITE, XB_EV_DEFINITION)));
	json_object_set_new(o, "follow_up_lines",
			    json_integer((json_int_t)count_found(p, XB_ROLE_FOLLOW_UP, XB_EV_LINES)));
	json_object_set_new(o, "left_out", json_integer((json_int_t)p->left_out.n));
	json_object_set_new(o, "blocked", json_integer((json_int_t)p->blocked.n));
	json_object_set_new(o, "definitions", json_integer((json_int_t)p->residue.touched));
	json_object_set_new(o, "definitions_tested", json_integer((json_int_t)p->residue.tested));
	json_object_set_new(o, "definitions_once", json_integer((json_int_t)p->residue.once));
	json_object_set_new(o, "publishable", json_integer((json_int_t)p->publishable));
	return o;
}

static json_t *residue(const struct xb_plan *p)
{
	json_t *a = json_array();

	for (size_t k = 0; k < p->residue.n; k++) {
		const struct xb_residue_item *r = &p->residue.v[k];
		json_t *o = json_object();

		json_object_set_new(o, "advisories", xb_json_texts(&r->advisories));
		xb_json_text(o, "path", r->path);
		json_object_set_new(o, "kind", json_string(xb_block_kind_name(r->kind)));
		xb_json_text(o, "name", r->name);
		json_object_set_new(o, "by", xb_json_texts(&r->by));
		json_array_append_new(a, o);
	}
	return a;
}

json_t *xb_plan_json(const struct xb_plan *p)
{
	json_t *o = xb_target_json(p->target), *inputs = json_object(), *a;

	json_object_set_new(o, "chain_tip", xb_oid_json(xb_plan_tip(p, p->picks.n)));
	json_object_set_new(inputs, "notes", xb_oid_json(&p->notes));
	json_object_set_new(inputs, "rules", xb_oid_json(&p->rules));
	json_object_set_new(inputs, "rules_version", json_integer(p->rules_version));
	json_object_set_new(o, "inputs", inputs);
	json_object_set_new(o, "picks", a = json_array());
	for (size_t i = 0; i < p->picks.n; i++)
		json_array_append_new(a, pick(&p->picks.v[i]));
	json_object_set_new(o, "left_out", a = json_array());
	for (size_t i = 0; i < p->left_out.n; i++)
		json_array_append_new(a, left(p, &p->left_out.v[i]));
	json_object_set_new(o, "blocked", a = json_array());
	for (size_t i = 0; i < p->blocked.n; i++)
		json_array_append_new(a, blocked(p, &p->blocked.v[i]));
	json_object_set_new(o, "advisories", a = json_array());
	for (size_t i = 0; i < p->advisories.n; i++)
		json_array_append_new(a, advisory(&p->advisories.v[i]));
	json_object_set_new(o, "residue", residue(p));
	json_object_set_new(o, "counts", counts(p));
	json_object_set_new(o, "warnings", xb_json_texts(&p->warnings));
	return o;
}

char *xb_plan_json_dump(json_t *lines)
{
	json_t *o = json_object();
	char *out;

	json_object_set_new(o, "version", json_integer(1));
	json_object_set_new(o, "lines", lines);
	out = xb_json_dump(o, JSON_INDENT(1));
	json_decref(o);
	return out ? out : xb_strdup("{}\n");
}
