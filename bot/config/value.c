/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "value.h"

#include "config.h"
#include "ownrefs.h"
#include "refpat.h"
#include "url.h"
#include "util/alloc.h"
#include "util/err.h"
#include "util/regex.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Git cuts these off the ends of a name, libgit2 others: then the ids would differ. */
#define CRUD ".,:;<>\"\\'"

size_t xb_next_word(const char **s, const char **word)
{
	size_t n;

	*word = *s + strspn(*s, " \t");
	n = strcspn(*word, " \t");
	*s = *word + n;
	return n;
}

int xb_choice(const char *choices, const char *text)
{
	const char *word;
	size_t n;

	for (int i = 0; (n = xb_next_word(&choices, &word)); i++)
		if (strlen(text) == n && !memcmp(word, text, n))
			return i;
	return -1;
}

bool xb_is_none(const char *text)
{
	return !*text || !strcmp(text, "none");
}

bool xb_commit_ok(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!s[i] || !strchr("0123456789abcdef", s[i]))
			return false;
	return len >= 7 && len <= 64;
}

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

char *xb_value_path(const char *text, const struct xb_value_spec *spec)
{
	(void)spec;
	if (*text == '/' && text[1])
		return NULL;
	return xb_asprintf("'%s' is no absolute path; allowed: /DIRECTORY/...", text);
}

char *xb_value_dir(const char *text, const struct xb_value_spec *spec)
{
	return *text ? xb_value_path(text, spec) : NULL;
}

char *xb_value_choice(const char *text, const struct xb_value_spec *spec)
{
	if (xb_choice(spec->choices, text) >= 0)
		return NULL;
	return xb_asprintf("'%s' is unknown; allowed: %s%s", text, spec->choices,
			   spec->hint ? spec->hint : "");
}

/* A plain decimal number from 1 to MAX: that, or 0. */
static unsigned long number(const char *text, unsigned long max)
{
	unsigned long x;

	if (!*text || strlen(text) > 9 || strspn(text, "0123456789") != strlen(text))
		return 0;
	x = strtoul(text, NULL, 10);
	return x <= max ? x : 0;
}

char *xb_value_url(const char *text, const struct xb_value_spec *spec)
{
	struct xb_url u = {0};
	char *why = spec->optional && xb_is_none(text) ? NULL : xb_url_parse(text, &u);

	xb_url_release(&u);
	return why;
}

char *xb_value_version(const char *text, const struct xb_value_spec *spec)
{
	(void)spec;
	if (!*text || number(text, XB_RULES_VERSION_MAX))
		return NULL;
	return xb_asprintf("'%s' is no version of the rules that this program knows; allowed: 1 to %u", text,
			   XB_RULES_VERSION_MAX);
}

char *xb_value_releases(const char *text, const struct xb_value_spec *spec)
{
	(void)spec;
	if (xb_choice("newest all", text) >= 0 || number(text, XB_RELEASES_MAX))
		return NULL;
	return xb_asprintf("'%s' is no number of releases; allowed: newest, all, or 1 to %u", text,
			   XB_RELEASES_MAX);
}

