/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "merge3.h"

#include "util/alloc.h"

#include <string.h>

enum { BINARY_LOOK = 8000 };

enum take { TAKE_NONE, TAKE_OURS, TAKE_THEIRS }; /* none: a conflict */

/*
 * A stretch of the base that at least one side changed. Positions are signed:
 * those of a piece that is about to be joined to the one before it may lie
 * before the start of the file, and only its end counts.
 */
struct piece {
	enum take take;
	ptrdiff_t base, base_n, ours, ours_n, theirs, theirs_n;
};

struct pieces {
	struct piece *v;
	size_t n, cap;
};

/* A change with signed numbers. */
struct edit {
	ptrdiff_t from, n, to, to_n;
};

bool xb_is_binary(const char *p, size_t n)
{
	return n && memchr(p, 0, n < BINARY_LOOK ? n : BINARY_LOOK);
}

static struct edit edit_of(const struct xb_change *c)
{
	return (struct edit){(ptrdiff_t)c->a, (ptrdiff_t)c->an, (ptrdiff_t)c->b, (ptrdiff_t)c->bn};
}

/* Appends a piece, or joins it to the last one when they touch on either side. */
static void append(struct pieces *all, struct piece p)
{
	struct piece *last = all->n ? &all->v[all->n - 1] : NULL;
	if (!last || (p.ours > last->ours + last->ours_n && p.theirs > last->theirs + last->theirs_n)) {
		*XB_PUSH(all, v, n, cap) = p;
		return;
	}
	if (p.take != last->take)
		last->take = TAKE_NONE;
	last->base_n = p.base + p.base_n - last->base;
	last->ours_n = p.ours + p.ours_n - last->ours;
	last->theirs_n = p.theirs + p.theirs_n - last->theirs;
}

/* A change of ours alone; SHIFT: how far theirs is moved against the base there. */
static struct piece only_ours(const struct edit *e, ptrdiff_t shift)
{
	return (struct piece){TAKE_OURS, e->from, e->n, e->to, e->to_n, e->from + shift, e->n};
}

static struct piece only_theirs(const struct edit *e, ptrdiff_t shift)
{
	return (struct piece){TAKE_THEIRS, e->from, e->n, e->from + shift, e->n, e->to, e->to_n};
}

/* The smallest stretch of the base that holds both changes. */
static struct piece both(const struct edit *o, const struct edit *t)
{
	ptrdiff_t from = o->from < t->from ? o->from : t->from;
	ptrdiff_t o_end = o->from + o->n, t_end = t->from + t->n, end = o_end > t_end ? o_end : t_end;
	struct piece p = {.take = TAKE_NONE, .base = from, .base_n = end - from};
	p.ours = o->to - (o->from - from);
	p.ours_n = o->to + o->to_n + (end - o_end) - p.ours;
	p.theirs = t->to - (t->from - from);
	p.theirs_n = t->to + t->to_n + (end - t_end) - p.theirs;
	return p;
}

static bool same_bytes(const struct xb_text *a, ptrdiff_t a0, ptrdiff_t an, const struct xb_text *b,
		       ptrdiff_t b0, ptrdiff_t bn)
{
	size_t n = xb_text_size(a, (size_t)a0, (size_t)(a0 + an));
	return n == xb_text_size(b, (size_t)b0, (size_t)(b0 + bn)) &&
	       !memcmp(xb_text_at(a, (size_t)a0), xb_text_at(b, (size_t)b0), n);
}

/* Whether both sides made the same change; then there is nothing to decide. */
static bool same_edit(const struct edit *o, const struct edit *t, const struct xb_text *ours,
		      const struct xb_text *theirs)
{
	return o->from == t->from && o->n == t->n && o->to_n == t->to_n &&
	       same_bytes(ours, o->to, o->to_n, theirs, t->to, t->to_n);
}

/* Walks both scripts in step, as long as both have changes left; *I and *J are where they stand. */
static void pair_up(const struct xb_changes *oc, const struct xb_changes *tc, const struct xb_text *ours,
		    const struct xb_text *theirs, size_t *i, size_t *j, struct pieces *all)
{
	while (*i < oc->n && *j < tc->n) {
		struct edit o = edit_of(&oc->v[*i]), t = edit_of(&tc->v[*j]);
		ptrdiff_t o_end = o.from + o.n, t_end = t.from + t.n;
		if (o_end < t.from) { /* less, not equal: changes that touch are one */
			append(all, only_ours(&o, t.to - t.from));
			++*i;
			continue;
		}
		if (t_end < o.from) {
			append(all, only_theirs(&t, o.to - o.from));
			++*j;
			continue;
		}
		if (!same_edit(&o, &t, ours, theirs))
			append(all, both(&o, &t));
		*i += o_end <= t_end;
		*j += t_end <= o_end;
	}
}

