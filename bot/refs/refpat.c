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
	char sep;
};

/* ---- numbers ---- */

/* The end of a number that has one: "u", "zh", "p2", "_P2"; 0: there is none. */
static size_t tail_span(const char *s)
{
	size_t z = strspn(s, "z"), joint = *s && strchr("._-", *s) ? 1 : 0;

	if ((s[joint] == 'p' || s[joint] == 'P') && xb_is_digit(s[joint + 1]))
		return joint + 1 + strspn(s + joint + 1, "0123456789");
	return s[z] >= 'a' && s[z] <= 'y' ? z + 1 : z;
}

/* The longest value of the placeholder T at S that is shorter than BELOW; 0: there is none. */
static size_t span_below(const struct xb_refpat_part *t, const char *s, size_t below)
{
	size_t at = 0, best = 0, digits, end;

	do {
		digits = strspn(s + at, "0123456789");
		if (digits ? t->joined : at || !t->letters)
			break;
		at += digits;
		best = digits && at < below ? at : best;
		end = t->letters ? at + tail_span(s + at) : 0;
		best = end > best && end < below ? end : best;
	} while (digits && at < below && s[at] == t->sep && ++at);
	return best;
}

/* The N bytes of NAME with TO in the place of FROM; owned. */
static char *respelled(const char *name, size_t n, char from, char to)
{
	char *out = xb_memdup0(name, n);

	for (char *p = out; *p; p++)
		if (*p == from)
			*p = to;
	return out;
}

/* ---- compiling ---- */

static const char *const names[] = {"", "{line}", "{n}"};

/* {line:SEP}, {n:SEP} and {n:SEPa}: reads the placeholder at S into T. */
static bool read_placeholder(const char *s, struct xb_refpat_part *t)
{
	const char *p;

	*t = (struct xb_refpat_part){.kind = XB_REFPAT_LINE, .s = s, .sep = '.'};
	if (strncmp(s, "{line", 5) != 0) {
		t->kind = XB_REFPAT_N;
		if (strncmp(s, "{n", 2) != 0)
			return false;
	}
	p = s + strlen(names[t->kind]) - 1;
	if (*p == ':') {
		if (*++p && strchr("._-", *p))
			t->sep = *p++;
		t->letters = t->kind == XB_REFPAT_N && *p == 'a';
		p += t->letters;
		if (p[-1] == ':')
			return false;
	}
	t->len = (size_t)(p + 1 - s);
	return *p == '}';
}

/* May what stands before the placeholder T and after it be told from its value? */
static bool stands_apart(const struct xb_refpat *p, struct xb_refpat_part *t)
{
	const char *before = t->s - (t->s > p->text && t->s[-1] == '['), *after = t->s + t->len;

	t->joined = before > p->text && (xb_is_digit(before[-1]) || before[-1] == '}') && t->letters;
	after += *after == '[' || *after == ']';
	return !xb_is_digit(*after) &&
	       (before == p->text || t->joined || (!xb_is_digit(before[-1]) && before[-1] != '}'));
}

static struct xb_err *add_placeholder(struct xb_refpat *p, const char *s, unsigned allowed, size_t *len)
{
	struct xb_refpat_part t;

	if (!read_placeholder(s, &t))
		return xb_err_new(XB_E_CONFIG,
				  "'%s' has a brace that begins neither {line} nor {n}, nor one that spells "
				  "them otherwise, such as {line:_} or {n:a}",
				  p->text);
	*len = t.len;
	if (!(allowed & t.kind) || (t.sep != '.' && !(allowed & XB_REFPAT_SPELLED)))
		return xb_err_new(XB_E_CONFIG, "'%s' must not have %.*s", p->text, (int)t.len, s);
	if (p->holds & t.kind)
		return xb_err_new(XB_E_CONFIG, "'%s' has %s twice", p->text, names[t.kind]);
	if (!stands_apart(p, &t))
		return xb_err_new(XB_E_CONFIG, "'%s' has a digit or a placeholder directly beside %s",
				  p->text, names[t.kind]);
	p->holds |= t.kind;
	p->part[p->n++] = t;
	return NULL;
}

