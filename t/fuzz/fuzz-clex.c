/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For libFuzzer, and for fuzz-replay.c: any bytes as a source in each language.
 * Tokens go forward and stay inside the text; names that are brought or used
 * lie in the text.
 */
#include "lang/clex.h"
#include "lang/lang.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct text {
	const char *p, *end;
	size_t lines;
};

static void check(const struct text *t, const char *p, size_t n, size_t line)
{
	if (p < t->p || n > (size_t)(t->end - p) || !line || line > t->lines)
		abort();
}

static void see_def(void *ctx, const struct xb_def *d)
{
	check(ctx, d->p, d->n, d->line);
	if (d->last < d->line || d->args < XB_ARGS_UNKNOWN)
		abort();
}

static void see_use(void *ctx, const struct xb_use *u)
{
	check(ctx, u->p, u->n, u->line);
	if (u->args < XB_ARGS_UNKNOWN)
		abort();
}

static void see_tokens(const struct text *t)
{
	struct xb_clex lx;
	struct xb_token tok, word;
	const char *at = t->p;
	size_t line = 1;

	xb_clex_init(&lx, t->p, (size_t)(t->end - t->p));
	while (xb_clex_next(&lx, &tok)) {
		size_t from = 0;

		check(t, tok.p, tok.n, tok.line);
		if (tok.p < at || tok.line < line)
			abort();
		at = tok.p + tok.n;
		line = tok.line;
		while (tok.kind == XB_TOK_STRING && xb_clex_word(&tok, &from, &word))
			check(t, word.p, word.n, word.line);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text t = {(const char *)data, (const char *)data + size, 1};
	struct xb_lineset all, gone;

	for (size_t i = 0; i < size; i++)
		t.lines += data[i] == '\n';
	see_tokens(&t);
	xb_added_lines("", 0, t.p, size, &all, NULL);
	for (enum xb_lang lang = XB_LANG_NONE; lang <= XB_LANG_PYTHON; lang++) {
		xb_lang_defs(lang, t.p, size, see_def, &t);
		xb_lang_uses(lang, t.p, size, &all, see_use, &t);
		xb_lang_mentions(lang, t.p, size, "x", 1);
	}
	xb_lineset_release(&all);
	/* One half against the other. */
	xb_added_lines(t.p, size / 2, t.p + size / 2, size - size / 2, &all, &gone);
	xb_lineset_release(&all);
	xb_lineset_release(&gone);
	return 0;
}
