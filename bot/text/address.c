/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "address.h"

#include "util/alloc.h"
#include "util/vis.h"

#include <string.h>

enum { LOCAL_MAX = 64, ADDRESS_MAX = 254, LABEL_MAX = 63 };

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static bool only(const char *s, size_t n, const char *allowed)
{
	for (size_t i = 0; i < n; i++)
		if (!s[i] || !strchr(allowed, s[i]))
			return false;
	return true;
}

/* No dot at an end, no two together. */
static bool dots_ok(const char *s, size_t n)
{
	if (!n || s[0] == '.' || s[n - 1] == '.')
		return false;
	for (size_t i = 1; i < n; i++)
		if (s[i] == '.' && s[i - 1] == '.')
			return false;
	return true;
}

bool xb_domain_ok(const char *s, size_t n)
{
	size_t label = 0;

	if (!dots_ok(s, n) || !only(s, n, LETTERS DIGITS "-."))
		return false;
	for (size_t i = 0; i <= n; i++) {
		if (i < n && s[i] != '.') {
			label++;
			continue;
		}
		if (label > LABEL_MAX || s[i - label] == '-' || s[i - 1] == '-')
			return false;
		label = 0;
	}
	return true;
}

bool xb_address_ok(const char *s, size_t n)
{
	const char *at = memchr(s, '@', n);
	size_t local = at ? (size_t)(at - s) : 0;

	/* A dash first would look like an option to a sendmail program. */
	return local && local <= LOCAL_MAX && n <= ADDRESS_MAX && *s != '-' && dots_ok(s, local) &&
	       only(s, local, LETTERS DIGITS ".!#$%&'*+/=?^_{|}~-") && xb_domain_ok(at + 1, n - local - 1);
}

const char *xb_address_domain(const char *address)
{
	return strchr(address, '@') + 1;
}

/* Text that needs no escape where it is shown, and cannot be taken for an address. */
static bool name_ok(const char *s, size_t n)
{
	XB_AUTOBUF struct xb_buf shown = XB_BUF_INIT;

	xb_vis(&shown, s, n, 0);
	return n <= 100 && shown.n == n && !memchr(s, '<', n) && !memchr(s, '>', n) && !memchr(s, '"', n) &&
	       !memchr(s, '@', n) && !memchr(s, '\\', n);
}

bool xb_mailbox_parse(const char *text, char **name, char **address)
{
	const char *open = strchr(text, '<'), *from = open ? open + 1 : text;
	size_t len = strlen(from), name_len = open ? (size_t)(open - text) : 0;

	if (open && (!len || from[--len] != '>'))
		return false;
	while (name_len && (text[name_len - 1] == ' ' || text[name_len - 1] == '\t'))
		name_len--;
	if (!xb_address_ok(from, len) || !name_ok(text, name_len))
		return false;
	*name = xb_memdup0(text, name_len);
	*address = xb_memdup0(from, len);
	return true;
}

bool xb_url_is_loopback(const char *url)
{
	const char *host = strstr(url, "://") + 3;
	size_t n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");

	return (n == 9 && !memcmp(host, "localhost", 9)) || (n == 5 && !memcmp(host, "[::1]", 5)) ||
	       (!strncmp(host, "127.", 4) && strspn(host, "0123456789.") == n);
}
