/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "refpat-impl.h"

#include "util/alloc.h"
#include "util/buf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 400

struct span {
	const char *s;
	size_t len;
};

/* The next shorter one than LEN; 0: there is none. */
static size_t shorter(const char *s, size_t len)
{
	while (len && s[len - 1] != '.')
		len--;
	return len ? len - 1 : 0;
}

/* ---- compiling ---- */

static const char *const names[] = {"", "{line}", "{n}"};

static struct xb_err *add_placeholder(struct xb_refpat *p, const char *s, unsigned allowed, size_t *len)
{
	unsigned kind = XB_REFPAT_LINE;

	if (strncmp(s, names[kind], strlen(names[kind])) != 0)
		kind = XB_REFPAT_N;
	*len = strlen(names[kind]);
	if (strncmp(s, names[kind], *len) != 0)
		return xb_err_new(XB_E_CONFIG, "'%s' has a brace that begins neither {line} nor {n}",
				  p->text);
	if (!(allowed & kind))
		return xb_err_new(XB_E_CONFIG, "'%s' must not have %s", p->text, names[kind]);
	if (p->holds & kind)
		return xb_err_new(XB_E_CONFIG, "'%s' has %s twice", p->text, names[kind]);
	if (xb_is_digit(s[*len]) || s[*len] == '{' || (s > p->text && xb_is_digit(s[-1])))
		return xb_err_new(XB_E_CONFIG, "'%s' has a digit or a placeholder directly beside %s",
				  p->text, names[kind]);
	p->holds |= kind;
	p->part[p->n++] = (struct xb_refpat_part){kind, s, *len};
	return NULL;
}

static struct xb_err *split(struct xb_refpat *p, unsigned allowed)
{
	for (const char *s = p->text; *s;) {
		size_t len = strcspn(s, "{}");

		if (len)
			p->part[p->n++] = (struct xb_refpat_part){0, s, len};
		else
			XB_TRY(add_placeholder(p, s, allowed, &len));
		s += len;
	}
	return NULL;
}

/* The text with the placeholders replaced. */
static char *fill(const struct xb_refpat *p, const char *line, const char *n)
{
	const char *with[] = {NULL, line, n};
	struct xb_buf b = XB_BUF_INIT;

	for (unsigned i = 0; i < p->n; i++) {
		const struct xb_refpat_part *t = &p->part[i];

		if (t->kind)
			xb_buf_adds(&b, with[t->kind]);
		else
			xb_buf_add(&b, t->s, t->len);
	}
	return xb_buf_detach(&b);
}

static struct xb_err *check(const struct xb_refpat *p, unsigned required)
{
	XB_AUTOFREE char *sample = fill(p, "1", "1");

	for (unsigned kind = XB_REFPAT_LINE; kind <= XB_REFPAT_N; kind++)
		if (required & ~p->holds & kind)
			return xb_err_new(XB_E_CONFIG, "'%s' lacks %s", p->text, names[kind]);
	if (!xb_refname_ok(sample))
		return xb_err_new(XB_E_CONFIG, "'%s' makes no valid full ref name (such as refs/heads/NAME)",
				  p->text);
	return NULL;
}

struct xb_err *xb_refpat_compile(const char *text, unsigned required, unsigned allowed,
				 struct xb_refpat **out)
{
	XB_AUTOREFPAT struct xb_refpat *p = xb_calloc(1, sizeof *p);

	*out = NULL;
	p->text = xb_strdup(text);
	if (strlen(text) > TEXT_MAX)
		return xb_err_new(XB_E_CONFIG, "longer than %d bytes", TEXT_MAX);
	XB_TRY(split(p, allowed | required));
	XB_TRY(check(p, required));
	*out = XB_STEAL(p);
	return NULL;
}

struct xb_refpat *xb_refpat_bind(const struct xb_refpat *pat, const char *line)
{
	XB_AUTOFREE char *text = NULL;
	struct xb_refpat *p = NULL;

	if (!xb_line_name_ok(line))
		return NULL;
	text = fill(pat, line, names[XB_REFPAT_N]);
	xb_err_free(xb_refpat_compile(text, 0, XB_REFPAT_N, &p)); /* the one reason left: no ref name */
	return p;
}

void xb_refpat_free(struct xb_refpat *pat)
{
	if (!pat)
		return;
	free(pat->text);
	free(pat);
}

const char *xb_refpat_text(const struct xb_refpat *pat)
{
	return pat->text;
}

unsigned xb_refpat_holds(const struct xb_refpat *pat)
{
	return pat->holds;
}

/* ---- matching ---- */

/* Parts I and on against S. At most two placeholders, so this tries few cuts. */
static bool match_from(const struct xb_refpat *p, unsigned i, const char *s, struct span got[3])
{
	const struct xb_refpat_part *t = &p->part[i];

	if (i == p->n)
		return !*s;
	if (!t->kind)
		return !strncmp(s, t->s, t->len) && match_from(p, i + 1, s + t->len, got);
	for (size_t len = xb_version_span(s); len; len = shorter(s, len)) {
		got[t->kind] = (struct span){s, len};
		if (match_from(p, i + 1, s + len, got))
			return true;
	}
	return false;
}

static char *dup_span(bool ok, struct span got)
{
	return ok && got.s ? xb_memdup0(got.s, got.len) : NULL;
}

bool xb_refpat_match(const struct xb_refpat *pat, const char *refname, char **line, char **n)
{
	struct span got[3] = {{NULL, 0}};
	bool ok = match_from(pat, 0, refname, got);

	if (line)
		*line = dup_span(ok, got[XB_REFPAT_LINE]);
	if (n)
		*n = dup_span(ok, got[XB_REFPAT_N]);
	return ok;
}

bool xb_refpat_match_line(const struct xb_refpat *pat, const char *refname, const char *line, char **n)
{
	XB_AUTOREFPAT struct xb_refpat *bound = xb_refpat_bind(pat, line);

	if (n)
		*n = NULL;
	return bound && xb_refpat_match(bound, refname, NULL, n);
}

char *xb_refpat_expand(const struct xb_refpat *pat, const char *line, const char *n)
{
	XB_AUTOFREE char *name = NULL;

	if ((pat->holds & XB_REFPAT_LINE) && (!line || !xb_line_name_ok(line)))
		return NULL;
	if ((pat->holds & XB_REFPAT_N) && (!n || !xb_version_ok(n)))
		return NULL;
	name = fill(pat, line, n);
	return xb_refname_ok(name) ? XB_STEAL(name) : NULL;
}
