/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Myers' algorithm in linear space. A box is split where a path from its top
 * left corner meets one from its bottom right corner; common lines are free,
 * an inserted or deleted one costs 1. Diagonal d holds the points with
 * x - y = d. Two heuristics end a costly search early, and before the search
 * lines are left out that are likely to mislead it; all three must be exactly
 * git's, because they decide what the result is.
 */
#include "linediff-impl.h"

#include "util/alloc.h"

#include <string.h>

enum {
	GOOD_SNAKE = 20,      /* common lines in a row that make a path interesting */
	HEURISTIC_COST = 256, /* from which cost on interesting paths are taken */
	MIN_MAX_COST = 256,   /* the search may always cost this much */
	HEURISTIC_FACTOR = 4, /* how far, in costs, an interesting path must have come */
	MAX_MANY = 1024,      /* a line with so many matches has many in any file */
	WINDOW = 100,         /* how far around a line misleading ones are counted */
	MANY_PER_NONE = 4,
};
#define FAR PTRDIFF_MAX

/* The lines of one side that take part in the search. */
struct lines {
	uint32_t *cls;
	size_t *at; /* their positions in the file */
	ptrdiff_t n;
};

struct box {
	ptrdiff_t x0, x1, y0, y1;
	bool minimal; /* no heuristics */
};

struct boxes {
	struct box *v;
	size_t n, cap;
};

/* The furthest x reached on each diagonal, by paths in one direction; diagonals lo, lo+2 .. hi are in use. */
struct front {
	ptrdiff_t *x;
	ptrdiff_t start, lo, hi;
};

struct search {
	struct xb_pair *p;
	struct xb_side *old, *new;
	struct lines a, b;
	ptrdiff_t *diagonals;
	struct front fwd, bwd;
	ptrdiff_t max_cost;
	struct boxes todo;
};

/* Where a box is split, and whether its halves must be searched without heuristics. */
struct split {
	ptrdiff_t x, y;
	bool minimal_lo, minimal_hi;
};

enum outcome { SEARCH_ON, SPLIT_FOUND, OUT_OF_WORK };

static bool same(const struct search *s, ptrdiff_t x, ptrdiff_t y)
{
	return s->a.cls[x] == s->b.cls[y];
}

/* A power of two near the square root of N: git's own rounding. */
static ptrdiff_t rough_sqrt(size_t n)
{
	ptrdiff_t root = 1;
	for (; n; n >>= 2)
		root <<= 1;
	return root;
}

/*
 * Allows one diagonal more on each side; at the border of the box, one less.
 * The diagonals next to the used ones get a value that never wins.
 */
static void widen(struct front *f, const struct box *box, ptrdiff_t never)
{
	if (f->lo > box->x0 - box->y1)
		f->x[--f->lo - 1] = never;
	else
		f->lo++;
	if (f->hi < box->x1 - box->y0)
		f->x[++f->hi + 1] = never;
	else
		f->hi--;
}

static bool in_front(const struct front *f, ptrdiff_t d)
{
	return f->lo <= d && d <= f->hi;
}

/* One more edit for all paths from the top left. *SNAKE is set when one ran through many common lines. */
static enum outcome step_forward(struct search *s, const struct box *box, bool *snake, struct split *out)
{
	struct front *f = &s->fwd, *b = &s->bwd;
	bool odd = (f->start - b->start) & 1;
	widen(f, box, -1);
	for (ptrdiff_t d = f->hi; d >= f->lo; d -= 2) {
		ptrdiff_t x = f->x[d - 1] >= f->x[d + 1] ? f->x[d - 1] + 1 : f->x[d + 1];
		ptrdiff_t y = x - d, from = x;
		while (x < box->x1 && y < box->y1 && same(s, x, y)) {
			x++;
			y++;
		}
		if (!xb_pay(s->p, 1 + (size_t)(x - from)))
			return OUT_OF_WORK;
		*snake |= x - from > GOOD_SNAKE;
		f->x[d] = x;
		if (odd && in_front(b, d) && b->x[d] <= x) {
			*out = (struct split){x, y, true, true};
			return SPLIT_FOUND;
		}
	}
	return SEARCH_ON;
}

