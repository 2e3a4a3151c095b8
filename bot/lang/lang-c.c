/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which names C brings: one pass over the tokens with a stack of braces, outside functions. */
#include "lang.h"

#include "clex.h"
#include "util/bytes.h"

#define MAX_DEPTH 64 /* of braces, and of #if: what is deeper is not looked at */
#define MAX_LISTED 8 /* names in one call of a list's macro */

enum place { P_FILE, P_STRUCT, P_ENUM, P_OTHER };

/* The declaration that is being read. */
struct decl {
	struct xb_token name; /* what it would declare if it ended here */
	struct xb_token tag;  /* after struct, union or enum */
	struct xb_token func; /* the name before its first parameters */
	struct xb_token listed[MAX_LISTED];
	size_t n_listed;
	size_t words;          /* names and stars that came before */
	enum place keyword;    /* P_STRUCT, P_ENUM: it was said; else P_FILE */
	bool is_typedef, init; /* after the = */
	bool has_name, has_tag, has_func, want_tag, external;
	unsigned parens, brackets;
	int args;
	bool has_list; /* it begins like a call of a macro in capitals */
	bool counting, arg_seen, arg_void, indirect;
};

struct level {
	enum place place;
	struct decl outer; /* goes on after the closing brace */
};

struct parse {
	struct xb_clex lx;
	xb_def_fn fn;
	void *ctx;
	struct level stack[MAX_DEPTH];
	size_t depth;          /* levels in use */
	size_t lost;           /* braces beyond MAX_DEPTH */
	size_t ifs[MAX_DEPTH]; /* depth at each open #if */
	size_t n_ifs;
	struct decl d;
	struct xb_token last; /* the token before */
};

static void emit(struct parse *ps, enum xb_def_kind kind, const struct xb_token *name, int args, size_t last)
{
	struct xb_def d = {
	    .kind = kind, .p = name->p, .n = name->n, .args = args, .line = name->line, .last = last};

	ps->fn(ps->ctx, &d);
}

static enum place place(const struct parse *ps)
{
	return ps->depth ? ps->stack[ps->depth - 1].place : P_FILE;
}

static void reset(struct parse *ps)
{
	memset(&ps->d, 0, sizeof ps->d);
}

/* Followed by parentheses, but not what is declared. */
static bool is_attribute(const struct xb_token *t)
{
	static const char *const words[] = {
	    "__attribute__", "__attribute", "__aligned", "__section",  "asm",      "__asm__", "typeof",
	    "__typeof__",    "sizeof",      "_Alignas",  "__declspec", "noreturn", NULL};

	return xb_is_among(t->p, t->n, words);
}

/* What the declarator so far declares, at a comma, semicolon, = or the like. */
static void end_name(struct parse *ps, size_t line)
{
	struct decl *d = &ps->d;
	enum place at = place(ps);

	if (d->is_typedef && (d->has_func || d->has_name))
		emit(ps, XB_DEF_TYPE, d->has_func ? &d->func : &d->name, XB_ARGS_NONE, line);
	else if (d->has_func)
		emit(ps, at == P_STRUCT || d->indirect ? XB_DEF_FIELD : XB_DEF_FUNCTION, &d->func,
		     at == P_STRUCT || d->indirect ? XB_ARGS_UNKNOWN : d->args, line);
	else if (d->has_name && d->words > 1)
		emit(ps, at == P_STRUCT ? XB_DEF_FIELD : XB_DEF_VARIABLE, &d->name, XB_ARGS_NONE, line);
	d->has_func = d->has_name = d->indirect = false;
}

static void end_listed(struct parse *ps)
{
	for (size_t i = 0; i < ps->d.n_listed; i++)
		emit(ps, XB_DEF_LISTED, &ps->d.listed[i], XB_ARGS_NONE, ps->d.listed[i].line);
}

