/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "past.h"

#include "names.h"
#include "odb/ancestry.h"
#include "odb/oidmap.h"
#include "repo/git.h"
#include "util/alloc.h"
#include "util/hashmap.h"

struct xb_past {
	struct xb_past_options o;
	bool loaded, touches_loaded;
	struct {
		struct xb_hist **v; /* owned; newest first */
		size_t n, cap;
	} fixes;
	size_t seen, walked; /* so many of the newest ancestors were looked at: in all; in this walk */
	size_t line_fixes;   /* so many of the fixes are among the newest XB_PAST_LINE_DEPTH */
	struct xb_names *names;
	struct xb_ancestry *ancestry;
	struct xb_oidmap deep;   /* struct xb_hist of fixes further back, found by their id */
	struct xb_hashmap paths; /* hash of a path -> its place in `touched`, plus 1 */
	struct {
		struct touched {
			char *path;
			struct xb_base_touch *v;
			size_t n, cap;
		} * v;
		size_t n, cap;
	} touched;
};

struct xb_past *xb_past_new(const struct xb_past_options *o)
{
	struct xb_past *p = xb_calloc(1, sizeof *p);

	p->o = *o;
	p->ancestry = xb_ancestry_new(o->store, &o->base);
	return p;
}

void xb_past_fold(struct xb_past *p)
{
	xb_ancestry_free(XB_STEAL(p->ancestry));
	p->o = (struct xb_past_options){0};
}

void xb_past_use(struct xb_past *p, const struct xb_past_options *o)
{
	p->o = *o;
	p->ancestry = xb_ancestry_new(o->store, &o->base);
}

static void free_hist(void *value)
{
	xb_hist_release(value);
	free(value);
}

void xb_past_free(struct xb_past *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->fixes.n; i++)
		free_hist(p->fixes.v[i]);
	free(p->fixes.v);
	xb_names_free(p->names);
	xb_ancestry_free(p->ancestry);
	xb_oidmap_clear(&p->deep, free_hist);
	for (size_t i = 0; i < p->touched.n; i++) {
		XB_FREE(p->touched.v[i].path, p->touched.v[i].v);
	}
	free(p->touched.v);
	xb_hashmap_release(&p->paths);
	free(p);
}

/* Most commits are no fix, which shows without reading all that their messages say. */
static struct xb_err *may_be_fix(struct xb_past *p, const git_oid *oid, const struct xb_commit *c, bool *out)
{
	static const char trailer[] = "Security:";
	struct xb_tags tags = {0};

	*out = true;
	if (memmem(c->message.p, c->message.n, trailer, sizeof trailer - 1) ||
	    (p->o.annotated && p->o.annotated(p->o.ctx, oid)))
		return NULL;
	XB_TRY(xb_rules_tags(p->o.rules, c->message.p, c->message.n, &tags));
	*out = tags.n > 0;
	xb_tags_release(&tags);
	return NULL;
}

static struct xb_err *see(void *ctx, const git_oid *oid, const struct xb_commit *c)
{
	struct xb_past *p = ctx;
	struct xb_hist hist;
	bool may;

	if (p->walked++ < p->seen)
		return NULL;
	p->seen++;
	XB_TRY(may_be_fix(p, oid, c, &may));
	if (!may)
		return NULL;
	XB_TRY(xb_hist_parse(p->o.rules, oid, c, &hist));
	if (p->o.is_fix(p->o.ctx, &hist))
		*(*XB_PUSH(&p->fixes, v, n, cap) = xb_calloc(1, sizeof hist)) = hist;
	else
		xb_hist_release(&hist);
	if (p->seen <= XB_PAST_LINE_DEPTH)
		p->line_fixes = p->fixes.n;
	return NULL;
}

/* Looks at the newest DEPTH, those that were looked at before left out. */
static struct xb_err *look_through(struct xb_past *p, size_t depth)
{
	p->walked = 0;
	return p->seen < depth ? xb_ancestry_newest(p->ancestry, depth, see, p) : NULL;
}

static struct xb_err *load_past(struct xb_past *p)
{
	if (p->loaded)
		return NULL;
	p->loaded = true;
	p->names = xb_names_new();
	XB_TRY(look_through(p, XB_PAST_DEPTH));
	for (size_t i = p->fixes.n; i-- > 0;) /* oldest first: later ones count as newer */
		xb_names_add(p->names, p->fixes.v[i], i);
	return NULL;
}

struct oids {
	git_oid *v;
	size_t n, cap;
};

struct matches {
	const char *hex;
	struct oids found;
};

static int match_id(const git_oid *oid, void *payload)
{
	struct matches *m = payload;

	if (!strncmp(xb_hex(oid).s, m->hex, strlen(m->hex)))
		*XB_PUSH(&m->found, v, n, cap) = *oid;
	return 0;
}

/* All objects whose ids begin with HEX: other objects of the repository must not hide the one that is meant.
 */
static struct xb_err *objects_named(struct xb_past *p, const char *hex, struct oids *out)
{
	struct matches m = {.hex = hex};
	git_odb *odb = xb_store_odb(p->o.store);
	git_oid prefix, full;
	size_t len = strlen(hex);
	int rc = len > GIT_OID_HEXSZ ? -1 : git_oid_fromstrn(&prefix, hex, len);

