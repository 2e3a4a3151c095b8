/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rule about names: what a member's added lines use and nothing has, but an earlier commit brings. */
#include "meaning-impl.h"

#include "util/alloc.h"

#include <ctype.h>

#define MIN_NAME 3   /* shorter names are common words */
#define MIN_PASTED 3 /* a part of a name that a macro completes */

static bool kind_fits(enum xb_use_kind use, enum xb_def_kind def, enum xb_lang lang)
{
	switch (use) {
	case XB_USE_NAME:
	case XB_USE_CALL:
		if (lang == XB_LANG_PYTHON)
			return def == XB_DEF_LISTED;
		return def != XB_DEF_FIELD && def != XB_DEF_PATTERN &&
		       (def != XB_DEF_ASM_MACRO || lang == XB_LANG_ASM);
	case XB_USE_MEMBER:
		return def == XB_DEF_FIELD || def == XB_DEF_MACRO;
	case XB_USE_ASM_WORD:
		return def == XB_DEF_ASM_MACRO;
	case XB_USE_HEADER:
	case XB_USE_OBJECT:
	case XB_USE_DECLARED:
		break;
	}
	return false;
}

/* Is what AT brings seen in the file FROM? */
static bool place_fits(const struct xb_offer *o, const struct xb_changed_file *from)
{
	if (!strcmp(o->file->path, from->path))
		return true;
	if (xb_lang_is_offsets(o->file->path))
		return from->lang == XB_LANG_ASM && o->what->kind == XB_DEF_LISTED &&
		       xb_lang_visible(o->file->path, from->path);
	return o->file->lang == XB_LANG_HEADER && xb_lang_visible(o->file->path, from->path);
}

static bool is_declared(const struct xb_changed_file *f, const char *name)
{
	for (size_t i = 0; i < f->used.n; i++)
		if (f->used.v[i].kind == XB_USE_DECLARED && !strcmp(f->used.v[i].name, name))
			return true;
	return false;
}

/* Is NAME, which PATH would bring, nowhere where F could see it, before the bundle? */
static struct xb_err *is_missing(struct xb_meant *c, const struct xb_changed_file *f, const char *path,
				 const char *name, bool *out)
{
	bool has;

	*out = false;
	XB_TRY(xb_meant_own(c, name, &has));
	if (!has)
		XB_TRY(xb_meant_file_has(c, &c->board->tip, f->path, name, &has));
	if (!has && strcmp(path, f->path) != 0)
		XB_TRY(xb_meant_file_has(c, &c->board->tip, path, name, &has));
	if (!has)
		XB_TRY(xb_headers_has(c->m->headers, &c->board->tip, f->path, name, strlen(name), &has));
	*out = !has;
	return NULL;
}

/* The earliest commit that brings what U uses. */
static const struct xb_offer *earliest(struct xb_meant *c, const struct xb_changed_file *f,
				       const struct xb_used *u)
{
	const struct xb_offer *best = NULL;

	for (const struct xb_offer *o = xb_offers_first(&c->m->offers, u->name, strlen(u->name)); o;
	     o = xb_offers_next(&c->m->offers, o)) {
		if (!o->what->fresh || !kind_fits(u->kind, o->what->kind, f->lang) || !place_fits(o, f))
			continue;
		if (xb_meant_may_take(c, o->commit) && (!best || o->commit < best->commit))
			best = o;
	}
	return best;
}

static struct xb_err *plain_name(struct xb_meant *c, const struct xb_changed_file *f, const struct xb_used *u)
{
	const struct xb_offer *o = earliest(c, f, u);
	bool missing;

	if (!o || xb_meant_enough(c, o->commit) || (u->kind != XB_USE_MEMBER && is_declared(f, u->name)))
		return NULL;
	XB_TRY(is_missing(c, f, o->file->path, u->name, &missing));
	if (missing)
		xb_meant_hit(c, o->commit, XB_MEANS_BRINGS, f->path, u->line, u->name);
	return NULL;
}

