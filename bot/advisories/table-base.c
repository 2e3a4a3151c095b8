/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a table has of an earlier one, and what the base has. */
#include "table.h"
#include "odb/oidjson.h"
#include "repo/git.h"
#include "text/json.h"
#include "util/alloc.h"

#include <string.h>

bool xb_table_known_hashes(const json_t *before, const git_oid *derived, char **sha256, char **sha512)
{
	const json_t *picks = json_object_get(before, "picks");
	const struct xb_hex hex = xb_hex(derived);

	for (size_t i = 0; i < json_array_size(picks); i++) {
		const json_t *k = json_array_get(picks, i);
		const char *id = xb_json_str(k, "derived");
		const char *a = xb_json_str(k, "sha256");
		const char *b = xb_json_str(k, "sha512");

		if (!id || !a || !b || strcmp(id, hex.s) != 0)
			continue;
		*sha256 = xb_strdup(a);
		*sha512 = xb_strdup(b);
		return true;
	}
	return false;
}

/* False: BEFORE is of another base, or of other rules. */
static bool take_before(const json_t *before, const struct xb_plan *p, struct xb_table *t)
{
	const json_t *list = json_object_get(before, "release_has");
	git_oid base, rules;

	if (!json_is_array(list) ||
	    !xb_oid_from_json(json_object_get(json_object_get(before, "base"), "commit"), &base) ||
	    !xb_oid_from_json(json_object_get(before, "rules"), &rules) ||
	    !git_oid_equal(&base, &p->target->base) || !git_oid_equal(&rules, &p->rules))
		return false;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		const char *id = xb_json_str(one, "id");
		struct xb_table_fix *f = id ? XB_PUSH(&t->base, v, n, cap) : NULL;

		if (!f)
			continue;
		f->id = xb_strdup(id);
		xb_json_list(one, "aliases", &f->aliases);
		xb_json_list(one, "commits", &f->commits);
	}
	return true;
}

static void take_fix(struct xb_table *t, const struct xb_hist *h, const struct xb_tag *tag, const char *id)
{
	const struct xb_hex hex = xb_hex(&h->oid);
	struct xb_table_fix *f = NULL;

	for (size_t i = 0; i < t->base.n && !f; i++)
		if (!strcmp(t->base.v[i].id, id))
			f = &t->base.v[i];
	if (!f) {
		f = XB_PUSH(&t->base, v, n, cap);
		f->id = xb_strdup(id);
	}
	if (tag->ids.n == 1)
		xb_strv_add_all_new(&f->aliases, &tag->aliases);
	xb_strv_add_new(&f->commits, hex.s);
}

static void note_fix(void *ctx, const struct xb_hist *h)
{
	for (size_t i = 0; i < h->msg.tags.n; i++)
		for (size_t k = 0; k < h->msg.tags.v[i].ids.n; k++)
			take_fix(ctx, h, &h->msg.tags.v[i], h->msg.tags.v[i].ids.v[k]);
}

struct xb_err *xb_table_list_base(const struct xb_table_inputs *in, struct xb_table *t)
{
	return take_before(in->before, in->plan, t) ? NULL
						    : xb_plan_base_fixes(in->plan, in->rules, note_fix, t);
}