static enum outcome step_backward(struct search *s, const struct box *box, bool *snake, struct split *out)
{
	struct front *f = &s->fwd, *b = &s->bwd;
	bool odd = (f->start - b->start) & 1;
	widen(b, box, FAR);
	for (ptrdiff_t d = b->hi; d >= b->lo; d -= 2) {
		ptrdiff_t x = b->x[d - 1] < b->x[d + 1] ? b->x[d - 1] : b->x[d + 1] - 1;
		ptrdiff_t y = x - d, from = x;
		while (x > box->x0 && y > box->y0 && same(s, x - 1, y - 1)) {
			x--;
			y--;
		}
		if (!xb_pay(s->p, 1 + (size_t)(from - x)))
			return OUT_OF_WORK;
		*snake |= from - x > GOOD_SNAKE;
		b->x[d] = x;
		if (!odd && in_front(f, d) && x <= f->x[d]) {
			*out = (struct split){x, y, true, true};
			return SPLIT_FOUND;
		}
	}
	return SEARCH_ON;
}

/* Whether GOOD_SNAKE common lines begin at (X, Y). */
static bool snake_at(const struct search *s, ptrdiff_t x, ptrdiff_t y)
{
	for (ptrdiff_t k = 0; k < GOOD_SNAKE; k++)
		if (!same(s, x + k, y + k))
			return false;
	return true;
}

static ptrdiff_t distance(ptrdiff_t a, ptrdiff_t b)
{
	return a > b ? a - b : b - a;
}

/* The path from the top left that came far for its cost and has just passed many common lines. */
static bool interesting_forward(const struct search *s, const struct box *box, ptrdiff_t cost,
				struct split *out)
{
	const struct front *f = &s->fwd;
	ptrdiff_t best = 0;
	for (ptrdiff_t d = f->hi; d >= f->lo; d -= 2) {
		ptrdiff_t x = f->x[d], y = x - d;
		ptrdiff_t value = (x - box->x0) + (y - box->y0) - distance(d, f->start);
		if (value > HEURISTIC_FACTOR * cost && value > best && box->x0 + GOOD_SNAKE <= x &&
		    x < box->x1 && box->y0 + GOOD_SNAKE <= y && y < box->y1 &&
		    snake_at(s, x - GOOD_SNAKE, y - GOOD_SNAKE)) {
			best = value;
			*out = (struct split){x, y, true, false};
		}
	}
	return best > 0;
}

static bool interesting_backward(const struct search *s, const struct box *box, ptrdiff_t cost,
				 struct split *out)
{
	const struct front *b = &s->bwd;
	ptrdiff_t best = 0;
	for (ptrdiff_t d = b->hi; d >= b->lo; d -= 2) {
		ptrdiff_t x = b->x[d], y = x - d;
		ptrdiff_t value = (box->x1 - x) + (box->y1 - y) - distance(d, b->start);
		if (value > HEURISTIC_FACTOR * cost && value > best && box->x0 < x &&
		    x <= box->x1 - GOOD_SNAKE && box->y0 < y && y <= box->y1 - GOOD_SNAKE &&
		    snake_at(s, x, y)) {
			best = value;
			*out = (struct split){x, y, false, true};
		}
	}
	return best > 0;
}

/* The search costs too much: split where the path is that came furthest. */
static void furthest(const struct search *s, const struct box *box, struct split *out)
{
	const struct front *f = &s->fwd, *b = &s->bwd;
	ptrdiff_t fwd = -1, fwd_x = -1, bwd = FAR, bwd_x = FAR;
	for (ptrdiff_t d = f->hi; d >= f->lo; d -= 2) {
		ptrdiff_t x = f->x[d] < box->x1 ? f->x[d] : box->x1;
		if (x - d > box->y1)
			x = box->y1 + d;
		if (fwd < 2 * x - d) {
			fwd = 2 * x - d;
			fwd_x = x;
		}
	}
	for (ptrdiff_t d = b->hi; d >= b->lo; d -= 2) {
		ptrdiff_t x = b->x[d] > box->x0 ? b->x[d] : box->x0;
		if (x - d < box->y0)
			x = box->y0 + d;
		if (2 * x - d < bwd) {
			bwd = 2 * x - d;
			bwd_x = x;
		}
	}
	if (box->x1 + box->y1 - bwd < fwd - (box->x0 + box->y0))
		*out = (struct split){fwd_x, fwd - fwd_x, true, false};
	else
		*out = (struct split){bwd_x, bwd - bwd_x, false, true};
}

