/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include "patch.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <openssl/evp.h>
#include <string.h>

enum { DAY = 86400 };

void xb_table_release(struct xb_table *t)
{
	for (size_t i = 0; i < t->rows.n; i++) {
		struct xb_table_row *r = &t->rows.v[i];

		XB_FREE(r->id, r->title, r->public_time, r->why, r->picks.v);
		xb_strv_release(&r->aliases);
		xb_strv_release(&r->commits);
	}
	for (size_t i = 0; i < t->picks.n; i++)
		XB_FREE(t->picks.v[i].file, t->picks.v[i].sha256, t->picks.v[i].sha512);
	for (size_t i = 0; i < t->base.n; i++) {
		free(t->base.v[i].id);
		xb_strv_release(&t->base.v[i].aliases);
		xb_strv_release(&t->base.v[i].commits);
	}
	XB_FREE(t->rows.v, t->picks.v, t->base.v);
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

/* What is too large to be read for it has none. */
static struct xb_err *hash(const struct xb_table_inputs *in, struct xb_table_pick *k)
{
	XB_AUTOBUF struct xb_buf patch = XB_BUF_INIT;
	struct xb_err *err;

	if (xb_table_known_hashes(in->before, &k->pick->derived, &k->sha256, &k->sha512))
		return NULL;
	err = xb_patch_format(in->plan->store, &k->pick->derived, &patch);
	if (err && err->code == XB_E_HOSTILE) {
		xb_err_free(err);
		return NULL;
	}
	XB_TRY(err);
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
			XB_TRY(hash(in, k));
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

/* Is one of these commits not in what was packaged? */
static struct xb_err *is_new_fix(const struct xb_table_inputs *in, const struct xb_table_fix *f, bool *out)
{
	*out = false;
	for (size_t i = 0; in->since && i < f->commits.n && !*out; i++) {
		git_oid oid;
		bool has = true;

		if (!git_oid_fromstr(&oid, f->commits.v[i]))
			XB_TRY(xb_since_has_commit(in->since, &oid, &has));
		*out = !has;
	}
	return NULL;
}

static struct xb_err *add_base_row(const struct xb_table_inputs *in, struct xb_table *t,
				   const struct xb_table_fix *f)
{
	struct xb_table_row *r = row_of(t, f->id);
	const char *tag = in->plan->target->base_tag;
	bool is_new;

	if (r && r->state != XB_ADV_IN_BASE)
		return NULL;
	XB_TRY(is_new_fix(in, f, &is_new));
	if (!r) {
		r = XB_PUSH(&t->rows, v, n, cap);
		r->id = xb_strdup(f->id);
		r->state = XB_ADV_IN_BASE;
		r->why = xb_asprintf("%s has it", tag ? tag : "the base");
		add_picks(t, r); /* what repairs it */
	}
	xb_strv_add_all_new(&r->aliases, &f->aliases);
	xb_strv_add_all_new(&r->commits, &f->commits);
	r->is_new |= is_new;
	return NULL;
}

/* ---- what the metadata adds ---- */

bool xb_table_absent(struct xb_metadata *m, const char *line, const char *id, enum xb_advisory_state *state)
{
	*state = xb_metadata_affects(m, line, id) ? XB_ADV_MISSING : XB_ADV_NOT_HERE;
	return *state == XB_ADV_MISSING || xb_metadata_has_recipes(m, id);
}

static void add_absent(const struct xb_table_inputs *in, struct xb_table *t)
{
	const struct xb_metadata_advisory *a;
	const char *line = in->plan->target->line;

	for (size_t i = 0; (a = xb_metadata_at(in->metadata, i)); i++) {
		enum xb_advisory_state state;
		struct xb_table_row *r;

		if (row_of(t, a->id) || !xb_table_absent(in->metadata, line, a->id, &state) ||
		    (state == XB_ADV_NOT_HERE && !in->not_here))
			continue;
		r = XB_PUSH(&t->rows, v, n, cap);
		r->id = xb_strdup(a->id);
		r->state = state;
		r->why = state == XB_ADV_MISSING
			     ? xb_asprintf("its metadata has a fix for %s, and no commit of the stable "
					   "branch or of the base says that it is part of it",
					   line)
			     : xb_asprintf("its metadata has no fix for %s", line);
	}
}

/* What was issued again after its last commit came here may want more than these. */
static void compare_issue(const struct xb_table_inputs *in, struct xb_table *t, const struct xb_table_row *r,
			  const struct xb_metadata_advisory *a)
{
	int64_t issued = xb_metadata_seconds(a->issue_time), last = 0;

	for (size_t i = 0; i < r->picks.n; i++) {
		size_t at = t->picks.v[r->picks.v[i]].pick->window;
		int64_t time = in->plan->window.v[at].time;

		last = time > last ? time : last;
	}
	if (last && issued > last + DAY)
		*XB_PUSH(&t->notices, v, n, cap) = xb_asprintf(
		    "%s: %s was issued again (version %lld, %s) after the last of its commits came",
		    in->plan->target->name, r->id, (long long)a->issue, a->issue_time);
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
		compare_issue(in, t, r, a);
		xb_strv_add_all_new(&r->aliases, &a->cves);
	}
}

struct xb_err *xb_table_make(const struct xb_table_inputs *in, struct xb_table *out)
{
	*out = (struct xb_table){
	    .plan = in->plan, .since = in->since != NULL, .published = in->n_published != SIZE_MAX};
	XB_TRY(list_picks(in, out));
	list_rows(in, out);
	XB_TRY(xb_table_list_base(in, out));
	for (size_t i = 0; i < out->base.n; i++)
		XB_TRY(add_base_row(in, out, &out->base.v[i]));
	if (in->metadata) {
		add_absent(in, out);
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
