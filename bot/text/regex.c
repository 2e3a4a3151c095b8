/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "regex.h"

#include "util/alloc.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <string.h>

/* Of one attempt at one place of the text; honest messages need some hundreds of steps. */
#define STEPS_MAX 100000
#define DEPTH_MAX 10000
#define HEAP_MAX (32 * 1024) /* KiB */

struct xb_regex {
	pcre2_code *code;
	pcre2_match_data *data; /* scratch of a match: one thread at a time */
	pcre2_match_context *limits;
	char *pattern;
	const char *const *needles; /* NULL: none known */
};

static struct xb_err *compile_error(const char *pattern, int code, size_t at)
{
	unsigned char text[160];

	pcre2_get_error_message(code, text, sizeof text);
	return xb_err_new(XB_E_CONFIG, "bad pattern \"%s\", at offset %zu: %s", pattern, at, (char *)text);
}

static pcre2_code *compile(const char *pattern, int *code, size_t *at)
{
	const uint32_t flags = PCRE2_MULTILINE | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C;
	pcre2_compile_context *ctx = pcre2_compile_context_create(NULL);
	pcre2_code *re;

	if (!ctx)
		abort();
	pcre2_set_newline(ctx, PCRE2_NEWLINE_LF); /* not what the library was built with */
	pcre2_set_bsr(ctx, PCRE2_BSR_ANYCRLF);
	re = pcre2_compile((PCRE2_SPTR)pattern, strlen(pattern), flags, code, at, ctx);
	pcre2_compile_context_free(ctx);
	return re;
}

struct xb_err *xb_regex_compile(const char *pattern, struct xb_regex **out)
{
	struct xb_regex *re;
	pcre2_code *code;
	size_t at = 0;
	int rc = 0;

	*out = NULL;
	code = compile(pattern, &rc, &at);
	if (!code)
		return compile_error(pattern, rc, at);
	re = xb_calloc(1, sizeof *re);
	re->code = code;
	re->pattern = xb_strdup(pattern);
	re->data = pcre2_match_data_create(XB_GROUPS_MAX, NULL);
	re->limits = pcre2_match_context_create(NULL);
	if (!re->data || !re->limits)
		abort();
	pcre2_set_match_limit(re->limits, STEPS_MAX);
	pcre2_set_depth_limit(re->limits, DEPTH_MAX);
	pcre2_set_heap_limit(re->limits, HEAP_MAX);
	*out = re;
	return NULL;
}

void xb_regex_free(struct xb_regex *re)
{
	if (!re)
		return;
	pcre2_code_free(re->code);
	pcre2_match_data_free(re->data);
	pcre2_match_context_free(re->limits);
	XB_FREE(re->pattern, re);
}

void xb_regex_require(struct xb_regex *re, const char *const *needles)
{
	re->needles = needles;
}

bool xb_regex_may_match(const struct xb_regex *re, const char *text, size_t n)
{
	for (const char *const *s = re->needles; s && *s; s++)
		if (memmem(text, n, *s, strlen(*s)))
			return true;
	return !re->needles;
}

bool xb_regex_same_needles(const struct xb_regex *a, const struct xb_regex *b)
{
	return a->needles && a->needles == b->needles;
}

static struct xb_err *match_error(const struct xb_regex *re, int rc)
{
	unsigned char text[160];

	pcre2_get_error_message(rc, text, sizeof text);
	return xb_err_new(XB_E_HOSTILE, "the pattern \"%s\" could not be tried on a commit message: %s",
			  re->pattern, (char *)text);
}

static void copy_groups(const struct xb_regex *re, int rc, struct xb_match *m)
{
	const size_t *v = pcre2_get_ovector_pointer(re->data);

	m->n = rc ? (size_t)rc : XB_GROUPS_MAX; /* 0: more groups than there is room for */
	for (size_t i = 0; i < m->n; i++) {
		m->start[i] = v[2 * i] == PCRE2_UNSET ? 1 : v[2 * i];
		m->end[i] = v[2 * i] == PCRE2_UNSET ? 0 : v[2 * i + 1];
	}
}

struct xb_err *xb_regex_match(const struct xb_regex *re, const char *text, size_t n, size_t from, bool *found,
			      struct xb_match *m)
{
	int rc;

	*found = false;
	if (from >= n)
		return NULL;
	rc = pcre2_match(re->code, (PCRE2_SPTR)text, n, from, PCRE2_NOTEMPTY, re->data, re->limits);
	if (rc == PCRE2_ERROR_NOMATCH)
		return NULL;
	if (rc < 0)
		return match_error(re, rc);
	copy_groups(re, rc, m);
	/* \K in a lookahead can put the start behind the end; there is nothing to report then. */
	*found = m->start[0] < m->end[0];
	return NULL;
}
