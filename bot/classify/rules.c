/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules.h"

#include "idform.h"
#include "util/alloc.h"

#include <ctype.h>
#include <string.h>

/* Bytes: a name that comes so far behind the beginning of its line is shown to nobody. */
enum { SHOWN_MAX = 4096 };

struct xb_rules {
	struct xb_regex **security, **not_security;
	size_t n_security, n_not_security;
	struct xb_idform advisory, *alias;
	size_t n_alias;
	struct xb_regex *fact[XB_FACT_COUNT];
};

/* Bytes of a message, or a match in it. */
struct span {
	size_t start, end;
};

struct xb_err *xb_too_many(const char *what)
{
	return xb_err_new(XB_E_HOSTILE, "more than %d %s in one message", XB_FACTS_MAX, what);
}

static struct xb_err *compile_all(const struct xb_strv *patterns, struct xb_regex ***out, size_t *n)
{
	*out = xb_calloc(patterns->n + 1, sizeof(struct xb_regex *));
	for (; *n < patterns->n; ++*n)
		XB_TRY(xb_regex_compile(patterns->v[*n], &(*out)[*n]));
	return NULL;
}

static struct xb_err *compile_facts(struct xb_rules *r)
{
	for (size_t i = 0; i < XB_FACT_COUNT; i++) {
		XB_TRY(xb_regex_compile(xb_fact_patterns[i], &r->fact[i]));
		xb_regex_require(r->fact[i], xb_fact_needles[i]);
	}
	return NULL;
}

static struct xb_err *compile(const struct xb_config *conf, struct xb_rules *r)
{
	XB_TRY(compile_all(&conf->security, &r->security, &r->n_security));
	for (size_t i = 0; i < r->n_security; i++)
		xb_regex_require(r->security[i], xb_security_needles(conf->security.v[i]));
	XB_TRY(compile_all(&conf->not_security, &r->not_security, &r->n_not_security));
	XB_TRY(xb_idform_compile(conf->advisory, &r->advisory));
	r->alias = xb_calloc(conf->alias.n + 1, sizeof *r->alias);
	while (r->n_alias < conf->alias.n) {
		const char *form = conf->alias.v[r->n_alias];

		XB_TRY(xb_idform_compile(form, &r->alias[r->n_alias++]));
	}
	return compile_facts(r);
}

struct xb_err *xb_rules_compile(const struct xb_config *conf, struct xb_rules **out)
{
	XB_AUTOPTR(xb_rules) *r = xb_calloc(1, sizeof *r);

	*out = NULL;
	XB_TRY(compile(conf, r));
	*out = XB_STEAL(r);
	return NULL;
}

static void free_all(struct xb_regex **v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		xb_regex_free(v[i]);
	free(v);
}

void xb_rules_free(struct xb_rules *r)
{
	if (!r)
		return;
	free_all(r->security, r->n_security);
	free_all(r->not_security, r->n_not_security);
	xb_idform_release(&r->advisory);
	for (size_t i = 0; i < r->n_alias; i++)
		xb_idform_release(&r->alias[i]);
	free(r->alias);
	for (size_t i = 0; i < XB_FACT_COUNT; i++)
		xb_regex_free(r->fact[i]);
	free(r);
}

const struct xb_regex *xb_rules_fact(const struct xb_rules *r, enum xb_fact fact)
{
	return r->fact[fact];
}

static void release_tag(struct xb_tag *t)
{
	xb_strv_release(&t->ids);
	xb_strv_release(&t->aliases);
	free(t->text);
}

void xb_tags_release(struct xb_tags *t)
{
	for (size_t i = 0; i < t->n; i++)
		release_tag(&t->v[i]);
	free(t->v);
	*t = (struct xb_tags){0};
}

struct xb_err *xb_rules_ids(const struct xb_rules *r, const char *text, size_t n, struct xb_strv *ids,
			    struct xb_strv *aliases)
{
	size_t before = ids->n;

	XB_TRY(xb_idform_find(&r->advisory, text, n, ids));
	if (!aliases || ids->n == before)
		aliases = ids;
	for (size_t i = 0; i < r->n_alias; i++)
		XB_TRY(xb_idform_find(&r->alias[i], text, n, aliases));
	return NULL;
}

char *xb_rules_advisory(const struct xb_rules *r, const char *s)
{
	char *id = xb_idform_whole(&r->advisory, s);

	for (size_t i = 0; !id && i < r->n_alias; i++)
		id = xb_idform_whole(&r->alias[i], s);
	return id;
}

