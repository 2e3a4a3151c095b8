/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text-advisories.h"

#include "advisories/table.h"
#include "odb/git.h"
#include "publish/state.h"
#include "util/alloc.h"
#include "words/advice.h"

#include <string.h>

enum { NEWS_MAX = 400 /* picks that are listed: no branch of Xen ever had a third of that */ };

/* ---- what is missing ---- */

/* By what is published, where that is no part of the plan. */
static bool is_published(const struct xb_state *s, const char *id)
{
	for (size_t i = 0; s && i < s->picks.n; i++)
		if (xb_strv_has(&s->picks.v[i].advisories, id))
			return true;
	return false;
}

static bool waits(const struct xb_text_inputs *t, const char *id)
{
	if (!t->facts->is_part)
		return !is_published(t->facts->state, id);
	for (size_t i = t->facts->n_published; i < t->plan->picks.n; i++)
		if (xb_strv_has(&t->plan->picks.v[i].advisories, id))
			return true;
	return false;
}

/* Why what is in the plan is not published: a gate, a batch, or a branch that is held. */
static char *why_waits(const struct xb_text_inputs *t)
{
	const struct xb_whys *all = &t->result->reasons;
	char *why = all->n ? xb_reason_record(&all->v[0]) : NULL; /* without what is the bot's own */

	if (!why)
		why = xb_strdup(t->result->what == XB_PUBLISHED_HELD
				    ? "the branch is held until a person has looked"
				    : "it waits");
	return why;
}

static void add_why(struct xb_strv *all, const char *why)
{
	if (why && *why)
		xb_strv_add_new(all, why);
}

static char *why_not(const struct xb_text_inputs *t, const struct xb_plan_advisory *a)
{
	const struct xb_plan *p = t->plan;
	XB_AUTOSTRV struct xb_strv all = {0};

	for (size_t i = 0; i < p->blocked.n; i++)
		if (xb_strv_has(&p->blocked.v[i].advisories, a->id))
			add_why(&all, p->blocked.v[i].why);
	for (size_t i = 0; i < p->left_out.n; i++) {
		const struct xb_plan_left *l = &p->left_out.v[i];

		if (l->reason != XB_LEFT_REPLACED &&
		    (xb_strv_has(&l->advisories, a->id) ||
		     xb_strv_has(&a->commits, xb_hex(&p->window.v[l->window].oid).s)))
			add_why(&all, l->why);
	}
	if (!all.n && waits(t, a->id)) {
		XB_AUTOFREE char *why = why_waits(t);

		add_why(&all, why);
	}
	return all.n ? xb_strv_join(&all, "; ") : xb_strdup(xb_advisory_state_name(a->state));
}

enum kind { HAS, LACKS, DROPPED, NEITHER };

static enum kind kind_of(const struct xb_text_inputs *t, const struct xb_plan_advisory *a)
{
	switch (a->state) {
	case XB_ADV_PARTIAL:
	case XB_ADV_PENDING:
	case XB_ADV_BLOCKED:
	case XB_ADV_REVERTED:
		return LACKS;
	case XB_ADV_EXCLUDED:
	case XB_ADV_WITHDRAWN:
		return DROPPED;
	case XB_ADV_APPLIED:
	case XB_ADV_WAITING:
		return waits(t, a->id) ? LACKS : HAS;
	default:
		return NEITHER;
	}
}

static void add_reason(struct xb_buf *b, const char *id, bool part, const char *why)
{
	xb_buf_adds(b, "    ");
	xb_text_add_name(b, id);
	xb_buf_adds(b, part ? " (in part)" : "");
	xb_buf_adds(b, why && *why ? ": " : "");
	xb_text_add_safe(b, why);
	xb_buf_addc(b, '\n');
}

static void add_plan_rows(const struct xb_text_inputs *t, enum kind kind, struct xb_buf *b)
{
	for (size_t i = 0; i < t->plan->advisories.n; i++) {
		const struct xb_plan_advisory *a = &t->plan->advisories.v[i];
		XB_AUTOFREE char *why = kind_of(t, a) == kind ? why_not(t, a) : NULL;

		if (why)
			add_reason(b, a->id, a->state == XB_ADV_PARTIAL, why);
	}
}

void xb_text_missing(const struct xb_text_inputs *t, struct xb_fields *f)
{
	struct xb_buf b = XB_BUF_INIT;

	add_plan_rows(t, LACKS, &b);
	xb_field_set(f, "missing", xb_buf_detach(&b));
}

char *xb_text_missing_ids(const struct xb_text_inputs *t)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < t->plan->advisories.n; i++)
		if (kind_of(t, &t->plan->advisories.v[i]) == LACKS)
			xb_buf_addf(&b, "%s\n", t->plan->advisories.v[i].id);
	return xb_buf_detach(&b);
}

