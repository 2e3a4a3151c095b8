/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clash.h"

#include "util/alloc.h"

void xb_clashes_release(struct xb_clashes *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i].path);
	free(c->v);
	*c = (struct xb_clashes){0};
}

void xb_clashes_note(struct xb_clashes *c, const struct xb_pick *failed)
{
	xb_clashes_release(c);
	for (size_t i = 0; i < failed->n; i++) {
		const struct xb_conflict *at = &failed->v[i];

		if (at->in_place)
			*XB_PUSH(c, v, n, cap) = (struct xb_clash){xb_strdup(at->path), at->ours};
	}
}

struct xb_err *xb_clashes_stand(const struct xb_clashes *c, struct xb_store *s, const git_oid *tip, bool *out)
{
	struct xb_entry e;

	*out = false;
	for (size_t i = 0; i < c->n && !*out; i++) {
		XB_TRY(xb_tree_lookup_path(s, tip, c->v[i].path, &e));
		*out = xb_entry_same(&e, &c->v[i].ours);
	}
	return NULL;
}