	if (rc)
		return NULL;
	rc = git_odb_exists_prefix(&full, odb, &prefix, len);
	if (!rc)
		*XB_PUSH(out, v, n, cap) = full;
	if (rc != GIT_EAMBIGUOUS)
		return NULL;
	rc = git_odb_foreach(odb, match_id, &m);
	*out = m.found;
	return rc ? xb_err_git(XB_E_IO, rc, "cannot list the objects") : NULL;
}

struct xb_err *xb_past_find_deep(struct xb_past *p, const char *hex, const struct xb_hist **out)
{
	struct oids found = {0};
	struct xb_err *err = objects_named(p, hex, &found);

	*out = NULL;
	for (size_t i = 0; !err && !*out && i < found.n; i++) {
		struct xb_hist *h = xb_oidmap_get(&p->deep, &found.v[i]);
		struct xb_obj *o = NULL;
		bool in = true;

		if (!h) {
			err = xb_store_find(p->o.store, &found.v[i], GIT_OBJECT_COMMIT, &o);
			if (err || !o)
				continue;
			h = xb_calloc(1, sizeof *h);
			err = xb_hist_load(p->o.store, p->o.rules, &found.v[i], h);
			if (!err && p->o.is_fix(p->o.ctx, h))
				err = xb_ancestry_has(p->ancestry, &found.v[i], &in);
			else
				in = false;
			if (err || !in) {
				free_hist(h);
				continue;
			}
			xb_oidmap_set(&p->deep, &found.v[i], h);
		}
		*out = h;
	}
	free(found.v);
	return err;
}

struct xb_err *xb_past_has(struct xb_past *p, const char *hex, bool *out)
{
	struct oids found = {0};
	struct xb_err *err = objects_named(p, hex, &found);

	*out = false;
	for (size_t i = 0; !err && !*out && i < found.n; i++)
		err = xb_ancestry_has(p->ancestry, &found.v[i], out);
	free(found.v);
	return err;
}

struct xb_err *xb_past_find(struct xb_past *p, const char *hex, const char *subject,
			    const struct xb_hist **out)
{
	size_t i;

	*out = NULL;
	XB_TRY(load_past(p));
	if (xb_names_find(p->names, hex, subject, &i) != XB_NAME_NONE)
		*out = p->fixes.v[i];
	return NULL;
}

bool xb_past_known(const struct xb_past *p)
{
	return p->loaded;
}

struct xb_err *xb_past_each(struct xb_past *p, void (*fn)(void *ctx, const struct xb_hist *h), void *ctx)
{
	XB_TRY(load_past(p));
	for (size_t i = 0; i < p->fixes.n; i++)
		fn(ctx, p->fixes.v[i]);
	return NULL;
}

/* Two paths with one hash share a place, and nothing is known of the second: that is how rare it is. */
static struct touched *place_of(struct xb_past *p, const char *path, bool add)
{
	uint64_t key = xb_hash_bytes(path, strlen(path));
	uint64_t *at = add ? xb_hashmap_at(&p->paths, key) : xb_hashmap_find(&p->paths, key);
	struct touched *t;

	if (!at)
		return NULL;
	if (!*at) {
		XB_PUSH(&p->touched, v, n, cap)->path = xb_strdup(path);
		*at = p->touched.n;
	}
	t = &p->touched.v[*at - 1];
	return strcmp(t->path, path) ? NULL : t;
}

static struct xb_err *note_touches(struct xb_past *p, const struct xb_hist *fix)
{
	struct xb_touches all = {0};
	git_oid parent;

	if (fix->n_parents != 1 || !fix->msg.origins.n)
		return NULL;
	XB_TRY(xb_hist_parent_tree(p->o.store, fix, &parent));
	XB_TRY(xb_touches_between(p->o.store, &parent, &fix->tree, &all));
	for (size_t k = 0; k < all.n; k++) {
		const struct xb_touch *t = &all.v[k];
		bool changed = xb_mode_is_file(t->old_mode) && xb_mode_is_file(t->new_mode);
		struct touched *place = changed ? place_of(p, t->path, true) : NULL;

		if (place)
			*XB_PUSH(place, v, n, cap) = (struct xb_base_touch){fix, t->old_id, t->new_id};
	}
	xb_touches_release(&all);
	return NULL;
}

static struct xb_err *load_touches(struct xb_past *p)
{
	if (p->touches_loaded)
		return NULL;
	p->touches_loaded = true;
	XB_TRY(look_through(p, XB_PAST_LINE_DEPTH));
	for (size_t i = 0; i < p->line_fixes; i++)
		XB_TRY(note_touches(p, p->fixes.v[i]));
	return NULL;
}

struct xb_err *xb_past_touches(void *past, const char *path, const struct xb_base_touch **v, size_t *n)
{
	struct xb_past *p = past;
	const struct touched *t;

	XB_TRY(load_touches(p));
	t = place_of(p, path, false);
	*v = t ? t->v : NULL;
	*n = t ? t->n : 0;
	return NULL;
}