static void join(const struct xb_changes *oc, const struct xb_changes *tc, const struct xb_text *base,
		 const struct xb_text *ours, const struct xb_text *theirs, struct pieces *all)
{
	size_t i = 0, j = 0;
	pair_up(oc, tc, ours, theirs, &i, &j, all);
	for (; i < oc->n; i++) {
		struct edit o = edit_of(&oc->v[i]);
		append(all, only_ours(&o, (ptrdiff_t)theirs->n - (ptrdiff_t)base->n));
	}
	for (; j < tc->n; j++) {
		struct edit t = edit_of(&tc->v[j]);
		append(all, only_theirs(&t, (ptrdiff_t)ours->n - (ptrdiff_t)base->n));
	}
}

/* git's "zealous" level: a conflict between equal lines is none, unless nothing is left of them. */
static void settle_equal(struct piece *p, const struct xb_text *ours, const struct xb_text *theirs)
{
	if (p->take == TAKE_NONE && p->ours_n && p->theirs_n &&
	    same_bytes(ours, p->ours, p->ours_n, theirs, p->theirs, p->theirs_n))
		p->take = TAKE_OURS;
}

static void note_conflict(struct xb_merge3_result *r, const struct piece *p)
{
	*XB_PUSH(r, v, n, cap) = (struct xb_hunk){(size_t)p->base,   (size_t)p->base_n, (size_t)p->ours,
						  (size_t)p->ours_n, (size_t)p->theirs, (size_t)p->theirs_n};
}

/* Ours, with their pieces put in. */
static void write_out(const struct pieces *all, const struct xb_text *ours, const struct xb_text *theirs,
		      struct xb_buf *out)
{
	size_t at = 0;
	for (size_t i = 0; i < all->n; i++) {
		const struct piece *p = &all->v[i];
		size_t from = (size_t)p->ours, theirs_from = (size_t)p->theirs;
		if (p->take != TAKE_THEIRS)
			continue;
		xb_buf_add(out, xb_text_at(ours, at), xb_text_size(ours, at, from));
		xb_buf_add(out, xb_text_at(theirs, theirs_from),
			   xb_text_size(theirs, theirs_from, theirs_from + (size_t)p->theirs_n));
		at = from + (size_t)p->ours_n;
	}
	xb_buf_add(out, xb_text_at(ours, at), xb_text_size(ours, at, ours->n));
}

static void merge_scripts(const struct xb_changes *oc, const struct xb_changes *tc,
			  const struct xb_text *base, const struct xb_text *ours,
			  const struct xb_text *theirs, struct xb_merge3_result *r)
{
	struct pieces all = {0};
	join(oc, tc, base, ours, theirs, &all);
	for (size_t i = 0; i < all.n; i++) {
		settle_equal(&all.v[i], ours, theirs);
		if (all.v[i].take == TAKE_NONE)
			note_conflict(r, &all.v[i]);
	}
	r->verdict = r->n ? XB_MERGE3_CONFLICT : XB_MERGE3_CLEAN;
	if (!r->n)
		write_out(&all, ours, theirs, &r->out);
	free(all.v);
}

static bool binary(const struct xb_text *t)
{
	return t->len > XB_TEXT_MAX || xb_is_binary(t->data, t->len);
}

void xb_merge3(struct xb_text *base, struct xb_text *ours, struct xb_text *theirs, unsigned rules,
	       struct xb_merge3_result *r)
{
	struct xb_changes oc = {0}, tc = {0};
	r->verdict = XB_MERGE3_UNDECIDED;
	if (binary(base) || binary(ours) || binary(theirs))
		r->verdict = XB_MERGE3_BINARY;
	else if (xb_diff(base, ours, rules, &oc) && xb_diff(base, theirs, rules, &tc))
		merge_scripts(&oc, &tc, base, ours, theirs, r);
	xb_changes_release(&oc);
	xb_changes_release(&tc);
}

void xb_merge3_release(struct xb_merge3_result *r)
{
	xb_buf_release(&r->out);
	free(r->v);
	*r = (struct xb_merge3_result){0};
}
