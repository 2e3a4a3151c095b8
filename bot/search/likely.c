/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "likely.h"

#include "odb/tree.h"
#include "util/alloc.h"

#include <ctype.h>

#define LINE_MAX_LEN 2000

/* Words before a name that define it, in one language or another. */
static const char *const definers[] = {
    "define", "struct", "union", "enum",      "class", "def",    "function", "func", "fn",
    "macro",  "ENTRY",  "FUNC",  "interface", "type",  "module", "let",      "var",  "export",
};

struct walk {
	const struct xb_likely_inputs *in;
	struct xb_hits *out;
	size_t i;
};

void xb_hits_release(struct xb_hits *h)
{
	free(h->v);
	*h = (struct xb_hits){0};
}

static void hit(struct walk *w, size_t mention, enum xb_hit_kind kind)
{
	/* Those of one commit stand at the end. */
	for (size_t k = w->out->n; k && w->out->v[k - 1].i == w->i; k--) {
		if (w->out->v[k - 1].mention != mention)
			continue;
		if (kind < w->out->v[k - 1].kind)
			w->out->v[k - 1].kind = kind;
		return;
	}
	*XB_PUSH(w->out, v, n, cap) = (struct xb_hit){w->i, mention, kind};
}

/* ---- files ---- */

/* Is one the other, or its end after a slash? A command names files from where it stands, or by full paths.
 */
static bool same_file(const char *a, const char *b)
{
	size_t na, nb;

	while (!strncmp(b, "./", 2) || !strncmp(b, "../", 3))
		b += b[1] == '/' ? 2 : 3;
	na = strlen(a);
	nb = strlen(b);
	if (!nb)
		return false;
	if (na < nb)
		return b[nb - na - 1] == '/' && !strcmp(b + nb - na, a);
	return !strcmp(a + na - nb, b) && (na == nb || a[na - nb - 1] == '/');
}

static void match_file(struct walk *w, const struct xb_touch *t)
{
	const struct xb_mentions *m = w->in->mentions;

	for (size_t k = 0; k < m->n; k++)
		if (m->v[k].file && same_file(t->path, m->v[k].name))
			hit(w, k, t->old_mode ? XB_HIT_USES : XB_HIT_DEFINES);
}

/* ---- symbols ---- */

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The word that ends before AT, blanks, "(" and "." between. */
static bool follows_definer(const char *line, const char *at)
{
	const char *end = at, *from;

	while (end > line && (isblank((unsigned char)end[-1]) || end[-1] == '('))
		end--;
	for (from = end; from > line && is_word(from[-1]); from--)
		;
	for (size_t i = 0; i < sizeof definers / sizeof *definers; i++)
		if (strlen(definers[i]) == (size_t)(end - from) &&
		    !memcmp(definers[i], from, (size_t)(end - from)))
			return true;
	return false;
}

/* The name stands at AT and ends at END, the line at EOL. */
static bool defines(const char *line, const char *at, const char *end, const char *eol)
{
	const char *next = end;
	bool first = true;

	if (follows_definer(line, at))
		return true;
	while (next < eol && isblank((unsigned char)*next))
		next++;
	for (const char *c = line; c < at; c++)
		first = first && isblank((unsigned char)*c);
	if (next == eol) /* an enumerator on a line of its own, or nothing */
		return first;
	if (*next == '(') /* a function's head or a prototype is not indented; a call is */
		return !isspace((unsigned char)*line) && *line != '#';
	/* an assignment, a label, a field, an enumerator */
	return (first && strchr("=:,?+", *next)) || (*next == ';' && at > line && !strchr("=(", at[-1]));
}

static void match_line(struct walk *w, const char *line, size_t n, bool added)
{
	const struct xb_mentions *m = w->in->mentions;

	for (size_t k = 0; n <= LINE_MAX_LEN && k < m->n; k++) {
		const char *name = m->v[k].name, *at = line, *eol = line + n;
		size_t len = strlen(name);

		if (m->v[k].file)
			continue;
		for (; (at = memmem(at, (size_t)(eol - at), name, len)); at += len) {
			if ((at > line && is_word(at[-1])) || (at + len < eol && is_word(at[len])))
				continue;
			hit(w, k,
			    !added                             ? XB_HIT_DROPS
			    : defines(line, at, at + len, eol) ? XB_HIT_DEFINES
							       : XB_HIT_USES);
		}
	}
}

static struct xb_err *match_lines(struct walk *w, const git_oid *blob, size_t from, size_t n, bool added)
{
	struct xb_text *t;

	XB_TRY(xb_picker_text(w->in->picker, blob, &t));
	for (size_t l = from; l < t->n && l - from < n; l++) {
		size_t len = xb_text_size(t, l, l + 1);
		const char *p = xb_text_at(t, l);

		while (len && (p[len - 1] == '\n' || p[len - 1] == '\r'))
			len--;
		match_line(w, p, len, added);
	}
	return NULL;
}

static bool is_regular(uint32_t mode)
{
	return mode == XB_MODE_FILE || mode == XB_MODE_EXEC;
}

static struct xb_err *match_symbols(struct walk *w, const struct xb_touch *t)
{
	bool was = is_regular(t->old_mode), is = is_regular(t->new_mode);
	const struct xb_changes *c;

	if (!was || !is) {
		if (is)
			XB_TRY(match_lines(w, &t->new_id, 0, SIZE_MAX, true));
		return was ? match_lines(w, &t->old_id, 0, SIZE_MAX, false) : NULL;
	}
	XB_TRY(xb_blame_changes(w->in->blame, &t->old_id, &t->new_id, &c));
	for (size_t k = 0; k < c->n; k++) {
		XB_TRY(match_lines(w, &t->new_id, c->v[k].b, c->v[k].bn, true));
		XB_TRY(match_lines(w, &t->old_id, c->v[k].a, c->v[k].an, false));
	}
	return NULL;
}

/* ---- the order ---- */

static int cmp_hits(const void *x, const void *y, void *ctx)
{
	const struct xb_hit *a = x, *b = y;
	const struct xb_mentions *m = ctx;
	enum xb_mention_rank ra = m->v[a->mention].rank, rb = m->v[b->mention].rank;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (ra != rb)
		return ra < rb ? -1 : 1;
	if (a->mention != b->mention)
		return a->mention < b->mention ? -1 : 1;
	return a->i < b->i ? -1 : 1;
}

static struct xb_err *look_at(struct walk *w)
{
	const struct xb_touches *t;

	XB_TRY(xb_blame_touches(w->in->blame, w->i, &t));
	for (size_t k = 0; k < t->n; k++) {
		match_file(w, &t->v[k]);
		XB_TRY(match_symbols(w, &t->v[k]));
	}
	xb_picker_trim(w->in->picker);
	return NULL;
}

struct xb_err *xb_likely_find(const struct xb_likely_inputs *in, struct xb_hits *out)
{
	struct walk w = {.in = in, .out = out};

	for (w.i = 0; in->mentions->n && w.i < in->window->n; w.i++)
		if (in->candidate[w.i])
			XB_TRY(look_at(&w));
	if (out->n)
		qsort_r(out->v, out->n, sizeof *out->v, cmp_hits, (void *)(uintptr_t)in->mentions);
	return NULL;
}
