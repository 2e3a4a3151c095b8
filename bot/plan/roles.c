/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "planner.h"

#include "config/refpat.h"
#include "odb/oidmap.h"
#include "util/alloc.h"

void xb_candidate_release(struct xb_candidate *c)
{
	xb_words_release(&c->words);
	xb_strv_release(&c->advisories);
	xb_strv_release(&c->aliases);
	for (size_t i = 0; i < c->repairs.n; i++) {
		free(c->repairs.v[i].advisory);
		free(c->repairs.v[i].words);
		xb_strv_release(&c->repairs.v[i].advisories);
	}
	free(c->repairs.v);
	free(c->declared.v);
	xb_clashes_release(&c->clashes);
}

static bool looks_like_id(const char *s)
{
	size_t n = strspn(s, "0123456789abcdef");

	return n >= 7 && n <= GIT_OID_HEXSZ && !s[n];
}

/* The advisories of a commit that is a fix: of its annotation, else of its tag lines. */
static struct xb_err *advisories_of(const struct xb_rules *rules, const struct xb_words *w,
				    const struct xb_message *m, struct xb_strv *ids, struct xb_strv *aliases)
{
	for (size_t i = 0; i < w->security.n; i++) {
		size_t before = ids->n;

		XB_TRY(xb_rules_ids(rules, w->security.v[i], strlen(w->security.v[i]), ids, aliases));
		if (ids->n == before)
			xb_strv_add_new(ids, w->security.v[i]);
	}
	if (w->security.n)
		return NULL;
	for (size_t i = 0; i < m->tags.n; i++) {
		xb_strv_add_all_new(ids, &m->tags.v[i].ids);
		xb_strv_add_all_new(aliases, &m->tags.v[i].aliases);
	}
	return NULL;
}

static bool is_tagged(const struct xb_words *w, const struct xb_message *m)
{
	return !w->exclude && (w->security.n || (w->role_level == XB_BY_TAG && m->tags.n));
}

static struct xb_repairs *add_repair(struct xb_candidate *c, enum xb_evidence_kind kind, const char *words)
{
	struct xb_repairs *r = XB_PUSH(&c->repairs, v, n, cap);

	r->kind = kind;
	r->window = SIZE_MAX;
	r->words = xb_strdup(words);
	return r;
}

static void repairs_window(struct xb_planner *p, struct xb_candidate *c, size_t target,
			   enum xb_evidence_kind kind, bool reverts, const char *words)
{
	struct xb_repairs *r = add_repair(c, kind, words);

	r->window = target;
	r->oid = p->plan->window.v[target].oid;
	r->reverts = reverts;
}

static void repairs_base(struct xb_candidate *c, const struct xb_hist *h, enum xb_evidence_kind kind,
			 bool reverts, const char *words)
{
	struct xb_repairs *r = add_repair(c, kind, words);

	r->oid = h->oid;
	r->reverts = reverts;
	for (size_t k = 0; k < h->msg.tags.n; k++)
		xb_strv_add_all_new(&r->advisories, &h->msg.tags.v[k].ids);
}

/*
 * Finds the commit of this line that HEX or SUBJECT names: in the window or,
 * where it is a fix, in the base. By id or origin, then by subject; far back in
 * the base by the id alone.
 */
static struct xb_err *repairs_named(struct xb_planner *p, size_t i, const char *hex, const char *subject,
				    enum xb_evidence_kind kind, bool reverts, const char *words)
{
	struct xb_candidate *c = &p->c[i];
	XB_AUTOFREE char *by_subject = xb_asprintf("%s (found by its subject)", words);
	const struct xb_hist *h = NULL;
	size_t target = SIZE_MAX;
	bool found_by_subject = false;

	if (hex && xb_names_find(p->names, hex, NULL, &target) == XB_NAME_NONE)
		XB_TRY(xb_past_find(p->past, hex, NULL, &h));
	if (target == SIZE_MAX && !h && subject) {
		if (xb_names_find(p->names, NULL, subject, &target) == XB_NAME_NONE)
			XB_TRY(xb_past_find(p->past, NULL, subject, &h));
		found_by_subject = h || target != SIZE_MAX;
	}
	if (target == SIZE_MAX && !h && hex)
		XB_TRY(xb_past_find_deep(p->past, hex, &h));
	if (found_by_subject)
		words = by_subject;
	if (h)
		repairs_base(c, h, kind, reverts, words);
	else if (target != SIZE_MAX && target != i)
		repairs_window(p, c, target, kind, reverts, words);
	return NULL;
}

