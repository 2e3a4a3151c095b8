/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sliding. A group of changed lines whose first line equals the line after it
 * can as well be marked one line further down, and likewise up. Each group is
 * slid to a settled place, joining those it meets, so that equal edits look
 * equal: to where the other file has changes too, else as far down as it goes.
 *
 * Between each two unchanged lines, and at both ends, there is a group, mostly
 * an empty one. As unchanged lines correspond one to one, so do the groups of
 * the two files; all walking keeps them in step.
 */
#include "linediff-impl.h"

#include <string.h>

struct group {
	size_t from, to; /* changed lines; from == to: empty */
};

/* A group and its counterpart; `s` is being slid, `o` is the other file. */
struct walk {
	struct xb_pair *p;
	struct xb_side *s, *o;
	struct group g, go;
};

static void group_first(const struct xb_side *s, struct group *g)
{
	g->from = g->to = 0;
	while (s->changed[g->to])
		g->to++;
}

static bool group_next(const struct xb_side *s, struct group *g)
{
	if (g->to >= s->n)
		return false;
	g->from = ++g->to;
	while (s->changed[g->to])
		g->to++;
	return true;
}

static bool group_prev(const struct xb_side *s, struct group *g)
{
	if (!g->from)
		return false;
	g->to = --g->from;
	while (g->from && s->changed[g->from - 1])
		g->from--;
	return true;
}

static bool can_slide_up(const struct walk *w)
{
	return w->g.from && w->s->cls[w->g.from - 1] == w->s->cls[w->g.to - 1];
}

static bool can_slide_down(const struct walk *w)
{
	return w->g.to < w->s->n && w->s->cls[w->g.from] == w->s->cls[w->g.to];
}

/* Slides by one line and joins what it meets; the counterpart moves along. False: out of work. */
static bool slide_up(struct walk *w)
{
	w->s->changed[--w->g.from] = true;
	w->s->changed[--w->g.to] = false;
	while (w->g.from && w->s->changed[w->g.from - 1])
		w->g.from--;
	return group_prev(w->o, &w->go) && xb_pay(w->p, 1);
}

static bool slide_down(struct walk *w)
{
	w->s->changed[w->g.from++] = false;
	w->s->changed[w->g.to++] = true;
	while (w->s->changed[w->g.to])
		w->g.to++;
	return group_next(w->o, &w->go) && xb_pay(w->p, 1);
}

static bool counterpart(const struct walk *w)
{
	return w->go.to > w->go.from;
}

/*
 * Slides the group up and down as far as it goes, again while it grows by that.
 * *TOP is the highest end it can have; *MATCH: somewhere its counterpart is not empty.
 */
static bool explore(struct walk *w, size_t *top, bool *match)
{
	size_t size;
	do {
		size = w->g.to - w->g.from;
		while (can_slide_up(w))
			if (!slide_up(w))
				return false;
		*top = w->g.to;
		*match = counterpart(w);
		while (can_slide_down(w)) {
			if (!slide_down(w))
				return false;
			*match |= counterpart(w);
		}
	} while (size != w->g.to - w->g.from);
	return true;
}

/*
 * Since git 2.54: joined groups may hold common lines now, so they are compared
 * again; git takes the file being slid for the old one, whichever it is.
 */
static bool rediff(struct walk *w)
{
	struct xb_region r = {w->g.from, w->g.to, w->go.from, w->go.to};
	return xb_myers(w->p, w->s, w->o, &r);
}

static bool settle(struct walk *w, unsigned rules)
{
	struct group before = w->g;
	size_t top;
	bool match;
	if (!explore(w, &top, &match))
		return false;
	if (w->g.to != top && match)
		while (!counterpart(w))
			if (!can_slide_up(w) || !slide_up(w))
				return false;
	if (rules & XB_GIT_REDIFF && counterpart(w) && (w->g.from != before.from || w->g.to != before.to))
		return rediff(w);
	return true;
}

/* Passes many unchanged lines at once: the groups between them are empty in both files. */
static void skip_unchanged(struct walk *w)
{
	size_t n = w->s->n - w->g.to, at;
	const bool *end;
	if (n > w->o->n - w->go.to)
		n = w->o->n - w->go.to;
	if (n > 512) /* so that far changes in one file are not looked for again and again */
		n = 512;
	if (!n)
		return;
	end = memchr(w->s->changed + w->g.to, 1, n);
	at = end ? (size_t)(end - (w->s->changed + w->g.to)) : n;
	end = at ? memchr(w->o->changed + w->go.to, 1, at) : NULL;
	at = end ? (size_t)(end - (w->o->changed + w->go.to)) : at;
	if (at < 2)
		return;
	/* Line at-1 stays in front: the group behind it may not be empty. */
	w->g.from = w->g.to += at - 1;
	w->go.from = w->go.to += at - 1;
}

bool xb_slide(struct xb_pair *p, struct xb_side *side, struct xb_side *other, unsigned rules)
{
	struct walk w = {.p = p, .s = side, .o = other};
	group_first(side, &w.g);
	group_first(other, &w.go);
	for (;;) {
		if (w.g.to > w.g.from) {
			if (!settle(&w, rules))
				return false;
		} else if (!counterpart(&w)) {
			skip_unchanged(&w);
		}
		if (!group_next(side, &w.g))
			return true;
		if (!group_next(other, &w.go))
			return false;
	}
}
