/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "disclosure.h"

#include "plan/metadata.h"
#include "plan/past.h"
#include "util/alloc.h"
#include "util/file.h"
#include "util/log.h"

#include <jansson.h>
#include <string.h>
#include <time.h>

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

/* ---- what lacks ---- */

/* "2022-07-12 12:00", which is UTC, perhaps with seconds; -1: it is none. */
static int64_t parse_time(const char *text)
{
	struct tm tm = {0};
	const char *end = strptime(text, "%Y-%m-%d", &tm);

	if (!end || (*end != ' ' && *end != 'T') || !strptime(end + 1, "%H:%M", &tm))
		return -1;
	return timegm(&tm);
}

struct base {
	const char *id;
	bool has;
};

static void look_for(void *ctx, const struct xb_hist *h)
{
	struct base *b = ctx;

	for (size_t i = 0; i < h->msg.tags.n; i++)
		for (size_t k = 0; k < h->msg.tags.v[i].ids.n; k++)
			b->has |= !strcmp(h->msg.tags.v[i].ids.v[k], b->id);
}

static bool is_tagged(void *ctx, const struct xb_hist *h)
{
	(void)ctx;
	return h->msg.tags.n > 0;
}

static struct xb_err *base_has(const struct xb_plan *p, const struct xb_rules *rules, const char *id,
			       bool *out)
{
	struct xb_past_options o = {
	    .store = p->store, .rules = rules, .base = p->target->base, .is_fix = is_tagged};
	struct xb_past *past = xb_past_new(&o);
	struct base b = {.id = id};
	struct xb_err *err = xb_past_each(past, look_for, &b);

	xb_past_free(past);
	*out = b.has;
	return err;
}

/* Does the line need the advisory ID and lack it? */
static struct xb_err *lacks(const struct xb_config *config, const struct xb_rules *rules,
			    const struct xb_plan *p, const char *id, bool *out)
{
	for (size_t i = 0; i < p->advisories.n; i++) {
		const struct xb_plan_advisory *a = &p->advisories.v[i];

		if (strcmp(a->id, id) != 0)
			continue;
		*out = a->state == XB_ADV_BLOCKED || a->state == XB_ADV_PENDING;
		return NULL;
	}
	*out = xb_metadata_affects(config, p->target->line, id);
	if (*out) {
		XB_TRY(base_has(p, rules, id, out));
		*out = !*out;
	}
	return NULL;
}

struct xb_err *xb_disclosures_lack(const struct xb_disclosures *d, const struct xb_config *config,
				   const struct xb_rules *rules, const struct xb_plan *p, size_t from,
				   size_t to, int64_t now, struct xb_lack *out)
{
	*out = (struct xb_lack){0};
	for (size_t i = from; i < to; i++) {
		const struct xb_plan_pick *k = &p->picks.v[i];

		for (size_t a = 0; k->role == XB_ROLE_SECURITY && a < k->advisories.n; a++) {
			const char *text = xb_disclosures_time(d, k->advisories.v[a]);
			int64_t time = text ? parse_time(text) : -1;

			if (time < 0 || now >= time + XB_LACK_MAX)
				continue;
			*out = (struct xb_lack){i, k->advisories.v[a], NULL, time + XB_LACK_MAX};
			for (size_t x = 0; x < d->n; x++) {
				bool yes = false;

				if (!strcmp(d->v[x].time, text))
					XB_TRY(lacks(config, rules, p, d->v[x].advisory, &yes));
				if (yes) {
					out->lacks = d->v[x].advisory;
					return NULL;
				}
			}
		}
	}
	return NULL;
}
