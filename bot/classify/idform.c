/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "idform.h"

#include "rules.h"
#include "refs/refname.h"
#include "util/alloc.h"
#include "util/buf.h"

#include <ctype.h>
#include <string.h>

static void add_literal(struct xb_buf *b, const char *p, size_t n)
{
	for (; n; p++, n--)
		xb_buf_addf(b, "\\x%02x", (unsigned char)*p);
}

/* "XSA-{n}" also finds "XSA7", "XSA#7" and "XSA 7": people write them. An {id} is letters, in any case. */
struct xb_err *xb_idform_compile(const char *form, struct xb_idform *out)
{
	const char *hole = strstr(form, "{n}"), *end;
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	size_t n;

	out->letters = !hole;
	hole = hole ? hole : strstr(form, "{id}");
	end = hole ? hole + (out->letters ? strlen("{id}") : strlen("{n}")) : form;
	if (!hole || strchr(end, '{'))
		return xb_err_new(XB_E_CONFIG, "\"%s\" must have {n} or {id} once, for the number", form);
	n = (size_t)(hole - form);
	out->prefix = xb_memdup0(form, n);
	out->suffix = xb_strdup(end);
	xb_buf_adds(&b, out->letters ? "(?i)(?<![0-9A-Za-z_])" : "(?<![0-9A-Za-z_])");
	add_literal(&b, form, n && form[n - 1] == '-' ? n - 1 : n);
	xb_buf_adds(&b, n && form[n - 1] == '-' ? "[-# ]?" : "");
	xb_buf_adds(&b, out->letters ? "([0-9A-Za-z]++(?:-[0-9A-Za-z]++)*+)" : "([0-9]++(?:[.-][0-9]++)*+)");
	add_literal(&b, out->suffix, strlen(out->suffix));
	xb_buf_adds(&b, "(?![0-9A-Za-z_]|-[0-9A-Za-z])");
	out->needle = xb_memdup0(form, n && form[n - 1] == '-' ? n - 1 : n);
	out->needles[0] = out->needle;
	XB_TRY(xb_regex_compile(b.p, &out->re));
	if (!out->letters)
		xb_regex_require(out->re, out->needles);
	return NULL;
}

void xb_idform_release(struct xb_idform *f)
{
	xb_regex_free(f->re);
	XB_FREE(f->prefix, f->suffix, f->needle);
}

static char *spelled(const struct xb_idform *f, const char *number, size_t n)
{
	XB_AUTOFREE char *value = xb_memdup0(number, n);

	for (char *p = value; f->letters && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return xb_asprintf("%s%s%s", f->prefix, value, f->suffix);
}

static struct xb_err *add_id(const struct xb_idform *f, const char *number, size_t n, struct xb_strv *out)
{
	XB_AUTOFREE char *id = spelled(f, number, n);

	if (out->n >= XB_FACTS_MAX)
		return xb_too_many("advisories");
	xb_strv_add_new(out, id);
	return NULL;
}

/* The end of a number at AT that can stand for an advisory by itself; AT: there is none. */
static size_t short_end(const char *text, size_t n, size_t at)
{
	size_t end = at;

	while (end < n && xb_is_digit(text[end]))
		end++;
	if (end < n && (text[end] == '_' || isalpha((unsigned char)text[end])))
		return at;
	if (end + 1 < n && strchr(".-", text[end]) && isalnum((unsigned char)text[end + 1]))
		return at;
	return end;
}

struct xb_err *xb_idform_add(const struct xb_idform *f, const char *text, const struct xb_match *m,
			     struct xb_strv *out)
{
	return add_id(f, text + m->start[1], m->end[1] - m->start[1], out);
}

/*
 * "XSA-423/424" names two, and "CVE-2024-17/18", whose last number is another. But a
 * number below the one before it, as in "XSA-423/2", counts patches.
 */
static struct xb_err *add_short(const struct xb_idform *f, const char *text, size_t n, struct xb_match *m,
				struct xb_strv *out)
{
	XB_AUTOFREE char *whole = xb_memdup0(text + m->start[1], m->end[1] - m->start[1]);
	char *last = whole + strlen(whole);

	while (last > whole && xb_is_digit(last[-1]))
		last--;
	while (m->end[0] == m->end[1] && m->end[0] < n && strchr("/,&+", text[m->end[0]])) {
		size_t at = m->end[0] + 1, end = short_end(text, n, at);
		XB_AUTOFREE char *number = xb_memdup0(text + at, end - at);
		XB_AUTOFREE char *next = xb_asprintf("%.*s%s", (int)(last - whole), whole, number);

		if (end == at || xb_version_cmp(number, last) <= 0)
			break;
		XB_TRY(add_id(f, next, strlen(next), out));
		m->end[0] = m->end[1] = end;
	}
	return NULL;
}

struct xb_err *xb_idform_find(const struct xb_idform *f, const char *text, size_t n, struct xb_strv *out)
{
	struct xb_match m;
	bool found;

	for (size_t at = 0;; at = m.end[0]) {
		XB_TRY(xb_regex_match(f->re, text, n, at, &found, &m));
		if (!found)
			return NULL;
		XB_TRY(xb_idform_add(f, text, &m, out));
		if (!f->letters && !*f->suffix)
			XB_TRY(add_short(f, text, n, &m, out));
	}
}

char *xb_idform_whole(const struct xb_idform *f, const char *s)
{
	size_t n = strlen(s);
	struct xb_match m;
	bool found;
	struct xb_err *err = xb_regex_match(f->re, s, n, 0, &found, &m);

	xb_err_free(err); /* a name that cannot be tried is no name */
	if (err || !found || m.start[0] || m.end[0] != n)
		return NULL;
	return spelled(f, s + m.start[1], m.end[1] - m.start[1]);
}
