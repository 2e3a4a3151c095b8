/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "roles-impl.h"
#include "repo/git.h"

#include "merges.h"
#include "board/repairs.h"
#include "discover/series.h"
#include "refs/refpat.h"
#include "util/alloc.h"

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
	struct xb_candidate *c = &p->board.c[i];

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
		XB_TRY(xb_past_has(p->board.past, need->hex, &in));
		if (!in && c->tagged)
			xb_board_warn(
			    &p->board,
			    xb_asprintf("%s says that it needs %s first, which is neither in the window "
					"before it nor in the base",
					xb_hex(&p->plan->window.v[i].oid).s, need->hex));
	}
	return NULL;
}

struct xb_err *xb_roles_read(struct xb_planner *p, size_t i)
{
	const struct xb_hist *h = &p->plan->window.v[i];
	struct xb_candidate *c = &p->board.c[i];
	bool said;

	XB_TRY(xb_words_of(p->in->config, &p->notes, h, p->in->target->base_tag, &c->words));
	for (size_t k = 0; k < h->msg.skipped.n; k++)
		xb_board_warn(&p->board, xb_asprintf("%s: %s; what is over that isn't read",
						     xb_hex(&h->oid).s, h->msg.skipped.v[k]));
	XB_TRY(xb_bundle_check_source(&p->board, i, &c->words.doubt));
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
		XB_TRY(xb_repairs_of_words(p, i));
	if (!said && p->in->config->follow_ups && !p->in->options.no_follow_ups)
		XB_TRY(xb_repairs_of_message(p, i));
	if (!said && xb_finds_whole(&p->board) && !c->tagged && p->in->config->follow_ups &&
	    !p->in->options.no_follow_ups)
		XB_TRY(xb_repairs_of_subject(p, i));
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
		XB_TRY(xb_past_each(p->board.past, note_base_advisories, p));
	p->base_advisories_known = true;
	*out = xb_strv_has(&p->base_advisories, advisory);
	return NULL;
}

/* An advisory as a whole is held where one of its commits is in the branch or in the base. */
static struct xb_err *holds_advisory(struct xb_planner *p, const char *advisory, bool *out)
{
	*out = false;
	for (size_t i = 0; i <= p->board.at && i < p->plan->window.n; i++) {
		const struct xb_candidate *c = &p->board.c[i];

		if (!c->tagged ||
		    !(xb_strv_has(&c->advisories, advisory) || xb_strv_has(&c->aliases, advisory)))
			continue;
		if (xb_in_branch(c)) {
			*out = true;
			return NULL;
		}
	}
	return in_base(p, advisory, out);
}

/* A merge stands for what it brought. */
static bool has_landed(const struct xb_planner *p, size_t i)
{
	if (xb_in_branch(&p->board.c[i]))
		return true;
	for (size_t k = xb_merges_first_part(p, i); xb_finds_whole(&p->board) && k < i; k++)
		if (xb_in_branch(&p->board.c[k]))
			return true;
	return false;
}

struct xb_err *xb_roles_holds(struct xb_planner *p, const struct xb_repairs *r, bool *out)
{
	if (r->window != SIZE_MAX)
		*out = has_landed(p, r->window);
	else if (r->advisory)
		return holds_advisory(p, r->advisory, out);
	else
		*out = true; /* a fix that the base has */
	return NULL;
}

/* Prerequisite-of what is in the branch already: at its own place. */
static struct xb_err *is_late_need(struct xb_planner *p, size_t i, bool *out)
{
	const struct xb_words *w = &p->board.c[i].words;

	*out = false;
	for (size_t k = 0; k < w->prerequisite_of.n && !*out; k++) {
		const char *value = w->prerequisite_of.v[k];

		if (xb_seen_like_id(value)) {
			for (size_t m = 0; m < i && !*out; m++)
				*out = xb_in_branch(&p->board.c[m]) &&
				       xb_board_names(&p->board, value, m, false);
		} else {
			XB_AUTOFREE char *advisory = xb_rules_advisory(p->in->rules, value);

			XB_TRY(holds_advisory(p, advisory ? advisory : value, out));
		}
	}
	return NULL;
}

/* Part of the series of a fix that is in the branch already: at its own place. */
static struct xb_err *is_late_part(struct xb_planner *p, size_t i, bool *out)
{
	struct xb_candidate *c = &p->board.c[i];

	*out = false;
	if (!xb_finds_whole(&p->board) || p->in->options.no_discover || p->in->options.no_meaning)
		return NULL;
	XB_TRY(xb_series_goes_on(&p->board, i, &c->part_of));
	*out = c->optional = c->part_of != SIZE_MAX;
	return NULL;
}

struct xb_err *xb_roles_decide(struct xb_planner *p, size_t i, bool *wanted, enum xb_role *role)
{
	struct xb_candidate *c = &p->board.c[i];

	*wanted = false;
	if (c->excluded)
		return NULL;
	if (c->tagged) {
		*wanted = true;
		*role = XB_ROLE_SECURITY;
		return NULL;
	}
	*role = XB_ROLE_FOLLOW_UP;
	c->optional = c->alone = false;
	c->part_of = SIZE_MAX;
	for (size_t k = 0; k < c->repairs.n && !*wanted; k++)
		XB_TRY(xb_roles_holds(p, &c->repairs.v[k], wanted));
	if (*wanted)
		return NULL;
	if (p->in->config->follow_ups)
		XB_TRY(xb_repairs_by_lines(&p->board, i, wanted));
	c->optional = *wanted;
	if (*wanted)
		return NULL;
	*role = XB_ROLE_PREREQUISITE;
	XB_TRY(is_late_need(p, i, wanted));
	return *wanted ? NULL : is_late_part(p, i, wanted);
}
