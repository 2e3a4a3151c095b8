/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "refpat.h"

#include "util/alloc.h"
#include "util/buf.h"
#include "util/bytes.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Literal, placeholder, literal, placeholder, literal. */
#define PARTS_MAX 5
#define TEXT_MAX 400

/* A placeholder's kind is its XB_REFPAT_* bit, so that it indexes the captures as well. */
struct part {
	unsigned kind; /* 0: literal */
	const char *s; /* into text */
	size_t len;
};

struct xb_refpat {
	char *text;
	struct part part[PARTS_MAX];
	unsigned n, holds;
};

struct span {
	const char *s;
	size_t len;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name_char(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c && strchr("._+-", c));
}

/* ---- names ---- */

static bool component_ok(const char *s, size_t len)
{
	return len > 0 && len <= 250 && *s != '.' && *s != '-' && !xb_ends(s, len, ".lock") &&
	       !(len == 4 && !memcmp(s, "HEAD", 4));
}

static bool chars_ok(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == 0x7f || strchr("~^:?*[\\", *s))
			return false;
	return true;
}

bool xb_refname_ok(const char *name)
{
	size_t len = strlen(name), slashes = 0;

	if (len > 1000 || strncmp(name, "refs/", 5) != 0 || !chars_ok(name) || strstr(name, "..") ||
	    strstr(name, "@{") || name[len - 1] == '.')
		return false;
	for (const char *p = name;; slashes++) {
		size_t n = strcspn(p, "/");

		if (!component_ok(p, n))
			return false;
		if (!p[n])
			break;
		p += n + 1;
	}
	return slashes >= 2;
}

bool xb_line_name_ok(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++)
		if (!is_name_char(name[i]))
			return false;
	return component_ok(name, len) && name[len - 1] != '.' && !strstr(name, "..");
}

/* The longest [0-9]+(\.[0-9]+)* that S begins with. */
static size_t dotted(const char *s)
{
	size_t len = 0;

	while (is_digit(s[len])) {
		while (is_digit(s[len]))
			len++;
		if (s[len] != '.' || !is_digit(s[len + 1]))
			break;
		len++;
	}
	return len;
}

/* The next shorter one than LEN; 0: there is none. */
static size_t shorter(const char *s, size_t len)
{
	while (len && s[len - 1] != '.')
		len--;
	return len ? len - 1 : 0;
}

bool xb_version_ok(const char *s)
{
	size_t len = dotted(s);

	return len && !s[len];
}

/* Compares the digits at *A and *B as numbers and steps over them. */
static int number_cmp(const char **a, const char **b)
{
	const char *x = *a + strspn(*a, "0"), *y = *b + strspn(*b, "0");
	size_t m = strspn(x, "0123456789"), n = strspn(y, "0123456789");

	*a = x + m;
	*b = y + n;
	if (m != n)
		return m < n ? -1 : 1;
	return memcmp(x, y, n);
}

int xb_version_cmp(const char *a, const char *b)
{
	while (*a && *b) {
		if (is_digit(*a) && is_digit(*b)) {
			int d = number_cmp(&a, &b);

			if (d)
				return d < 0 ? -1 : 1;
		} else if (*a != *b) {
			break;
		} else {
			a++;
			b++;
		}
	}
	return (*a > *b) - (*a < *b);
}

/* ---- compiling ---- */

static const char *const names[] = {"", "{line}", "{n}"};

static struct xb_err *add_placeholder(struct xb_refpat *p, const char *s, unsigned allowed, size_t *len)
{
	unsigned kind = XB_REFPAT_LINE;

	if (strncmp(s, names[kind], strlen(names[kind])) != 0)
		kind = XB_REFPAT_N;
	*len = strlen(names[kind]);
	if (strncmp(s, names[kind], *len) != 0)
		return xb_err_new(XB_E_CONFIG, "'%s' has a brace that begins neither {line} nor {n}",
				  p->text);
	if (!(allowed & kind))
		return xb_err_new(XB_E_CONFIG, "'%s' must not have %s", p->text, names[kind]);
	if (p->holds & kind)
		return xb_err_new(XB_E_CONFIG, "'%s' has %s twice", p->text, names[kind]);
	if (is_digit(s[*len]) || s[*len] == '{' || (s > p->text && is_digit(s[-1])))
		return xb_err_new(XB_E_CONFIG, "'%s' has a digit or a placeholder directly beside %s",
				  p->text, names[kind]);
	p->holds |= kind;
	p->part[p->n++] = (struct part){kind, s, *len};
	return NULL;
}

static struct xb_err *split(struct xb_refpat *p, unsigned allowed)
{
	for (const char *s = p->text; *s;) {
		size_t len = strcspn(s, "{}");

		if (len)
			p->part[p->n++] = (struct part){0, s, len};
		else
			XB_TRY(add_placeholder(p, s, allowed, &len));
		s += len;
	}
	return NULL;
}

