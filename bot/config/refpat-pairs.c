/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two patterns are compared by a walk over the product of their automata. */
#include "refpat-impl.h"
#include "util/alloc.h"

#include <stdint.h>
#include <string.h>

/*
 * A literal is one state a byte. A placeholder is two: NUM_IN wants a digit and
 * goes to NUM_ON, which takes digits, goes back to NUM_IN with a dot, or ends.
 */
enum { LITERAL, NUM_IN, NUM_ON, END };

struct state {
	unsigned char kind;
	char c;
};

struct product {
	struct state *a, *b;
	size_t na, nb;
	unsigned char *seen;
	size_t *todo, n;
	bool same, nested;
};

static struct state *automaton(const struct xb_refpat *p, size_t *n)
{
	struct state *v = xb_calloc(strlen(p->text) + 1, sizeof *v);

	*n = 0;
	for (unsigned i = 0; i < p->n; i++) {
		const struct xb_refpat_part *t = &p->part[i];

		for (size_t k = 0; !t->kind && k < t->len; k++)
			v[(*n)++] = (struct state){LITERAL, t->s[k]};
		if (t->kind) {
			v[(*n)++].kind = NUM_IN;
			v[(*n)++].kind = NUM_ON;
		}
	}
	v[(*n)++].kind = END;
	return v;
}

/* Where the byte C leads from state I; SIZE_MAX: nowhere. */
static size_t step(const struct state *v, size_t i, char c)
{
	if (v[i].kind == LITERAL && v[i].c == c)
		return i + 1;
	if (v[i].kind == NUM_IN && xb_is_digit(c))
		return i + 1;
	if (v[i].kind == NUM_ON && (xb_is_digit(c) || c == '.'))
		return c == '.' ? i - 1 : i;
	return SIZE_MAX;
}

static void push(struct product *p, size_t i, size_t j)
{
	if (i == SIZE_MAX || j == SIZE_MAX || p->seen[i * p->nb + j])
		return;
	p->seen[i * p->nb + j] = 1;
	p->todo[p->n++] = i * p->nb + j;
}

static bool at_slash(const struct state *s)
{
	return s->kind == LITERAL && s->c == '/';
}

static void visit(struct product *p, size_t i, size_t j)
{
	const struct state *a = &p->a[i], *b = &p->b[j];
	const char c = (char)(a->kind == LITERAL ? a->c : b->kind == LITERAL ? b->c : '0');

	p->same = p->same || (a->kind == END && b->kind == END);
	p->nested = p->nested || (a->kind == END && at_slash(b)) || (b->kind == END && at_slash(a));
	if (a->kind == NUM_ON)
		push(p, i + 1, j);
	if (b->kind == NUM_ON)
		push(p, i, j + 1);
	push(p, step(p->a, i, c), step(p->b, j, c));
	if (a->kind != LITERAL && b->kind != LITERAL)
		push(p, step(p->a, i, '.'), step(p->b, j, '.'));
}

/* Most pairs part ways before the first placeholder. */
static bool part_early(const struct xb_refpat *a, const struct xb_refpat *b)
{
	const struct xb_refpat_part *x = &a->part[0], *y = &b->part[0];

	return memcmp(x->s, y->s, x->len < y->len ? x->len : y->len) != 0;
}

static void walk(struct product *p, const struct xb_refpat *a, const struct xb_refpat *b)
{
	p->a = automaton(a, &p->na);
	p->b = automaton(b, &p->nb);
	p->seen = xb_calloc(p->na * p->nb, 1);
	p->todo = xb_calloc(p->na * p->nb, sizeof *p->todo);
	push(p, 0, 0);
	while (p->n) {
		size_t k = p->todo[--p->n];

		visit(p, k / p->nb, k % p->nb);
	}
	free(p->a);
	free(p->b);
	free(p->seen);
	free(p->todo);
}

bool xb_refpat_overlap(const struct xb_refpat *a, const struct xb_refpat *b)
{
	struct product p = {.same = false};

	if (!part_early(a, b))
		walk(&p, a, b);
	return p.same;
}

bool xb_refpat_nests(const struct xb_refpat *a, const struct xb_refpat *b)
{
	struct product p = {.nested = false};

	if (!part_early(a, b))
		walk(&p, a, b);
	return p.nested;
}
