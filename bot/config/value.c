/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "value.h"

#include "config.h"
#include "url.h"
#include "refs/refpat.h"
#include "text/address.h"
#include "util/alloc.h"
#include "util/bytes.h"
#include "util/strv.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
/* Characters that stand for themselves wherever an address is written down. */
#define PLAIN LETTERS "-._~:/+%@"
/* Git cuts these off the ends of a name, libgit2 others: then the ids would differ. */
#define CRUD ".,:;<>\"\\'"

/* ---- what is stored ---- */

void xb_value_release(enum xb_value_form form, void *at)
{
	char **text = at;

	if (form == XB_VALUE_LIST) {
		xb_strv_release(at);
		*(struct xb_strv *)at = (struct xb_strv){0};
	} else if (form == XB_VALUE_TEXT || form == XB_VALUE_TEXTS) {
		free(text[0]);
		text[0] = NULL;
	}
	if (form == XB_VALUE_TEXTS) {
		free(text[1]);
		text[1] = NULL;
	}
}

void xb_value_copy(enum xb_value_form form, void *to, const void *from)
{
	static const size_t sizes[] = {[XB_VALUE_BOOL] = sizeof(bool),
				       [XB_VALUE_NUMBER] = sizeof(unsigned),
				       [XB_VALUE_SIZE] = sizeof(uint64_t),
				       [XB_VALUE_PUBLISH] = sizeof(struct xb_publish_rule)};
	const struct xb_strv *list = from;
	char *const *text = from, **copy = to;

	if (form == XB_VALUE_LIST)
		for (size_t i = 0; i < list->n; i++)
			xb_strv_add(to, list->v[i]);
	else if (form != XB_VALUE_TEXT && form != XB_VALUE_TEXTS)
		memcpy(to, from, sizes[form]);
	else
		for (int i = 0; i <= (form == XB_VALUE_TEXTS); i++)
			copy[i] = text[i] ? xb_strdup(text[i]) : NULL;
}

bool xb_text_keep(void *to, const char *text)
{
	char **at = to;

	free(*at);
	*at = xb_strdup(text);
	return true;
}

static bool keep_if(bool good, struct xb_value_text *t, void *to)
{
	return good && xb_text_keep(to, t->text);
}

char *xb_value_allowed(const struct xb_value_kind *kind, const struct xb_value_rule *rule)
{
	XB_AUTOFREE char *text = NULL;

	if (kind->allowed)
		text = xb_strdup(kind->allowed);
	else if (rule->choices)
		text = xb_strdup(rule->choices);
	else if (kind == &xb_kind_refpat)
		text = xb_asprintf("a full ref name with %s",
				   rule->needs & XB_REFPAT_N ? "{line} and {n}" : "{line}");
	else if (kind == &xb_kind_period)
		text = xb_asprintf("a number and s, m, h or d, up to %u%s", rule->max ? rule->max : 365,
				   rule->max ? "s" : "d, such as 90m");
	else
		text =
		    xb_asprintf("%s1 to %u", kind == &xb_kind_releases ? "newest, all, or " : "", rule->max);
	if (!rule->optional || kind == &xb_kind_url)
		return XB_STEAL(text);
	return xb_asprintf("%s, or %s", text, kind == &xb_kind_period ? "never" : "none");
}

char *xb_value_take(const struct xb_value_kind *kind, struct xb_value_text *t, void *to)
{
	XB_AUTOFREE char *allowed = NULL;
	char *why = NULL;

	t->wrong = t->text;
	t->wrong_n = strlen(t->text);
	if (!kind->take(t, to)) {
		allowed = t->why ? NULL : xb_value_allowed(kind, t->rule);
		why = t->why ? t->why
			     : xb_asprintf("'%.*s' %s; allowed: %s", (int)t->wrong_n, t->wrong, kind->is,
					   allowed);
	}
	t->why = NULL;
	return why;
}

/* ---- words and items ---- */

