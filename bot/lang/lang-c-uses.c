/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which names lines of C use. */
#include "lang.h"

#include "clex.h"
#include "util/bytes.h"

#define MAX_CALLS 32 /* calls within calls whose arguments are counted */

struct call {
	struct xb_token name;
	unsigned parens, braces; /* depths of its arguments */
	int args;
	bool seen, on;
};

struct scan {
	struct xb_clex lx;
	const struct xb_lineset *on;
	xb_use_fn fn;
	void *ctx;
	struct xb_token t, next; /* the one at hand, and the one after */
	bool has_next;
	struct xb_token last, last2, last3; /* before it */
	struct call calls[MAX_CALLS];
	size_t n_calls;
	unsigned parens, braces; /* { and [ count as one kind */
	bool list;               /* after a declared name: more may follow a comma */
	unsigned list_parens;
};

static void emit(struct scan *s, enum xb_use_kind kind, const struct xb_token *t, int args)
{
	struct xb_use u = {.kind = kind, .p = t->p, .n = t->n, .args = args, .line = t->line};

	s->fn(s->ctx, &u);
}

/* May T be (the last word of) a type? */
static bool type_like(const struct xb_token *t)
{
	static const char *const never[] = {"return", "goto",  "else", "case", "sizeof",  "typeof",
					    "struct", "union", "enum", "do",   "defined", NULL};

	return t->kind == XB_TOK_IDENT && t->n && !xb_is_among(t->p, t->n, never);
}

static bool next_is(const struct scan *s, const char *chars)
{
	return s->has_next && s->next.kind == XB_TOK_PUNCT && s->next.n == 1 && strchr(chars, *s->next.p);
}

/* `type name`, `type *name`: by custom a star of a declaration stands at the name, with a blank before it. */
static bool declares(struct scan *s)
{
	bool star = xb_token_punct(&s->last, '*') && s->last.p + 1 == s->t.p;

	if (!next_is(s, ";,=)[:({"))
		return false;
	if (type_like(&s->last))
		return true;
	if (star && type_like(&s->last2) && s->last.p > s->last2.p + s->last2.n)
		return true;
	if (star && xb_token_punct(&s->last2, '*') && type_like(&s->last3))
		return true;
	return s->list && s->parens == s->list_parens &&
	       (xb_token_punct(&s->last, ',') || (star && xb_token_punct(&s->last2, ',')));
}

/* name: at the start of a statement. */
static bool is_label(const struct scan *s)
{
	if (xb_token_is(&s->last, XB_TOK_IDENT, "goto"))
		return true;
	return next_is(s, ":") && s->last.kind == XB_TOK_PUNCT && s->last.n == 1 &&
	       strchr(";{}:", *s->last.p);
}

static bool on_line(const struct scan *s, const struct xb_token *t)
{
	return xb_lineset_has(s->on, t->line);
}

static bool is_member(const struct scan *s)
{
	if (s->last.kind != XB_TOK_PUNCT)
		return false;
	if (s->last.n == 2)
		return true;
	/* `...x` is none */
	return *s->last.p == '.' && !xb_token_punct(&s->last2, '.');
}

static void begin_call(struct scan *s)
{
	struct call *c;

	if (s->n_calls == MAX_CALLS)
		return;
	c = &s->calls[s->n_calls++];
	*c = (struct call){
	    .name = s->t, .parens = s->parens + 1, .braces = s->braces, .on = on_line(s, &s->t)};
}

static void take_ident(struct scan *s)
{
	if (is_member(s)) {
		if (on_line(s, &s->t))
			emit(s, XB_USE_MEMBER, &s->t, XB_ARGS_UNKNOWN);
		return;
	}
	if (declares(s) || is_label(s)) {
		s->list = true;
		s->list_parens = s->parens;
		if (on_line(s, &s->t))
			emit(s, XB_USE_DECLARED, &s->t, XB_ARGS_UNKNOWN);
	} else if (next_is(s, "(")) {
		begin_call(s);
	} else if (on_line(s, &s->t)) {
		emit(s, XB_USE_NAME, &s->t, XB_ARGS_UNKNOWN);
	}
}

static void end_call(struct scan *s)
{
	struct call *c = &s->calls[s->n_calls - 1];

	if (c->on)
		emit(s, XB_USE_CALL, &c->name, c->args + c->seen);
	s->n_calls--;
}

