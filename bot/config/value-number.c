/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values that are a number in the end: choices, periods, sizes, times of the week. */
#include "value.h"

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PERIOD_MAX (UINT64_C(365) * 86400)
#define SIZE_LEAST (64u << 10)
#define DAY 86400u

/* The number of the word TEXT in CHOICES, or -1. */
static int choice_of(const char *choices, const char *text)
{
	const char *word;
	size_t n;

	for (int i = 0; (n = xb_next_word(&choices, &word)); i++)
		if (strlen(text) == n && !memcmp(word, text, n))
			return i;
	return -1;
}

/* A plain decimal number from 1 to MAX: that, or 0. */
static unsigned number_of(const char *text, unsigned max)
{
	unsigned long x;

	if (!*text || strlen(text) > 9 || strspn(text, "0123456789") != strlen(text))
		return 0;
	x = strtoul(text, NULL, 10);
	return x <= max ? (unsigned)x : 0;
}

static bool take_choice(struct xb_value_text *t, void *to)
{
	int n = choice_of(t->rule->choices, t->text);

	if (n >= 0)
		*(unsigned *)to = (unsigned)n;
	return n >= 0;
}

static bool take_yes(struct xb_value_text *t, void *to)
{
	int n = choice_of(t->rule->choices, t->text);

	if (n >= 0)
		*(bool *)to = n;
	return n >= 0;
}

static bool take_number(struct xb_value_text *t, void *to)
{
	unsigned n = number_of(t->text, t->rule->max);

	if (n)
		*(unsigned *)to = n;
	return n;
}

static bool take_version(struct xb_value_text *t, void *to)
{
	unsigned n = number_of(t->text, t->rule->max);

	if (n || !*t->text)
		*(unsigned *)to = n;
	return n || !*t->text;
}

static bool take_releases(struct xb_value_text *t, void *to)
{
	unsigned n = !strcmp(t->text, "newest") ? 1 : number_of(t->text, t->rule->max);

	if (n || !strcmp(t->text, "all"))
		*(unsigned *)to = n;
	return n || !strcmp(t->text, "all");
}

/* "NUMBER UNIT" without a blank, UNIT one of UNITS, each worth what FACTORS says; 0: it is none. */
static uint64_t scaled(const char *text, size_t len, const char *units, const uint64_t *factors, uint64_t max)
{
	size_t digits = strspn(text, "0123456789");
	const char *unit = digits && digits + 1 == len ? strchr(units, text[digits]) : NULL;
	uint64_t n, factor;

	if (!unit || digits > 9)
		return 0;
	n = strtoul(text, NULL, 10);
	factor = factors[unit - units];
	return n <= max / factor ? n * factor : 0;
}

static unsigned period_of(const char *text, size_t len)
{
	static const uint64_t factors[] = {1, 60, 3600, 86400};

	return (unsigned)scaled(text, len, "smhd", factors, PERIOD_MAX);
}

static bool take_period(struct xb_value_text *t, void *to)
{
	unsigned period = period_of(t->text, strlen(t->text)), max = t->rule->max;
	bool ok = period ? !max || period <= max : t->rule->optional && !strcmp(t->text, "never");

	if (ok)
		*(unsigned *)to = period;
	return ok;
}

static bool take_size(struct xb_value_text *t, void *to)
{
	static const uint64_t factors[] = {1u << 10, 1u << 20, 1u << 30};
	uint64_t size = scaled(t->text, strlen(t->text), "KMG", factors, (uint64_t)1 << 50);
	bool ok = size >= SIZE_LEAST || (t->rule->optional && xb_is_none(t->text));

	if (ok)
		*(uint64_t *)to = size;
	return ok;
}

const struct xb_value_kind xb_kind_choice = {XB_VALUE_NUMBER, take_choice, "is unknown", NULL};
const struct xb_value_kind xb_kind_yes = {XB_VALUE_BOOL, take_yes, "is unknown", NULL};
const struct xb_value_kind xb_kind_number = {XB_VALUE_NUMBER, take_number, "is no such number", NULL};
const struct xb_value_kind xb_kind_period = {XB_VALUE_NUMBER, take_period, "is no period", NULL};
const struct xb_value_kind xb_kind_version = {XB_VALUE_NUMBER, take_version,
					      "is no version of the rules that this program knows", NULL};
const struct xb_value_kind xb_kind_releases = {XB_VALUE_NUMBER, take_releases, "is no number of releases",
					       NULL};
const struct xb_value_kind xb_kind_size = {XB_VALUE_SIZE, take_size, "is no size",
					   "a number and K, M or G, at least 64K"};

/* ---- times of the week ---- */

/* "Tuesday", "tue" */
static bool weekday_of(const char *p, size_t n, unsigned *out)
{
	static const char *const weekdays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
					       "Thursday", "Friday", "Saturday"};

	for (unsigned d = 0; d < 7; d++)
		if ((n == 3 || n == strlen(weekdays[d])) && !strncasecmp(p, weekdays[d], n)) {
			*out = d;
			return true;
		}
	return false;
}

static bool minute_of(const char *p, size_t n, unsigned *out)
{
	unsigned h, m;

	if (n != 5 || p[2] != ':' || strspn(p, "0123456789") != 2 || strspn(p + 3, "0123456789") < 2)
		return false;
	h = (unsigned)(p[0] - '0') * 10 + (unsigned)(p[1] - '0');
	m = (unsigned)(p[3] - '0') * 10 + (unsigned)(p[4] - '0');
	*out = h * 60 + m;
	return h < 24 && m < 60;
}

/* PERIOD [max PERIOD], as K words. */
static bool quiet_of(const char **w, const size_t *n, size_t k, struct xb_publish_rule *out)
{
	out->when = XB_PUBLISH_QUIET;
	out->quiet = period_of(w[0], n[0]);
	out->quiet_max = out->quiet > DAY / 2 ? 2 * out->quiet : DAY;
	if (k == 1)
		return out->quiet > 0;
	if (k != 3 || n[1] != 3 || memcmp(w[1], "max", 3) != 0)
		return false;
	out->quiet_max = period_of(w[2], n[2]);
	return out->quiet > 0 && out->quiet_max >= out->quiet;
}

static bool publish_of(const char *text, struct xb_publish_rule *out)
{
	const char *w[5];
	size_t n[5], k = 0;

	while (k < 5 && (n[k] = xb_next_word(&text, &w[k])))
		k++;
	if (k == 1)
		return n[0] == 3 && !memcmp(w[0], "now", 3);
	if (k >= 2 && n[0] == 5 && !memcmp(w[0], "quiet", 5))
		return quiet_of(w + 1, n + 1, k - 1, out);
	if (k == 4 && n[0] == 2 && !memcmp(w[0], "at", 2) && n[3] == 3 && !memcmp(w[3], "UTC", 3)) {
		out->when = XB_PUBLISH_AT;
		return weekday_of(w[1], n[1], &out->weekday) && minute_of(w[2], n[2], &out->minute);
	}
	return false;
}

static bool take_publish(struct xb_value_text *t, void *to)
{
	struct xb_publish_rule rule = {.when = XB_PUBLISH_NOW};
	bool ok = publish_of(t->text, &rule);

	if (ok)
		*(struct xb_publish_rule *)to = rule;
	return ok;
}

const struct xb_value_kind xb_kind_publish = {XB_VALUE_PUBLISH, take_publish, "is no time to publish",
					      "now, quiet PERIOD (such as quiet 2h), quiet PERIOD max PERIOD "
					      "(the second no shorter), or at WEEKDAY HH:MM "
					      "UTC"};