/* [ and ] around what may be missing. */
static struct xb_err *add_bracket(struct xb_refpat *p, char c, unsigned allowed)
{
	bool opens = c == '[';

	if (!(allowed & XB_REFPAT_SPELLED))
		return xb_err_new(XB_E_CONFIG, "'%s' must not have %c", p->text, c);
	if (opens ? p->opt_from || p->opt_to : !p->opt_from || p->opt_to || !(p->holds & XB_REFPAT_N))
		return xb_err_new(XB_E_CONFIG, "'%s' has brackets other than one pair around {n}", p->text);
	if (opens && (p->holds & XB_REFPAT_N))
		return xb_err_new(XB_E_CONFIG, "'%s' has brackets that are not around {n}", p->text);
	*(opens ? &p->opt_from : &p->opt_to) = p->n;
	return NULL;
}

static struct xb_err *split(struct xb_refpat *p, unsigned allowed)
{
	for (const char *s = p->text; *s;) {
		size_t len = strcspn(s, "{}[]");

		if (len && p->n < XB_REFPAT_PARTS)
			p->part[p->n++] = (struct xb_refpat_part){.s = s, .len = len};
		else if (*s == '[' || *s == ']')
			XB_TRY(add_bracket(p, s[(len = 1) - 1], allowed));
		else
			XB_TRY(add_placeholder(p, s, allowed, &len));
		s += len;
	}
	if (p->opt_from && !p->opt_to)
		return xb_err_new(XB_E_CONFIG, "'%s' has [ without ]", p->text);
	return NULL;
}

static bool is_optional(const struct xb_refpat *p, unsigned part)
{
	return part >= p->opt_from && part < p->opt_to;
}

/* The text with the placeholders replaced; N of "": without what may be missing. */
static char *fill(const struct xb_refpat *p, const char *line, const char *n)
{
	const char *with[] = {NULL, line, n};
	struct xb_buf b = XB_BUF_INIT;

	for (unsigned i = 0; i < p->n; i++) {
		const struct xb_refpat_part *t = &p->part[i];

		if (is_optional(p, i) && !*n)
			continue;
		if (t->kind) {
			XB_AUTOFREE char *value =
			    respelled(with[t->kind], strlen(with[t->kind]), '.', t->sep);

			xb_buf_adds(&b, value);
		} else {
			xb_buf_add(&b, t->s, t->len);
		}
	}
	return xb_buf_detach(&b);
}

static struct xb_err *check(const struct xb_refpat *p, unsigned required)
{
	XB_AUTOFREE char *sample = fill(p, "1", "1"), *without = fill(p, "1", p->opt_to ? "" : "1");

	for (unsigned kind = XB_REFPAT_LINE; kind <= XB_REFPAT_N; kind++)
		if (required & ~p->holds & kind)
			return xb_err_new(XB_E_CONFIG, "'%s' lacks %s", p->text, names[kind]);
	if (!xb_refname_ok(sample) || !xb_refname_ok(without))
		return xb_err_new(XB_E_CONFIG, "'%s' makes no valid full ref name (such as refs/heads/NAME)",
				  p->text);
	return NULL;
}

struct xb_err *xb_refpat_compile(const char *text, unsigned required, unsigned allowed,
				 struct xb_refpat **out)
{
	XB_AUTOPTR(xb_refpat) *p = xb_calloc(1, sizeof *p);

	*out = NULL;
	p->text = xb_strdup(text);
	if (strlen(text) > TEXT_MAX)
		return xb_err_new(XB_E_CONFIG, "longer than %d bytes", TEXT_MAX);
	XB_TRY(split(p, allowed | required));
	XB_TRY(check(p, required));
	*out = XB_STEAL(p);
	return NULL;
}