/* The text with the placeholders replaced. */
static char *fill(const struct xb_refpat *p, const char *line, const char *n)
{
	const char *with[] = {NULL, line, n};
	struct xb_buf b = XB_BUF_INIT;

	for (unsigned i = 0; i < p->n; i++) {
		const struct part *t = &p->part[i];

		if (t->kind)
			xb_buf_adds(&b, with[t->kind]);
		else
			xb_buf_add(&b, t->s, t->len);
	}
	return xb_buf_detach(&b);
}

static struct xb_err *check(const struct xb_refpat *p, unsigned required)
{
	XB_AUTOFREE char *sample = fill(p, "1", "1");

	for (unsigned kind = XB_REFPAT_LINE; kind <= XB_REFPAT_N; kind++)
		if (required & ~p->holds & kind)
			return xb_err_new(XB_E_CONFIG, "'%s' lacks %s", p->text, names[kind]);
	if (!xb_refname_ok(sample))
		return xb_err_new(XB_E_CONFIG, "'%s' makes no valid full ref name (such as refs/heads/NAME)",
				  p->text);
	return NULL;
}

struct xb_err *xb_refpat_compile(const char *text, unsigned required, unsigned allowed,
				 struct xb_refpat **out)
{
	XB_AUTOREFPAT struct xb_refpat *p = xb_calloc(1, sizeof *p);

	*out = NULL;
	p->text = xb_strdup(text);
	if (strlen(text) > TEXT_MAX)
		return xb_err_new(XB_E_CONFIG, "longer than %d bytes", TEXT_MAX);
	XB_TRY(split(p, allowed | required));
	XB_TRY(check(p, required));
	*out = XB_STEAL(p);
	return NULL;
}

struct xb_refpat *xb_refpat_bind(const struct xb_refpat *pat, const char *line)
{
	XB_AUTOFREE char *text = NULL;
	struct xb_refpat *p = NULL;

	if (!xb_line_name_ok(line))
		return NULL;
	text = fill(pat, line, names[XB_REFPAT_N]);
	xb_err_free(xb_refpat_compile(text, 0, XB_REFPAT_N, &p)); /* the one reason left: no ref name */
	return p;
}

void xb_refpat_free(struct xb_refpat *pat)
{
	if (!pat)
		return;
	free(pat->text);
	free(pat);
}

const char *xb_refpat_text(const struct xb_refpat *pat)
{
	return pat->text;
}

unsigned xb_refpat_holds(const struct xb_refpat *pat)
{
	return pat->holds;
}

/* ---- matching ---- */

/* Parts I and on against S. At most two placeholders, so this tries few cuts. */
static bool match_from(const struct xb_refpat *p, unsigned i, const char *s, struct span got[3])
{
	const struct part *t = &p->part[i];

	if (i == p->n)
		return !*s;
	if (!t->kind)
		return !strncmp(s, t->s, t->len) && match_from(p, i + 1, s + t->len, got);
	for (size_t len = dotted(s); len; len = shorter(s, len)) {
		got[t->kind] = (struct span){s, len};
		if (match_from(p, i + 1, s + len, got))
			return true;
	}
	return false;
}

static char *dup_span(bool ok, struct span got)
{
	return ok && got.s ? xb_memdup0(got.s, got.len) : NULL;
}

bool xb_refpat_match(const struct xb_refpat *pat, const char *refname, char **line, char **n)
{
	struct span got[3] = {{NULL, 0}};
	bool ok = match_from(pat, 0, refname, got);

	if (line)
		*line = dup_span(ok, got[XB_REFPAT_LINE]);
	if (n)
		*n = dup_span(ok, got[XB_REFPAT_N]);
	return ok;
}

bool xb_refpat_match_line(const struct xb_refpat *pat, const char *refname, const char *line, char **n)
{
	XB_AUTOREFPAT struct xb_refpat *bound = xb_refpat_bind(pat, line);

	if (n)
		*n = NULL;
	return bound && xb_refpat_match(bound, refname, NULL, n);
}

char *xb_refpat_expand(const struct xb_refpat *pat, const char *line, const char *n)
{
	XB_AUTOFREE char *name = NULL;

	if ((pat->holds & XB_REFPAT_LINE) && (!line || !xb_line_name_ok(line)))
		return NULL;
	if ((pat->holds & XB_REFPAT_N) && (!n || !xb_version_ok(n)))
		return NULL;
	name = fill(pat, line, n);
	return xb_refname_ok(name) ? XB_STEAL(name) : NULL;
}

/* ---- two patterns: a walk over the product of their automata ---- */

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
		const struct part *t = &p->part[i];

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
	if (v[i].kind == NUM_IN && is_digit(c))
		return i + 1;
	if (v[i].kind == NUM_ON && (is_digit(c) || c == '.'))
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
	const struct part *x = &a->part[0], *y = &b->part[0];

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