static bool find_split(struct search *s, const struct box *box, struct split *out)
{
	s->fwd.start = s->fwd.lo = s->fwd.hi = box->x0 - box->y0;
	s->bwd.start = s->bwd.lo = s->bwd.hi = box->x1 - box->y1;
	s->fwd.x[s->fwd.start] = box->x0;
	s->bwd.x[s->bwd.start] = box->x1;
	for (ptrdiff_t cost = 1;; cost++) {
		bool snake = false;
		enum outcome o = step_forward(s, box, &snake, out);
		if (o == SEARCH_ON)
			o = step_backward(s, box, &snake, out);
		if (o != SEARCH_ON)
			return o == SPLIT_FOUND;
		if (box->minimal)
			continue;
		if (snake && cost > HEURISTIC_COST &&
		    (interesting_forward(s, box, cost, out) || interesting_backward(s, box, cost, out)))
			return true;
		if (cost >= s->max_cost) {
			furthest(s, box, out);
			return true;
		}
	}
}

static void shrink(const struct search *s, struct box *box)
{
	while (box->x0 < box->x1 && box->y0 < box->y1 && same(s, box->x0, box->y0)) {
		box->x0++;
		box->y0++;
	}
	while (box->x0 < box->x1 && box->y0 < box->y1 && same(s, box->x1 - 1, box->y1 - 1)) {
		box->x1--;
		box->y1--;
	}
}

static bool solve(struct search *s, struct box box)
{
	struct split cut = {0};
	shrink(s, &box);
	if (box.x0 == box.x1 || box.y0 == box.y1) {
		for (ptrdiff_t x = box.x0; x < box.x1; x++)
			s->old->changed[s->a.at[x]] = true;
		for (ptrdiff_t y = box.y0; y < box.y1; y++)
			s->new->changed[s->b.at[y]] = true;
		return true;
	}
	if (!find_split(s, &box, &cut))
		return false;
	*XB_PUSH(&s->todo, v, n, cap) = (struct box){box.x0, cut.x, box.y0, cut.y, cut.minimal_lo};
	*XB_PUSH(&s->todo, v, n, cap) = (struct box){cut.x, box.x1, cut.y, box.y1, cut.minimal_hi};
	return true;
}

/* The boxes do not influence each other, so any order will do. */
static bool solve_all(struct search *s)
{
	/* All diagonals of the whole box, and one beside them at each end. */
	size_t n = (size_t)(s->a.n + s->b.n) + 3;
	bool ok = true;
	s->diagonals = xb_malloc(2 * n * sizeof *s->diagonals);
	s->fwd.x = s->diagonals + s->b.n + 1;
	s->bwd.x = s->fwd.x + n;
	s->max_cost = rough_sqrt(n);
	if (s->max_cost < MIN_MAX_COST)
		s->max_cost = MIN_MAX_COST;
	*XB_PUSH(&s->todo, v, n, cap) = (struct box){0, s->a.n, 0, s->b.n, false};
	while (ok && s->todo.n)
		ok = solve(s, s->todo.v[--s->todo.n]);
	XB_FREE(s->todo.v, s->diagonals);
	return ok;
}

/* How many equal lines the other side has: none, few or many. */
enum matches { NO_MATCH, FEW_MATCHES, MANY_MATCHES };

/* Counts the lines without and with many matches in a row next to AT, in direction STEP, N lines at most. */
static void count_run(const unsigned char *kind, size_t at, int step, size_t n, size_t *none, size_t *many)
{
	for (; n; n--) {
		at = step < 0 ? at - 1 : at + 1;
		if (kind[at] == FEW_MATCHES)
			return;
		++*(kind[at] == NO_MATCH ? none : many);
	}
}