/* From after the last ". " or line break before the match to the next one after it. */
static struct span sentence(const char *text, size_t n, struct span m)
{
	while (m.start > 0 && text[m.start - 1] != '\n' &&
	       !(m.start > 1 && text[m.start - 1] == ' ' && text[m.start - 2] == '.'))
		m.start--;
	while (m.end < n && text[m.end] != '\n' &&
	       !(text[m.end] == '.' && m.end + 1 < n && text[m.end + 1] == ' '))
		m.end++;
	return m;
}

/* All not-security matches of a message. */
struct vetoes {
	struct span *v;
	size_t n, cap;
};

static struct xb_err *find_vetoes(const struct xb_rules *r, const char *text, size_t n, struct vetoes *out)
{
	struct xb_match m;
	bool found;

	for (size_t i = 0; i < r->n_not_security; i++)
		for (size_t at = 0; at < n; at = m.end[0]) {
			XB_TRY(xb_regex_match(r->not_security[i], text, n, at, &found, &m));
			if (!found)
				break;
			if (out->n >= XB_FACTS_MAX)
				return xb_too_many("not-security matches");
			*XB_PUSH(out, v, n, cap) = (struct span){m.start[0], m.end[0]};
		}
	return NULL;
}

static bool is_vetoed(const struct vetoes *no, const char *text, size_t n, struct span m)
{
	struct span s = sentence(text, n, m);

	for (size_t i = 0; i < no->n; i++)
		if (no->v[i].start < s.end && no->v[i].end > s.start)
			return true;
	return false;
}

static unsigned line_at(const char *text, size_t at)
{
	unsigned line = 1;

	for (size_t i = 0; i < at; i++)
		line += text[i] == '\n';
	return line;
}

/* The statement that already holds part of the span, so that two patterns make one tag of it. */
static struct xb_tag *overlapping(struct xb_tags *t, struct span m)
{
	for (size_t i = 0; i < t->n; i++)
		if (m.start < t->v[i].end && m.end > t->v[i].start)
			return &t->v[i];
	return NULL;
}

static struct xb_tag *new_tag(struct xb_tags *out, const char *text, struct span m, size_t pattern)
{
	struct xb_tag *t = XB_PUSH(out, v, n, cap);
	size_t n = m.end - m.start;

	t->text = xb_memdup0(text + m.start, n < 400 ? n : 400);
	t->start = m.start;
	t->end = m.end;
	t->line = line_at(text, m.start);
	t->pattern = (unsigned)pattern;
	return t;
}

static struct xb_err *add_tag(const struct xb_rules *r, const char *text, const struct xb_match *m,
			      size_t pattern, struct xb_tags *out)
{
	size_t g = xb_match_has(m, 1) ? 1 : 0;
	struct span whole = {m->start[0], m->end[0]};
	struct xb_tag *t;

	while (whole.start < whole.end && strchr(" \t\n", text[whole.start]))
		whole.start++;
	t = overlapping(out, whole);
	if (out->n >= XB_FACTS_MAX)
		return xb_too_many("security statements");
	if (!t)
		t = new_tag(out, text, whole, pattern);
	return xb_rules_ids(r, text + m->start[g], m->end[g] - m->start[g], &t->ids, &t->aliases);
}

/* Does the line of AT, where text may begin with blanks, begin with the ">" of a quotation? */
static bool is_quoted(const char *text, size_t at)
{
	const char *end = memrchr(text, '\n', at);
	size_t line = end ? (size_t)(end + 1 - text) : 0;

	while (line < at && strchr(" \t", text[line]))
		line++;
	return text[line] == '>';
}

/* Every statement that a security pattern finds, vetoed or not, as a tag. */
static struct xb_err *find_tags(const struct xb_rules *r, size_t pattern, const char *text, size_t n,
				struct xb_tags *out)
{
	struct xb_match m;
	bool found;

	for (size_t at = 0; at < n; at = m.end[0]) {
		XB_TRY(xb_regex_match(r->security[pattern], text, n, at, &found, &m));
		if (!found)
			return NULL;
		if (!is_quoted(text, m.start[0]))
			XB_TRY(add_tag(r, text, &m, pattern, out));
	}
	return NULL;
}

static struct xb_err *find_all_tags(const struct xb_rules *r, const char *text, size_t n, struct xb_tags *out)
{
	const struct xb_regex *asked = NULL; /* the last pattern whose needles were looked for */
	bool worth = true;

	for (size_t i = 0; i < r->n_security; i++) {
		if (!asked || !xb_regex_same_needles(asked, r->security[i]))
			worth = xb_regex_may_match(r->security[i], text, n);
		asked = r->security[i];
		if (worth)
			XB_TRY(find_tags(r, i, text, n, out));
	}
	return NULL;
}

