/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cases.h"

#include "util/alloc.h"
#include "util/vis.h"

#include <string.h>

void xb_cases_add(struct xb_cases *c, const char *suite, const char *name, enum xb_case_result result,
		  const char *why)
{
	*XB_PUSH(c, v, n, cap) =
	    (struct xb_case){xb_strdup(suite), xb_strdup(name), result, why ? xb_strdup(why) : NULL};
}

void xb_cases_release(struct xb_cases *c)
{
	for (size_t i = 0; i < c->n; i++) {
		XB_FREE(c->v[i].suite, c->v[i].name, c->v[i].why);
	}
	free(c->v);
	*c = (struct xb_cases){0};
}

bool xb_cases_failed(const struct xb_cases *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].result == XB_CASE_FAILED)
			return true;
	return false;
}

/* Each line of TEXT with BEFORE before it. */
static void put_lines(struct xb_buf *out, const char *before, const char *text)
{
	while (text && *text) {
		size_t n = strcspn(text, "\n");

		xb_buf_adds(out, before);
		xb_vis(out, text, n, 0);
		xb_buf_addc(out, '\n');
		text += n + (text[n] == '\n');
	}
}

static void put_text(const struct xb_case *c, struct xb_buf *out)
{
	static const char *const words[] = {"ok", "FAILED", "skipped"};

	xb_buf_addf(out, "%s: ", c->suite);
	xb_vis(out, c->name, strlen(c->name), 0);
	xb_buf_addf(out, ": %s\n", words[c->result]);
	put_lines(out, "    ", c->why);
}

/* '#' begins a directive in TAP. */
static void put_plain(struct xb_buf *out, const char *s, size_t n)
{
	size_t from = out->n;

	xb_vis(out, s, n, 0);
	for (size_t i = from; i < out->n; i++)
		if (out->p[i] == '#')
			out->p[i] = '.';
}

static void put_tap(const struct xb_cases *all, struct xb_buf *out)
{
	xb_buf_addf(out, "TAP version 13\n1..%zu\n", all->n);
	for (size_t i = 0; i < all->n; i++) {
		const struct xb_case *c = &all->v[i];

		xb_buf_addf(out, "%s %zu - %s: ", c->result == XB_CASE_FAILED ? "not ok" : "ok", i + 1,
			    c->suite);
		put_plain(out, c->name, strlen(c->name));
		if (c->result == XB_CASE_SKIPPED) {
			xb_buf_adds(out, " # SKIP ");
			put_plain(out, c->why ? c->why : "", c->why ? strcspn(c->why, "\n") : 0);
		}
		xb_buf_addc(out, '\n');
		if (c->result == XB_CASE_FAILED)
			put_lines(out, "# ", c->why);
	}
}

static void put_xml(struct xb_buf *out, const char *s)
{
	XB_AUTOBUF struct xb_buf seen = XB_BUF_INIT;

	xb_vis(&seen, s, strlen(s), XB_VIS_LINES);
	for (size_t i = 0; i < seen.n; i++) {
		switch (seen.p[i]) {
		case '&':
			xb_buf_adds(out, "&amp;");
			break;
		case '<':
			xb_buf_adds(out, "&lt;");
			break;
		case '>':
			xb_buf_adds(out, "&gt;");
			break;
		case '"':
			xb_buf_adds(out, "&quot;");
			break;
		default:
			xb_buf_addc(out, seen.p[i]);
		}
	}
}

static size_t count(const struct xb_cases *c, size_t from, size_t to, enum xb_case_result r)
{
	size_t n = 0;

	for (size_t i = from; i < to; i++)
		n += c->v[i].result == r;
	return n;
}

static void put_testcase(const struct xb_case *c, struct xb_buf *out)
{
	static const char *const tags[] = {NULL, "failure", "skipped"};

	xb_buf_adds(out, "    <testcase classname=\"");
	put_xml(out, c->suite);
	xb_buf_adds(out, "\" name=\"");
	put_xml(out, c->name);
	if (c->result == XB_CASE_OK) {
		xb_buf_adds(out, "\"/>\n");
		return;
	}
	xb_buf_addf(out, "\">\n      <%s>", tags[c->result]);
	put_xml(out, c->why ? c->why : "");
	xb_buf_addf(out, "</%s>\n    </testcase>\n", tags[c->result]);
}

static void put_junit(const struct xb_cases *c, struct xb_buf *out)
{
	xb_buf_adds(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
	for (size_t i = 0, to; i < c->n; i = to) {
		for (to = i + 1; to < c->n && !strcmp(c->v[to].suite, c->v[i].suite);)
			to++;
		xb_buf_adds(out, "  <testsuite name=\"");
		put_xml(out, c->v[i].suite);
		xb_buf_addf(out, "\" tests=\"%zu\" failures=\"%zu\" skipped=\"%zu\" errors=\"0\">\n", to - i,
			    count(c, i, to, XB_CASE_FAILED), count(c, i, to, XB_CASE_SKIPPED));
		for (size_t k = i; k < to; k++)
			put_testcase(&c->v[k], out);
		xb_buf_adds(out, "  </testsuite>\n");
	}
	xb_buf_adds(out, "</testsuites>\n");
}

void xb_cases_print(const struct xb_cases *c, enum xb_cases_form form, struct xb_buf *out)
{
	if (form == XB_CASES_TAP)
		put_tap(c, out);
	else if (form == XB_CASES_JUNIT)
		put_junit(c, out);
	else
		for (size_t i = 0; i < c->n; i++)
			put_text(&c->v[i], out);
}
