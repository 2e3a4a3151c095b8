/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which names an assembler file brings: macros of both kinds, labels, and what is named by ENTRY() and the
 * like. */
#include "lang.h"

#include "clex.h"

struct scan {
	struct xb_clex lx;
	xb_def_fn fn;
	void *ctx;
	struct xb_token last, last2, last3;
};

static void emit(struct scan *s, enum xb_def_kind kind, const struct xb_token *name)
{
	struct xb_def d = {.kind = kind,
			   .p = name->p,
			   .n = name->n,
			   .args = XB_ARGS_UNKNOWN,
			   .line = name->line,
			   .last = name->line};

	s->fn(s->ctx, &d);
}

static void take_define(struct scan *s)
{
	struct xb_token t;

	if (xb_clex_next(&s->lx, &t) && t.kind == XB_TOK_IDENT)
		emit(s, XB_DEF_MACRO, &t);
	while (t.kind != XB_TOK_EOD && xb_clex_next(&s->lx, &t))
		;
}

static void take(struct scan *s, const struct xb_token *t)
{
	if (xb_token_is(t, XB_TOK_DIRECTIVE, "define"))
		take_define(s);
	else if (t->kind == XB_TOK_IDENT && xb_token_is(&s->last, XB_TOK_IDENT, "macro") &&
		 xb_token_punct(&s->last2, '.'))
		emit(s, XB_DEF_ASM_MACRO, t);
	else if (xb_token_punct(t, ':') && s->last.kind == XB_TOK_IDENT && s->last.line != s->last2.line)
		emit(s, XB_DEF_LABEL, &s->last);
	else if (t->kind == XB_TOK_IDENT && xb_token_punct(&s->last, '(') && s->last2.kind == XB_TOK_IDENT &&
		 s->last2.line != s->last3.line && xb_lang_is_capitals(s->last2.p, s->last2.n))
		emit(s, XB_DEF_LISTED, t);
}

void xb_lang_asm_defs(const char *data, size_t len, xb_def_fn fn, void *ctx)
{
	struct scan s = {.fn = fn, .ctx = ctx};
	struct xb_token t;

	xb_clex_init(&s.lx, data, len);
	while (xb_clex_next(&s.lx, &t)) {
		take(&s, &t);
		s.last3 = s.last2;
		s.last2 = s.last;
		s.last = t;
	}
}
