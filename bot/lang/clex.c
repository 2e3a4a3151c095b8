/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clex.h"

#include "util/bytes.h"

/* A character constant longer than this is an apostrophe in an assembler's comment. */
#define MAX_CHAR 16

void xb_clex_init(struct xb_clex *lx, const char *data, size_t len)
{
	*lx = (struct xb_clex){.p = data, .end = data + len, .line = 1, .bol = true};
}

static size_t left(const struct xb_clex *lx)
{
	return (size_t)(lx->end - lx->p);
}

static bool at(const struct xb_clex *lx, const char *two)
{
	return left(lx) >= 2 && lx->p[0] == two[0] && lx->p[1] == two[1];
}

/* The length of a backslash-newline here, or 0. */
static size_t splice(const struct xb_clex *lx)
{
	if (at(lx, "\\\n"))
		return 2;
	return left(lx) >= 3 && !memcmp(lx->p, "\\\r\n", 3) ? 3 : 0;
}

static void skip_block_comment(struct xb_clex *lx)
{
	const char *from = lx->p + 2, *close = memmem(from, (size_t)(lx->end - from), "*/", 2);

	lx->p = close ? close + 2 : lx->end;
	lx->line += xb_count_newlines(from, (size_t)(lx->p - from));
}

/* To the newline that ends the logical line, which stays. */
static void skip_line(struct xb_clex *lx)
{
	while (lx->p < lx->end && *lx->p != '\n') {
		size_t n = splice(lx);

		lx->line += n > 0;
		if (!n && at(lx, "/*"))
			skip_block_comment(lx);
		else
			lx->p += n ? n : 1;
	}
}

/* A // comment: a block comment's begin in it means nothing. */
static void skip_line_comment(struct xb_clex *lx)
{
	while (lx->p < lx->end && *lx->p != '\n') {
		size_t n = splice(lx);

		lx->line += n > 0;
		lx->p += n ? n : 1;
	}
}

/* A comment that begins here; false where none does. */
static bool skip_comment(struct xb_clex *lx)
{
	if (at(lx, "/*"))
		skip_block_comment(lx);
	else if (at(lx, "//"))
		skip_line_comment(lx);
	else
		return false;
	return true;
}

/* Blanks and comments, up to a newline inside a directive. */
static void skip_space(struct xb_clex *lx)
{
	while (lx->p < lx->end) {
		size_t n;

		switch (*lx->p) {
		case ' ':
		case '\t':
		case '\v':
		case '\f':
		case '\r':
			lx->p++;
			break;
		case '\n':
			if (lx->directive)
				return;
			lx->p++;
			lx->line++;
			lx->bol = true;
			break;
		case '\\':
			n = splice(lx);
			if (!n)
				return;
			lx->p += n;
			lx->line++;
			break;
		case '/':
			if (!skip_comment(lx))
				return;
			break;
		default:
			return;
		}
	}
}

static void take(struct xb_clex *lx, struct xb_token *t, enum xb_tok kind, size_t n)
{
	*t = (struct xb_token){.kind = kind, .p = lx->p, .n = n, .line = lx->line};
	lx->p += n;
}

static size_t ident_len(const char *p, const char *end)
{
	const char *s = p;

	while (s < end && xb_ident_part((unsigned char)*s))
		s++;
	return (size_t)(s - p);
}

/* A preprocessing number: 1e+3, 0x1fUL, 1.5. */
static size_t number_len(const char *p, const char *end)
{
	const char *s = p;

	while (s < end && (xb_ident_part((unsigned char)*s) || *s == '.' ||
			   ((*s == '+' || *s == '-') && ((s[-1] | 32) == 'e' || (s[-1] | 32) == 'p') &&
			    s - p > 1 && p[1] != 'x' && p[1] != 'X')))
		s++;
	return (size_t)(s - p);
}

/* The length of the literal's inside, from after its quote; SIZE_MAX where the line ends before it does. */
static size_t quoted_len(const struct xb_clex *lx, char quote, size_t *newlines)
{
	const char *s = lx->p + 1;

	*newlines = 0;
	for (; s < lx->end && *s != quote; s++) {
		if (*s == '\n')
			return (size_t)-1;
		if (*s == '\\' && s + 1 < lx->end) {
			s++;
			*newlines += *s == '\n';
		}
	}
	return s < lx->end ? (size_t)(s - lx->p - 1) : (size_t)-1;
}

