/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of [lines] and [rules]: patterns of refs, of messages and of files, names of lines and advisories.
 */
#include "value.h"

#include "refs/ownrefs.h"
#include "refs/refname.h"
#include "refs/refpat.h"
#include "text/regex.h"
#include "util/alloc.h"
#include "util/strv.h"

#include <ctype.h>
#include <string.h>

/* ---- refs ---- */

/* State, candidates and what test systems write live here; a chain has its own corner. */
static bool is_reserved(const char *text)
{
	return !strncmp(text, XB_OWN_REFS, strlen(XB_OWN_REFS)) && !xb_ref_is(XB_REF_CHAINS, text);
}

static bool take_refpat(struct xb_value_text *t, void *to)
{
	const struct xb_value_rule *rule = t->rule;
	unsigned needs = t->one_line ? rule->needs & ~(unsigned)XB_REFPAT_LINE : rule->needs;
	unsigned allowed = rule->needs | (rule->spelled ? XB_REFPAT_SPELLED : 0);
	XB_AUTOFREE char *words = xb_value_allowed(&xb_kind_refpat, rule);
	XB_AUTOERR struct xb_err *err = NULL;
	XB_AUTOPTR(xb_refpat) *pat = NULL;

	if (rule->optional && xb_is_none(t->text))
		return xb_text_keep(to, "");
	err = xb_refpat_compile(t->text, needs, allowed, &pat);
	if (err)
		t->why = xb_asprintf("%s; allowed: %s", err->msg, words);
	else if (is_reserved(t->text))
		t->why = xb_asprintf(
		    "'%s' is in the bot's own part of the refs; allowed: other than refs/xsabot/, "
		    "or refs/xsabot/chain/",
		    t->text);
	return !t->why && xb_text_keep(to, t->text);
}

static bool take_notes(struct xb_value_text *t, void *to)
{
	if (xb_is_none(t->text))
		return xb_text_keep(to, "");
	return !strncmp(t->text, "refs/notes/", 11) && xb_refname_ok(t->text) && xb_text_keep(to, t->text);
}

const struct xb_value_kind xb_kind_refpat = {XB_VALUE_TEXT, take_refpat, "is no pattern of refs", NULL};
const struct xb_value_kind xb_kind_notes = {XB_VALUE_TEXT, take_notes, "is no ref of notes",
					    "refs/notes/NAME, or none"};

/* ---- lines ---- */

static bool refuse_line(struct xb_value_text *t, const char *name)
{
	t->why = xb_asprintf("'%s' is no name of a line; allowed: *, one like '4.4-' (this and higher), or a "
			     "list of names made of letters, digits and ._+-",
			     name);
	return false;
}

static bool is_from(const char *text)
{
	size_t len = strlen(text);
	XB_AUTOFREE char *base = xb_memdup0(text, len ? len - 1 : 0);

	return len && text[len - 1] == '-' && xb_version_ok(base);
}

/* "4.17-4.19", which would be the name of one line. */
static bool is_range(const char *name)
{
	size_t n = xb_version_span(name);
	XB_AUTOFREE char *from = xb_memdup0(name, n);

	return n && name[n] == '-' && xb_version_ok(name + n + 1) && strchr(name, '.') &&
	       xb_version_cmp(from, name + n + 1) < 0;
}

static bool is_listed(struct xb_value_text *t, const char *name)
{
	if (is_from(name))
		t->why = xb_asprintf("'%s' must stand alone; allowed: *, one like '4.4-', or a list of names",
				     name);
	else if (is_range(name))
		t->why = xb_asprintf(
		    "'%s' is no range of lines; allowed: *, one like '4.4-', or each by its name", name);
	else if (!xb_line_name_ok(name))
		refuse_line(t, name);
	return !t->why;
}

/* "*" and "4.4-" are alone in the list; what else is in it are names. */
static bool take_lines(struct xb_value_text *t, void *to)
{
	struct xb_strv *list = to;
	bool alone = !strcmp(t->text, "*") || is_from(t->text);
	bool was_alone = list->n && (!strcmp(list->v[0], "*") || is_from(list->v[0]));

	if (!*t->text)
		return refuse_line(t, "");
	if (list->n && (alone || was_alone)) {
		t->why = xb_asprintf("'%s' beside another; allowed: alone", alone ? t->text : list->v[0]);
		return false;
	}
	if (!alone)
		return xb_words_take(t, to, is_listed);
	xb_strv_add(list, t->text);
	return true;
}

