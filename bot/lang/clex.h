/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A lexer for C and for assembler that goes through the C preprocessor, made to
 * see names and where they stand, not to compile: comments are skipped, nothing
 * is expanded, both sides of an #if are read, and any bytes are accepted. Text
 * is borrowed; nothing is allocated.
 *
 *   struct xb_clex lx;
 *   struct xb_token t;
 *   xb_clex_init(&lx, data, len);
 *   while (xb_clex_next(&lx, &t)) ...
 */
#ifndef XB_CLEX_H
#define XB_CLEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum xb_tok {
	XB_TOK_IDENT,
	XB_TOK_NUMBER,
	XB_TOK_STRING,    /* p, n: without the quotes, escapes as they stand */
	XB_TOK_CHAR,      /* the same */
	XB_TOK_PUNCT,     /* one byte, or "->" */
	XB_TOK_DIRECTIVE, /* the name after a # that begins a line: "define", "if" */
	XB_TOK_HEADER,    /* after #include: with its quotes or brackets */
	XB_TOK_EOD,       /* the end of a directive's logical line */
};

struct xb_token {
	enum xb_tok kind;
	const char *p; /* borrowed from the text */
	size_t n;
	size_t line; /* from 1; where it begins */
};

struct xb_clex {
	const char *p, *end;
	size_t line;
	bool bol;       /* only blanks since the line began */
	bool directive; /* inside one */
	bool include;   /* the next token may be a header's name */
};

void xb_clex_init(struct xb_clex *lx, const char *data, size_t len);
/* The next token; false at the end of the text. A directive is always ended by XB_TOK_EOD. */
bool xb_clex_next(struct xb_clex *lx, struct xb_token *t);

/*
 * The next identifier in the text of a string literal, as the assembler would
 * see it: escapes part words, operands (%[name], %0, %name) are none. *AT
 * begins at 0. T.line is the literal's.
 */
bool xb_clex_word(const struct xb_token *string, size_t *at, struct xb_token *t);

static inline bool xb_token_is(const struct xb_token *t, enum xb_tok kind, const char *text)
{
	return t->kind == kind && t->n == strlen(text) && !memcmp(t->p, text, t->n);
}

static inline bool xb_token_punct(const struct xb_token *t, char c)
{
	return t->kind == XB_TOK_PUNCT && t->n == 1 && *t->p == c;
}

/* Letters, _, $ and whatever is not ASCII; as bits, one a byte. */
static inline bool xb_ident_start(unsigned char c)
{
	static const uint64_t bits[4] = {UINT64_C(1) << '$', UINT64_C(0x07fffffe87fffffe), UINT64_MAX,
					 UINT64_MAX};

	return bits[c >> 6] >> (c & 63) & 1;
}

static inline bool xb_ident_part(unsigned char c)
{
	static const uint64_t bits[4] = {UINT64_C(0x3ff) << '0' | UINT64_C(1) << '$',
					 UINT64_C(0x07fffffe87fffffe), UINT64_MAX, UINT64_MAX};

	return bits[c >> 6] >> (c & 63) & 1;
}

/* Does the C or assembler text use NAME, outside comments? Words of strings count. */
bool xb_clex_mentions(const char *data, size_t len, const char *name, size_t n);

#endif