/* Whether a line with many matches is one of a few between many without: it would only mislead the search. */
static bool misleading(const unsigned char *kind, size_t at, size_t n)
{
	size_t up = at < WINDOW ? at : WINDOW, down = n - 1 - at < WINDOW ? n - 1 - at : WINDOW;
	size_t none_up = 0, none_down = 0, many = 2; /* git counts the line itself for both directions */
	count_run(kind, at, -1, up, &none_up, &many);
	if (!none_up)
		return false;
	count_run(kind, at, 1, down, &none_down, &many);
	if (!none_down)
		return false;
	return many * MANY_PER_NONE < many + none_up + none_down;
}

/*
 * Chooses the lines FROM .. TO-1 of SIDE that take part and marks the others
 * as changed. COUNT: how often each class occurs on the other side; WHOLE: the
 * number of the side's lines in the region, with the common ends.
 */
static void choose(struct xb_side *side, const uint32_t *count, size_t whole, size_t from, size_t to,
		   struct lines *out)
{
	size_t n = to - from;
	ptrdiff_t limit = rough_sqrt(whole);
	XB_AUTOFREE unsigned char *kind = xb_malloc(n);
	if (limit > MAX_MANY)
		limit = MAX_MANY;
	out->cls = xb_malloc(n * sizeof *out->cls);
	out->at = xb_malloc(n * sizeof *out->at);
	out->n = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t c = count[side->cls[from + i]];
		kind[i] = !c ? NO_MATCH : c >= (uint32_t)limit ? MANY_MATCHES : FEW_MATCHES;
	}
	for (size_t i = 0; i < n; i++) {
		if (kind[i] == NO_MATCH || (kind[i] == MANY_MATCHES && misleading(kind, i, n))) {
			side->changed[from + i] = true;
			continue;
		}
		out->cls[out->n] = side->cls[from + i];
		out->at[out->n++] = from + i;
	}
}

static void trim(const struct search *s, struct xb_region *r)
{
	const uint32_t *a = s->old->cls, *b = s->new->cls;
	while (r->a0 < r->a1 && r->b0 < r->b1 && a[r->a0] == b[r->b0]) {
		r->a0++;
		r->b0++;
	}
	while (r->a0 < r->a1 && r->b0 < r->b1 && a[r->a1 - 1] == b[r->b1 - 1]) {
		r->a1--;
		r->b1--;
	}
}

static void count_lines(const struct xb_side *s, uint32_t *count, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		count[s->cls[i]]++;
}

static void clear_counts(const struct xb_side *s, uint32_t *count, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		count[s->cls[i]] = 0;
}

/* Chooses the lines of both sides; the counts are those of the whole region R, INNER is R without common
 * ends. */
static void choose_lines(struct search *s, const struct xb_region *r, const struct xb_region *inner)
{
	struct xb_pair *p = s->p;
	if (!p->count_b)
		p->count_b = xb_calloc(p->n_cls, sizeof *p->count_b);
	count_lines(s->old, p->count_a, r->a0, r->a1);
	count_lines(s->new, p->count_b, r->b0, r->b1);
	choose(s->old, p->count_b, r->a1 - r->a0, inner->a0, inner->a1, &s->a);
	choose(s->new, p->count_a, r->b1 - r->b0, inner->b0, inner->b1, &s->b);
	clear_counts(s->old, p->count_a, r->a0, r->a1);
	clear_counts(s->new, p->count_b, r->b0, r->b1);
}

static void free_lines(struct lines *l)
{
	XB_FREE(l->cls, l->at);
}

bool xb_myers(struct xb_pair *p, struct xb_side *old, struct xb_side *new, const struct xb_region *r)
{
	struct search s = {.p = p, .old = old, .new = new};
	struct xb_region inner = *r;
	bool ok;
	if (!xb_pay(p, 2 * (r->a1 - r->a0 + r->b1 - r->b0)))
		return false;
	memset(old->changed + r->a0, false, r->a1 - r->a0);
	memset(new->changed + r->b0, false, r->b1 - r->b0);
	trim(&s, &inner);
	choose_lines(&s, r, &inner);
	ok = solve_all(&s);
	free_lines(&s.a);
	free_lines(&s.b);
	return ok;
}
