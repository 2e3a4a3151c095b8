/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "disclosure.h"

#include "blame/past.h"

#include <string.h>
#include <time.h>

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
static struct xb_err *lacks(struct xb_metadata *m, const struct xb_rules *rules, const struct xb_plan *p,
			    const char *id, bool *out)
{
	for (size_t i = 0; i < p->advisories.n; i++) {
		const struct xb_plan_advisory *a = &p->advisories.v[i];

		if (strcmp(a->id, id) != 0)
			continue;
		*out = a->state == XB_ADV_BLOCKED || a->state == XB_ADV_PENDING;
		return NULL;
	}
	*out = xb_metadata_affects(m, p->target->line, id);
	if (*out) {
		XB_TRY(base_has(p, rules, id, out));
		*out = !*out;
	}
	return NULL;
}

/* Of the same time as A, what the line lacks; NULL: nothing. */
static struct xb_err *lacking(struct xb_metadata *m, const struct xb_rules *rules, const struct xb_plan *p,
			      const struct xb_metadata_advisory *a, const char **out)
{
	const struct xb_metadata_advisory *x;

	*out = NULL;
	for (size_t i = 0; (x = xb_metadata_at(m, i)); i++) {
		bool yes = false;

		if (x->public_time && !strcmp(x->public_time, a->public_time))
			XB_TRY(lacks(m, rules, p, x->id, &yes));
		if (!yes)
			continue;
		*out = x->id;
		return NULL;
	}
	return NULL;
}

struct xb_err *xb_disclosures_lack(struct xb_metadata *m, const struct xb_rules *rules,
				   const struct xb_plan *p, size_t from, size_t to, int64_t now,
				   struct xb_lack *out)
{
	*out = (struct xb_lack){0};
	for (size_t i = from; i < to; i++) {
		const struct xb_plan_pick *k = &p->picks.v[i];

		for (size_t a = 0; k->role == XB_ROLE_SECURITY && a < k->advisories.n; a++) {
			const struct xb_metadata_advisory *one = xb_metadata_find(m, k->advisories.v[a]);
			int64_t time = one && one->public_time ? parse_time(one->public_time) : -1;

			if (time < 0 || now >= time + XB_LACK_MAX)
				continue;
			*out = (struct xb_lack){i, k->advisories.v[a], NULL, time + XB_LACK_MAX};
			XB_TRY(lacking(m, rules, p, one, &out->lacks));
			if (out->lacks)
				return NULL;
		}
	}
	return NULL;
}