static void take_punct(struct scan *s)
{
	struct call *c = s->n_calls ? &s->calls[s->n_calls - 1] : NULL;

	switch (*s->t.p) {
	case '(':
		s->parens++;
		break;
	case ')':
		if (c && c->parens == s->parens)
			end_call(s);
		s->parens -= s->parens > 0;
		break;
	case '{':
	case '}':
	case ';':
		s->list = false;
		if (!s->parens)
			s->n_calls = 0;
		break;
	case ',':
		if (c && c->parens == s->parens && c->braces == s->braces)
			c->args++;
		break;
	default:
		break;
	}
	if (*s->t.p == '[' || *s->t.p == '{')
		s->braces++;
	else if (*s->t.p == ']' || *s->t.p == '}')
		s->braces -= s->braces > 0;
}

static void take_string(struct scan *s)
{
	struct xb_token w;
	size_t from = 0;

	while (on_line(s, &s->t) && xb_clex_word(&s->t, &from, &w))
		emit(s, XB_USE_ASM_WORD, &w, XB_ARGS_UNKNOWN);
}

static void advance(struct scan *s)
{
	s->last3 = s->last2;
	s->last2 = s->last;
	s->last = s->t;
	s->t = s->next;
	s->has_next = xb_clex_next(&s->lx, &s->next);
}

/* #define NAME(a, b): NAME and its parameters are made here, the rest is used. */
static void take_define(struct scan *s)
{
	bool params;

	advance(s);
	params = s->t.kind == XB_TOK_IDENT && xb_token_punct(&s->next, '(') && s->next.p == s->t.p + s->t.n;
	if (s->t.kind == XB_TOK_IDENT && on_line(s, &s->t))
		emit(s, XB_USE_DECLARED, &s->t, XB_ARGS_UNKNOWN);
	while (params && s->has_next && !xb_token_punct(&s->next, ')') && s->next.kind != XB_TOK_EOD) {
		advance(s);
		if (s->t.kind == XB_TOK_IDENT && on_line(s, &s->t))
			emit(s, XB_USE_DECLARED, &s->t, XB_ARGS_UNKNOWN);
	}
	if (params)
		advance(s);
	s->t.kind = XB_TOK_EOD; /* what follows is no declarator after a type */
}

/* A condition about a name that isn't there is false, and compiles. */
static void skip_condition(struct scan *s)
{
	while (s->has_next && s->next.kind != XB_TOK_EOD)
		advance(s);
}

static void take_directive(struct scan *s)
{
	/* What was open before belongs to other text than what the directive has. */
	if (xb_token_is(&s->t, XB_TOK_DIRECTIVE, "define"))
		take_define(s);
	else if (s->t.p[0] == 'i' && s->t.p[1] == 'n')
		return;
	else
		skip_condition(s);
}

static void take(struct scan *s)
{
	switch (s->t.kind) {
	case XB_TOK_IDENT:
		take_ident(s);
		break;
	case XB_TOK_PUNCT:
		take_punct(s);
		break;
	case XB_TOK_STRING:
		take_string(s);
		break;
	case XB_TOK_HEADER:
		if (on_line(s, &s->t))
			emit(s, XB_USE_HEADER, &s->t, XB_ARGS_UNKNOWN);
		break;
	case XB_TOK_DIRECTIVE:
		take_directive(s);
		break;
	case XB_TOK_NUMBER:
	case XB_TOK_CHAR:
	case XB_TOK_EOD:
		break;
	}
	/* Whatever stands between the parentheses is an argument. */
	if (s->n_calls && s->t.kind != XB_TOK_EOD && s->parens >= s->calls[s->n_calls - 1].parens &&
	    !(xb_token_punct(&s->t, '(') && s->parens == s->calls[s->n_calls - 1].parens))
		s->calls[s->n_calls - 1].seen = true;
}

void xb_lang_c_uses(const char *data, size_t len, const struct xb_lineset *on, xb_use_fn fn, void *ctx)
{
	struct scan s = {.on = on, .fn = fn, .ctx = ctx};

	xb_clex_init(&s.lx, data, len);
	s.has_next = xb_clex_next(&s.lx, &s.next);
	/* After the last line of interest only calls that began there are read to their ends. */
	while (s.has_next && (s.next.line <= on->lines || s.n_calls)) {
		advance(&s);
		take(&s);
	}
}
