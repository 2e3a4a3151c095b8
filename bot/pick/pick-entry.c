/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pick-impl.h"
#include "util/alloc.h"

struct xb_conflict *xb_pick_conflict(struct xb_pick_walk *w, enum xb_conflict_kind kind, const char *path,
				     const struct xb_entry *b, const struct xb_entry *o,
				     const struct xb_entry *t, const char *why)
{
	struct xb_conflict *c = XB_PUSH(w->out, v, n, cap);

	c->kind = kind;
	c->path = xb_strdup(path);
	c->why = why;
	c->base = *b;
	c->ours = *o;
	c->theirs = *t;
	c->base.name = c->ours.name = c->theirs.name = NULL;
	return c;
}

void xb_pick_set_hunks(struct xb_conflict *c, const struct xb_merge3_result *r)
{
	c->hunks.n = c->hunks.cap = r->n;
	c->hunks.v = xb_calloc(r->n, sizeof *r->v);
	memcpy(c->hunks.v, r->v, r->n * sizeof *r->v);
}

/* All three are regular files whose contents differ. On a conflict OUT keeps mode 0. */
static struct xb_err *merge_contents(struct xb_pick_walk *w, const char *path, const struct xb_entry *b,
				     const struct xb_entry *o, const struct xb_entry *t, struct xb_entry *out)
{
	git_oid ids[3] = {b->oid, o->oid, t->oid};
	struct xb_conflict *c;
	const struct xb_merge3_result *m;
	bool interferes;

	out->mode = 0;
	XB_TRY(xb_picker_interferes(w->p, w->tip, path, &interferes));
	if (interferes) {
		xb_pick_conflict(w, XB_CONFLICT_UNDECIDABLE, path, b, o, t,
				 "a .gitattributes file may set how this path is merged");
		return NULL;
	}
	XB_TRY(xb_picker_merge(w->p, ids, &m));
	switch (m->verdict) {
	case XB_MERGE3_CLEAN:
		out->mode = o->mode;
		return xb_store_put(w->s, GIT_OBJECT_BLOB, m->out.p, m->out.n, &o->oid, &out->oid);
	case XB_MERGE3_CONFLICT:
		c = xb_pick_conflict(w, XB_CONFLICT_CONTENT, path, b, o, t,
				     "both sides change the same lines");
		xb_pick_set_hunks(c, m);
		break;
	case XB_MERGE3_BINARY:
		xb_pick_conflict(w, XB_CONFLICT_BINARY, path, b, o, t, "both sides change a binary file");
		break;
	case XB_MERGE3_UNDECIDED:
		xb_pick_conflict(w, XB_CONFLICT_UNDECIDABLE, path, b, o, t,
				 "the file is too large or too repetitive to be merged exactly");
		break;
	}
	return NULL;
}

/* merge-ort's handle_content_merge: modes apart from contents. All three exist and are of one kind. */
struct xb_err *xb_pick_merge_entries(struct xb_pick_walk *w, const char *path, const struct xb_entry *b,
				     const struct xb_entry *o, const struct xb_entry *t, struct xb_entry *out)
{
	uint32_t mode = o->mode == t->mode || o->mode == b->mode ? t->mode : o->mode;

	if (mode == o->mode && t->mode != o->mode && t->mode != b->mode) {
		xb_pick_conflict(w, XB_CONFLICT_TYPE, path, b, o, t, "both sides change the mode");
		out->mode = 0;
		return NULL;
	}
	*out = *o;
	if (git_oid_equal(&o->oid, &t->oid) || git_oid_equal(&o->oid, &b->oid))
		out->oid = t->oid;
	else if (git_oid_equal(&t->oid, &b->oid))
		out->oid = o->oid;
	else if (xb_entry_is_file(o))
		XB_TRY(merge_contents(w, path, b, o, t, out));
	else {
		xb_pick_conflict(w, XB_CONFLICT_BINARY, path, b, o, t,
				 "both sides change a symbolic link or submodule");
		out->mode = 0;
	}
	if (out->mode)
		out->mode = mode;
	return NULL;
}

bool xb_pick_one_kind(const struct xb_entry *a, const struct xb_entry *b)
{
	return (xb_entry_is_file(a) && xb_entry_is_file(b)) || a->mode == b->mode;
}
