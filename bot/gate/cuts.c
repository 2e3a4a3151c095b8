/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cuts.h"

#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

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
