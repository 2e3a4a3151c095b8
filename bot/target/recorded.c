/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recorded.h"

#include "odb/commit.h"

#include <string.h>

struct xb_err *xb_chain_under(struct xb_store *s, const git_oid *value, struct xb_under *out)
{
	static const char mark[] = "\nXsabot-Stitch: 1\n";
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT, first = XB_COMMIT_INIT;
	struct xb_obj *o;

	*out = (struct xb_under){.chain = *value};
	XB_TRY(xb_store_get(s, value, GIT_OBJECT_COMMIT, &o));
	XB_TRY(xb_commit_parse(o->data, o->len, &c));
	if (c.n_parents != 2 || !memmem(c.message.p, c.message.n, mark, sizeof mark - 1))
		return NULL;
	XB_TRY(xb_store_get(s, &c.parents[0], GIT_OBJECT_COMMIT, &o));
	XB_TRY(xb_commit_parse(o->data, o->len, &first));
	if (git_oid_equal(&c.tree, &first.tree))
		*out = (struct xb_under){c.parents[0], c.parents[1], first.committer.time, c.tree};
	return NULL;
}

size_t xb_prefix_length(const struct xb_plan *p, const git_oid *chain)
{
	for (size_t n = 0; n <= p->picks.n; n++)
		if (git_oid_equal(xb_plan_tip(p, n), chain))
			return n;
	return SIZE_MAX;
}

struct xb_err *xb_recorded_plan(git_repository *repo, const struct xb_target *t, const struct xb_state *s,
				struct xb_recorded *out)
{
	struct xb_plan_inputs in = {.repo = repo, .target = &out->target, .notes = &s->notes};

	*out = (struct xb_recorded){.target = *t};
	out->target.base = s->base;
	out->target.base_tag = s->base_tag;
	out->target.tip = s->tip;
	out->target.status = XB_TARGET_OK;
	XB_TRY(xb_config_parse("the recorded rules", s->rules, strlen(s->rules), &out->config));
	XB_TRY(xb_rules_compile(out->config, &out->rules));
	out->target.conf = xb_config_line(out->config, t->line);
	in.config = out->config;
	in.rules = out->rules;
	return xb_plan_make(&in, &out->plan);
}

void xb_recorded_release(struct xb_recorded *r)
{
	xb_plan_free(r->plan);
	xb_rules_free(r->rules);
	xb_config_free(r->config);
	*r = (struct xb_recorded){0};
}