static char *check_line_name(const char *name)
{
	if (xb_line_name_ok(name))
		return NULL;
	return xb_asprintf("'%s' is no name of a line; allowed: *, one like '4.4-' (this and higher), or a "
			   "list of names made of letters, digits and ._+-",
			   name);
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

static char *check_listed(const char *name)
{
	if (is_from(name))
		return xb_asprintf("'%s' must stand alone; allowed: *, one like '4.4-', or a list of names",
				   name);
	if (is_range(name))
		return xb_asprintf(
		    "'%s' is no range of lines; allowed: *, one like '4.4-', or each by its name", name);
	return check_line_name(name);
}

char *xb_value_lines(const char *text, const struct xb_value_spec *spec)
{
	const char *word;
	size_t n;

	(void)spec;
	if (!strcmp(text, "*") || is_from(text))
		return NULL;
	if (!*text)
		return check_line_name("");
	while ((n = xb_next_word(&text, &word))) {
		XB_AUTOFREE char *name = xb_memdup0(word, n);
		char *why = check_listed(name);

		if (why)
			return why;
	}
	return NULL;
}

/* State, candidates and what test systems write live here; a chain has its own corner. */
static bool is_reserved(const char *text)
{
	return !strncmp(text, XB_OWN_REFS, strlen(XB_OWN_REFS)) && !xb_ref_is(XB_REF_CHAINS, text);
}

char *xb_value_refpat(const char *text, const struct xb_value_spec *spec)
{
	unsigned needs = spec->one_line ? spec->needs & ~(unsigned)XB_REFPAT_LINE : spec->needs;
	unsigned allowed = spec->needs | (spec->spelled ? XB_REFPAT_SPELLED : 0);
	const char *form = spec->needs & XB_REFPAT_N ? "{line} and {n}" : "{line}";
	XB_AUTOERR struct xb_err *err = NULL;
	XB_AUTOREFPAT struct xb_refpat *pat = NULL;

	if (spec->optional && xb_is_none(text))
		return NULL;
	err = xb_refpat_compile(text, needs, allowed, &pat);
	if (err)
		return xb_asprintf("%s; allowed: a full ref name with %s%s", err->msg, form,
				   spec->optional ? ", or none" : "");
	if (is_reserved(text))
		return xb_asprintf(
		    "'%s' is in the bot's own part of the refs; allowed: other than refs/xsabot/, "
		    "or refs/xsabot/chain/",
		    text);
	return NULL;
}

char *xb_value_notes(const char *text, const struct xb_value_spec *spec)
{
	(void)spec;
	if (xb_is_none(text) || (!strncmp(text, "refs/notes/", 11) && xb_refname_ok(text)))
		return NULL;
	return xb_asprintf("'%s' is no ref of notes; allowed: refs/notes/NAME, or none", text);
}

/* Such as ".*": it makes every commit a security fix, or none. */
static bool matches_anything(const struct xb_regex *re)
{
	struct xb_match m;
	bool found = false;

	/* An error is a limit that was hit, which says nothing about other texts. */
	xb_err_free(xb_regex_match(re, "x", 1, 0, &found, &m));
	return found;
}

char *xb_value_regex(const char *text, const struct xb_value_spec *spec)
{
	struct xb_regex *re = NULL;
	XB_AUTOERR struct xb_err *err = NULL;
	bool anything;

	(void)spec;
	if (!*text)
		return NULL;
	err = xb_regex_compile(text, &re);
	if (err)
		return xb_asprintf("%s; allowed: a PCRE2 pattern", err->msg);
	anything = matches_anything(re);
	xb_regex_free(re);
	return anything ? xb_strdup("the pattern matches 'x', so nearly every message; allowed: a PCRE2 "
				    "pattern that needs more of a text")
			: NULL;
}

static bool form_ok(const char *text)
{
	const char *n = strstr(text, "{n}"), *id = strstr(text, "{id}"), *hole = n ? n : id;
	const char *after = hole + (n ? strlen("{n}") : strlen("{id}"));
	size_t letters = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

	/* A letter first: an advisory's name must not look like a commit's. */
	if (!hole || !letters || strlen(text) > 60)
		return false;
	for (const char *p = text; *p; p++)
		if ((p < hole || p >= after) && (!strchr("._:/+-", *p) && !(*p >= '0' && *p <= '9') &&
						 !(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z')))
			return false;
	return true;
}

char *xb_value_form(const char *text, const struct xb_value_spec *spec)
{
	(void)spec;
	if (form_ok(text))
		return NULL;
	return xb_asprintf(
	    "'%s' is no form of names; allowed: a word that begins with a letter and has {n} or {id} "
	    "once, such as XSA-{n} or GHSA-{id}",
	    text);
}

char *xb_value_forms(const char *text, const struct xb_value_spec *spec)
{
	const char *word;
	size_t n;

	while ((n = xb_next_word(&text, &word))) {
		XB_AUTOFREE char *form = xb_memdup0(word, n);
		char *why = xb_value_form(form, spec);

		if (why)
			return why;
	}
	return NULL;
}

char *xb_value_paths(const char *text, const struct xb_value_spec *spec)
{
	const char *word;
	size_t n;

	(void)spec;
	while ((n = xb_next_word(&text, &word)))
		if (*word == '/' || word[n - 1] == '/')
			return xb_asprintf(
			    "'%.*s' is no pattern of files; allowed: paths as git has them, such "
			    "as CHANGES or doc/notes/*",
			    (int)n, word);
	return NULL;
}

char *xb_value_name(const char *text, const struct xb_value_spec *spec)
{
	size_t len = strlen(text);

	(void)spec;
	if (len && !strpbrk(text, "<>") && !strchr(CRUD, *text) && !strchr(CRUD, text[len - 1]))
		return NULL;
	return xb_asprintf(
	    "'%s' is no name that git keeps as it is; allowed: text without <>, and without any of %s "
	    "at its ends",
	    text, CRUD);
}

char *xb_value_email(const char *text, const struct xb_value_spec *spec)
{
	if (strchr(text, '@') && !strpbrk(text, " \t")) {
		char *why = xb_value_name(text, spec);

		if (!why)
			return NULL;
		free(why);
	}
	return xb_asprintf("'%s' is no mail address; allowed: NAME@DOMAIN", text);
}
