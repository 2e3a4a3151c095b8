/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metadata.h"

#include "util/alloc.h"
#include "util/bytes.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

char *xb_value_metadata(const char *text, const struct xb_value_spec *spec)
{
	return strstr(text, "://") ? xb_value_web(text, spec) : xb_value_dir(text, spec);
}

void xb_config_metadata_take(struct xb_config *c, const char *text)
{
	bool web = strstr(text, "://");

	c->metadata_url =
	    xb_asprintf("%s%s", web ? text : "", web && !xb_ends(text, strlen(text), "/") ? "/" : "");
	c->metadata = xb_strdup(web ? "" : text);
	xb_config_metadata_place(c);
}

void xb_config_metadata_place(struct xb_config *c)
{
	if (!c->metadata_url || !*c->metadata_url)
		return;
	free(c->metadata);
	c->metadata = c->state_dir ? xb_asprintf("%s/metadata", c->state_dir) : xb_strdup("");
}