static struct xb_err *read_follow_ups(struct xb_planner *p, size_t i)
{
	const struct xb_hist *h = &p->plan->window.v[i];
	const struct xb_message *m = &h->msg;
	struct xb_candidate *c = &p->c[i];

	for (size_t k = 0; k < m->fixes.n; k++) {
		const struct xb_fix *f = &m->fixes.v[k];
		XB_AUTOFREE char *words = xb_asprintf("%s: %s", f->amends ? "Amends" : "Fixes", f->hex);

		XB_TRY(repairs_named(p, i, f->hex, f->subject, XB_EV_FIXES, false, words));
	}
	for (size_t k = 0; k < m->reverts.n; k++) {
		const struct xb_revert *r = &m->reverts.v[k];
		XB_AUTOFREE char *words = xb_asprintf("reverts commit %s", r->hex);

		XB_TRY(repairs_named(p, i, r->hex, m->revert_depth == 1 ? m->reverted_subject : NULL,
				     XB_EV_REVERT, !r->partial && !m->revert_partial, words));
	}
	if (!m->reverts.n && m->revert_depth) {
		XB_AUTOFREE char *words = xb_asprintf(
		    "%s \"%s\"", m->revert_depth % 2 ? "reverts" : "re-applies", m->reverted_subject);

		XB_TRY(repairs_named(p, i, NULL, m->reverted_subject, XB_EV_REVERT,
				     m->revert_depth % 2 && !m->revert_partial, words));
	}
	for (size_t k = 0; k < m->followups.n; k++) {
		for (size_t a = 0; a < m->followups.v[k].ids.n; a++) {
			struct xb_repairs *r = add_repair(c, XB_EV_TAG, m->followups.v[k].text);

			r->advisory = xb_strdup(m->followups.v[k].ids.v[a]);
			xb_strv_add_new(&r->advisories, r->advisory);
		}
	}
	return NULL;
}

static enum xb_evidence_kind source_evidence(enum xb_source l)
{
	return l == XB_BY_CONFIG    ? XB_EV_CONFIG
	       : l == XB_BY_NOTE    ? XB_EV_NOTE
	       : l == XB_BY_TRAILER ? XB_EV_TRAILER
				    : XB_EV_TAG;
}

/* Follow-up-to: an advisory, or a commit of the window or of the base. */
static struct xb_err *read_annotated_repairs(struct xb_planner *p, size_t i)
{
	struct xb_candidate *c = &p->c[i];

	for (size_t k = 0; k < c->words.follow_up_to.n; k++) {
		const char *value = c->words.follow_up_to.v[k];
		XB_AUTOFREE char *advisory = xb_rules_advisory(p->in->rules, value);
		XB_AUTOFREE char *words = xb_asprintf("Follow-up-to: %s", value);
		size_t before = c->repairs.n;

		if (!looks_like_id(value)) {
			struct xb_repairs *r = add_repair(c, source_evidence(c->words.role_level), words);

			r->advisory = xb_strdup(advisory ? advisory : value);
			xb_strv_add_new(&r->advisories, r->advisory);
			continue;
		}
		XB_TRY(repairs_named(p, i, value, NULL, source_evidence(c->words.role_level), false, words));
		if (c->repairs.n == before)
			*XB_PUSH(&p->plan->warnings, v, n, cap) =
			    xb_asprintf("%s says Follow-up-to: %s, which is no commit of the window before "
					"it and no fix in the base",
					git_oid_tostr_s(&p->plan->window.v[i].oid), value);
	}
	return NULL;
}

/* Whatever roles there are, a revert undoes something; see discover.h. */
static size_t undone_by(const struct xb_planner *p, size_t i)
{
	const struct xb_message *m = &p->plan->window.v[i].msg;
	const char *subject = m->revert_depth == 1 ? m->reverted_subject : NULL;
	const char *hex = m->reverts.n && !m->reverts.v[0].partial ? m->reverts.v[0].hex : NULL;
	size_t target;

	if (m->revert_partial || m->reverts.n > 1 || (m->reverts.n && !hex) || (!hex && !subject))
		return SIZE_MAX;
	if (xb_names_find(p->names, hex, subject, &target) == XB_NAME_NONE || target >= i)
		return SIZE_MAX;
	return target;
}

/* "4.9.x", "4.9", "v4.9" mean line 4.9, "4.9+" that and later ones; nothing means all. */
static bool for_line(const char *version, const char *line)
{
	XB_AUTOFREE char *v = NULL;
	size_t n;

	if (!version)
		return true;
	v = xb_strdup(version + (*version == 'v'));
	n = strlen(v);
	if (n && v[n - 1] == '+') {
		v[n - 1] = '\0';
		return xb_version_cmp(line, v) >= 0;
	}
	if (n > 2 && !strcmp(v + n - 2, ".x"))
		v[n - 2] = '\0';
	return !strcmp(v, line);
}

