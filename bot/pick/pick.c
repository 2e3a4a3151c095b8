/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pick.h"

#include "attributes.h"
#include "odb/oidmap.h"
#include "rename.h"
#include "util/alloc.h"

/* Merge results are forgotten above this many bytes. */
#define MEMO_SHARE (4u << 20)

/* The result of merging three blobs, kept whole: a trial's blobs are rolled back, its work need not be. */
struct memo {
	struct xb_merge3_result r;
};

struct xb_picker {
	struct xb_store *s;
	struct xb_oidmap texts;      /* struct xb_text, of objects read */
	struct xb_oidmap made_texts; /* the same, of objects made: gone at each rollback */
	struct xb_oidmap memos;
	struct xb_oidmap attributes; /* see attributes.h */
	size_t memo_bytes;
	unsigned long trials;
};

struct xb_picker *xb_picker_new(struct xb_store *s)
{
	struct xb_picker *p = xb_calloc(1, sizeof *p);

	p->s = s;
	xb_oidmap_init(&p->memos, 3);
	return p;
}

static void free_text(void *value)
{
	xb_text_release(value);
	free(value);
}

static void free_memo(void *value)
{
	struct memo *m = value;

	xb_merge3_release(&m->r);
	free(m);
}

void xb_picker_free(struct xb_picker *p)
{
	if (!p)
		return;
	xb_oidmap_clear(&p->texts, free_text);
	xb_oidmap_clear(&p->made_texts, free_text);
	xb_oidmap_clear(&p->memos, free_memo);
	xb_attributes_clear(&p->attributes);
	free(p);
}

void xb_picker_trim(struct xb_picker *p)
{
	if (xb_store_trim(p->s)) {
		xb_oidmap_clear(&p->texts, free_text);
		xb_oidmap_clear(&p->made_texts, free_text);
	}
	if (p->memo_bytes > MEMO_SHARE) {
		xb_oidmap_clear(&p->memos, free_memo);
		p->memo_bytes = 0;
	}
}

void xb_picker_rollback(struct xb_picker *p, size_t mark)
{
	if (xb_store_mark(p->s) == mark)
		return;
	xb_oidmap_clear(&p->made_texts, free_text);
	xb_store_rollback(p->s, mark);
}

unsigned long xb_picker_trials(const struct xb_picker *p)
{
	return p->trials;
}

struct xb_store *xb_picker_store(const struct xb_picker *p)
{
	return p->s;
}

static struct xb_err *get_text(struct xb_picker *p, const git_oid *blob, struct xb_text **out)
{
	struct xb_obj *o;

	XB_TRY(xb_store_get(p->s, blob, GIT_OBJECT_BLOB, &o));
	*out = xb_oidmap_get(o->made ? &p->made_texts : &p->texts, blob);
	if (*out)
		return NULL;
	*out = xb_calloc(1, sizeof **out);
	xb_text_init(*out, (const char *)o->data, o->len);
	xb_oidmap_set(o->made ? &p->made_texts : &p->texts, blob, *out);
	return NULL;
}

struct xb_err *xb_picker_text(struct xb_picker *p, const git_oid *blob, struct xb_text **out)
{
	XB_TRY(get_text(p, blob, out));
	xb_text_split(*out);
	return NULL;
}

/* One pick under way. */
struct walk {
	struct xb_picker *p;
	struct xb_store *s;
	const git_oid *tip, *parent, *commit;
	struct xb_pick *out;
	struct xb_buf path; /* of the directory being merged, with its slash */
	struct {
		struct hard *v;
		size_t n, cap;
	} hard;
	unsigned depth;
};

/* What can't be decided without looking for renames; see resolve(). */
enum hard_kind { H_MODIFIED_MISSING, H_DELETED_MODIFIED, H_DELETED_BOTH, H_ADDED_TO_MISSING, H_DIR_REMOVED };

struct hard {
	enum hard_kind kind;
	char *path;
	struct xb_entry base, ours, theirs;
};

static const struct xb_entry nothing;