static bool take_quoted(struct xb_clex *lx, struct xb_token *t)
{
	char quote = *lx->p;
	size_t newlines, n = quoted_len(lx, quote, &newlines);

	if (n == (size_t)-1 || (quote == '\'' && n > MAX_CHAR))
		return false;
	lx->p++;
	take(lx, t, quote == '"' ? XB_TOK_STRING : XB_TOK_CHAR, n);
	lx->p++;
	lx->line += newlines;
	return true;
}

/* After the #. What is no directive of C is an assembler's comment; the text of #error isn't C. */
static bool take_directive(struct xb_clex *lx, struct xb_token *t)
{
	static const char *const known[] = {"define", "undef", "include", "include_next", "if", "ifdef",
					    "ifndef", "elif",  "else",    "endif",        NULL};
	static const char *const including[] = {"include", "include_next", NULL};
	size_t n;

	lx->p++;
	lx->directive = true;
	skip_space(lx);
	n = ident_len(lx->p, lx->end);
	if (!xb_is_among(lx->p, n, known)) {
		skip_line(lx);
		lx->directive = false;
		return false;
	}
	lx->include = xb_is_among(lx->p, n, including);
	take(lx, t, XB_TOK_DIRECTIVE, n);
	return true;
}

static bool take_header(struct xb_clex *lx, struct xb_token *t)
{
	const char *close;

	lx->include = false;
	if (*lx->p != '<' && *lx->p != '"')
		return false;
	close = memchr(lx->p + 1, *lx->p == '<' ? '>' : '"', left(lx) - 1);
	if (!close || memchr(lx->p, '\n', (size_t)(close - lx->p)))
		return false;
	take(lx, t, XB_TOK_HEADER, (size_t)(close - lx->p) + 1);
	return true;
}

static void take_plain(struct xb_clex *lx, struct xb_token *t)
{
	unsigned char c = (unsigned char)*lx->p;

	if (xb_ident_start(c))
		take(lx, t, XB_TOK_IDENT, ident_len(lx->p, lx->end));
	else if (c >= '0' && c <= '9')
		take(lx, t, XB_TOK_NUMBER, number_len(lx->p, lx->end));
	else
		take(lx, t, XB_TOK_PUNCT, at(lx, "->") ? 2 : 1);
}

bool xb_clex_next(struct xb_clex *lx, struct xb_token *t)
{
	for (;;) {
		bool bol;

		skip_space(lx);
		bol = lx->bol;
		if (lx->directive && (lx->p == lx->end || *lx->p == '\n')) {
			take(lx, t, XB_TOK_EOD, 0);
			lx->directive = lx->include = false;
			return true;
		}
		if (lx->p == lx->end)
			return false;
		lx->bol = false;
		if (*lx->p == '#' && bol && !lx->directive) {
			if (take_directive(lx, t))
				return true;
			continue;
		}
		if (lx->include && take_header(lx, t))
			return true;
		if ((*lx->p == '"' || *lx->p == '\'') && take_quoted(lx, t))
			return true;
		take_plain(lx, t);
		return true;
	}
}

bool xb_clex_word(const struct xb_token *string, size_t *from, struct xb_token *t)
{
	const char *p = string->p + *from, *end = string->p + string->n;

	while (p < end) {
		size_t n = ident_len(p, end);

		if (*p == '\\') {
			p += end - p > 1 ? 2 : 1;
		} else if (*p == '%') {
			p += end - p > 1 && p[1] == '[' ? 2 : 1;
			p += ident_len(p, end);
		} else if (n && xb_ident_start((unsigned char)*p)) {
			*t = (struct xb_token){.kind = XB_TOK_IDENT, .p = p, .n = n, .line = string->line};
			*from = (size_t)(p - string->p) + n;
			return true;
		} else {
			p += n ? n : 1;
		}
	}
	*from = string->n;
	return false;
}

static bool string_mentions(const struct xb_token *string, const char *name, size_t n)
{
	struct xb_token w;
	size_t from = 0;

	while (xb_clex_word(string, &from, &w))
		if (w.n == n && !memcmp(w.p, name, n))
			return true;
	return false;
}

bool xb_clex_mentions(const char *data, size_t len, const char *name, size_t n)
{
	struct xb_clex lx;
	struct xb_token t;

	if (!n || !len || !memmem(data, len, name, n))
		return false;
	xb_clex_init(&lx, data, len);
	while (xb_clex_next(&lx, &t)) {
		if (t.kind == XB_TOK_STRING && string_mentions(&t, name, n))
			return true;
		if (t.kind == XB_TOK_IDENT && t.n == n && !memcmp(t.p, name, n))
			return true;
	}
	return false;
}
