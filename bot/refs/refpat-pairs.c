/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two patterns are compared by a walk over the product of their automata. */
#include "refpat-impl.h"
#include "util/alloc.h"

#include <stdint.h>
#include <string.h>

/*
 * A literal is one state a byte. A placeholder is two: NUM_IN wants a digit and
 * goes to NUM_ON, which takes digits, goes back to NUM_IN with a dot, or ends.
 * Where letters are allowed, both take any of them, which is more than there can be.
 * GAP is where what may be missing begins, and goes on there or at TO.
 */
enum { LITERAL, NUM_IN, NUM_ON, GAP, END };

struct state {
	unsigned char kind;
	char c; /* of a literal; between numbers */
	bool letters;
	size_t to;
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
	size_t gap = 0;

	*n = 0;
	for (unsigned i = 0; i < p->n; i++) {
		const struct xb_refpat_part *t = &p->part[i];

		if (p->opt_to && i == p->opt_from)
			v[gap = (*n)++].kind = GAP;
		if (p->opt_to && i == p->opt_to)
			v[gap].to = *n;
		for (size_t k = 0; !t->kind && k < t->len; k++)
			v[(*n)++] = (struct state){.kind = LITERAL, .c = t->s[k]};
		if (t->kind) {
			v[(*n)++] = (struct state){.kind = NUM_IN, .c = t->sep, .letters = t->letters};
			v[(*n)++] = (struct state){.kind = NUM_ON, .c = t->sep, .letters = t->letters};
		}
	}
	if (gap && !v[gap].to)
		v[gap].to = *n;
	v[(*n)++].kind = END;
	return v;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Where the byte C leads from state I; SIZE_MAX: nowhere. */
static size_t step(const struct state *v, size_t i, char c)
{
	const struct state *s = &v[i];
	bool more = s->letters && (is_letter(c) || strchr("._-", c));

	if (s->kind == LITERAL)
		return s->c == c ? i + 1 : SIZE_MAX;
	if (s->kind == NUM_IN)
		return xb_is_digit(c) || more ? i + 1 : SIZE_MAX;
	if (s->kind == NUM_ON && (xb_is_digit(c) || more))
		return i;
	return s->kind == NUM_ON && c == s->c ? i - 1 : SIZE_MAX;
}

static void push(struct product *p, size_t i, size_t j)
{
	if (i == SIZE_MAX || j == SIZE_MAX || p->seen[i * p->nb + j])
		return;
	p->seen[i * p->nb + j] = 1;
	p->todo[p->n++] = i * p->nb + j;
}

/* What goes on without a byte. */
static void skip(struct product *p, size_t i, size_t j)
{
	if (p->a[i].kind == NUM_ON || p->a[i].kind == GAP)
		push(p, i + 1, j);
	if (p->a[i].kind == GAP)
		push(p, p->a[i].to, j);
	if (p->b[j].kind == NUM_ON || p->b[j].kind == GAP)
		push(p, i, j + 1);
	if (p->b[j].kind == GAP)
		push(p, i, p->b[j].to);
}

static bool at_slash(const struct state *s)
{
	return s->kind == LITERAL && s->c == '/';
}

static void visit(struct product *p, size_t i, size_t j)
{
	static const char both[] = "0._-a"; /* one of each sort of byte that a placeholder takes */
	const struct state *a = &p->a[i], *b = &p->b[j];
	const char c = (char)(a->kind == LITERAL ? a->c : b->kind == LITERAL ? b->c : '0');

	p->same = p->same || (a->kind == END && b->kind == END);
	p->nested = p->nested || (a->kind == END && at_slash(b)) || (b->kind == END && at_slash(a));
	skip(p, i, j);
	push(p, step(p->a, i, c), step(p->b, j, c));
	for (const char *k = both; *k && a->kind != LITERAL && b->kind != LITERAL; k++)
		push(p, step(p->a, i, *k), step(p->b, j, *k));
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
	XB_FREE(p->a, p->b, p->seen, p->todo);
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