static const struct xb_refpat_part *line_part(const struct xb_refpat *p)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->part[i].kind == XB_REFPAT_LINE)
			return &p->part[i];
	return NULL;
}

struct xb_refpat *xb_refpat_bind(const struct xb_refpat *pat, const char *line)
{
	const struct xb_refpat_part *t = line_part(pat);
	XB_AUTOFREE char *text = xb_strdup(pat->text);
	struct xb_refpat *p = NULL;

	if (!xb_line_name_ok(line))
		return NULL;
	if (t) {
		XB_AUTOFREE char *name = respelled(line, strlen(line), '.', t->sep);

		free(text);
		text = xb_asprintf("%.*s%s%s", (int)(t->s - pat->text), pat->text, name, t->s + t->len);
	}
	/* the one reason left: no ref name */
	xb_err_free(xb_refpat_compile(text, 0, XB_REFPAT_N | XB_REFPAT_SPELLED, &p));
	return p;
}

void xb_refpat_free(struct xb_refpat *pat)
{
	if (!pat)
		return;
	XB_FREE(pat->text, pat);
}

const char *xb_refpat_text(const struct xb_refpat *pat)
{
	return pat->text;
}

unsigned xb_refpat_holds(const struct xb_refpat *pat)
{
	return pat->holds;
}

char *xb_refpat_prefix(const struct xb_refpat *pat)
{
	return xb_memdup0(pat->text, strcspn(pat->text, "{["));
}

bool xb_refpat_has_letters(const struct xb_refpat *pat)
{
	for (unsigned i = 0; i < pat->n; i++)
		if (pat->part[i].letters)
			return true;
	return false;
}

/* ---- matching ---- */

/* Parts I and on against S. At most two placeholders, so this tries few cuts. */
static bool match_from(const struct xb_refpat *p, unsigned i, const char *s, struct span got[3])
{
	const struct xb_refpat_part *t = &p->part[i];

	if (i == p->n)
		return !*s;
	if (!t->kind && !strncmp(s, t->s, t->len) && match_from(p, i + 1, s + t->len, got))
		return true;
	for (size_t len = SIZE_MAX; t->kind && (len = span_below(t, s, len));) {
		got[t->kind] = (struct span){s, len, t->sep};
		if (match_from(p, i + 1, s + len, got))
			return true;
	}
	if (i != p->opt_from || !p->opt_to)
		return false;
	got[XB_REFPAT_N] = (struct span){s, 0, '.'};
	return match_from(p, p->opt_to, s, got);
}

/* The value in the spelling of names. */
static char *dup_span(bool ok, struct span got)
{
	return ok && got.s ? respelled(got.s, got.len, got.sep, '.') : NULL;
}

bool xb_refpat_match(const struct xb_refpat *pat, const char *refname, char **line, char **n)
{
	struct span got[3] = {{NULL, 0, 0}};
	bool ok = match_from(pat, 0, refname, got);

	if (line)
		*line = dup_span(ok, got[XB_REFPAT_LINE]);
	if (n)
		*n = dup_span(ok, got[XB_REFPAT_N]);
	return ok;
}

bool xb_refpat_match_line(const struct xb_refpat *pat, const char *refname, const char *line, char **n)
{
	XB_AUTOPTR(xb_refpat) *bound = xb_refpat_bind(pat, line);

	if (n)
		*n = NULL;
	return bound && xb_refpat_match(bound, refname, NULL, n);
}

char *xb_refpat_expand(const struct xb_refpat *pat, const char *line, const char *n)
{
	XB_AUTOFREE char *name = NULL;

	if ((pat->holds & XB_REFPAT_LINE) && (!line || !xb_line_name_ok(line)))
		return NULL;
	if ((pat->holds & XB_REFPAT_N) &&
	    (!n || !(xb_refpat_has_letters(pat) ? xb_line_name_ok(n) : xb_version_ok(n))))
		return NULL;
	name = fill(pat, line, n ? n : "");
	return xb_refname_ok(name) ? XB_STEAL(name) : NULL;
}