static struct xb_err *drop_vetoed(const struct xb_rules *r, const char *text, size_t n, struct xb_tags *t)
{
	struct vetoes no = {0};
	struct xb_err *err = find_vetoes(r, text, n, &no);
	size_t kept = 0;

	for (size_t i = 0; !err && i < t->n; i++) {
		if (is_vetoed(&no, text, n, (struct span){t->v[i].start, t->v[i].end}))
			release_tag(&t->v[i]);
		else
			t->v[kept++] = t->v[i];
	}
	if (!err)
		t->n = kept;
	free(no.v);
	return err;
}

static int by_start(const void *a, const void *b)
{
	const struct xb_tag *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Does the statement name a real unit, not only an alias that stands in for one? */
static bool has_unit(const struct xb_rules *r, const struct xb_tag *t)
{
	for (size_t i = 0; i < t->ids.n; i++) {
		XB_AUTOFREE char *id = xb_idform_whole(&r->advisory, t->ids.v[i]);

		if (id)
			return true;
	}
	return false;
}

static const struct xb_tag *unit_for(const struct xb_rules *r, const struct xb_tags *t, size_t i)
{
	for (size_t k = i + 1; k < t->n; k++)
		if (has_unit(r, &t->v[k]))
			return &t->v[k];
	for (size_t k = i; k-- > 0;)
		if (has_unit(r, &t->v[k]))
			return &t->v[k];
	return NULL;
}

/* "This is CVE-1. … This is CVE-2. Everything together is XSA-3.": the CVEs are names of the XSA. */
static void adopt_aliases(const struct xb_rules *r, struct xb_tags *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct xb_tag *unit = has_unit(r, &t->v[i]) ? NULL : unit_for(r, t, i);

		if (!unit || !t->v[i].ids.n)
			continue;
		xb_strv_release(&t->v[i].aliases);
		t->v[i].aliases = t->v[i].ids;
		t->v[i].ids = (struct xb_strv){0};
		for (size_t k = 0; k < unit->ids.n; k++)
			xb_strv_add_new(&t->v[i].ids, unit->ids.v[k]);
	}
}

struct xb_err *xb_rules_tags(const struct xb_rules *r, const char *text, size_t n, struct xb_tags *out)
{
	struct xb_err *err;

	*out = (struct xb_tags){0};
	err = find_all_tags(r, text, n, out);
	if (!err && out->n)
		err = drop_vetoed(r, text, n, out);
	if (err) {
		xb_tags_release(out);
		return err;
	}
	if (out->n > 1) {
		qsort(out->v, out->n, sizeof *out->v, by_start);
		adopt_aliases(r, out);
	}
	return NULL;
}

/* ---- names without a statement ---- */

/* Where fixes name what they fix: in the subject, in brackets, and at the beginning of a line or after its
 * key. */
static bool is_shown(const char *text, size_t at)
{
	const char *closing = "";
	size_t line = at;

	while (line && text[line - 1] != '\n')
		if (at - line-- == SHOWN_MAX)
			return false;
	if (!line)
		return true;
	for (size_t i = line; i < at; i++) {
		closing = text[i] == '(' ? ")" : text[i] == '[' ? "]" : text[i] == '{' ? "}" : closing;
		if (*closing && text[i] == *closing)
			closing = "";
	}
	while (line < at && strchr(" \t*-+", text[line]))
		line++;
	if (*closing || line == at)
		return true;
	while (line < at && (isalnum((unsigned char)text[line]) || text[line] == '-'))
		line++;
	return text[line] == ':' && at - line <= 2;
}

static struct xb_err *add_named(const struct xb_idform *f, const char *text, size_t n,
				const struct vetoes *no, struct xb_strv *out)
{
	struct xb_match m;
	bool found;

	for (size_t at = 0;; at = m.end[0]) {
		XB_TRY(xb_regex_match(f->re, text, n, at, &found, &m));
		if (!found)
			return NULL;
		if (is_shown(text, m.start[0]) && !is_quoted(text, m.start[0]) &&
		    !is_vetoed(no, text, n, (struct span){m.start[0], m.end[0]}))
			XB_TRY(xb_idform_add(f, text, &m, out));
	}
}

struct xb_err *xb_rules_named(const struct xb_rules *r, const char *text, size_t n, struct xb_strv *out)
{
	struct vetoes no = {0};
	struct xb_err *err = NULL;
	bool read = false;

	for (size_t i = 0; i <= r->n_alias && !err; i++) {
		const struct xb_idform *f = i ? &r->alias[i - 1] : &r->advisory;

		if (!xb_regex_may_match(f->re, text, n))
			continue;
		if (!read)
			err = find_vetoes(r, text, n, &no);
		read = true;
		if (!err)
			err = add_named(f, text, n, &no, out);
	}
	free(no.v);
	return err;
}
