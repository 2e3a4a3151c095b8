/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include "odb/git.h"
#include "patch.h"
#include "plan/past.h"
#include "util/alloc.h"

#include <openssl/evp.h>
#include <string.h>

void xb_table_release(struct xb_table *t)
{
	for (size_t i = 0; i < t->rows.n; i++) {
		struct xb_table_row *r = &t->rows.v[i];

		free(r->id);
		free(r->title);
		free(r->public_time);
		free(r->why);
		free(r->picks.v);
		xb_strv_release(&r->aliases);
		xb_strv_release(&r->commits);
	}
	for (size_t i = 0; i < t->picks.n; i++) {
		free(t->picks.v[i].file);
		free(t->picks.v[i].sha256);
		free(t->picks.v[i].sha512);
	}
	free(t->rows.v);
	free(t->picks.v);
	xb_strv_release(&t->notices);
	*t = (struct xb_table){0};
}

/* ---- picks ---- */

static char *digest(const EVP_MD *md, const struct xb_buf *b)
{
	XB_AUTOBUF struct xb_buf hex = XB_BUF_INIT;
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (EVP_Digest(b->p, b->n, sum, &n, md, NULL) != 1)
		return NULL;
	for (unsigned i = 0; i < n; i++)
		xb_buf_addf(&hex, "%02x", sum[i]);
	return xb_buf_detach(&hex);
}

static struct xb_err *hash(const struct xb_plan *p, struct xb_table_pick *k)
{
	XB_AUTOBUF struct xb_buf patch = XB_BUF_INIT;

	XB_TRY(xb_patch_format(p->store, &k->pick->derived, &patch));
	k->sha256 = digest(EVP_sha256(), &patch);
	k->sha512 = digest(EVP_sha512(), &patch);
	return NULL;
}

static struct xb_err *tell_new(struct xb_since *since, struct xb_table_pick *k)
{
	bool has;

	XB_TRY(xb_since_has_commit(since, &k->pick->commit, &has));
	if (!has)
		XB_TRY(xb_since_has_commit(since, &k->staging, &has));
	k->is_new = !has;
	return NULL;
}

static struct xb_err *list_picks(const struct xb_table_inputs *in, struct xb_table *t)
{
	const struct xb_plan *p = in->plan;
	XB_AUTOSTRV struct xb_strv names = {0};

	xb_pick_names(p, in->names, &names);
	for (size_t i = 0; i < p->picks.n; i++) {
		struct xb_table_pick *k = XB_PUSH(&t->picks, v, n, cap);

		k->pick = &p->picks.v[i];
		k->staging = p->window.v[k->pick->window].oid;
		k->origin = xb_pick_origin(p, k->pick);
		k->file = xb_strdup(names.v[i]);
		k->published = in->n_published != SIZE_MAX && i < in->n_published;
		if (in->since)
			XB_TRY(tell_new(in->since, k));
		if (in->hashes)
			XB_TRY(hash(p, k));
	}
	return NULL;
}

/* ---- rows ---- */

static void add_why(struct xb_strv *all, const char *why)
{
	if (why && *why)
		xb_strv_add_new(all, why);
}

/* What the plan says about those commits of the advisory that are not in. */
static char *why_of(const struct xb_table_inputs *in, const struct xb_plan_advisory *a)
{
	const struct xb_plan *p = in->plan;
	XB_AUTOSTRV struct xb_strv all = {0};

	for (size_t i = 0; i < p->blocked.n; i++)
		if (xb_strv_has(&p->blocked.v[i].advisories, a->id))
			add_why(&all, p->blocked.v[i].why);
	for (size_t i = 0; i < p->left_out.n; i++)
		if (p->left_out.v[i].reason != XB_LEFT_REPLACED &&
		    xb_strv_has(&p->left_out.v[i].advisories, a->id))
			add_why(&all, p->left_out.v[i].why);
	if (a->state == XB_ADV_WAITING)
		add_why(&all, in->stopped);
	return all.n ? xb_strv_join(&all, "; ") : NULL;
}

static void add_picks(const struct xb_table *t, struct xb_table_row *r)
{
	for (size_t i = 0; i < t->picks.n; i++) {
		if (!xb_strv_has(&t->picks.v[i].pick->advisories, r->id))
			continue;
		*XB_PUSH(&r->picks, v, n, cap) = i;
		r->is_new |= t->picks.v[i].is_new;
	}
}

static void list_rows(const struct xb_table_inputs *in, struct xb_table *t)
{
	const struct xb_plan *p = in->plan;

	for (size_t i = 0; i < p->advisories.n; i++) {
		const struct xb_plan_advisory *a = &p->advisories.v[i];
		struct xb_table_row *r = XB_PUSH(&t->rows, v, n, cap);

		r->id = xb_strdup(a->id);
		r->state = a->state;
		r->why = why_of(in, a);
		xb_strv_add_all_new(&r->aliases, &a->aliases);
		xb_strv_add_all_new(&r->commits, &a->commits);
		add_picks(t, r);
	}
}

static struct xb_table_row *row_of(const struct xb_table *t, const char *id)
{
	for (size_t i = 0; i < t->rows.n; i++)
		if (!strcmp(t->rows.v[i].id, id))
			return &t->rows.v[i];
	return NULL;
}

