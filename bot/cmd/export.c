/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "export/export.h"

#include "tables.h"
#include "os/file.h"
#include "os/log.h"
#include "repo/git.h"
#include "target/recorded.h"
#include "util/vis.h"

#include <ctype.h>
#include <stdio.h>

#define MAX_SKIP (4u << 20)

struct exporting {
	struct xb_buf skip;
	bool *attention;
};

/* What is published, where that can be told; else as far as may be published. */
static struct xb_err *measure(const struct xb_target *t, const struct xb_line_table *l,
			      struct xb_export_options *o)
{
	struct xb_under u;
	size_t n = SIZE_MAX;

	if (!t->window && !git_oid_is_zero(&t->derived)) {
		XB_TRY(xb_chain_under(l->plan->store, &t->derived, &u));
		n = xb_prefix_length(l->plan, &u.chain);
	}
	if (n != SIZE_MAX) {
		o->n = n;
		o->tip = t->derived;
		o->stitched = !git_oid_equal(&u.chain, &t->derived);
	} else {
		o->n = l->plan->publishable;
		o->tip = *xb_plan_tip(l->plan, o->n);
	}
	return NULL;
}

static struct xb_err *export_line(struct xb_env *env, const struct xb_target *t, void *data)
{
	struct exporting *x = data;
	struct xb_export_options o = {.config = env->config,
				      .kind = env->o.kind,
				      .dir = env->o.args[1],
				      .revision = env->o.revision ? env->o.revision : "1",
				      .start = env->o.start ? env->o.start : XB_EXPORT_START,
				      .skip = x->skip.p};
	struct xb_line_table l;
	struct xb_err *err = xb_line_table_make(env, t, false, &l);
	size_t n = 0;

	o.table = &l.table;
	if (!err)
		err = measure(t, &l, &o);
	if (!err)
		err = xb_export(&o, &n);
	if (!err && !env->o.quiet) {
		printf("%s: %zu %s of %s%s in ", t->name, n, n == 1 ? "patch" : "patches",
		       t->base_tag ? t->base_tag : "the base", o.n < l.plan->picks.n ? ", not all," : "");
		xb_vis_print(o.dir);
		putchar('\n');
	}
	for (size_t i = 0; !err && i < l.table.notices.n; i++)
		xb_log(XB_WARN, "%s", l.table.notices.v[i]);
	*x->attention |= !err && xb_table_lacks(&l.table);
	xb_line_table_release(&l);
	return err;
}

struct xb_err *xb_cmd_export(struct xb_env *env, bool *attention)
{
	struct exporting x = {.attention = attention};
	struct xb_err *err = NULL;

	if (env->o.kind && !xb_export_has(env->o.kind))
		return xb_err_new(XB_E_USAGE, "--for=%s: it is %s", env->o.kind, xb_export_kinds);
	for (const char *p = env->o.revision; p && *p; p++)
		if (!isascii(*p) || (!isalnum((unsigned char)*p) && !strchr(".+~", *p)))
			return xb_err_new(XB_E_USAGE, "--revision=%s: letters, digits, '.', '+' and '~'",
					  env->o.revision);
	if (env->o.skip)
		err = xb_file_read(env->o.skip, MAX_SKIP, &x.skip);
	if (!err && env->o.skip && !x.skip.p)
		xb_buf_adds(&x.skip, "");
	if (!err)
		err = xb_each_line(env, env->o.args, 1, export_line, &x);
	xb_buf_release(&x.skip);
	return err;
}
