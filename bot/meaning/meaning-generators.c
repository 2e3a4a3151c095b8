/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rule about generators: a script reads a header by regular expressions; an
 * earlier commit, not in the branch, taught it a new one; and the member adds a
 * line to the header that this expression is for.
 */
#include "meaning-impl.h"

#include "lang/clex.h"
#include "text/regex.h"

#define MIN_LITERAL 4 /* letters that a pattern must spell out, to say something about a line */
#define MIN_MACRO 6

/* Does the script name a macro that the header lists things with? */
static bool reads(const struct xb_blob *script, const struct xb_blob *header)
{
	for (const char *p = header->p, *end = p + header->n; p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = 0;

		while (p + n < end && xb_ident_part((unsigned char)p[n]))
			n++;
		if (n >= MIN_MACRO && p + n < end && p[n] == '(' && xb_lang_is_capitals(p, n) &&
		    memmem(script->p, script->n, p, n))
			return true;
		p = nl ? nl + 1 : end;
	}
	return false;
}

/* Joins the string literals of TEXT; false where it isn't made of plain and raw ones alone. */
static bool join(const char *text, struct xb_buf *out)
{
	while (*text) {
		size_t n;

		text += strspn(text, " \t\r\n");
		text += (*text == 'r' || *text == 'R');
		if (*text != '"' && *text != '\'')
			return !*text;
		n = strcspn(text + 1, (char[]){*text, '\0'});
		if (!text[n + 1] || !n || text[n] == '\\')
			return false;
		xb_buf_add(out, text + 1, n);
		text += n + 2;
	}
	return out->n > 0;
}

/* The longest run of letters that stands for itself. */
static size_t longest_literal(const char *p)
{
	size_t best = 0, run = 0;

	for (; *p; p++) {
		if (*p == '\\' && p[1]) {
			p++;
			run = 0;
		} else if (*p == '[') {
			p += strcspn(p, "]");
			run = 0;
			if (!*p)
				break;
		} else {
			run = xb_ident_start((unsigned char)*p) ? run + 1 : 0;
		}
		best = run > best ? run : best;
	}
	return best;
}

/* The first added line of the header that the pattern matches; 0: none. */
static size_t matching_line(const struct xb_regex *re, const struct xb_blob *now,
			    const struct xb_lineset *added)
{
	const char *p = now->p, *end = p + now->n;

	for (size_t line = 1; p < end; line++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t n = (size_t)((nl ? nl : end) - p);
		bool found = false;
		struct xb_match m;

		if (xb_lineset_has(added, line)) {
			XB_AUTOERR struct xb_err *err = xb_regex_match(re, p, n, 0, &found, &m);

			if (err) /* a pattern that costs too much says nothing */
				return 0;
		}
		if (found)
			return line;
		p = nl ? nl + 1 : end;
	}
	return 0;
}

/* Where the pattern is for an added line of F. */
static struct xb_err *look_for(struct xb_meant *c, const struct xb_changed_file *f, const char *pattern,
			       size_t *line)
{
	XB_AUTOBLOB struct xb_blob old = XB_BLOB_INIT, now = XB_BLOB_INIT;
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	struct xb_lineset added = {0};
	struct xb_regex *re = NULL;

	*line = 0;
	if (!join(pattern, &text) || !text.p || longest_literal(text.p) < MIN_LITERAL)
		return NULL;
	XB_TRY(xb_blob_open(c->s, &f->old_id, &old));
	XB_TRY(xb_blob_open(c->s, &f->new_id, &now));
	xb_err_free(xb_regex_compile(text.p, &re)); /* Python's, and not ours: no match, no harm */
	if (!re)
		return NULL;
	xb_added_lines(old.p, old.n, now.p, now.n, &added, NULL);
	*line = matching_line(re, &now, &added);
	xb_lineset_release(&added);
	xb_regex_free(re);
	return NULL;
}

/* Commit J's script G: is a pattern new in it, and not in the tree, that F's lines need? */
static struct xb_err *look_at_script(struct xb_meant *c, size_t j, struct xb_changed_file *g,
				     const struct xb_changed_file *f)
{
	XB_AUTOBLOB struct xb_blob script = XB_BLOB_INIT, header = XB_BLOB_INIT;

	XB_TRY(xb_brings_brought(c->m->brings, g));
	for (size_t i = 0; i < g->brought.n; i++) {
		const struct xb_brought *w = &g->brought.v[i];
		size_t line;

		if (w->kind != XB_DEF_PATTERN || !w->fresh)
			continue;
		XB_TRY(look_for(c, f, w->name, &line));
		if (!line)
			continue;
		xb_blob_close(&script);
		xb_blob_close(&header);
		XB_TRY(xb_blob_open(c->s, &g->new_id, &script));
		XB_TRY(xb_blob_open(c->s, &f->new_id, &header));
		if (reads(&script, &header))
			xb_meant_hit(c, j, XB_MEANS_READS, f->path, line, g->path);
	}
	return NULL;
}

struct xb_err *xb_meant_generators(struct xb_meant *c, struct xb_changed_file *f)
{
	if (f->lang != XB_LANG_HEADER || git_oid_is_zero(&f->new_id))
		return NULL;
	for (size_t j = 0; j < c->i; j++) {
		struct xb_changed *ch;

		if (!xb_meant_may_take(c, j))
			continue;
		XB_TRY(xb_brings_files(c->m->brings, j, &ch));
		for (size_t k = 0; k < ch->n; k++)
			if (ch->v[k].lang == XB_LANG_PYTHON && xb_lang_in_reach(f->path, ch->v[k].path))
				XB_TRY(look_at_script(c, j, &ch->v[k], f));
	}
	return NULL;
}
