/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scripts that make sources from headers know the headers' words, and the
 * shape of their lines: names outside comments and strings, and the regular
 * expressions given to re.compile().
 */
#include "lang.h"

#include "clex.h"

struct scan {
	const char *p, *end;
	size_t line;
};

struct item {
	char kind; /* 'w' a word, 's' a string, else the byte itself */
	const char *p;
	size_t n, line;
	bool raw;
};

static void skip_space(struct scan *s)
{
	while (s->p < s->end) {
		if (*s->p == '#')
			while (s->p < s->end && *s->p != '\n')
				s->p++;
		else if (*s->p == '\n' || *s->p == ' ' || *s->p == '\t' || *s->p == '\r' || *s->p == '\\')
			s->line += *s->p++ == '\n';
		else
			return;
	}
}

/* A string in one or three quotes, from its quote on. */
static void take_string(struct scan *s, struct item *it)
{
	char q = *s->p;
	size_t quotes = s->end - s->p >= 3 && s->p[1] == q && s->p[2] == q ? 3 : 1;

	s->p += quotes;
	it->kind = 's';
	it->p = s->p;
	for (; s->p < s->end; s->p++) {
		bool three = quotes == 1 || (s->end - s->p >= 3 && s->p[1] == q && s->p[2] == q);

		if ((*s->p == q && three) || (*s->p == '\n' && quotes == 1))
			break;
		s->line += *s->p == '\n';
		if (*s->p == '\\' && s->end - s->p > 1)
			s->line += *++s->p == '\n';
	}
	it->n = (size_t)(s->p - it->p);
	s->p += (size_t)(s->end - s->p) < quotes ? (size_t)(s->end - s->p) : quotes;
}

static bool next(struct scan *s, struct item *it)
{
	skip_space(s);
	*it = (struct item){.line = s->line, .p = s->p};
	if (s->p == s->end)
		return false;
	while (s->p < s->end && xb_ident_part((unsigned char)*s->p))
		s->p++;
	it->n = (size_t)(s->p - it->p);
	it->raw = it->n == 1 && (*it->p | 32) == 'r';
	if (s->p < s->end && (*s->p == '"' || *s->p == '\'') && it->n <= 2) {
		take_string(s, it);
	} else if (it->n) {
		it->kind = 'w';
	} else {
		it->kind = *s->p++;
		it->n = 1;
	}
	return true;
}

static bool is_word(const struct item *it, const char *w)
{
	return it->kind == 'w' && it->n == strlen(w) && !memcmp(it->p, w, it->n);
}

void xb_lang_python_uses(const char *data, size_t len, const struct xb_lineset *on, xb_use_fn fn, void *ctx)
{
	struct scan s = {data, data + len, 1};
	struct item it;

	while (next(&s, &it)) {
		struct xb_use u = {
		    .kind = XB_USE_NAME, .p = it.p, .n = it.n, .args = XB_ARGS_UNKNOWN, .line = it.line};

		if (it.kind == 'w' && xb_lineset_has(on, it.line))
			fn(ctx, &u);
	}
}

/* The pattern is given as it stands, with its quotes where it has several parts; whoever uses it joins them.
 */
void xb_lang_python_defs(const char *data, size_t len, xb_def_fn fn, void *ctx)
{
	struct scan s = {data, data + len, 1};
	struct item it, before = {0};

	while (next(&s, &it)) {
		struct xb_def d = {.kind = XB_DEF_PATTERN, .args = XB_ARGS_NONE, .line = it.line};

		if (!is_word(&before, "compile") || it.kind != '(') {
			before = it;
			continue;
		}
		d.p = s.p;
		while (next(&s, &it) && it.kind == 's')
			d.last = it.line;
		d.n = (size_t)(it.p - d.p);
		if (d.last && it.kind == ')')
			fn(ctx, &d);
		before = it;
	}
}

bool xb_lang_python_mentions(const char *data, size_t len, const char *name, size_t n)
{
	struct scan s = {data, data + len, 1};
	struct item it;

	while (memmem(data, len, name, n) && next(&s, &it))
		if (it.kind == 'w' && it.n == n && !memcmp(it.p, name, n))
			return true;
	return false;
}
