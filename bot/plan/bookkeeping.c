/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bookkeeping.h"

#include "odb/tree.h"

/* *TO without the change of PATH, which is in the tree FROM as it was. */
static struct xb_err *leave_out(struct xb_store *s, const git_oid *from, git_oid *to, const char *path)
{
	struct xb_entry was = {0};
	git_oid out;

	if (!git_oid_is_zero(from))
		XB_TRY(xb_tree_lookup_path(s, from, path, &was));
	XB_TRY(xb_tree_set_path(s, to, path, &was, &out));
	*to = out;
	return NULL;
}

struct xb_err *xb_bookkeeping_pick(struct xb_planner *p, const git_oid *tip, const git_oid *from, git_oid *to,
				   struct xb_pick *out, struct xb_strv *kept)
{
	struct xb_strv paths = {0};
	struct xb_err *err;

	XB_TRY(xb_pick(p->plan->picker, tip, from, to, out));
	if (!p->in->config->bookkeeping.n || out->verdict == XB_PICK_CLEAN || out->verdict == XB_PICK_EMPTY)
		return NULL;
	for (size_t k = 0; k < out->n; k++)
		if (xb_config_is_bookkeeping(p->in->config, out->v[k].path))
			xb_strv_add_new(&paths, out->v[k].path);
	err = NULL;
	for (size_t k = 0; k < paths.n && !err; k++)
		err = leave_out(p->plan->store, from, to, paths.v[k]);
	if (paths.n) {
		xb_pick_release(out);
		*out = (struct xb_pick){0};
		if (!err)
			err = xb_pick(p->plan->picker, tip, from, to, out);
		if (kept)
			xb_strv_add_all_new(kept, &paths);
	}
	xb_strv_release(&paths);
	return err;
}