static void open_paren(struct parse *ps)
{
	struct decl *d = &ps->d;

	if (d->parens++ || d->init)
		return;
	if (ps->last.kind != XB_TOK_IDENT || d->has_func || is_attribute(&ps->last))
		return;
	if (d->words <= 2 && xb_lang_is_capitals(ps->last.p, ps->last.n)) { /* perhaps after `static` */
		d->has_list = true;
		d->n_listed = 0;
	} else if (d->words > 1) {
		d->func = ps->last;
		d->has_func = true;
	}
	d->counting = d->has_func;
	d->args = 0;
	d->arg_seen = d->arg_void = false;
}

static void close_paren(struct parse *ps)
{
	struct decl *d = &ps->d;

	if (!d->parens || --d->parens)
		return;
	if (d->counting && d->arg_seen && !d->arg_void && d->args >= 0)
		d->args++;
	d->counting = false;
	if (!d->has_list || d->init)
		return;
	end_listed(ps);
	reset(ps);
	d->words = place(ps) == P_STRUCT; /* the macro may have been the type of what follows */
}

static void count_argument(struct decl *d, const struct xb_token *t)
{
	bool first = d->parens == 1;

	if (first && xb_token_punct(t, ',')) {
		d->args += d->args >= 0;
		d->arg_seen = false;
		return;
	}
	if (first && xb_token_punct(t, '.'))
		d->args = XB_ARGS_UNKNOWN;
	/* Only `(void)` is void; `void *` and `void (*)` are seen as more. */
	d->arg_void = first && !d->arg_seen && xb_token_is(t, XB_TOK_IDENT, "void");
	d->arg_seen = true;
}

/* Inside parentheses: parameters are counted, names of a list are kept. */
static void in_parens(struct parse *ps, const struct xb_token *t)
{
	struct decl *d = &ps->d;
	bool first = d->parens == 1;

	/* `type (*name)`: no parameters begin like that. */
	if (first && xb_token_punct(t, '*') && xb_token_punct(&ps->last, '('))
		d->has_func = d->counting = false;
	if (d->counting)
		count_argument(d, t);
	if (t->kind != XB_TOK_IDENT)
		return;
	if (d->has_list && d->n_listed < MAX_LISTED &&
	    (xb_token_punct(&ps->last, '(') || xb_token_punct(&ps->last, ',')))
		d->listed[d->n_listed++] = *t;
	/* A pointer to a function: its name comes after (*. */
	if (!d->has_func && !d->has_list && first && xb_token_punct(&ps->last, '*') && d->words > 0) {
		d->func = *t;
		d->has_func = d->indirect = true;
	}
}

static void push(struct parse *ps, enum place to)
{
	if (ps->depth == MAX_DEPTH) {
		ps->lost++;
		return;
	}
	ps->stack[ps->depth].place = to;
	ps->stack[ps->depth++].outer = ps->d;
	reset(ps);
}

static void open_brace(struct parse *ps)
{
	struct decl *d = &ps->d;

	if (place(ps) == P_OTHER || d->init || d->parens) {
		push(ps, P_OTHER);
	} else if (d->keyword != P_FILE && !d->has_func) {
		if (d->has_tag)
			emit(ps, XB_DEF_TYPE, &d->tag, XB_ARGS_NONE, d->tag.line);
		d->has_name = false;
		d->words++;
		push(ps, d->keyword);
	} else if (d->external && !d->has_func) {
		push(ps, P_FILE);
		ps->stack[ps->depth - 1].outer = (struct decl){0};
	} else {
		if (d->has_func && place(ps) == P_FILE)
			end_name(ps, ps->last.line);
		reset(ps);
		push(ps, P_OTHER);
	}
}

static void close_brace(struct parse *ps)
{
	enum place was = place(ps);

	if (ps->lost) {
		ps->lost--;
		return;
	}
	if (!ps->depth)
		return;
	if (was == P_ENUM && ps->d.has_name)
		emit(ps, XB_DEF_ENUMERATOR, &ps->d.name, XB_ARGS_NONE, ps->d.name.line);
	ps->d = ps->stack[--ps->depth].outer;
	/* A tag that was defined here is no declared name. */
	ps->d.has_tag = false;
	ps->d.keyword = P_FILE;
}

