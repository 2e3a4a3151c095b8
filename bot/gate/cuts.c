/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cuts.h"

#include "blame/past.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- disclosures ---- */

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
	XB_AUTOPTR(xb_past) *past = xb_past_new(&o);
	struct base b = {.id = id};

	XB_TRY(xb_past_each(past, look_for, &b));
	*out = b.has;
	return NULL;
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

/* Picks that must not be parted: from the first to the last. KEY is borrowed. */
struct span {
	const char *key;
	size_t first, last;
};

struct spans {
	struct span *v;
	size_t n, cap;
};

static void extend(struct spans *s, const char *key, size_t pick)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->v[i].key, key)) {
			s->v[i].last = pick;
			return;
		}
	*XB_PUSH(s, v, n, cap) = (struct span){key, pick, pick};
}

/* As it is written; NULL: not known. */
static const char *public_time(const struct xb_cuts_options *o, const char *advisory)
{
	const struct xb_metadata_advisory *a = xb_metadata_find(o->metadata, advisory);

	return a ? a->public_time : NULL;
}

static void span_advisories(const struct xb_cuts_options *o, struct spans *s)
{
	for (size_t i = o->from; i < o->to; i++) {
		const struct xb_plan_pick *k = &o->plan->picks.v[i];

		for (size_t a = 0; k->role == XB_ROLE_SECURITY && a < k->advisories.n; a++) {
			const char *when = public_time(o, k->advisories.v[a]);

			extend(s, k->advisories.v[a], i);
			if (when)
				extend(s, when, i);
		}
	}
}

static bool is_dated(const struct xb_cuts_options *o, const struct xb_plan_pick *k)
{
	for (size_t a = 0; a < k->advisories.n; a++)
		if (public_time(o, k->advisories.v[a]))
			return true;
	return false;
}

/* What the metadata does not know goes by the time at which it was committed. */
static void span_times(const struct xb_cuts_options *o, struct spans *s)
{
	size_t before = SIZE_MAX;
	int64_t then = 0;

	for (size_t i = o->from; o->quiet && i < o->to; i++) {
		const struct xb_plan_pick *k = &o->plan->picks.v[i];
		int64_t time = o->plan->window.v[k->window].time;

		if (k->role != XB_ROLE_SECURITY || is_dated(o, k))
			continue;
		if (before != SIZE_MAX && llabs(time - then) <= o->quiet)
			*XB_PUSH(s, v, n, cap) = (struct span){"", before, i};
		before = i;
		then = time;
	}
}

static bool parts(const struct spans *s, size_t at)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].first < at && at <= s->v[i].last)
			return true;
	return false;
}

void xb_cuts_find(const struct xb_cuts_options *o, struct xb_cuts *out)
{
	struct spans s = {0};

	*out = (struct xb_cuts){0};
	span_advisories(o, &s);
	span_times(o, &s);
	for (size_t m = o->from + 1; m < o->to; m++)
		if (o->plan->picks.v[m].bundle == m && !parts(&s, m))
			*XB_PUSH(out, v, n, cap) = m;
	if (o->from < o->to)
		*XB_PUSH(out, v, n, cap) = o->to;
	free(s.v);
}

void xb_cuts_release(struct xb_cuts *b)
{
	free(b->v);
	*b = (struct xb_cuts){0};
}

/* 1 + the index of the longest bound below N that is known to have passed; 0: none is. */
static size_t longest_passed(const struct xb_cuts *b, size_t n,
			     enum xb_answer (*ask)(void *ctx, size_t picks), void *ctx)
{
	while (n > 0 && ask(ctx, b->v[n - 1]) != XB_ANSWER_PASS)
		n--;
	return n;
}

/* Between LOW, which passed or (0) is published, and HIGH, which fails: as 1 + their index. */
static struct xb_choice bisect(const struct xb_cuts *b, size_t low, size_t high,
			       enum xb_answer (*ask)(void *ctx, size_t picks), void *ctx)
{
	while (high - low > 1) {
		size_t mid = low + (high - low) / 2;
		enum xb_answer a = ask(ctx, b->v[mid - 1]);

		if (a == XB_ANSWER_PASS)
			low = mid;
		else if (a == XB_ANSWER_FAIL)
			high = mid;
		else /* one update, not several, where the search is over soon */
			return (struct xb_choice){
			    .passed = a == XB_ANSWER_LATER ? low : 0, .failed = high, .wanted = mid};
	}
	return (struct xb_choice){.passed = low, .failed = high};
}

struct xb_choice xb_cuts_choose(const struct xb_cuts *b, enum xb_answer (*ask)(void *ctx, size_t picks),
				void *ctx)
{
	enum xb_answer whole;
	size_t passed;

	if (!b->n)
		return (struct xb_choice){0};
	whole = ask(ctx, b->v[b->n - 1]);
	if (whole == XB_ANSWER_PASS)
		return (struct xb_choice){.passed = b->n};
	passed = longest_passed(b, b->n - 1, ask, ctx);
	if (whole == XB_ANSWER_FAIL)
		return bisect(b, passed, b->n, ask, ctx);
	return (struct xb_choice){.passed = passed, .wanted = b->n};
}
