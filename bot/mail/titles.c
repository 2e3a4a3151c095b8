/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "titles.h"

#include "config/value.h"
#include "util/alloc.h"
#include "util/file.h"

#include <jansson.h>
#include <string.h>

enum { SIZE_MAX_BYTES = 16 << 20 };

/* A list of {"xsas": [{"xsa": "470", "title": ...}]}. */
static const json_t *find(const json_t *list, const char *number)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *xsas = json_object_get(json_array_get(list, i), "xsas");

		for (size_t k = 0; k < json_array_size(xsas); k++) {
			const json_t *one = json_array_get(xsas, k);
			const char *xsa = json_string_value(json_object_get(one, "xsa"));

			if (xsa && !strcmp(xsa, number))
				return one;
		}
	}
	return NULL;
}

char *xb_advisory_title(const struct xb_config *c, const char *id)
{
	XB_AUTOFREE char *path = *c->metadata ? xb_asprintf("%s/xsa.json", c->metadata) : NULL;
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	const char *before = strstr(c->advisory, "{n}"), *title;
	struct xb_err *err =
	    path && xb_form_match(c->advisory, id) ? xb_file_read(path, SIZE_MAX_BYTES, &text) : NULL;
	json_t *list = NULL;
	char *out = NULL;

	xb_err_free(err); /* not there, or not readable: no title */
	if (text.n)
		list = json_loadb(text.p, text.n, 0, NULL);
	title = json_string_value(json_object_get(find(list, id + (before - c->advisory)), "title"));
	if (title && *title)
		out = xb_strdup(title);
	json_decref(list);
	return out;
}