static const struct xb_offer *listed(struct xb_meant *c, const struct xb_changed_file *f, const char *name)
{
	const struct xb_offer *best = NULL;

	for (const struct xb_offer *o = xb_offers_first(&c->m->offers, name, strlen(name)); o;
	     o = xb_offers_next(&c->m->offers, o))
		if (o->what->fresh && o->what->kind == XB_DEF_LISTED && o->file->lang == XB_LANG_HEADER &&
		    place_fits(o, f) && xb_meant_may_take(c, o->commit) &&
		    (!best || o->commit < best->commit))
			best = o;
	return best;
}

/* NAME is how U's name, or the end of it, stands in a list of a header. */
static struct xb_err *pasted_name(struct xb_meant *c, const struct xb_changed_file *f,
				  const struct xb_used *u, const char *name, bool *hit)
{
	const struct xb_offer *o = listed(c, f, name);
	bool missing = false, has = true;

	*hit = false;
	if (!o || xb_meant_enough(c, o->commit) || (u->kind != XB_USE_MEMBER && is_declared(f, u->name)))
		return NULL;
	XB_TRY(is_missing(c, f, o->file->path, u->name, &missing));
	if (missing)
		XB_TRY(xb_meant_own(c, name, &has));
	if (missing && !has)
		XB_TRY(xb_meant_file_has(c, &c->board->tip, o->file->path, name, &has));
	*hit = !has;
	if (*hit)
		xb_meant_hit(c, o->commit, XB_MEANS_BRINGS, f->path, u->line, u->name);
	return NULL;
}

/* PREFIX_NAME, where a header lists NAME: the longest such name. */
static struct xb_err *pasted_end(struct xb_meant *c, const struct xb_changed_file *f, const struct xb_used *u)
{
	const char *p = u->name;
	bool hit = false;

	while (!hit && (p = strchr(p, '_'))) {
		p += strspn(p, "_");
		if (strlen(p) >= MIN_PASTED)
			XB_TRY(pasted_name(c, f, u, p, &hit));
	}
	return NULL;
}

