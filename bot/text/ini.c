/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ini.h"

#include "util/alloc.h"
#include "util/buf.h"
#include "util/vis.h"

#include <ini.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* More would only hide the first ones. */
#define SHOWN_MAX 100

/* ---- mistakes ---- */

void xb_mistake(struct xb_mistakes *m, unsigned line, const char *fmt, ...)
{
	struct xb_mistake *add = XB_PUSH(m, v, n, cap);
	struct xb_buf b = XB_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	xb_buf_vaddf(&b, fmt, ap);
	va_end(ap);
	add->line = line;
	add->text = xb_buf_detach(&b);
}

/* Stable: a merge of mistakes that were found in several passes. */
static void sort(struct xb_mistakes *m)
{
	for (size_t i = 1; i < m->n; i++) {
		struct xb_mistake x = m->v[i];
		size_t k = i;

		for (; k && m->v[k - 1].line > x.line; k--)
			m->v[k] = m->v[k - 1];
		m->v[k] = x;
	}
}

static void show(struct xb_buf *b, const char *file, const struct xb_mistake *x)
{
	if (b->n)
		xb_buf_addc(b, '\n');
	xb_buf_adds(b, file);
	if (x->line)
		xb_buf_addf(b, ":%u", x->line);
	xb_buf_adds(b, ": ");
	xb_vis(b, x->text, strlen(x->text), 0);
}

struct xb_err *xb_mistakes_error(struct xb_mistakes *m)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	if (!m->n)
		return NULL;
	sort(m);
	for (size_t i = 0; i < m->n && i < SHOWN_MAX; i++)
		show(&b, m->file, &m->v[i]);
	if (m->n > SHOWN_MAX)
		xb_buf_addf(&b, "\n%s: and %zu more mistakes", m->file, m->n - SHOWN_MAX);
	return xb_err_new(XB_E_CONFIG, "%s", b.p);
}

void xb_mistakes_release(struct xb_mistakes *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->v[i].text);
	free(m->v);
	*m = (struct xb_mistakes){.file = m->file};
}

/* ---- one line ---- */

enum line_kind { NOTHING, HEADING, SETTING, BAD_HEADING, BAD };

struct text {
	const char *p;
	size_t n;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct text trim(struct text t)
{
	while (t.n && is_blank(t.p[t.n - 1]))
		t.n--;
	while (t.n && is_blank(*t.p)) {
		t.p++;
		t.n--;
	}
	return t;
}

/* What no line may hold, comments included; NULL: nothing of that. */
static const char *bad_bytes(struct text t)
{
	if (t.n >= 3 && !memcmp(t.p, "\xef\xbb\xbf", 3))
		return "begins with a byte order mark; save the file as UTF-8 without one";
	if (!xb_utf8_valid(t.p, t.n))
		return "is not UTF-8";
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] == '\r')
			return "has a carriage return inside; lines end in LF or CRLF";
		if (((unsigned char)t.p[i] < ' ' && t.p[i] != '\t') || t.p[i] == 0x7f)
			return "has a NUL or another control character; allowed: text and tabs";
	}
	return NULL;
}

static bool has_inline_comment(struct text t)
{
	for (size_t i = 1; i < t.n; i++)
		if (t.p[i] == ';' && is_blank(t.p[i - 1]))
			return true;
	return false;
}

