/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "past.h"

#include "names.h"
#include "odb/ancestry.h"
#include "odb/git.h"
#include "odb/oidmap.h"
#include "util/alloc.h"

struct xb_past {
	struct xb_past_options o;
	bool loaded;
	struct {
		struct xb_hist *v;
		size_t n, cap;
	} fixes;
	struct xb_names *names;
	struct xb_ancestry *ancestry;
	struct xb_oidmap deep; /* struct xb_hist of fixes further back, found by their id */
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
		xb_hist_release(&p->fixes.v[i]);
	free(p->fixes.v);
	xb_names_free(p->names);
	xb_ancestry_free(p->ancestry);
	xb_oidmap_clear(&p->deep, free_hist);
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

	XB_TRY(may_be_fix(p, oid, c, &may));
	if (!may)
		return NULL;
	XB_TRY(xb_hist_parse(p->o.rules, oid, c, &hist));
	if (p->o.is_fix(p->o.ctx, &hist))
		*XB_PUSH(&p->fixes, v, n, cap) = hist;
	else
		xb_hist_release(&hist);
	return NULL;
}

static struct xb_err *load_past(struct xb_past *p)
{
	struct xb_err *err;

	if (p->loaded)
		return NULL;
	p->loaded = true;
	p->names = xb_names_new();
	err = xb_ancestry_newest(p->ancestry, XB_PAST_DEPTH, see, p);
	for (size_t i = p->fixes.n; i-- > 0;) /* oldest first: later ones count as newer */
		xb_names_add(p->names, &p->fixes.v[i], i);
	return err;
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
		*out = &p->fixes.v[i];
	return NULL;
}

struct xb_err *xb_past_each(struct xb_past *p, void (*fn)(void *ctx, const struct xb_hist *h), void *ctx)
{
	XB_TRY(load_past(p));
	for (size_t i = 0; i < p->fixes.n; i++)
		fn(ctx, &p->fixes.v[i]);
	return NULL;
}
