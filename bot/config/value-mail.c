/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of [mail]. */
#include "value.h"

#include "util/address.h"
#include "util/alloc.h"
#include "util/strv.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define BETWEEN " \t,"

/* A name that perhaps is "", and an address. */
static bool take_mailbox(struct xb_value_text *t, void *to)
{
	char *texts[2] = {NULL, NULL};

	if (!xb_mailbox_parse(t->text, &texts[0], &texts[1])) {
		free(texts[0]);
		free(texts[1]);
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
static bool take_items(struct xb_value_text *t, void *to, const char *what, bool (*ok)(const char *s, size_t n), bool lower)
{
	XB_AUTOSTRV struct xb_strv items = {0};
	const char *text = t->text + strspn(t->text, BETWEEN);

	for (size_t n; (n = strcspn(text, BETWEEN)); text += n + strspn(text + n, BETWEEN)) {
		XB_AUTOFREE char *one = xb_memdup0(text, n);

		if (!ok(text, n)) {
			t->why = xb_asprintf("'%s' is no %s of plain ASCII; allowed: some, with blanks or commas "
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
const struct xb_value_kind xb_kind_domain = {XB_VALUE_TEXT, take_domain, "is no name such as xsabot.example.org",
				       "labels of letters, digits and dashes"};
const struct xb_value_kind xb_kind_domains = {XB_VALUE_LIST, take_domains, "is no list of domains",
					"domains, with blanks or commas between them"};
const struct xb_value_kind xb_kind_transport = {
    XB_VALUE_TEXT, take_transport, "is no way to send mail",
    "smtp://HOST[:PORT], smtps://HOST[:PORT], or the path of a sendmail program"};
const struct xb_value_kind xb_kind_secret = {XB_VALUE_TEXT, take_secret, "is no place of a secret",
				       "/FILE, or credential:NAME"};
