/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "disclosure.h"

#include "util/alloc.h"
#include "util/file.h"
#include "util/log.h"

#include <jansson.h>
#include <string.h>

#define MAX_LIST (16u << 20)

/* "407" or 407 is "XSA-407" */
static char *name_of(const struct xb_config *c, const json_t *number)
{
	const char *form = c->advisory, *at = strstr(form, "{n}");
	XB_AUTOFREE char *n = json_is_integer(number)
				  ? xb_asprintf("%lld", (long long)json_integer_value(number))
				  : xb_strdup(json_is_string(number) ? json_string_value(number) : "");

	return at ? xb_asprintf("%.*s%s%s", (int)(at - form), form, n, at + 3) : xb_strdup(n);
}

static void add(const struct xb_config *c, const json_t *list, struct xb_disclosures *out)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		const char *time = json_string_value(json_object_get(one, "public_time"));

		if (time)
			*XB_PUSH(out, v, n, cap) =
			    (struct xb_disclosure){name_of(c, json_object_get(one, "xsa")), xb_strdup(time)};
	}
}

void xb_disclosures_read(const struct xb_config *config, struct xb_disclosures *out)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/xsa.json", config->metadata);
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	XB_AUTOERR struct xb_err *err = NULL;
	json_t *root;

	*out = (struct xb_disclosures){0};
	if (!*config->metadata)
		return;
	err = xb_file_read(path, MAX_LIST, &b);
	if (err) {
		if (err->code != XB_E_NOTFOUND)
			xb_log(XB_WARN, "%s", err->msg);
		return;
	}
	root = json_loadb(b.p ? b.p : "", b.n, 0, NULL);
	if (!root)
		xb_log(XB_WARN, "%s is no JSON: ignored", path);
	for (size_t i = 0; i < json_array_size(root); i++)
		add(config, json_object_get(json_array_get(root, i), "xsas"), out);
	json_decref(root);
}

void xb_disclosures_release(struct xb_disclosures *d)
{
	for (size_t i = 0; i < d->n; i++) {
		free(d->v[i].advisory);
		free(d->v[i].time);
	}
	free(d->v);
	*d = (struct xb_disclosures){0};
}

const char *xb_disclosures_time(const struct xb_disclosures *d, const char *advisory)
{
	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(d->v[i].advisory, advisory))
			return d->v[i].time;
	return NULL;
}
