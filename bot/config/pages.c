/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pages.h"

#include "util/alloc.h"
#include "util/bytes.h"
#include "value.h"

/* Characters that stand for themselves wherever an address is written down. */
#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/+%@"

char *xb_value_web(const char *text, const struct xb_value_spec *spec)
{
	size_t n = strlen(text);

	(void)spec;
	if (!n || ((xb_begins(text, n, "https://") || xb_begins(text, n, "http://")) &&
		   strspn(text, PLAIN) == n && n < 1000))
		return NULL;
	return xb_asprintf("'%s' is no address on the web; allowed: https://HOST/PATH, without '?' and '#'",
			   text);
}

void xb_config_pages(struct xb_config_reader *r)
{
	const char *url = xb_setting_text(r, &r->common, XB_K_PAGES_URL);

	r->c->pages.url = xb_asprintf("%s%s", url, *url && !xb_ends(url, strlen(url), "/") ? "/" : "");
	r->c->pages.directory = xb_strdup(xb_setting_text(r, &r->common, XB_K_PAGES_DIRECTORY));
	r->c->pages.clone = xb_strdup(xb_setting_text(r, &r->common, XB_K_PAGES_CLONE));
}

void xb_pages_conf_release(struct xb_pages_conf *c)
{
	free(c->url);
	free(c->clone);
	free(c->directory);
}