/* A member in small letters, where a header lists it in capitals: a generator makes the member. */
static struct xb_err *generated_member(struct xb_meant *c, const struct xb_changed_file *f,
				       const struct xb_used *u)
{
	XB_AUTOFREE char *upper = xb_strdup(u->name);
	bool hit;

	for (char *p = upper; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return strlen(upper) >= MIN_PASTED ? pasted_name(c, f, u, upper, &hit) : NULL;
}

struct signature {
	const char *name;
	int args;
	bool found, fits;
};

static void see_signature(void *ctx, const struct xb_def *d)
{
	struct signature *s = ctx;

	if ((d->kind != XB_DEF_FUNCTION && d->kind != XB_DEF_MACRO) || strlen(s->name) != d->n ||
	    memcmp(s->name, d->p, d->n) != 0)
		return;
	s->found = true;
	s->fits |= d->args == s->args || d->args < 0;
}

/* Is NAME in the tree's file PATH, with the bundle, declared with other numbers of arguments only? */
static struct xb_err *takes_others(struct xb_meant *c, const char *path, const char *name, int args,
				   bool *out)
{
	struct signature s = {.name = name, .args = args};
	XB_AUTOBLOB struct xb_blob b = XB_BLOB_INIT;
	struct xb_entry e;

	*out = false;
	XB_TRY(xb_tree_lookup_path(c->s, c->tree, path, &e));
	if (!xb_entry_is_file(&e))
		return NULL;
	XB_TRY(xb_blob_open(c->s, &e.oid, &b));
	xb_lang_defs(xb_lang_of(path), b.p, b.n, see_signature, &s);
	*out = s.found && !s.fits;
	return NULL;
}

/* A call with as many arguments as an earlier commit, not in the branch, made it take: the newest such
 * commit. */
static struct xb_err *changed_signature(struct xb_meant *c, const struct xb_changed_file *f,
					const struct xb_used *u)
{
	const struct xb_offer *best = NULL;
	bool others;

	for (const struct xb_offer *o = xb_offers_first(&c->m->offers, u->name, strlen(u->name)); o;
	     o = xb_offers_next(&c->m->offers, o)) {
		const struct xb_brought *w = o->what;

		if (w->fresh || w->args != u->args || w->old_args < 0 || w->old_args == w->args ||
		    !place_fits(o, f))
			continue;
		if (xb_meant_may_take(c, o->commit) && (!best || o->commit > best->commit))
			best = o;
	}
	if (!best || xb_meant_enough(c, best->commit) || is_declared(f, u->name))
		return NULL;
	XB_TRY(takes_others(c, best->file->path, u->name, u->args, &others));
	if (others)
		xb_meant_hit(c, best->commit, XB_MEANS_BRINGS, f->path, u->line, u->name);
	return NULL;
}

/* The search for the commit that adds a file. */
struct adding {
	struct xb_meant *c;
	const struct xb_changed_file *f;
	const struct xb_used *u;
	size_t provider; /* SIZE_MAX: none so far */
};

static bool adds_it(const struct adding *a, const struct xb_changed_file *g)
{
	if (!git_oid_is_zero(&g->old_id))
		return false;
	if (a->u->kind == XB_USE_HEADER)
		return xb_lang_includes(g->path, a->f->path, a->u->name, strlen(a->u->name));
	return xb_lang_makes(g->path, a->f->path, a->u->name, strlen(a->u->name));
}

/* A commit that only moves the file brings nothing that an include would miss. */
static bool moves_it(const struct adding *a, const struct xb_changed *ch)
{
	for (size_t k = 0; k < ch->n; k++)
		if (git_oid_is_zero(&ch->v[k].new_id) && a->u->kind == XB_USE_HEADER &&
		    xb_lang_includes(ch->v[k].path, a->f->path, a->u->name, strlen(a->u->name)))
			return true;
	return false;
}

static struct xb_err *find_adding(struct adding *a)
{
	struct xb_entry e;

	for (size_t j = 0; j < a->c->i && a->provider == SIZE_MAX; j++) {
		struct xb_changed *ch;

		if (!xb_meant_may_take(a->c, j))
			continue;
		XB_TRY(xb_brings_files(a->c->m->brings, j, &ch));
		for (size_t k = 0; k < ch->n && a->provider == SIZE_MAX; k++) {
			if (!adds_it(a, &ch->v[k]) || moves_it(a, ch))
				continue;
			XB_TRY(xb_tree_lookup_path(a->c->s, a->c->tree, ch->v[k].path, &e));
			if (!e.mode)
				a->provider = j;
		}
	}
	return NULL;
}

static struct xb_err *added_file(struct xb_meant *c, const struct xb_changed_file *f, const struct xb_used *u)
{
	struct adding a = {.c = c, .f = f, .u = u, .provider = SIZE_MAX};

	XB_TRY(find_adding(&a));
	if (a.provider != SIZE_MAX)
		xb_meant_hit(c, a.provider, XB_MEANS_BRINGS, f->path, u->line, u->name);
	return NULL;
}

static struct xb_err *look_at_use(struct xb_meant *c, const struct xb_changed_file *f,
				  const struct xb_used *u)
{
	if (u->kind == XB_USE_HEADER || u->kind == XB_USE_OBJECT)
		return added_file(c, f, u);
	if (u->kind == XB_USE_DECLARED || strlen(u->name) < MIN_NAME)
		return NULL;
	XB_TRY(plain_name(c, f, u));
	if (u->kind == XB_USE_CALL && u->args >= 0)
		return changed_signature(c, f, u);
	if (u->kind == XB_USE_NAME && f->lang != XB_LANG_PYTHON)
		return pasted_end(c, f, u);
	if (u->kind == XB_USE_MEMBER)
		return generated_member(c, f, u);
	return NULL;
}

struct xb_err *xb_meant_names(struct xb_meant *c, struct xb_changed_file *f)
{
	XB_TRY(xb_brings_used(c->m->brings, f));
	for (size_t i = 0; i < f->used.n; i++)
		XB_TRY(look_at_use(c, f, &f->used.v[i]));
	return NULL;
}
