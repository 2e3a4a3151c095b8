/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "url.h"

#include "util/alloc.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

enum { PORT_MAX = 65535 };

static bool made_of(const char *s, const char *set)
{
	return *s && strspn(s, set) == strlen(s);
}

/* No component but a name: ".." leads elsewhere, and a leading dash is read as an option. */
static bool path_ok(const char *s)
{
	return made_of(s, ALNUM "._/~+-") && s[1] && !strstr(s, "/../") && !strstr(s, "/-") &&
	       (strlen(s) < 3 || strcmp(s + strlen(s) - 3, "/..") != 0);
}

static char *take_path(const char *text, struct xb_url *out)
{
	out->path = xb_strdup(text);
	return path_ok(text)
		   ? NULL
		   : xb_asprintf("'%s' is no path that is taken; allowed: letters, digits and ._/~+-", text);
}

static bool take_port(const char *text, struct xb_url *out)
{
	if (!made_of(text, "0123456789") || strlen(text) > 5)
		return false;
	out->port = (unsigned)strtoul(text, NULL, 10);
	return out->port && out->port <= PORT_MAX;
}

/* [USER@]HOST[:PORT] of LEN bytes. */
static bool take_host(const char *text, size_t len, struct xb_url *out)
{
	XB_AUTOFREE char *all = xb_memdup0(text, len);
	char *at = strrchr(all, '@'), *host = at ? at + 1 : all, *colon = strchr(host, ':');

	if (at) {
		*at = '\0';
		out->user = xb_strdup(all);
		if (!made_of(all, ALNUM "._-") || *all == '-')
			return false;
	}
	if (colon) {
		*colon = '\0';
		if (!take_port(colon + 1, out))
			return false;
	}
	out->host = xb_strdup(host);
	return made_of(host, ALNUM ".-") && *host != '-' && *host != '.';
}

static char *take_net(const char *text, const char *rest, struct xb_url *out)
{
	const char *slash = strchr(rest, '/');

	if (!slash || !take_host(rest, (size_t)(slash - rest), out))
		return xb_asprintf("'%s' has no host that is taken; allowed: ssh://USER@HOST:PORT/PATH or "
				   "https://HOST:PORT/PATH, without a password",
				   text);
	if (out->kind == XB_URL_HTTPS && out->user)
		return xb_asprintf("'%s' names a user; allowed: https://HOST:PORT/PATH", text);
	return take_path(slash, out);
}

char *xb_url_parse(const char *text, struct xb_url *out)
{
	*out = (struct xb_url){0};
	if (*text == '/')
		return take_path(text, out);
	if (!strncmp(text, "file:///", 8))
		return take_path(text + 7, out);
	if (!strncmp(text, "ssh://", 6)) {
		out->kind = XB_URL_SSH;
		out->port = 22;
		return take_net(text, text + 6, out);
	}
	if (!strncmp(text, "https://", 8)) {
		out->kind = XB_URL_HTTPS;
		out->port = 443;
		return take_net(text, text + 8, out);
	}
	return xb_asprintf("'%s' is no URL that is taken; allowed: /PATH, file:///PATH, "
			   "ssh://USER@HOST:PORT/PATH, https://HOST:PORT/PATH",
			   text);
}

void xb_url_release(struct xb_url *u)
{
	XB_FREE(u->user, u->host, u->path);
	*u = (struct xb_url){0};
}