static struct xb_conflict *conflict(struct walk *w, enum xb_conflict_kind kind, const char *path,
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

static struct xb_err *run_merge3(struct walk *w, const git_oid ids[3], struct memo **out)
{
	struct xb_text *base, *ours, *theirs;
	struct memo *m = xb_oidmap_get(&w->p->memos, ids);

	*out = m;
	if (m)
		return NULL;
	XB_TRY(get_text(w->p, &ids[0], &base));
	XB_TRY(get_text(w->p, &ids[1], &ours));
	XB_TRY(get_text(w->p, &ids[2], &theirs));
	m = xb_calloc(1, sizeof *m);
	xb_merge3(base, ours, theirs, XB_GIT_2_39, &m->r);
	w->p->memo_bytes += m->r.out.n + m->r.n * sizeof *m->r.v;
	xb_oidmap_set(&w->p->memos, ids, m);
	*out = m;
	return NULL;
}

static void copy_hunks(struct xb_conflict *c, const struct xb_merge3_result *r)
{
	c->hunks.n = c->hunks.cap = r->n;
	c->hunks.v = xb_calloc(r->n, sizeof *r->v);
	memcpy(c->hunks.v, r->v, r->n * sizeof *r->v);
}

/* All three are regular files whose contents differ. On a conflict OUT keeps mode 0. */
static struct xb_err *merge_contents(struct walk *w, const char *path, const struct xb_entry *b,
				     const struct xb_entry *o, const struct xb_entry *t, struct xb_entry *out)
{
	git_oid ids[3] = {b->oid, o->oid, t->oid};
	struct xb_conflict *c;
	struct memo *m;
	bool interferes;

	out->mode = 0;
	XB_TRY(xb_attributes_interfere(w->s, &w->p->attributes, w->tip, path, &interferes));
	if (interferes) {
		conflict(w, XB_CONFLICT_UNDECIDABLE, path, b, o, t,
			 "a .gitattributes file sets how this path is merged");
		return NULL;
	}
	XB_TRY(run_merge3(w, ids, &m));
	switch (m->r.verdict) {
	case XB_MERGE3_CLEAN:
		out->mode = o->mode;
		return xb_store_put(w->s, GIT_OBJECT_BLOB, m->r.out.p, m->r.out.n, &o->oid, &out->oid);
	case XB_MERGE3_CONFLICT:
		c = conflict(w, XB_CONFLICT_CONTENT, path, b, o, t, "both sides change the same lines");
		copy_hunks(c, &m->r);
		break;
	case XB_MERGE3_BINARY:
		conflict(w, XB_CONFLICT_BINARY, path, b, o, t, "both sides change a binary file");
		break;
	case XB_MERGE3_UNDECIDED:
		conflict(w, XB_CONFLICT_UNDECIDABLE, path, b, o, t,
			 "the file is too large or too repetitive to be merged exactly");
		break;
	}
	return NULL;
}

/* merge-ort's handle_content_merge: modes apart from contents. All three exist and are of one kind. */
static struct xb_err *merge_entries(struct walk *w, const char *path, const struct xb_entry *b,
				    const struct xb_entry *o, const struct xb_entry *t, struct xb_entry *out)
{
	uint32_t mode = o->mode == t->mode || o->mode == b->mode ? t->mode : o->mode;

	if (mode == o->mode && t->mode != o->mode && t->mode != b->mode) {
		conflict(w, XB_CONFLICT_TYPE, path, b, o, t, "both sides change the mode");
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
		conflict(w, XB_CONFLICT_BINARY, path, b, o, t,
			 "both sides change a symbolic link or submodule");
		out->mode = 0;
	}
	if (out->mode)
		out->mode = mode;
	return NULL;
}

static bool one_kind(const struct xb_entry *a, const struct xb_entry *b)
{
	return (xb_entry_is_file(a) && xb_entry_is_file(b)) || a->mode == b->mode;
}

static struct hard *add_hard(struct walk *w, enum hard_kind kind, const struct xb_entry *b,
			     const struct xb_entry *o, const struct xb_entry *t)
{
	const struct xb_entry *any = b->mode ? b : t;
	struct hard *h = XB_PUSH(&w->hard, v, n, cap);

	h->kind = kind;
	h->path =
	    xb_asprintf("%.*s%.*s", (int)w->path.n, w->path.n ? w->path.p : "", (int)any->len, any->name);
	h->base = *b;
	h->ours = *o;
	h->theirs = *t;
	return h;
}

static void conflict_here(struct walk *w, enum xb_conflict_kind kind, const struct xb_entry *b,
			  const struct xb_entry *o, const struct xb_entry *t, const char *why)
{
	const struct xb_entry *any = t->mode ? t : b;
	XB_AUTOFREE char *path =
	    xb_asprintf("%.*s%.*s", (int)w->path.n, w->path.n ? w->path.p : "", (int)any->len, any->name);

	conflict(w, kind, path, b, o, t, why);
}

/* Both added it. git merges the contents of regular files with an empty base: clean where one is empty. */
static struct xb_err *both_added(struct walk *w, const struct xb_entry *o, const struct xb_entry *t)
{
	struct xb_obj *a = NULL, *b = NULL;

	if (xb_entry_is_file(o) && xb_entry_is_file(t) && !git_oid_equal(&o->oid, &t->oid)) {
		XB_TRY(xb_store_get(w->s, &o->oid, GIT_OBJECT_BLOB, &a));
		XB_TRY(xb_store_get(w->s, &t->oid, GIT_OBJECT_BLOB, &b));
	}
	if (a && b && (!a->len || !b->len))
		conflict_here(w, XB_CONFLICT_UNDECIDABLE, &nothing, o, t,
			      "both sides add it, one of them empty");
	else
		conflict_here(w, XB_CONFLICT_ADD_ADD, &nothing, o, t, "both sides add it, differently");
	return NULL;
}

/* No directory among the three, all different, and the commit changes it. */
static struct xb_err *merge_files(struct walk *w, const struct xb_entry *b, const struct xb_entry *o,
				  const struct xb_entry *t, struct xb_edits *edits)
{
	struct xb_entry merged = *o;
	XB_AUTOFREE char *path = NULL;

	if (!b->mode)
		return both_added(w, o, t);
	if (!o->mode || !t->mode) {
		add_hard(w, o->mode ? H_DELETED_MODIFIED : H_MODIFIED_MISSING, b, o, t);
		return NULL;
	}
	if (!one_kind(o, t) || !one_kind(b, o)) {
		conflict_here(w, XB_CONFLICT_TYPE, b, o, t,
			      "file, link or submodule: both sides change it, differently");
		return NULL;
	}
	path = xb_asprintf("%.*s%.*s", (int)w->path.n, w->path.n ? w->path.p : "", (int)b->len, b->name);
	XB_TRY(merge_entries(w, path, b, o, t, &merged));
	if (!merged.mode) {
		struct xb_conflict *c = &w->out->v[w->out->n - 1];

		c->in_place = c->kind != XB_CONFLICT_UNDECIDABLE; /* which may be the attributes' doing */
		return NULL;
	}
	merged.name = b->name;
	merged.len = b->len;
	if (!xb_entry_same(&merged, o)) {
		xb_grow((void *)&edits->v, &edits->cap, edits->n + 1, sizeof *edits->v);
		edits->v[edits->n++] = merged;
	}
	return NULL;
}

static struct xb_err *merge_dirs(struct walk *w, const struct xb_entry *b, const struct xb_entry *o,
				 const struct xb_entry *t, git_oid *out);

static void edit(struct xb_edits *edits, const struct xb_entry *name, const struct xb_entry *e)
{
	struct xb_entry *to;

	xb_grow((void *)&edits->v, &edits->cap, edits->n + 1, sizeof *edits->v);
	to = &edits->v[edits->n++];
	*to = *e;
	to->name = name->name;
	to->len = name->len;
}

struct deleted_dir {
	struct walk *w;
	const char *dir;
};

static struct xb_err *deleted_path(void *ctx, const char *path, const struct xb_entry *b,
				   const struct xb_entry *now)
{
	struct deleted_dir *d = ctx;
	struct hard *h;

	if (!b->mode || now->mode)
		return NULL;
	h = XB_PUSH(&d->w->hard, v, n, cap);
	h->kind = H_DELETED_BOTH;
	h->path = xb_asprintf("%s%s", d->dir, path);
	h->base = *b;
	return NULL;
}

/* Both sides have NOW (perhaps nothing) for it. What is gone is fine, unless one of them renamed it. */
static struct xb_err *both_deleted(struct walk *w, const struct xb_entry *b, const struct xb_entry *now)
{
	XB_AUTOFREE char *dir = NULL;
	struct deleted_dir d = {.w = w};

	if (!xb_entry_is_tree(b)) {
		add_hard(w, H_DELETED_BOTH, b, &nothing, &nothing);
		return NULL;
	}
	dir = xb_asprintf("%.*s%.*s/", (int)w->path.n, w->path.n ? w->path.p : "", (int)b->len, b->name);
	d.dir = dir;
	return xb_tree_diff(w->s, &b->oid, xb_entry_is_tree(now) ? &now->oid : &nothing.oid, deleted_path,
			    &d);
}

static struct xb_err *merge_subtrees(struct walk *w, const struct xb_entry *b, const struct xb_entry *o,
				     const struct xb_entry *t, struct xb_edits *edits)
{
	const struct xb_entry *any = b->mode ? b : t;
	struct xb_entry merged = {.mode = XB_MODE_TREE};
	size_t n = w->path.n;
	struct xb_err *err;

	if (b->mode && o->mode && !t->mode)
		add_hard(w, H_DIR_REMOVED, b, o, t);
	xb_buf_add(&w->path, any->name, any->len);
	xb_buf_addc(&w->path, '/');
	err = merge_dirs(w, b, o, t, &merged.oid);
	xb_buf_setlen(&w->path, n);
	if (err)
		return err;
	if (git_oid_is_zero(&merged.oid))
		merged.mode = 0;
	if (merged.mode ? !git_oid_equal(&merged.oid, &o->oid) : o->mode)
		edit(edits, any, &merged);
	return NULL;
}

static bool tree_or_nothing(const struct xb_entry *e)
{
	return !e->mode || xb_entry_is_tree(e);
}

/*
 * One name that the commit changes (B and T differ). O_DIR: the tip has the
 * directory it is in, or the base hasn't either.
 */
static struct xb_err *merge_name(struct walk *w, const struct xb_entry *b, const struct xb_entry *o,
				 const struct xb_entry *t, bool o_dir, struct xb_edits *edits)
{
	if (xb_entry_same(o, t))
		return !o->mode || xb_entry_is_tree(b) ? both_deleted(w, b, o) : NULL;
	if (!b->mode && !o->mode && !o_dir) {
		add_hard(w, H_ADDED_TO_MISSING, b, o, t);
		return NULL;
	}
	if (xb_entry_same(o, b)) {
		edit(edits, b->mode ? b : t, t);
		return NULL;
	}
	if (tree_or_nothing(b) && tree_or_nothing(o) && tree_or_nothing(t))
		return merge_subtrees(w, b, o, t, edits);
	if (!xb_entry_is_tree(b) && !xb_entry_is_tree(o) && !xb_entry_is_tree(t))
		return merge_files(w, b, o, t, edits);
	if (!b->mode)
		conflict_here(w, XB_CONFLICT_TYPE, b, o, t, "a file on one side, a directory on the other");
	else
		conflict_here(
		    w, XB_CONFLICT_UNDECIDABLE, b, o, t,
		    "a file became a directory or a directory a file, and the other side changed it");
	return NULL;
}

/* B, O, T: directories or nothing. *OUT is the merged directory, zero when nothing is left. */
static struct xb_err *merge_dirs(struct walk *w, const struct xb_entry *b, const struct xb_entry *o,
				 const struct xb_entry *t, git_oid *out)
{
	struct xb_tree_iter ib, it, io, all_b, all_t;
	struct xb_edits edits = {0};
	struct xb_entry eb, et, eo;
	bool more_b, more_t, o_dir = o->mode || !b->mode;
	struct xb_err *err = NULL;

	if (++w->depth > 256)
		return xb_err_new(XB_E_HOSTILE, "directories nested too deeply: %s", w->path.p);
	XB_TRY(xb_tree_open(w->s, &b->oid, &ib));
	XB_TRY(xb_tree_open(w->s, &t->oid, &it));
	XB_TRY(xb_tree_open(w->s, &o->oid, &io));
	all_b = ib;
	all_t = it;
	more_b = xb_tree_next(&ib, &eb);
	more_t = xb_tree_next(&it, &et);
	while (!err && (more_b || more_t)) {
		int c = !more_b ? 1 : !more_t ? -1 : xb_entry_cmp(&eb, &et);
		struct xb_entry b1 = eb, t1 = et;
		bool skip = c == 0 && xb_entry_same(&eb, &et);

		if (c < 0)
			xb_tree_lookup(all_t, eb.name, eb.len, &t1); /* perhaps as another type */
		if (c > 0) {
			xb_tree_lookup(all_b, et.name, et.len, &b1);
			skip = b1.mode != 0; /* comes or came with the base's entry */
		}
		if (!skip) {
			const struct xb_entry *any = c <= 0 ? &eb : &et;

			xb_tree_lookup(io, any->name, any->len, &eo);
			err = merge_name(w, &b1, &eo, &t1, o_dir, &edits);
		}
		if (c <= 0)
			more_b = xb_tree_next(&ib, &eb);
		if (c >= 0)
			more_t = xb_tree_next(&it, &et);
	}
	if (!err)
		err = xb_tree_splice(w->s, &o->oid, &edits, out);
	free(edits.v);
	w->depth--;
	return err;
}

/* The renames of both sides, for what is hard. */
struct both {
	struct xb_renames ours, theirs;
};

static void mark_relevant(struct walk *w, struct both *r)
{
	for (size_t i = 0; i < w->hard.n; i++) {
		const struct hard *h = &w->hard.v[i];
		struct xb_rename_path *p;

		if (h->kind == H_MODIFIED_MISSING || h->kind == H_DELETED_BOTH) {
			p = xb_renames_deleted(&r->ours, h->path);
			if (p)
				p->relevant = true;
		}
		if (h->kind == H_DELETED_MODIFIED || h->kind == H_DELETED_BOTH) {
			p = xb_renames_deleted(&r->theirs, h->path);
			if (p)
				p->relevant = true;
		}
	}
}

static struct xb_rename_path *renamed_to(struct xb_renames *r, const char *path)
{
	struct xb_rename_path *p = xb_renames_deleted(r, path);

	return p && p->pair >= 0 ? &r->added.v[p->pair] : NULL;
}

static struct xb_err *set_path(struct walk *w, git_oid *tree, const char *path, const struct xb_entry *e)
{
	git_oid out;

	XB_TRY(xb_tree_set_path(w->s, tree, path, e, &out));
	*tree = out;
	return NULL;
}

/*
 * PATH is the new name of a renamed file and both sides have it: git then merges
 * it with the old file as the base, so that two additions need not conflict.
 */
static void more_than_added(struct walk *w, const char *path)
{
	for (size_t i = 0; i < w->out->n; i++) {
		struct xb_conflict *c = &w->out->v[i];

		if (c->kind != XB_CONFLICT_ADD_ADD || strcmp(c->path, path) != 0)
			continue;
		c->kind = XB_CONFLICT_UNDECIDABLE;
		c->why = "both sides have it, one of them by renaming";
	}
}

/*
 * The commit changes a file that the tip has under another name, or the commit
 * renames a file that the tip has in another form: the contents are merged and
 * stand under the new name.
 */
static struct xb_err *merge_renamed(struct walk *w, const struct hard *h, const struct xb_rename_path *to,
				    bool ours, git_oid *tree)
{
	struct xb_entry at = {.mode = to->mode, .oid = to->oid}, other, merged;
	const struct xb_entry *o = ours ? &at : &h->ours, *t = ours ? &h->theirs : &at;

	/* Is the new name taken on the other side? */
	XB_TRY(xb_tree_lookup_path(w->s, ours ? w->commit : w->tip, to->path, &other));
	if (other.mode) {
		more_than_added(w, to->path);
		conflict(w, XB_CONFLICT_UNDECIDABLE, h->path, &h->base, &h->ours, &h->theirs,
			 "renamed on one side to a path that the other side has");
		return NULL;
	}
	if (!one_kind(o, t) || !one_kind(&h->base, o)) {
		conflict(w, XB_CONFLICT_UNDECIDABLE, h->path, &h->base, &h->ours, &h->theirs,
			 "renamed, and its kind changed");
		return NULL;
	}
	XB_TRY(merge_entries(w, to->path, &h->base, o, t, &merged));
	if (!merged.mode)
		return NULL;
	if (!ours)
		XB_TRY(set_path(w, tree, h->path, &nothing));
	return set_path(w, tree, to->path, &merged);
}

/* The commit adds PATH below a directory that the tip doesn't have: did the tip's side rename it? */
static struct xb_err *added_to_missing(struct walk *w, struct both *r, const struct hard *h, git_oid *tree)
{
	XB_AUTOFREE char *dir = xb_strdup(h->path);
	struct xb_entry e;
	bool leaves = false;

	/* The topmost missing directory covers those below it. */
	for (char *slash = strchr(dir, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		XB_TRY(xb_tree_lookup_path(w->s, w->tip, dir, &e));
		*slash = '/';
		if (!e.mode) {
			slash[1] = '\0';
			break;
		}
	}
	XB_TRY(xb_renames_leave_dir(w->s, &r->ours, dir, &leaves));
	if (leaves) {
		conflict(w, XB_CONFLICT_UNDECIDABLE, h->path, &h->base, &h->ours, &h->theirs,
			 "added to a directory that may have been renamed");
		return NULL;
	}
	return set_path(w, tree, h->path, &h->theirs);
}

struct extra {
	bool found;
};

static struct xb_err *extra_path(void *ctx, const char *path, const struct xb_entry *b,
				 const struct xb_entry *o)
{
	struct extra *x = ctx;

	(void)path;
	if (!b->mode && o->mode)
		x->found = true;
	return NULL;
}

/* The commit removes a directory in which the tip has files of its own: did the commit rename it? */
static struct xb_err *dir_removed(struct walk *w, struct both *r, const struct hard *h)
{
	XB_AUTOFREE char *dir = xb_asprintf("%s/", h->path);
	struct extra x = {0};
	bool leaves = false;

	XB_TRY(xb_tree_diff(w->s, &h->base.oid, &h->ours.oid, extra_path, &x));
	if (!x.found)
		return NULL;
	XB_TRY(xb_renames_leave_dir(w->s, &r->theirs, dir, &leaves));
	if (leaves)
		conflict(w, XB_CONFLICT_UNDECIDABLE, h->path, &h->base, &h->ours, &h->theirs,
			 "the commit removes a directory, perhaps by renaming it, in which the tip has more "
			 "files");
	return NULL;
}

static struct xb_err *decide(struct walk *w, struct both *r, const struct hard *h, git_oid *tree)
{
	const struct xb_rename_path *ours = NULL, *theirs = NULL;

	if (h->kind == H_MODIFIED_MISSING || h->kind == H_DELETED_BOTH)
		ours = renamed_to(&r->ours, h->path);
	if (h->kind == H_DELETED_MODIFIED || h->kind == H_DELETED_BOTH)
		theirs = renamed_to(&r->theirs, h->path);
	switch (h->kind) {
	case H_MODIFIED_MISSING:
		if (ours)
			return merge_renamed(w, h, ours, true, tree);
		conflict(w, XB_CONFLICT_MODIFY_DELETE, h->path, &h->base, &h->ours, &h->theirs,
			 "the commit changes a file that isn't there");
		return NULL;
	case H_DELETED_MODIFIED:
		if (theirs)
			return merge_renamed(w, h, theirs, false, tree);
		conflict(w, XB_CONFLICT_DELETE_MODIFY, h->path, &h->base, &h->ours, &h->theirs,
			 "the commit deletes a file that has other contents here");
		return NULL;
	case H_DELETED_BOTH:
		if (ours && theirs && !strcmp(ours->path, theirs->path)) {
			if (ours->mode == theirs->mode && git_oid_equal(&ours->oid, &theirs->oid))
				return NULL; /* it is there already */
			more_than_added(w, ours->path);
			conflict(w, XB_CONFLICT_UNDECIDABLE, h->path, &h->base, &h->ours, &h->theirs,
				 "renamed to one name on both sides");
		} else if (ours && theirs)
			conflict(w, XB_CONFLICT_RENAME, h->path, &h->base, &h->ours, &h->theirs,
				 "renamed to two names");
		else if (ours || theirs)
			conflict(w, XB_CONFLICT_RENAME, h->path, &h->base, &h->ours, &h->theirs,
				 "renamed on one side and deleted on the other");
		return NULL;
	case H_ADDED_TO_MISSING:
		return added_to_missing(w, r, h, tree);
	case H_DIR_REMOVED:
		return dir_removed(w, r, h);
	}
	return NULL;
}

/* Settles what is hard, with the renames of both sides; changes *TREE, the result so far. */
static struct xb_err *resolve(struct walk *w, git_oid *tree)
{
	struct both r = {0};
	struct xb_err *err = xb_renames_list(w->s, w->parent, w->tip, &r.ours);

	if (!err)
		err = xb_renames_list(w->s, w->parent, w->commit, &r.theirs);
	if (!err) {
		mark_relevant(w, &r);
		err = xb_renames_find(w->s, &r.ours);
	}
	if (!err)
		err = xb_renames_find(w->s, &r.theirs);
	for (size_t i = 0; !err && i < w->hard.n; i++) {
		const struct hard *h = &w->hard.v[i];

		if (r.ours.undecidable || r.theirs.undecidable)
			conflict(w, XB_CONFLICT_UNDECIDABLE, h->path, &h->base, &h->ours, &h->theirs,
				 "too many or ambiguous renames");
		else
			err = decide(w, &r, h, tree);
	}
	xb_renames_release(&r.ours);
	xb_renames_release(&r.theirs);
	return err;
}

static enum xb_verdict verdict(const struct walk *w)
{
	if (!w->out->n)
		return git_oid_equal(&w->out->tree, w->tip) ? XB_PICK_EMPTY : XB_PICK_CLEAN;
	for (size_t i = 0; i < w->out->n; i++)
		if (w->out->v[i].kind != XB_CONFLICT_UNDECIDABLE)
			return XB_PICK_CONFLICT; /* a conflict, whatever the rest would turn out to be */
	return XB_PICK_UNDECIDABLE;
}

struct xb_err *xb_pick(struct xb_picker *p, const git_oid *tip, const git_oid *parent, const git_oid *commit,
		       struct xb_pick *out)
{
	struct walk w = {.p = p, .s = p->s, .tip = tip, .parent = parent, .commit = commit, .out = out};
	struct xb_entry b = {.mode = XB_MODE_TREE, .oid = *parent}, o = {.mode = XB_MODE_TREE, .oid = *tip},
			t = {.mode = XB_MODE_TREE, .oid = *commit};
	struct xb_err *err = NULL;

	p->trials++;
	*out = (struct xb_pick){.tree = *tip};
	if (!git_oid_equal(parent, commit))
		err = merge_dirs(&w, &b, &o, &t, &out->tree);
	if (!err && w.hard.n)
		err = resolve(&w, &out->tree);
	for (size_t i = 0; i < w.hard.n; i++)
		free(w.hard.v[i].path);
	free(w.hard.v);
	xb_buf_release(&w.path);
	if (err) {
		xb_pick_release(out);
		return err;
	}
	out->verdict = verdict(&w);
	return NULL;
}

void xb_pick_release(struct xb_pick *pick)
{
	for (size_t i = 0; i < pick->n; i++) {
		free(pick->v[i].path);
		free(pick->v[i].hunks.v);
	}
	free(pick->v);
	*pick = (struct xb_pick){0};
}

const char *xb_conflict_kind_name(enum xb_conflict_kind kind)
{
	static const char *const names[] = {
	    [XB_CONFLICT_CONTENT] = "content",
	    [XB_CONFLICT_BINARY] = "binary",
	    [XB_CONFLICT_ADD_ADD] = "add/add",
	    [XB_CONFLICT_MODIFY_DELETE] = "modify/delete",
	    [XB_CONFLICT_DELETE_MODIFY] = "delete/modify",
	    [XB_CONFLICT_TYPE] = "type",
	    [XB_CONFLICT_RENAME] = "rename/delete",
	    [XB_CONFLICT_UNDECIDABLE] = "undecidable",
	};

	return names[kind];
}
