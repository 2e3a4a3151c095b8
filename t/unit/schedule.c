/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When candidates are due, and which part of one is to be published or tested: without a clock or a gate. */
#include "gate/schedule.h"
#include "tap.h"
#include "gate/attempts.h"
#include "gate/cuts.h"
#include "os/task.h"

#include <string.h>

/* ---- the time ---- */

#define TUESDAY_NOON INT64_C(1893499200) /* 2030-01-01 12:00 UTC */
#define HOUR INT64_C(3600)
#define WEEK (HOUR * 24 * 7)

static size_t due(const struct xb_publish_rule *rule, int64_t now, int64_t *until, int64_t a, int64_t b)
{
	struct xb_seen seen[] = {{.time = a}, {.time = b}};
	struct xb_schedule batch = {.v = seen, .n = 2, .cap = 2, .since = {.time = a}};

	return xb_schedule_due(rule, &batch, now, until);
}

static void test_at(void)
{
	struct xb_publish_rule r = {.when = XB_PUBLISH_AT, .weekday = 2, .minute = 12 * 60};
	int64_t t = TUESDAY_NOON, until;

	ok(due(&r, t - 1, &until, t - 9, t - 5) == 0 && until == t, "at: a second early");
	ok(due(&r, t, &until, t - 9, t - 5) == 2 && until == XB_NEVER, "at: in time");
	ok(due(&r, t + WEEK - 1, &until, t - 9, t + 5) == 1 && until == t + WEEK,
	   "at: what came later waits a week");
	ok(due(&r, t + 5 * WEEK, &until, t - 9, t + 5) == 2, "at: a bot that was away for weeks makes it up");
	ok(due(&r, t, &until, t, t) == 2, "at: what is seen in that very second is in time");
	r = (struct xb_publish_rule){.when = XB_PUBLISH_AT, .weekday = 0, .minute = 0};
	ok(due(&r, t, &until, t - 9, t - 5) == 0 && until == t + HOUR * (4 * 24 + 12),
	   "at: the first minute of a Sunday");
	r = (struct xb_publish_rule){.when = XB_PUBLISH_AT, .weekday = 6, .minute = 24 * 60 - 1};
	ok(due(&r, t, &until, t - 9, t - 5) == 0 && until == t + HOUR * (4 * 24 + 12) - 60,
	   "at: the last minute of a Saturday");
}

static void test_quiet(void)
{
	struct xb_publish_rule r = {.when = XB_PUBLISH_QUIET, .quiet = HOUR, .quiet_max = 10 * HOUR};
	int64_t t = TUESDAY_NOON, until;

	ok(due(&r, t + HOUR - 1, &until, t - 9 * HOUR, t) == 0 && until == t + HOUR, "quiet: not yet");
	ok(due(&r, t + HOUR, &until, t - 9 * HOUR, t) == 2, "quiet: all at once");
	ok(due(&r, t, &until, t - 10 * HOUR + 1, t) == 0 && until == t + 1,
	   "quiet: the longest wait ends first");
	ok(due(&r, t, &until, t - 10 * HOUR, t) == 2, "quiet: ... with all that there is");
}

static bool odd(void *ctx, const git_oid *tip)
{
	(void)ctx;
	return tip->id[0] & 1;
}

static void test_note(void)
{
	struct xb_schedule b = {0};
	git_oid tips[4] = {{{1}}, {{2}}, {{3}}, {{5}}};

	ok(xb_schedule_note(&b, &tips[0], 10, odd, NULL) && b.n == 1, "a new candidate is noted");
	ok(!xb_schedule_note(&b, &tips[0], 20, odd, NULL) && b.v[0].time == 10,
	   "the same one keeps its time");
	ok(xb_schedule_note(&b, &tips[2], 30, odd, NULL) && b.n == 2, "a later one comes after it");
	b.v[0].tip = tips[1];
	ok(xb_schedule_note(&b, &tips[3], 40, odd, NULL) && b.n == 2 && b.v[0].time == 30,
	   "one that stands no more is forgotten");
	ok(xb_schedule_note(&b, &tips[3], 35, odd, NULL) && b.v[1].time == 35, "a time to come is now");
	b.v[0].time = 20;
	ok(xb_schedule_since(&b, &tips[0], 40) && b.since.time == 20, "it waits since the oldest was seen");
	b.v[0].time = 30;
	ok(!xb_schedule_since(&b, &tips[0], 40) && b.since.time == 20, "... also when all change");
	ok(xb_schedule_since(&b, &tips[1], 40) && b.since.time == 30, "... until something is published");
	ok(xb_schedule_since(&b, &tips[1], 10) && b.since.time == 10, "... and never from a time to come on");
	xb_schedule_release(&b);
}

/* ---- the choice ---- */

/* What each of ten bounds gives: p, f, s(oon), l(ater). */
struct oracle {
	const char *say;
};

static enum xb_answer say(void *ctx, size_t picks)
{
	const struct oracle *o = ctx;

	return o->say[picks - 1] == 'p'   ? XB_ANSWER_PASS
	       : o->say[picks - 1] == 'f' ? XB_ANSWER_FAIL
	       : o->say[picks - 1] == 's' ? XB_ANSWER_SOON
					  : XB_ANSWER_LATER;
}

static void test_choice(const char *text, size_t passed, size_t failed, size_t wanted, const char *title)
{
	size_t v[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
	struct xb_cuts b = {v, strlen(text), 10};
	struct oracle o = {text};
	struct xb_choice c = xb_cuts_choose(&b, say, &o);

	ok(c.passed == passed && c.failed == failed && c.wanted == wanted, "%s", title);
}

static void test_choices(void)
{
	test_choice("", 0, 0, 0, "nothing new");
	test_choice("fffffffffp", 10, 0, 0, "the whole passes: what its parts gave is nothing");
	test_choice("ppppssssss", 4, 0, 10, "while the whole is tested, what passed goes out");
	test_choice("ssssssssss", 0, 0, 10, "the whole is tested first");
	test_choice("llllllllll", 0, 0, 10, "... or waited for");
	test_choice("ssssssssf", 0, 9, 4, "it fails: the middle");
	test_choice("sssppsssf", 0, 9, 7, "the upper half; nothing goes out while a test can tell more");
	test_choice("sssppslsf", 5, 9, 7, "... but what passed does where that takes longer");
	test_choice("sssppfpsf", 0, 9, 8, "a part that passed beyond one that fails counts");
	test_choice("sssppfpff", 7, 8, 0, "... and what follows it fails");
	test_choice("fffffffff", 0, 1, 0, "the first is the one");
	test_choice("f", 0, 1, 0, "the only one");
	test_choice("l", 0, 0, 1, "the only one, not known yet");
}

static void test_retry(void)
{
	struct xb_test_attempt r = {.tries = 1, .time = 1000};

	ok(xb_test_attempt_due(&r, 600) == 1600, "the second try comes after the period");
	r.tries = 3;
	ok(xb_test_attempt_due(&r, 600) == 1000 + 2400, "... each further one after twice as long");
	r.tries = 4000000000u;
	ok(xb_test_attempt_due(&r, 600) == 1000 + 24 * HOUR, "... up to a day");
}

int main(void)
{
	test_at();
	test_quiet();
	test_note();
	test_choices();
	test_retry();
	return done();
}