/* ---- what is in it ---- */

static char *all_in(const struct xb_text_inputs *t)
{
	XB_AUTOSTRV struct xb_strv ids = {0};

	for (size_t i = 0; i < t->plan->advisories.n; i++)
		if (kind_of(t, &t->plan->advisories.v[i]) == HAS)
			xb_strv_add_new(&ids, t->plan->advisories.v[i].id);
	return xb_text_all_names(&ids);
}

/* "XSA-477 / CVE-2025-1234: its title", of each advisory that the pick is part of. */
static char *heading(const struct xb_table *table, const struct xb_plan_pick *k)
{
	struct xb_buf b = XB_BUF_INIT;

	for (size_t i = 0; i < k->advisories.n; i++) {
		const struct xb_table_row *r = NULL;

		for (size_t n = 0; n < table->rows.n && !r; n++)
			if (!strcmp(table->rows.v[n].id, k->advisories.v[i]))
				r = &table->rows.v[n];
		xb_buf_adds(&b, i ? "\n    " : "    ");
		xb_text_add_name(&b, k->advisories.v[i]);
		for (size_t c = 0; r && c < r->aliases.n; c++) {
			xb_buf_adds(&b, c ? ", " : " / ");
			xb_text_add_name(&b, r->aliases.v[c]);
		}
		if (r && r->title) {
			xb_buf_adds(&b, ": ");
			xb_text_add_safe(&b, r->title);
		}
	}
	if (!k->advisories.n)
		xb_buf_adds(&b, "    without an advisory");
	return xb_buf_detach(&b);
}

static void add_pick(struct xb_buf *b, const struct xb_plan_pick *k)
{
	xb_buf_addf(b, "        %.*s ", XB_SHORT, xb_hex(&k->derived).s);
	xb_text_add_safe(b, k->subject);
	if (k->role != XB_ROLE_SECURITY)
		xb_buf_addf(b, " (%s)", xb_role_name(k->role));
	if (!git_oid_is_zero(&k->replaces))
		xb_buf_addf(b, " (a backport, for %.*s)", XB_SHORT, xb_hex(&k->replaces).s);
	xb_buf_addc(b, '\n');
}

static char *news(const struct xb_text_inputs *t, const struct xb_table *table, xb_is_new_pick is_new,
		  const void *ctx)
{
	XB_AUTOFREE char *last = xb_strdup("");
	struct xb_buf b = XB_BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < t->facts->n_published; i++) {
		const struct xb_plan_pick *k = &t->plan->picks.v[i];
		char *head;

		if (!is_new(ctx, k) || n++ >= NEWS_MAX)
			continue;
		head = heading(table, k);
		if (strcmp(head, last) != 0)
			xb_buf_addf(&b, "%s\n", head);
		add_pick(&b, k);
		free(last);
		last = head;
	}
	if (n > NEWS_MAX)
		xb_buf_addf(&b, "    ... and %zu more commits\n", n - NEWS_MAX);
	return xb_buf_detach(&b);
}

/* ---- all ---- */

static void set_all(const struct xb_text_inputs *t, const struct xb_table *table, xb_is_new_pick is_new,
		    const void *ctx, struct xb_fields *f)
{
	struct xb_buf missing = XB_BUF_INIT, dropped = XB_BUF_INIT;

	add_plan_rows(t, LACKS, &missing);
	for (size_t i = 0; i < table->rows.n; i++)
		if (table->rows.v[i].state == XB_ADV_MISSING)
			add_reason(&missing, table->rows.v[i].id, false, table->rows.v[i].why);
	add_plan_rows(t, DROPPED, &dropped);
	xb_field_set(f, "news", news(t, table, is_new, ctx));
	xb_field_set(f, "in", all_in(t));
	xb_field_set(f, "missing", xb_buf_detach(&missing));
	xb_field_set(f, "dropped", xb_buf_detach(&dropped));
}

struct xb_err *xb_text_advisories(const struct xb_text_inputs *t, xb_is_new_pick is_new, const void *ctx,
				  struct xb_fields *f)
{
	struct xb_metadata *m = xb_metadata_open(t->in->config);
	struct xb_table_inputs in = {
	    .plan = t->plan, .rules = t->in->rules, .metadata = m, .n_published = t->facts->n_published};
	struct xb_table table = {0};
	json_t *root = NULL;
	struct xb_err *err = NULL;

	if (!t->in->options.dry) /* what the release has is there already */
		err = xb_state_table(t->plan->store, &t->in->target->state, &root, &in.before);
	if (!err)
		err = xb_table_make(&in, &table);
	if (!err)
		set_all(t, &table, is_new, ctx, f);
	xb_table_release(&table);
	xb_metadata_free(m);
	json_decref(root);
	return err;
}