/* Between the braces of an enum. */
static void in_enum(struct parse *ps, const struct xb_token *t)
{
	struct decl *d = &ps->d;

	if (xb_token_punct(t, ',') || xb_token_punct(t, '=')) {
		if (d->has_name && !d->init)
			emit(ps, XB_DEF_ENUMERATOR, &d->name, XB_ARGS_NONE, d->name.line);
		d->has_name = false;
		d->init = xb_token_punct(t, '=');
	} else if (t->kind == XB_TOK_IDENT && !d->init) {
		d->name = *t;
		d->has_name = true;
	}
}

static void take_word(struct parse *ps, const struct xb_token *t)
{
	static const char *const aggregates[] = {"struct", "union", NULL};
	struct decl *d = &ps->d;

	if (xb_is_among(t->p, t->n, aggregates) || xb_token_is(t, XB_TOK_IDENT, "enum")) {
		d->keyword = *t->p == 'e' ? P_ENUM : P_STRUCT;
		d->want_tag = true;
		d->words++;
		return;
	}
	if (xb_token_is(t, XB_TOK_IDENT, "typedef"))
		d->is_typedef = true;
	else if (xb_token_is(t, XB_TOK_IDENT, "extern"))
		d->external = true;
	else if (is_attribute(t) ||
		 (d->want_tag && t->n > 2 && !memcmp(t->p, "__", 2))) /* struct __packed x */
		return;
	else if (d->want_tag) {
		d->tag = *t;
		d->has_tag = true;
		d->want_tag = false;
	} else {
		d->name = *t;
		d->has_name = true;
	}
	d->words++;
}

static void take_punct(struct parse *ps, const struct xb_token *t)
{
	struct decl *d = &ps->d;

	switch (*t->p) {
	case ';':
		if (d->has_tag && d->words == 2) /* struct x; */
			emit(ps, XB_DEF_TYPE, &d->tag, XB_ARGS_NONE, t->line);
		if (!d->init)
			end_name(ps, t->line);
		reset(ps);
		break;
	case ',':
		if (!d->init)
			end_name(ps, t->line);
		d->init = false;
		break;
	case '=':
		end_name(ps, t->line);
		d->init = true;
		break;
	case ':': /* a bit-field; a label or access word is one word alone */
		if (place(ps) == P_STRUCT)
			end_name(ps, t->line);
		d->init = true;
		break;
	case '[':
		d->brackets++;
		break;
	case '*':
		d->words += !d->init;
		break;
	default:
		break;
	}
}

static void take(struct parse *ps, const struct xb_token *t)
{
	struct decl *d = &ps->d;

	if (xb_token_punct(t, '{')) {
		open_brace(ps);
	} else if (xb_token_punct(t, '}')) {
		close_brace(ps);
	} else if (place(ps) == P_OTHER) {
		return;
	} else if (xb_token_punct(t, '(')) {
		if (d->parens)
			in_parens(ps, t);
		open_paren(ps);
	} else if (xb_token_punct(t, ')')) {
		close_paren(ps);
	} else if (d->parens) {
		in_parens(ps, t);
	} else if (d->brackets) {
		d->brackets -= xb_token_punct(t, ']');
		d->brackets += xb_token_punct(t, '[');
	} else if (place(ps) == P_ENUM) {
		in_enum(ps, t);
	} else if (t->kind == XB_TOK_IDENT && !d->init) {
		take_word(ps, t);
	} else if (t->kind == XB_TOK_PUNCT) {
		take_punct(ps, t);
	}
}

