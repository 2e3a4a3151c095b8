/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "blocks.h"

#include "clex.h"

bool xb_blocks_known(enum xb_lang lang)
{
	return lang == XB_LANG_C || lang == XB_LANG_HEADER || lang == XB_LANG_ASM;
}

const char *xb_block_kind_name(enum xb_block_kind k)
{
	static const char *const names[] = {"function", "macro", "variable", "type"};

	return names[k];
}

struct lines {
	const char *p, *end; /* of the line at hand, without its LF */
	const char *limit;   /* of the text */
	size_t number;       /* from 1 */
};

static bool next_line(struct lines *l)
{
	const char *nl;

	l->p = l->number ? l->end + 1 : l->p;
	if (l->p >= l->limit)
		return false;
	nl = memchr(l->p, '\n', (size_t)(l->limit - l->p));
	l->end = nl ? nl : l->limit;
	l->number++;
	return true;
}

static bool begins(const char *p, const char *end, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(end - p) >= n && !memcmp(p, word, n);
}

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p;
}

/* The last byte of the line that is no blank; NULL: there is none. */
static const char *last_byte(const struct lines *l)
{
	const char *p = l->end;

	while (p > l->p && (p[-1] == ' ' || p[-1] == '\t' || p[-1] == '\r'))
		p--;
	return p > l->p ? p - 1 : NULL;
}

/* The end of the comment at P, or P where there is none. */
static const char *past_comment(const char *p, const char *end)
{
	const char *close;

	if (end - p < 2 || (p[1] != '*' && p[1] != '/'))
		return p;
	if (p[1] == '/')
		close = memchr(p, '\n', (size_t)(end - p));
	else
		close = memmem(p + 2, (size_t)(end - p - 2), "*/", 2);
	return !close ? end : p[1] == '/' ? close : close + 2;
}

/* A hash of the text that blanks and comments don't change: FNV-1a, a byte a step, as runs are short. */
static uint64_t hash_text(const char *p, const char *end)
{
	static const bool skip[256] = {
	    [' '] = true, ['\t'] = true, ['\n'] = true, ['\r'] = true, ['\\'] = true};
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	while (p < end) {
		unsigned char c = (unsigned char)*p;

		if (c == '/') {
			const char *past = past_comment(p, end);

			if (past != p) {
				p = past;
				continue;
			}
		}
		if (!skip[c])
			h = (h ^ c) * UINT64_C(0x100000001b3);
		p++;
	}
	return h;
}

/* What begins at the margin: its head, up to the first brace, = or ; */
struct item {
	const char *start;
	size_t line;
	const char *name, *before; /* before: the name that would be without the last word */
	size_t n, before_n;
	size_t words; /* of the head, so far */
	bool paren, assigned, named, type;
};

static void take_head_word(struct item *it, const char *p, size_t n)
{
	static const char *const types[] = {"struct", "union", "enum", "typedef"};
	static const char *const attributes[] = {"__attribute__", "__aligned",     "__section",
						 "__printf",      "__initdata_or", "noreturn"};
	static const char *const words[] = {"static", "extern", "const", "volatile", "inline", "void",
					    "bool",   "char",   "short", "int",      "long",   "unsigned",
					    "signed", "struct", "union", "enum",     "typedef"};

	if (it->paren || it->assigned)
		return;
	it->words++;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (n == strlen(types[i]) && !memcmp(p, types[i], n))
			it->type = true;
	for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
		if (n == strlen(attributes[i]) && !memcmp(p, attributes[i], n))
			return;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (n == strlen(words[i]) && !memcmp(p, words[i], n))
			return;
	it->before = it->name;
	it->before_n = it->n;
	it->name = p;
	it->n = n;
	it->named = true;
}

/* Reads the line's part of the head. True: the head is over, by a brace or a semicolon. */
static bool read_head(struct item *it, const char *p, const char *end, bool *brace)
{
	while (p < end) {
		const char *from = p;

		if (begins(p, end, "/*")) {
			const char *close = memmem(p + 2, (size_t)(end - p - 2), "*/", 2);

			p = close ? close + 2 : end;
		} else if (begins(p, end, "//")) {
			return false;
		} else if (xb_ident_start((unsigned char)*p)) {
			while (p < end && xb_ident_part((unsigned char)*p))
				p++;
			take_head_word(it, from, (size_t)(p - from));
		} else {
			if (*p == '{' || *p == ';') {
				*brace = *p == '{';
				return true;
			}
			it->paren |= *p == '(' && it->named;
			it->assigned |= *p == '=';
			p++;
		}
	}
	return false;
}

static bool is_local(const struct item *it)
{
	const char *word = memmem(it->start, (size_t)(it->name - it->start), "static", 6);

	return word != NULL;
}

static void emit(const struct item *it, bool brace, const char *end, size_t last, xb_block_fn fn, void *ctx)
{
	struct xb_block b = {.p = it->name, .n = it->n, .line = it->line, .last = last};

	/* A macro's call at the margin defines nothing that is known by the macro's name. */
	if (!it->named || (it->words == 1 && it->paren && !brace))
		return;
	if (!it->paren && it->before &&
	    begins(it->name, it->name + it->n, "__")) { /* an attribute at the end */
		b.p = it->before;
		b.n = it->before_n;
	}
	b.kind = it->assigned        ? XB_BLOCK_VARIABLE
		 : it->paren         ? XB_BLOCK_FUNCTION
		 : it->type && brace ? XB_BLOCK_TYPE
				     : XB_BLOCK_VARIABLE;
	b.text = hash_text(it->start, end);
	b.local = is_local(it);
	fn(ctx, &b);
}

