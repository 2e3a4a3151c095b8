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

/* Leaves out the bookkeeping that OUT, a pick of FROM to *TO, conflicts in. *MORE: there was such, not in
 * KEPT. */
static struct xb_err *leave_out_books(struct xb_board *board, const git_oid *from, git_oid *to,
				      const struct xb_pick *out, struct xb_strv *kept, bool *more)
{
	*more = false;
	for (size_t k = 0; k < out->n; k++) {
		const char *path = out->v[k].path;

		if (!xb_config_is_bookkeeping(board->config, path) || xb_strv_has(kept, path))
			continue;
		xb_strv_add(kept, path);
		XB_TRY(leave_out(board->store, from, to, path));
		*more = true;
	}
	return NULL;
}

/* Again and again: beside a conflict that is certain, others are not told. */
struct xb_err *xb_bookkeeping_pick(struct xb_board *board, const git_oid *tip, const git_oid *from,
				   git_oid *to, struct xb_pick *out, struct xb_strv *kept)
{
	XB_AUTOSTRV struct xb_strv paths = {0};
	bool more = board->config->bookkeeping.n;
	struct xb_err *err;

	XB_TRY(xb_pick(board->picker, tip, from, to, out));
	while (more && out->verdict != XB_PICK_CLEAN && out->verdict != XB_PICK_EMPTY) {
		err = leave_out_books(board, from, to, out, &paths, &more);
		if (!err && !more)
			break;
		xb_pick_release(out);
		XB_TRY(err);
		XB_TRY(xb_pick(board->picker, tip, from, to, out));
	}
	if (kept)
		xb_strv_add_all_new(kept, &paths);
	return NULL;
}
