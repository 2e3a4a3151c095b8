/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "relay.h"

#include "util/alloc.h"
#include "value.h"

#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* No dash in front, as in a name that a program might take for an option. */
static bool plain(const char *text, const char *allowed, size_t max)
{
	size_t n = strlen(text);

	return n && n <= max && *text != '-' && strspn(text, allowed) == n;
}

char *xb_value_host(const char *text, const struct xb_value_spec *spec)
{
	(void)spec;
	if (plain(text, LETTERS ".-_:", 253))
		return NULL;
	return xb_asprintf("'%s' is no host; allowed: a name or an address, without a port", text);
}

char *xb_value_user(const char *text, const struct xb_value_spec *spec)
{
	(void)spec;
	if (plain(text, LETTERS "._-", 64))
		return NULL;
	return xb_asprintf("'%s' is no user; allowed: letters, digits and ._-", text);
}

static char *text_of(const struct xb_config_reader *r, enum xb_key key)
{
	return xb_strdup(xb_setting_text(r, &r->common, key));
}

static void need(struct xb_config_reader *r, enum xb_key key)
{
	const struct xb_setting *host = &r->common.set[XB_K_RELAY_HOST];

	if (!r->common.set[key].texts.n)
		xb_mistake(&r->m, host->line[0], "[relay] host: needs '%s' as well; allowed: /DIRECTORY/...",
			   xb_key_name(key));
}

void xb_config_relay(struct xb_config_reader *r)
{
	struct xb_relay_conf *c = &r->c->relay;

	c->host = text_of(r, XB_K_RELAY_HOST);
	c->port = (unsigned)strtoul(xb_setting_text(r, &r->common, XB_K_RELAY_PORT), NULL, 10);
	c->user = text_of(r, XB_K_RELAY_USER);
	c->key = text_of(r, XB_K_RELAY_KEY);
	c->known_hosts = text_of(r, XB_K_RELAY_KNOWN_HOSTS);
	c->timeout = xb_period_of(xb_setting_text(r, &r->common, XB_K_RELAY_TIMEOUT));
	if (r->common.set[XB_K_RELAY_HOST].texts.n) {
		need(r, XB_K_RELAY_KEY);
		need(r, XB_K_RELAY_KNOWN_HOSTS);
	}
}

void xb_relay_conf_release(struct xb_relay_conf *c)
{
	free(c->host);
	free(c->user);
	free(c->key);
	free(c->known_hosts);
}