/* What the commit's "Cc: stable" lines say that it needs first. What the window doesn't have is reported. */
static struct xb_err *read_declared(struct xb_planner *p, size_t i)
{
	const struct xb_message *m = &p->plan->window.v[i].msg;
	struct xb_candidate *c = &p->c[i];

	for (size_t k = 0; k < m->needs.n; k++) {
		const struct xb_need *need = &m->needs.v[k];
		size_t at;
		bool in;

		if (!for_line(need->version, p->in->target->line))
			continue;
		if (xb_names_find(p->names, need->hex, need->subject, &at) != XB_NAME_NONE) {
			if (at != i)
				*XB_PUSH(&c->declared, v, n, cap) = at;
			continue;
		}
		XB_TRY(xb_past_has(p->past, need->hex, &in));
		if (!in && c->tagged)
			*XB_PUSH(&p->plan->warnings, v, n, cap) =
			    xb_asprintf("%s says that it needs %s first, which is neither in the window "
					"before it nor in the base",
					git_oid_tostr_s(&p->plan->window.v[i].oid), need->hex);
	}
	return NULL;
}

struct xb_err *xb_roles_read(struct xb_planner *p, size_t i)
{
	const struct xb_hist *h = &p->plan->window.v[i];
	struct xb_candidate *c = &p->c[i];
	bool said;

	XB_TRY(xb_words_of(p->in->config, &p->notes, h, p->in->target->base_tag, &c->words));
	c->excluded = c->words.exclude != NULL;
	c->tagged = is_tagged(&c->words, &h->msg);
	if (c->excluded)
		c->fate = XB_FATE_EXCLUDED;
	if (c->tagged || c->excluded)
		XB_TRY(advisories_of(p->in->rules, &c->words, &h->msg, &c->advisories, &c->aliases));
	xb_names_add(p->names, h, i);
	c->undoes = undone_by(p, i);
	if (p->in->config->trailers)
		XB_TRY(read_declared(p, i));
	said = c->words.role_level != XB_BY_TAG;
	if (said && c->words.follow_up_to.n)
		XB_TRY(read_annotated_repairs(p, i));
	if (!said && p->in->config->follow_ups && !p->in->options.no_follow_ups)
		XB_TRY(read_follow_ups(p, i));
	return NULL;
}

static void note_base_advisories(void *ctx, const struct xb_hist *h)
{
	struct xb_planner *p = ctx;

	for (size_t i = 0; i < h->msg.tags.n; i++) {
		xb_strv_add_all_new(&p->base_advisories, &h->msg.tags.v[i].ids);
		xb_strv_add_all_new(&p->base_advisories, &h->msg.tags.v[i].aliases);
	}
}

static struct xb_err *in_base(struct xb_planner *p, const char *advisory, bool *out)
{
	if (!p->base_advisories_known)
		XB_TRY(xb_past_each(p->past, note_base_advisories, p));
	p->base_advisories_known = true;
	*out = xb_strv_has(&p->base_advisories, advisory);
	return NULL;
}

static bool in_branch(const struct xb_candidate *c)
{
	return c->fate == XB_FATE_PICKED || c->fate == XB_FATE_EMPTY;
}

/* An advisory as a whole is held where one of its commits is in the branch or in the base. */
static struct xb_err *holds_advisory(struct xb_planner *p, const char *advisory, bool *out)
{
	*out = false;
	for (size_t i = 0; i <= p->at && i < p->plan->window.n; i++) {
		const struct xb_candidate *c = &p->c[i];

		if (!c->tagged ||
		    !(xb_strv_has(&c->advisories, advisory) || xb_strv_has(&c->aliases, advisory)))
			continue;
		if (in_branch(c)) {
			*out = true;
			return NULL;
		}
	}
	return in_base(p, advisory, out);
}

struct xb_err *xb_roles_holds(struct xb_planner *p, const struct xb_repairs *r, bool *out)
{
	if (r->window != SIZE_MAX)
		*out = in_branch(&p->c[r->window]);
	else if (r->advisory)
		return holds_advisory(p, r->advisory, out);
	else
		*out = true; /* a fix that the base has */
	return NULL;
}

