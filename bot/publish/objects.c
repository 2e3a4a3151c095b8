/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "objects.h"

#include "odb/commit.h"
#include "odb/oidmap.h"
#include "odb/tree.h"
#include "util/alloc.h"

static struct xb_err *collect(const struct xb_plan *p, const git_oid *oid, git_object_t type,
			      struct xb_oidmap *seen, struct xb_objects *out)
{
	const struct xb_obj *o = xb_store_made(p->store, oid);
	struct xb_pack_object *to;
	struct xb_tree_iter it;
	struct xb_entry e;

	if (!o || xb_oidmap_get(seen, oid))
		return NULL;
	xb_oidmap_set(seen, oid, seen);
	if (type == GIT_OBJECT_TREE) {
		XB_TRY(xb_tree_open(p->store, oid, &it));
		while (xb_tree_next(&it, &e))
			if (xb_entry_is_tree(&e) || xb_entry_is_file(&e))
				XB_TRY(collect(p, &e.oid,
					       xb_entry_is_tree(&e) ? GIT_OBJECT_TREE : GIT_OBJECT_BLOB, seen,
					       out));
	}
	to = XB_PUSH(out, v, n, cap);
	*to = (struct xb_pack_object){.oid = o->oid, .type = o->type, .data = o->data, .len = o->len};
	if (type == GIT_OBJECT_TREE && !git_oid_is_zero(&o->like))
		to->base = &o->like;
	return NULL;
}

static struct xb_err *collect_commit(const struct xb_plan *p, const git_oid *oid, struct xb_oidmap *seen,
				     struct xb_objects *out)
{
	XB_AUTOCOMMIT struct xb_commit c = XB_COMMIT_INIT;
	const struct xb_obj *o = xb_store_made(p->store, oid);

	if (!o || git_odb_exists(xb_store_odb(p->store), oid))
		return NULL;
	XB_TRY(xb_commit_parse(o->data, o->len, &c));
	XB_TRY(collect(p, &c.tree, GIT_OBJECT_TREE, seen, out));
	return collect(p, oid, GIT_OBJECT_COMMIT, seen, out);
}

struct xb_err *xb_objects_collect(const struct xb_plan *p, size_t n_picks, const git_oid *more, size_t n_more,
				  struct xb_objects *out)
{
	struct xb_oidmap seen = {0};
	struct xb_err *err = NULL;

	for (size_t i = 0; !err && i < n_picks; i++)
		err = collect_commit(p, &p->picks.v[i].derived, &seen, out);
	for (size_t i = 0; !err && i < n_more; i++)
		err = collect_commit(p, &more[i], &seen, out);
	xb_oidmap_clear(&seen, NULL);
	return err;
}