const struct xb_value_kind xb_kind_lines = {XB_VALUE_LIST, take_lines, "is no list of lines",
					    "*, one like '4.4-' (this and higher), or a list of names"};

/* ---- what makes a commit a fix ---- */

/* Such as ".*": it makes every commit a security fix, or none. */
static bool matches_anything(const struct xb_regex *re)
{
	struct xb_match m;
	bool found = false;

	/* An error is a limit that was hit, which says nothing about other texts. */
	xb_err_free(xb_regex_match(re, "x", 1, 0, &found, &m));
	return found;
}

/* "key =" alone empties the list. */
static bool take_regexes(struct xb_value_text *t, void *to)
{
	struct xb_regex *re = NULL;
	XB_AUTOERR struct xb_err *err = *t->text ? xb_regex_compile(t->text, &re) : NULL;
	struct xb_strv *list = to;

	if (err)
		t->why = xb_asprintf("%s; allowed: a PCRE2 pattern", err->msg);
	else if (re && matches_anything(re))
		t->why =
		    xb_strdup("the pattern matches 'x', so nearly every message; allowed: a PCRE2 pattern "
			      "that needs more of a text");
	else if (t->again && (!*t->text || !list->n))
		t->why = xb_strdup("nothing, beside other patterns; allowed: alone");
	else if (xb_strv_has(list, t->text))
		t->why = xb_strdup("the same pattern twice; allowed: once");
	else if (*t->text)
		xb_strv_add(list, t->text);
	xb_regex_free(re);
	return !t->why;
}

static bool is_form(struct xb_value_text *t, const char *text)
{
	const char *n = strstr(text, "{n}"), *id = strstr(text, "{id}"), *hole = n ? n : id;
	const char *after;

	(void)t;
	/* A letter first: an advisory's name must not look like a commit's. */
	if (!hole || !isalpha((unsigned char)*text) || strlen(text) > 60)
		return false;
	after = hole + (n ? strlen("{n}") : strlen("{id}"));
	for (const char *p = text; *p; p++)
		if ((p < hole || p >= after) && !strchr("._:/+-", *p) && !isalnum((unsigned char)*p))
			return false;
	return true;
}

static bool take_form(struct xb_value_text *t, void *to)
{
	return is_form(t, t->text) && xb_text_keep(to, t->text);
}

static bool take_forms(struct xb_value_text *t, void *to)
{
	return xb_words_take(t, to, is_form);
}

static bool is_file(struct xb_value_text *t, const char *word)
{
	(void)t;
	return *word != '/' && word[strlen(word) - 1] != '/';
}

static bool take_files(struct xb_value_text *t, void *to)
{
	return xb_words_take(t, to, is_file);
}

#define FORM "a word that begins with a letter and has {n} or {id} once, such as XSA-{n} or GHSA-{id}"

const struct xb_value_kind xb_kind_regexes = {XB_VALUE_LIST, take_regexes, "is no pattern",
					      "a PCRE2 pattern"};
const struct xb_value_kind xb_kind_form = {XB_VALUE_TEXT, take_form, "is no form of names", FORM};
const struct xb_value_kind xb_kind_forms = {XB_VALUE_LIST, take_forms, "is no form of names", FORM};
const struct xb_value_kind xb_kind_files = {XB_VALUE_LIST, take_files, "is no pattern of files",
					    "paths as git has them, such as CHANGES or doc/notes/*"};

/* [0-9]+([.-][0-9]+)*, or with LETTERS [0-9A-Za-z]+(-[0-9A-Za-z]+)* */
static bool number_ok(const char *s, size_t len, bool letters)
{
	bool digit = false;

	for (size_t i = 0; i < len; i++) {
		bool is = (s[i] >= '0' && s[i] <= '9') || (letters && isalpha((unsigned char)s[i]));

		if (!is && !(digit && ((s[i] == '.' && !letters) || s[i] == '-')))
			return false;
		digit = is;
	}
	return digit;
}

bool xb_form_match(const char *form, const char *id)
{
	const char *n = strstr(form, "{n}"), *hole = n ? n : strstr(form, "{id}");
	const char *end = hole + strlen(n ? "{n}" : "{id}");
	size_t before = (size_t)(hole - form), len = strlen(id), after = strlen(end);

	if (len <= before + after || memcmp(id, form, before) != 0 ||
	    memcmp(id + len - after, end, after) != 0)
		return false;
	return number_ok(id + before, len - before - after, !n);
}
