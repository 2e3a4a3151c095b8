/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "refname.h"

#include "util/bytes.h"

#include <string.h>

static bool is_name_char(char c)
{
	return xb_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c && strchr("._+-", c));
}

static bool component_ok(const char *s, size_t len)
{
	return len > 0 && len <= 250 && *s != '.' && *s != '-' && !xb_ends(s, len, ".lock") &&
	       !(len == 4 && !memcmp(s, "HEAD", 4));
}

static bool chars_ok(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == 0x7f || strchr("~^:?*[\\", *s))
			return false;
	return true;
}

bool xb_refname_ok(const char *name)
{
	size_t len = strlen(name), slashes = 0;

	if (len > 1000 || strncmp(name, "refs/", 5) != 0 || !chars_ok(name) || strstr(name, "..") ||
	    strstr(name, "@{") || name[len - 1] == '.')
		return false;
	for (const char *p = name;; slashes++) {
		size_t n = strcspn(p, "/");

		if (!component_ok(p, n))
			return false;
		if (!p[n])
			break;
		p += n + 1;
	}
	return slashes >= 2;
}

bool xb_line_name_ok(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++)
		if (!is_name_char(name[i]))
			return false;
	return component_ok(name, len) && name[len - 1] != '.' && !strstr(name, "..");
}

size_t xb_version_span(const char *s)
{
	size_t len = 0;

	while (xb_is_digit(s[len])) {
		while (xb_is_digit(s[len]))
			len++;
		if (s[len] != '.' || !xb_is_digit(s[len + 1]))
			break;
		len++;
	}
	return len;
}

bool xb_version_ok(const char *s)
{
	size_t len = xb_version_span(s);

	return len && !s[len];
}

/* Compares the digits at *A and *B as numbers and steps over them. */
static int number_cmp(const char **a, const char **b)
{
	const char *x = *a + strspn(*a, "0"), *y = *b + strspn(*b, "0");
	size_t m = strspn(x, "0123456789"), n = strspn(y, "0123456789");

	*a = x + m;
	*b = y + n;
	if (m != n)
		return m < n ? -1 : 1;
	return memcmp(x, y, n);
}

int xb_version_cmp(const char *a, const char *b)
{
	while (*a && *b) {
		if (xb_is_digit(*a) && xb_is_digit(*b)) {
			int d = number_cmp(&a, &b);

			if (d)
				return d < 0 ? -1 : 1;
		} else if (*a != *b) {
			break;
		} else {
			a++;
			b++;
		}
	}
	return (*a > *b) - (*a < *b);
}

const char *xb_name_cut(const char *name, size_t *len)
{
	while (*len > 1) {
		const char *at = name + --*len;

		if (*at == '.' && at[1])
			return at + 1;
		if (xb_is_digit(at[-1]) && ((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z')))
			return at;
	}
	return NULL;
}