/* From the line at hand to the one that ends the item; L is there then. */
static void take_item(struct lines *l, xb_block_fn fn, void *ctx)
{
	struct item it = {.start = l->p, .line = l->number};
	bool brace = false, more = true, over = false;

	while (more && !over) {
		const char *last;

		over = *l->p != '#' && read_head(&it, l->p, l->end, &brace);
		if (over)
			break;
		last = last_byte(l);
		more = last && next_line(l); /* an empty line ends what has no end */
	}
	if (!over)
		return;
	if (brace && !memchr(l->p, '}', (size_t)(l->end - l->p)))
		while (next_line(l) && *l->p != '}')
			;
	emit(&it, brace, l->end < l->limit ? l->end : l->limit, l->number, fn, ctx);
}

/* #define NAME, with the lines that go on. */
static void take_define(struct lines *l, const char *name, xb_block_fn fn, void *ctx)
{
	struct xb_block b = {.kind = XB_BLOCK_MACRO, .p = name, .line = l->number};
	const char *start = l->p, *last;

	while (name + b.n < l->end && xb_ident_part((unsigned char)name[b.n]))
		b.n++;
	while ((last = last_byte(l)) && *last == '\\' && next_line(l))
		;
	b.last = l->number;
	b.text = hash_text(start, l->end);
	if (b.n)
		fn(ctx, &b);
}

/* .macro NAME to .endm */
static void take_asm_macro(struct lines *l, const char *name, xb_block_fn fn, void *ctx)
{
	struct xb_block b = {.kind = XB_BLOCK_MACRO, .p = name, .line = l->number};
	const char *start = l->p;

	while (name + b.n < l->end && xb_ident_part((unsigned char)name[b.n]))
		b.n++;
	while (next_line(l))
		if (begins(skip_blanks(l->p, l->end), l->end, ".endm"))
			break;
	b.last = l->number;
	b.text = hash_text(start, l->end < l->limit ? l->end : l->limit);
	if (b.n)
		fn(ctx, &b);
}

/* The name after #define or .macro, or NULL. */
static const char *after(const struct lines *l, char mark, const char *word)
{
	const char *p = skip_blanks(l->p, l->end);

	if (p == l->end || *p != mark)
		return NULL;
	p = skip_blanks(p + 1, l->end);
	if (!begins(p, l->end, word))
		return NULL;
	p += strlen(word);
	return p < l->end && (*p == ' ' || *p == '\t') ? skip_blanks(p, l->end) : NULL;
}

/* A label at the margin, or what stands for one: ENTRY(name). */
static const char *label_of(const struct lines *l, size_t *n)
{
	const char *p = l->p, *from = p;

	while (p < l->end && (xb_ident_part((unsigned char)*p) || *p == '.'))
		p++;
	*n = (size_t)(p - from);
	if (!*n || p == l->end)
		return NULL;
	if (*p == ':')
		return *from == '.' ? NULL : from;
	if (*p != '(' || !xb_lang_is_capitals(from, *n) || begins(from, p, "END"))
		return NULL;
	from = p + 1;
	while (from + *n > p && p + 1 < l->end && xb_ident_part((unsigned char)p[1]))
		p++;
	*n = (size_t)(p + 1 - from);
	return *n ? from : NULL;
}

/* What an assembler file has from one label to the next. */
struct labelled {
	struct xb_block b;
	const char *start;
	bool open;
};

static void close_label(struct labelled *x, const char *end, size_t last, xb_block_fn fn, void *ctx)
{
	if (x->open) {
		x->b.text = hash_text(x->start, end);
		x->b.last = last;
		fn(ctx, &x->b);
	}
	x->open = false;
}

static void take_label(struct lines *l, struct labelled *x, xb_block_fn fn, void *ctx)
{
	size_t n;
	const char *name = label_of(l, &n);

	if (!name)
		return;
	close_label(x, l->p, l->number - 1, fn, ctx);
	x->b = (struct xb_block){.kind = XB_BLOCK_FUNCTION, .p = name, .n = n, .line = l->number};
	x->start = l->p;
	x->open = true;
}

/* A comment that begins at the margin; L is on its last line then. */
static bool skip_comment(struct lines *l)
{
	const char *from = l->p;

	if (!begins(from, l->end, "/*"))
		return false;
	from += 2;
	while (!memmem(from, (size_t)(l->end - from), "*/", 2)) {
		if (!next_line(l))
			return true;
		from = l->p;
	}
	return true;
}

void xb_blocks(enum xb_lang lang, const char *data, size_t len, xb_block_fn fn, void *ctx)
{
	struct lines l = {.p = data, .limit = data + len};
	struct labelled label = {.open = false};

	if (!xb_blocks_known(lang) || !len)
		return;
	while (next_line(&l)) {
		const char *name;

		if ((name = after(&l, '#', "define"))) {
			take_define(&l, name, fn, ctx);
		} else if ((name = after(&l, '.', "macro"))) {
			take_asm_macro(&l, name, fn, ctx);
		} else if (skip_comment(&l) || l.p == l.end || *l.p == '#') {
			continue;
		} else if (lang == XB_LANG_ASM) {
			take_label(&l, &label, fn, ctx);
		} else if (xb_ident_start((unsigned char)*l.p)) {
			take_item(&l, fn, ctx);
		}
	}
	close_label(&label, l.limit, l.number, fn, ctx);
}