bool xb_roles_names(const struct xb_planner *p, const char *value, size_t i, bool first)
{
	const struct xb_candidate *c = &p->c[i];
	XB_AUTOFREE char *advisory = NULL;

	if (looks_like_id(value))
		return !strncmp(git_oid_tostr_s(&p->plan->window.v[i].oid), value, strlen(value));
	advisory = xb_rules_advisory(p->in->rules, value);
	value = advisory ? advisory : value;
	if (!c->tagged || !(xb_strv_has(&c->advisories, value) || xb_strv_has(&c->aliases, value)))
		return false;
	for (size_t k = 0; first && k < i; k++)
		if (p->c[k].tagged && in_branch(&p->c[k]) && xb_strv_has(&p->c[k].advisories, value))
			return false;
	return true;
}

/* Prerequisite-of what is in the branch already: at its own place. */
static struct xb_err *is_late_need(struct xb_planner *p, size_t i, bool *out)
{
	const struct xb_words *w = &p->c[i].words;

	*out = false;
	for (size_t k = 0; k < w->prerequisite_of.n && !*out; k++) {
		const char *value = w->prerequisite_of.v[k];

		if (looks_like_id(value)) {
			for (size_t m = 0; m < i && !*out; m++)
				*out = in_branch(&p->c[m]) && xb_roles_names(p, value, m, false);
		} else {
			XB_AUTOFREE char *advisory = xb_rules_advisory(p->in->rules, value);

			XB_TRY(holds_advisory(p, advisory ? advisory : value, out));
		}
	}
	return NULL;
}

struct xb_err *xb_roles_decide(struct xb_planner *p, size_t i, bool *wanted, enum xb_role *role)
{
	struct xb_candidate *c = &p->c[i];

	*wanted = false;
	if (c->excluded)
		return NULL;
	if (c->tagged) {
		*wanted = true;
		*role = XB_ROLE_SECURITY;
		return NULL;
	}
	*role = XB_ROLE_FOLLOW_UP;
	for (size_t k = 0; k < c->repairs.n && !*wanted; k++)
		XB_TRY(xb_roles_holds(p, &c->repairs.v[k], wanted));
	if (*wanted)
		return NULL;
	*role = XB_ROLE_PREREQUISITE;
	return is_late_need(p, i, wanted);
}

static struct xb_evidence *add_evidence(struct xb_plan_pick *out, enum xb_evidence_kind kind,
					const char *name)
{
	struct xb_evidence *e = XB_PUSH(&out->evidence, v, n, cap);

	e->kind = kind;
	e->name = name ? xb_strdup(name) : NULL;
	return e;
}

static char *join(const struct xb_strv *v)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < v->n; i++)
		xb_buf_addf(&b, "%s%s", i ? ", " : "", v->v[i]);
	return xb_buf_detach(&b);
}

static void explain_security(struct xb_planner *p, size_t i, struct xb_plan_pick *out)
{
	const struct xb_candidate *c = &p->c[i];
	const struct xb_tags *tags = &p->plan->window.v[i].msg.tags;
	XB_AUTOFREE char *ids = join(&c->advisories);

	xb_strv_add_all_new(&out->advisories, &c->advisories);
	if (c->words.security.n) {
		add_evidence(out, source_evidence(c->words.role_level), c->words.security.v[0]);
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
		const char *id = r->advisory ? r->advisory : git_oid_tostr_s(&r->oid);
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
	return NULL;
}

static void explain_need(struct xb_planner *p, size_t i, size_t needed_by, struct xb_plan_pick *out)
{
	const struct xb_candidate *c = &p->c[i];

	if (needed_by != SIZE_MAX && needed_by != i) {
		const char *id = git_oid_tostr_s(&p->plan->window.v[needed_by].oid);

		xb_strv_add_new(&out->needed_by, id);
		xb_strv_add_new(&out->trailer_for, id);
		xb_strv_add_all_new(&out->advisories, &p->c[needed_by].advisories);
		for (size_t k = 0; k < p->c[needed_by].declared.n; k++) {
			if (p->c[needed_by].declared.v[k] != i)
				continue;
			add_evidence(out, XB_EV_DECLARED, "Cc: stable")->need = xb_strdup(id);
			if (!out->why)
				out->why = xb_asprintf("%.12s says that it needs this: Cc: stable", id);
		}
	}
	for (size_t k = 0; k < c->words.prerequisite_of.n; k++) {
		const char *value = c->words.prerequisite_of.v[k];
		struct xb_evidence *e =
		    add_evidence(out, source_evidence(c->words.prerequisite_level), "Prerequisite-of");

		e->need = xb_strdup(value);
		if (!out->trailer_for.n && !looks_like_id(value))
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
		break;
	}
	/* A security commit may be needed by another; then both are said. */
	explain_need(p, i, needed_by, out);
	return NULL;
}