/* #define NAME or #define NAME(a, b): the parenthesis must follow at once. */
static void take_define(struct parse *ps)
{
	struct xb_token name, t;
	int args = XB_ARGS_NONE;
	bool params;

	if (!xb_clex_next(&ps->lx, &name) || name.kind != XB_TOK_IDENT)
		return;
	params = ps->lx.p < ps->lx.end && *ps->lx.p == '(';
	while (xb_clex_next(&ps->lx, &t) && t.kind != XB_TOK_EOD) {
		if (!params)
			continue;
		if (xb_token_punct(&t, '('))
			args = 0;
		else if (xb_token_punct(&t, ')'))
			params = false;
		else if (t.kind == XB_TOK_IDENT && args >= 0)
			args++;
		else if (xb_token_punct(&t, '.'))
			args = XB_ARGS_UNKNOWN;
	}
	emit(ps, XB_DEF_MACRO, &name, args, t.line);
}

/* Braces that both sides of an #if open are opened once. */
static void take_conditional(struct parse *ps, const struct xb_token *t)
{
	bool begins = t->p[0] == 'i', ends = t->n == 5 && !memcmp(t->p, "endif", 5);

	if (begins) {
		if (ps->n_ifs < MAX_DEPTH)
			ps->ifs[ps->n_ifs] = ps->depth;
		ps->n_ifs++;
	} else if (ps->n_ifs && ps->n_ifs <= MAX_DEPTH) {
		if (!ends && ps->ifs[ps->n_ifs - 1] < ps->depth) {
			ps->depth = ps->ifs[ps->n_ifs - 1];
			ps->d = ps->stack[ps->depth].outer;
		}
	}
	if (ends && ps->n_ifs)
		ps->n_ifs--;
}

static void take_directive(struct parse *ps, const struct xb_token *t)
{
	struct xb_token skip;

	if (xb_token_is(t, XB_TOK_DIRECTIVE, "define")) {
		take_define(ps);
		return;
	}
	if (t->p[0] != 'u' && memcmp(t->p, "in", 2) != 0)
		take_conditional(ps, t);
	while (xb_clex_next(&ps->lx, &skip) && skip.kind != XB_TOK_EOD)
		;
}

/* The word after `.macro`, in the text or in a string. */
static void take_asm_macro(struct parse *ps, const struct xb_token *string)
{
	struct xb_token w, before = {0};
	size_t from = 0;

	while (xb_clex_word(string, &from, &w)) {
		if (before.n == 5 && before.p > string->p && before.p[-1] == '.' &&
		    !memcmp(before.p, "macro", 5))
			emit(ps, XB_DEF_ASM_MACRO, &w, XB_ARGS_UNKNOWN, w.line);
		before = w;
	}
}

/* A header's part for assembler files isn't C. True when the token belonged to one. */
static bool in_asm(struct parse *ps, const struct xb_token *t)
{
	struct xb_token name;

	if (t->kind == XB_TOK_STRING) {
		if (memmem(t->p, t->n, ".macro", 6))
			take_asm_macro(ps, t);
		return false;
	}
	if (!xb_token_is(t, XB_TOK_IDENT, "macro") || !xb_token_punct(&ps->last, '.'))
		return false;
	if (!xb_clex_next(&ps->lx, &name) || name.kind != XB_TOK_IDENT)
		return true;
	emit(ps, XB_DEF_ASM_MACRO, &name, XB_ARGS_UNKNOWN, name.line);
	while (xb_clex_next(&ps->lx, &name) && !xb_token_is(&name, XB_TOK_IDENT, "endm"))
		if (xb_token_is(&name, XB_TOK_DIRECTIVE, "define"))
			take_define(ps);
	reset(ps);
	return true;
}

void xb_lang_c_defs(const char *data, size_t len, xb_def_fn fn, void *ctx)
{
	struct parse ps = {.fn = fn, .ctx = ctx};
	struct xb_token t;

	xb_clex_init(&ps.lx, data, len);
	while (xb_clex_next(&ps.lx, &t)) {
		if (t.kind == XB_TOK_DIRECTIVE)
			take_directive(&ps, &t);
		else if (!in_asm(&ps, &t))
			take(&ps, &t);
		ps.last = t;
	}
}