size_t xb_next_word(const char **s, const char **word)
{
	size_t n;

	*word = *s + strspn(*s, " \t");
	n = strcspn(*word, " \t");
	*s = *word + n;
	return n;
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

bool xb_words_take(struct xb_value_text *t, void *to, bool (*ok)(struct xb_value_text *t, const char *word))
{
	XB_AUTOSTRV struct xb_strv words = {0};
	const char *text = t->text;

	while ((t->wrong_n = xb_next_word(&text, &t->wrong))) {
		XB_AUTOFREE char *w = xb_memdup0(t->wrong, t->wrong_n);

		if (!ok(t, w))
			return false;
		if (xb_strv_has(to, w) || xb_strv_has(&words, w))
			t->why = xb_asprintf("'%s' twice; allowed: once", w);
		else if (words.n + ((struct xb_strv *)to)->n == XB_LINES_MAX)
			t->why = xb_asprintf("'%s' is one too many; allowed: %d", w, XB_LINES_MAX);
		if (t->why)
			return false;
		xb_strv_add(&words, w);
	}
	xb_value_copy(XB_VALUE_LIST, to, &words);
	return true;
}

/* ---- paths, words, addresses on the web ---- */

static bool is_path(const char *text)
{
	return *text == '/' && text[1];
}

static bool take_path(struct xb_value_text *t, void *to)
{
	return keep_if(is_path(t->text), t, to);
}

static bool take_place(struct xb_value_text *t, void *to)
{
	char **at = to;

	if (!take_path(t, to))
		return false;
	for (size_t n = strlen(*at); n > 1 && (*at)[n - 1] == '/'; n--)
		(*at)[n - 1] = '\0';
	return true;
}

static bool take_path_or_none(struct xb_value_text *t, void *to)
{
	return keep_if(!*t->text || is_path(t->text), t, to);
}

static bool take_path_list(struct xb_value_text *t, void *to)
{
	if (is_path(t->text))
		xb_strv_add(to, t->text);
	return is_path(t->text);
}

static bool take_url(struct xb_value_text *t, void *to)
{
	bool none = t->rule->optional && xb_is_none(t->text);
	struct xb_url u = {0};

	t->why = none ? NULL : xb_url_parse(t->text, &u);
	xb_url_release(&u);
	return !t->why && xb_text_keep(to, none ? "" : t->text);
}

static bool is_web(const char *text)
{
	size_t n = strlen(text);

	return !n || ((xb_begins(text, n, "https://") || xb_begins(text, n, "http://")) &&
		      strspn(text, PLAIN) == n && n < 1000);
}

static bool take_web(struct xb_value_text *t, void *to)
{
	return keep_if(is_web(t->text), t, to);
}

static bool take_site(struct xb_value_text *t, void *to)
{
	size_t n = strlen(t->text);
	XB_AUTOFREE char *site = xb_asprintf("%s%s", t->text, n && t->text[n - 1] != '/' ? "/" : "");

	return is_web(t->text) && xb_text_keep(to, site);
}

static bool take_metadata(struct xb_value_text *t, void *to)
{
	const struct xb_value_kind *kind = strstr(t->text, "://") ? &xb_kind_site : &xb_kind_path_or_none;

	t->why = xb_value_take(kind, &(struct xb_value_text){.text = t->text, .rule = t->rule}, to);
	return !t->why;
}

/* No dash in front, as in a name that a program might take for an option. */
static bool plain(const char *text, const char *allowed, size_t max)
{
	size_t n = strlen(text);

	return n && n <= max && *text != '-' && strspn(text, allowed) == n;
}

static bool take_host(struct xb_value_text *t, void *to)
{
	return keep_if(plain(t->text, LETTERS ".-_:", 253), t, to);
}

static bool take_user(struct xb_value_text *t, void *to)
{
	return keep_if(plain(t->text, LETTERS "._-", 64), t, to);
}

static bool take_word(struct xb_value_text *t, void *to)
{
	for (const char *s = t->text; *s; s++)
		if (*s <= ' ' || *s > '~')
			return false;
	return xb_text_keep(to, t->text);
}

static bool take_command(struct xb_value_text *t, void *to)
{
	if (!*t->text)
		t->why = xb_strdup("nothing; allowed: a command for /bin/sh, or none");
	return *t->text && xb_text_keep(to, xb_is_none(t->text) ? "" : t->text);
}

static bool is_name(const char *text)
{
	size_t len = strlen(text);

	return len && !strpbrk(text, "<>") && !strchr(CRUD, *text) && !strchr(CRUD, text[len - 1]);
}

static bool take_name(struct xb_value_text *t, void *to)
{
	return keep_if(is_name(t->text), t, to);
}

static bool take_email(struct xb_value_text *t, void *to)
{
	return keep_if(is_name(t->text) && strchr(t->text, '@') && !strpbrk(t->text, " \t"), t, to);
}

const struct xb_value_kind xb_kind_path = {XB_VALUE_TEXT, take_path, "is no absolute path", "/DIRECTORY/..."};
const struct xb_value_kind xb_kind_place = {XB_VALUE_TEXT, take_place, "is no absolute path",
					    "/DIRECTORY/..."};
const struct xb_value_kind xb_kind_path_list = {XB_VALUE_LIST, take_path_list, "is no absolute path",
						"/DIRECTORY/..."};
const struct xb_value_kind xb_kind_path_or_none = {XB_VALUE_TEXT, take_path_or_none, "is no absolute path",
						   "/DIRECTORY/..."};
const struct xb_value_kind xb_kind_url = {XB_VALUE_TEXT, take_url, "is no URL",
					  "/PATH, ssh://..., https://..."};
const struct xb_value_kind xb_kind_web = {XB_VALUE_TEXT, take_web, "is no address on the web",
					  "https://HOST/PATH, without '?' and '#'"};
const struct xb_value_kind xb_kind_site = {XB_VALUE_TEXT, take_site, "is no address on the web",
					   "https://HOST/PATH, without '?' and '#'"};
const struct xb_value_kind xb_kind_metadata = {XB_VALUE_TEXT, take_metadata, "is no place",
					       "/DIRECTORY/..., or https://HOST/PATH"};
const struct xb_value_kind xb_kind_host = {XB_VALUE_TEXT, take_host, "is no host",
					   "a name or an address, without a port"};
const struct xb_value_kind xb_kind_user = {XB_VALUE_TEXT, take_user, "is no user", "letters, digits and ._-"};
const struct xb_value_kind xb_kind_word = {
    XB_VALUE_TEXT, take_word, "has a blank or a character that is no plain ASCII", "a word of ASCII"};
const struct xb_value_kind xb_kind_command = {XB_VALUE_TEXT, take_command, "is no command",
					      "a command for /bin/sh, or none"};
const struct xb_value_kind xb_kind_name = {XB_VALUE_TEXT, take_name, "is no name that git keeps as it is",
					   "text without <>, and without any of " CRUD " at its ends"};
const struct xb_value_kind xb_kind_email = {XB_VALUE_TEXT, take_email, "is no mail address", "NAME@DOMAIN"};

#define BETWEEN " \t,"

/* A name that perhaps is "", and an address. */
static bool take_mailbox(struct xb_value_text *t, void *to)
{
	char *texts[2] = {NULL, NULL};

	if (!xb_mailbox_parse(t->text, &texts[0], &texts[1])) {
		XB_FREE(texts[0], texts[1]);
		return false;
	}
	xb_value_release(XB_VALUE_TEXTS, to);
	memcpy(to, texts, sizeof texts);
	return true;
}

static bool take_address(struct xb_value_text *t, void *to)
{
	return xb_address_ok(t->text, strlen(t->text)) && xb_text_keep(to, t->text);
}

static bool take_domain(struct xb_value_text *t, void *to)
{
	return xb_domain_ok(t->text, strlen(t->text)) && xb_text_keep(to, t->text);
}

/* Adds the items of T, of which there must be some, to TO; two that are the same are one. */
static bool take_items(struct xb_value_text *t, void *to, const char *what,
		       bool (*ok)(const char *s, size_t n), bool lower)
{
	XB_AUTOSTRV struct xb_strv items = {0};
	const char *text = t->text + strspn(t->text, BETWEEN);

	for (size_t n; (n = strcspn(text, BETWEEN)); text += n + strspn(text + n, BETWEEN)) {
		XB_AUTOFREE char *one = xb_memdup0(text, n);

		if (!ok(text, n)) {
			t->why =
			    xb_asprintf("'%s' is no %s of plain ASCII; allowed: some, with blanks or commas "
					"between them",
					one, what);
			return false;
		}
		for (char *c = one; lower && *c; c++)
			*c = (char)tolower((unsigned char)*c);
		xb_strv_add(&items, one);
	}
	if (!items.n)
		t->why = xb_asprintf("there is none; allowed: at least one %s", what);
	for (size_t i = 0; i < items.n; i++)
		xb_strv_add_new(to, items.v[i]);
	return items.n;
}

static bool take_addresses(struct xb_value_text *t, void *to)
{
	return take_items(t, to, "address NAME@DOMAIN", xb_address_ok, false);
}

static bool take_domains(struct xb_value_text *t, void *to)
{
	return take_items(t, to, "domain", xb_domain_ok, true);
}

static bool port_ok(const char *s)
{
	return strlen(s) <= 5 && strspn(s, "0123456789") == strlen(s) && strtoul(s, NULL, 10) - 1 < 65535;
}

/* HOST or [ADDRESS], and perhaps :PORT. */
static bool host_port_ok(const char *s)
{
	const char *end;

	if (*s == '[') {
		end = strchr(s, ']');
		if (!end || end == s + 1 ||
		    strspn(s + 1, "0123456789abcdefABCDEF:.") != (size_t)(end - s - 1))
			return false;
		end++;
	} else {
		end = s + strcspn(s, ":");
		if (!xb_domain_ok(s, (size_t)(end - s)))
			return false;
	}
	return !*end || (*end == ':' && port_ok(end + 1));
}

static bool take_transport(struct xb_value_text *t, void *to)
{
	const char *s = t->text;
	bool ok = (*s == '/' && s[1] && !strpbrk(s, " \t")) ||
		  (!strncmp(s, "smtp://", 7) && host_port_ok(s + 7)) ||
		  (!strncmp(s, "smtps://", 8) && host_port_ok(s + 8));

	return ok && xb_text_keep(to, s);
}

static bool take_secret(struct xb_value_text *t, void *to)
{
	const char *name = strncmp(t->text, "credential:", 11) ? NULL : t->text + 11;
	bool ok = !*t->text || (*t->text == '/' && t->text[1]);

	if (name && *name && *name != '.')
		ok = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
		     strlen(name);
	return ok && xb_text_keep(to, t->text);
}

const struct xb_value_kind xb_kind_mailbox = {XB_VALUE_TEXTS, take_mailbox, "is no sender",
					      "NAME@DOMAIN, or WORDS <NAME@DOMAIN> without quotes"};
const struct xb_value_kind xb_kind_address = {XB_VALUE_TEXT, take_address, "is no mail address",
					      "NAME@DOMAIN of plain ASCII"};
const struct xb_value_kind xb_kind_addresses = {XB_VALUE_LIST, take_addresses, "is no list of addresses",
						"addresses NAME@DOMAIN, with blanks or commas between them"};
const struct xb_value_kind xb_kind_domain = {XB_VALUE_TEXT, take_domain,
					     "is no name such as xsabot.example.org",
					     "labels of letters, digits and dashes"};
const struct xb_value_kind xb_kind_domains = {XB_VALUE_LIST, take_domains, "is no list of domains",
					      "domains, with blanks or commas between them"};
const struct xb_value_kind xb_kind_transport = {
    XB_VALUE_TEXT, take_transport, "is no way to send mail",
    "smtp://HOST[:PORT], smtps://HOST[:PORT], or the path of a sendmail program"};
const struct xb_value_kind xb_kind_secret = {XB_VALUE_TEXT, take_secret, "is no place of a secret",
					     "/FILE, or credential:NAME"};