/* ---- what the base has ---- */

static bool is_tagged(void *ctx, const struct xb_hist *h)
{
	(void)ctx;
	return h->msg.tags.n > 0;
}

struct xb_err *xb_base_fixes(const struct xb_plan *p, const struct xb_rules *rules,
			     void (*fn)(void *ctx, const struct xb_hist *h), void *ctx)
{
	struct xb_past_options o = {
	    .store = p->store, .rules = rules, .base = p->target->base, .is_fix = is_tagged};
	struct xb_past *past = xb_past_new(&o);
	struct xb_err *err = xb_past_each(past, fn, ctx);

	xb_past_free(past);
	return err;
}

struct base {
	const struct xb_table_inputs *in;
	struct xb_table *t;
	struct xb_err *err;
};

static void take_base_fix(struct base *b, const struct xb_hist *h, const struct xb_tag *tag, const char *id)
{
	struct xb_table_row *r = row_of(b->t, id);
	const char *tag_name = b->in->plan->target->base_tag;
	const struct xb_hex hex = xb_hex(&h->oid);
	bool has = true;

	if (r && r->state != XB_ADV_IN_BASE)
		return;
	if (!r) {
		r = XB_PUSH(&b->t->rows, v, n, cap);
		r->id = xb_strdup(id);
		r->state = XB_ADV_IN_BASE;
		r->why = xb_asprintf("%s has it", tag_name ? tag_name : "the base");
		add_picks(b->t, r); /* what repairs it */
	}
	if (tag->ids.n == 1)
		xb_strv_add_all_new(&r->aliases, &tag->aliases);
	xb_strv_add_new(&r->commits, hex.s);
	if (b->in->since && !b->err)
		b->err = xb_since_has_commit(b->in->since, &h->oid, &has);
	r->is_new |= !has;
}

static void note_base_fix(void *ctx, const struct xb_hist *h)
{
	for (size_t i = 0; i < h->msg.tags.n; i++)
		for (size_t k = 0; k < h->msg.tags.v[i].ids.n; k++)
			take_base_fix(ctx, h, &h->msg.tags.v[i], h->msg.tags.v[i].ids.v[k]);
}

/* ---- what the metadata adds ---- */

static void add_missing(const struct xb_table_inputs *in, struct xb_table *t)
{
	const struct xb_metadata_advisory *a;
	const char *line = in->plan->target->line;

	for (size_t i = 0; (a = xb_metadata_at(in->metadata, i)); i++) {
		struct xb_table_row *r;

		if (row_of(t, a->id) || !xb_metadata_affects(in->metadata, line, a->id))
			continue;
		r = XB_PUSH(&t->rows, v, n, cap);
		r->id = xb_strdup(a->id);
		r->state = XB_ADV_MISSING;
		r->why =
		    xb_asprintf("its metadata has a fix for %s, and no commit of the stable branch or of "
				"the base says that it is part of it",
				line);
	}
}

static void describe(const struct xb_table_inputs *in, struct xb_table *t)
{
	for (size_t i = 0; i < t->rows.n; i++) {
		struct xb_table_row *r = &t->rows.v[i];
		const struct xb_metadata_advisory *a = xb_metadata_find(in->metadata, r->id);

		if (!a && xb_metadata_listed(in->metadata) && r->state != XB_ADV_IN_BASE)
			*XB_PUSH(&t->notices, v, n, cap) = xb_asprintf(
			    "%s: commits name %s, which xsa.json doesn't", in->plan->target->name, r->id);
		if (!a)
			continue;
		r->title = a->title ? xb_strdup(a->title) : NULL;
		r->public_time = a->public_time ? xb_strdup(a->public_time) : NULL;
		r->issue = a->issue;
		xb_strv_add_all_new(&r->aliases, &a->cves);
	}
}

struct xb_err *xb_table_make(const struct xb_table_inputs *in, struct xb_table *out)
{
	struct base b = {.in = in, .t = out};

	*out = (struct xb_table){
	    .plan = in->plan, .since = in->since != NULL, .published = in->n_published != SIZE_MAX};
	XB_TRY(list_picks(in, out));
	list_rows(in, out);
	XB_TRY(xb_base_fixes(in->plan, in->rules, note_base_fix, &b));
	if (b.err)
		return b.err;
	if (in->metadata) {
		add_missing(in, out);
		describe(in, out);
		xb_strv_add_all_new(&out->notices, xb_metadata_trouble(in->metadata));
	}
	return NULL;
}

bool xb_table_row_lacks(const struct xb_table_row *r)
{
	switch (r->state) {
	case XB_ADV_PARTIAL:
	case XB_ADV_PENDING:
	case XB_ADV_BLOCKED:
	case XB_ADV_REVERTED:
	case XB_ADV_MISSING:
		return true;
	default:
		return false;
	}
}

bool xb_table_lacks(const struct xb_table *t)
{
	for (size_t i = 0; i < t->rows.n; i++)
		if (xb_table_row_lacks(&t->rows.v[i]))
			return true;
	return false;
}