static const char *bad_heading(struct text t)
{
	const char *end = memchr(t.p, ']', t.n);

	if (!end)
		return "a section heading without ']'";
	if (end != t.p + t.n - 1)
		return "text after the ']' of a section heading; give it a line of its own";
	if (t.n == 2)
		return "a section without a name";
	if (t.n - 2 > XB_INI_SECTION_MAX)
		return "a section name of more than 40 bytes";
	for (const char *p = t.p + 1; p < end; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._+-", *p))
			return "a section name with an odd character; allowed: letters, digits, blank and "
			       "._+-";
	return NULL;
}

static const char *bad_setting(struct text t)
{
	size_t i = 0;

	while (i < t.n && t.p[i] != '=' && t.p[i] != ':')
		i++;
	if (i == t.n)
		return "neither 'key = value' nor a [section] nor a comment";
	if (t.p[i] == ':')
		return "a ':' where '=' is expected; allowed: key = value";
	return i ? NULL : "no key before the '='";
}

/* Sorts LINE, as it stands, into its kind; *WHY gets what is wrong with a bad one. */
static enum line_kind vet(struct text line, const char **why)
{
	struct text t = trim(line);
	bool heading = t.n && *t.p == '[';

	*why = bad_bytes(line);
	if (!*why && (!t.n || *t.p == ';' || *t.p == '#'))
		return NOTHING;
	if (!*why && is_blank(*line.p))
		*why = "begins with a blank; remove it (values can't go on over several lines)";
	if (!*why && line.n > XB_INI_LINE_MAX)
		*why = "a line of more than 197 bytes; allowed: up to 197, in comments more";
	if (!*why && has_inline_comment(t))
		*why = "a blank before ';' would begin a comment and cut the line; allowed: comments on "
		       "lines of their own, in a pattern '[;]' for the character";
	if (!*why)
		*why = heading ? bad_heading(t) : bad_setting(t);
	if (*why)
		return heading ? BAD_HEADING : BAD;
	return heading ? HEADING : SETTING;
}

/* ---- inih ---- */

struct feed {
	struct text rest;
	unsigned line;
	bool ignore; /* under a heading that is a mistake */
	const struct xb_ini_reader *to;
	struct xb_mistakes *m;
};

static struct text next_line(struct feed *f)
{
	const char *end = memchr(f->rest.p, '\n', f->rest.n);
	struct text t = {f->rest.p, end ? (size_t)(end - f->rest.p) : f->rest.n};
	size_t used = end ? t.n + 1 : t.n;

	f->rest.p += used;
	f->rest.n -= used;
	f->line++;
	if (t.n && t.p[t.n - 1] == '\r' && end)
		t.n--;
	return t;
}

static void begin_section(struct feed *f, struct text t)
{
	XB_AUTOFREE char *name = xb_memdup0(t.p + 1, t.n - 2);

	f->ignore = false;
	f->to->section(f->to->ctx, name, f->line);
}

/* Copies a line for inih; a line that inih would not take whole is refused. */
static void give(struct feed *f, char *out, size_t size, struct text t)
{
	out[0] = '\0';
	if (t.n + 2 > size) {
		xb_mistake(f->m, f->line, "a line of more than %zu bytes", size - 2);
		t.n = 0;
	}
	memcpy(out, t.p, t.n);
	memcpy(out + t.n, "\n", 2);
}

/* inih asks for lines as from fgets: each good one is handed over, an empty one for each other. */
static char *read_line(char *out, int size, void *stream)
{
	struct feed *f = stream;
	struct text line, t;
	const char *why = NULL;
	enum line_kind kind;

	if (!f->rest.n)
		return NULL;
	line = next_line(f);
	t = trim(line);
	kind = vet(line, &why);
	if (why)
		xb_mistake(f->m, f->line, "%s", why);
	if (kind == HEADING)
		begin_section(f, t);
	if (kind == BAD_HEADING)
		f->ignore = true;
	give(f, out, (size_t)size, kind == HEADING || kind == SETTING ? t : (struct text){"", 0});
	return out;
}

static int on_entry(void *user, const char *section, const char *key, const char *value)
{
	struct feed *f = user;

	(void)section; /* told by begin_section, before inih cuts it */
	if (!f->ignore)
		f->to->entry(f->to->ctx, key, value, f->line);
	return 1;
}

void xb_ini_read(const char *text, size_t n, const struct xb_ini_reader *to, struct xb_mistakes *m)
{
	struct feed f = {{text, n}, 0, false, to, m};
	int rc;

	if (n > XB_INI_SIZE_MAX) {
		xb_mistake(m, 0, "%zu bytes; allowed: up to %d", n, XB_INI_SIZE_MAX);
		return;
	}
	rc = ini_parse_stream(read_line, &f, on_entry, &f);
	if (rc)
		xb_mistake(m, rc > 0 ? (unsigned)rc : 0, "inih can't read this");
}
