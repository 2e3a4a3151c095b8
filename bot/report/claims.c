/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "claims.h"

#include "util/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DAY = 86400 };

/* ---- disclosures ---- */

/* An advisory, whatever the lines. */
struct disclosure {
	const char *id;
	int64_t day;          /* since 1970 */
	int64_t first_commit; /* seconds */
	int64_t public_time;  /* seconds; 0: not known */
	bool again;           /* issued again after it was public */
	size_t lines, commits, needs;
};

struct disclosures {
	struct disclosure *v; /* by day */
	size_t n, cap;
};

static int by_day(const void *a, const void *b)
{
	const struct disclosure *x = a, *y = b;

	return x->day < y->day ? -1 : x->day > y->day ? 1 : strcmp(x->id, y->id);
}

static int by_id(const void *a, const void *b)
{
	const struct xb_report_fix *x = a, *y = b;
	int order = strcmp(x->id, y->id);

	return order ? order : strcmp(x->line, y->line);
}

static void ask(struct xb_metadata *metadata, struct disclosure *d)
{
	const struct xb_metadata_advisory *a = metadata ? xb_metadata_find(metadata, d->id) : NULL;
	int64_t issued = a ? xb_metadata_seconds(a->issue_time) : 0;

	d->public_time = a ? xb_metadata_seconds(a->public_time) : 0;
	d->again = d->public_time && issued > d->public_time + DAY;
	d->day = (d->public_time ? d->public_time : d->first_commit) / DAY;
}

static void collect(const struct xb_report *r, struct xb_metadata *metadata, struct disclosures *out)
{
	struct xb_report_fix *v = xb_calloc(r->fixes.n + 1, sizeof *v);

	if (r->fixes.n)
		memcpy(v, r->fixes.v, r->fixes.n * sizeof *v);
	qsort(v, r->fixes.n, sizeof *v, by_id);
	for (size_t i = 0; i < r->fixes.n; i++) {
		bool other = !i || strcmp(v[i].id, v[i - 1].id) != 0;
		struct disclosure *d = other ? XB_PUSH(out, v, n, cap) : &out->v[out->n - 1];

		if (other) {
			d->id = v[i].id;
			d->first_commit = v[i].time;
		}
		d->lines += other || strcmp(v[i].line, v[i - 1].line) != 0;
		d->commits += v[i].commits;
		d->needs += v[i].needs;
		if (v[i].time < d->first_commit)
			d->first_commit = v[i].time;
	}
	free(v);
	for (size_t i = 0; i < out->n; i++)
		ask(metadata, &out->v[i]);
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, by_day);
}

static size_t count_dates(const struct disclosures *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += !i || d->v[i].day != d->v[i - 1].day;
	return n;
}

/* ---- years ---- */

static int year_of(int64_t time)
{
	struct tm tm = {0};
	time_t t = (time_t)time;

	return gmtime_r(&t, &tm) ? tm.tm_year + 1900 : 1970;
}

static struct xb_report_year *year(struct xb_report_years *y, int at)
{
	size_t i = y->n;

	for (size_t k = 0; k < y->n; k++)
		if (y->v[k].year == at)
			return &y->v[k];
	(void)XB_PUSH(y, v, n, cap);
	for (; i && y->v[i - 1].year > at; i--)
		y->v[i] = y->v[i - 1];
	y->v[i] = (struct xb_report_year){.year = at};
	return &y->v[i];
}

void xb_report_by_year(const struct xb_report *r, struct xb_metadata *metadata, struct xb_report_years *out)
{
	struct disclosures d = {0};

	for (size_t i = 0; i < r->windows.n; i++)
		xb_report_count_add(&year(out, year_of(r->windows.v[i].time))->count, &r->windows.v[i].count);
	collect(r, metadata, &d);
	for (size_t i = 0; i < d.n; i++) {
		struct xb_report_year *y = year(out, year_of(d.v[i].day * DAY));

		y->disclosed++;
		y->dates += !i || d.v[i].day != d.v[i - 1].day;
		y->lines += d.v[i].lines;
	}
	free(d.v);
}

/* ---- dates ---- */

/* When, in days, what was disclosed on DAY would have been told. */
typedef int64_t rule(int64_t day);

/* Each second Tuesday; 1970-01-06 was one. */
static int64_t two_weeks(int64_t day)
{
	return 5 + (day - 5 + 13) / 14 * 14;
}

static int64_t day_of(int y, int month, int mday)
{
	struct tm tm = {.tm_year = y - 1900, .tm_mon = month, .tm_mday = mday};

	return (int64_t)timegm(&tm) / DAY;
}

static void split(int64_t day, int *y, int *month)
{
	struct tm tm = {0};
	time_t t = (time_t)(day * DAY);

	gmtime_r(&t, &tm);
	*y = tm.tm_year + 1900;
	*month = tm.tm_mon;
}

static int64_t month_end(int64_t day)
{
	int y, month;

	split(day, &y, &month);
	return day_of(y, month + 1, 1);
}

static int64_t second_tuesday(int64_t day)
{
	int y, month;
	int64_t at;

	split(day, &y, &month);
	for (int later = 0;; later++) {
		int64_t first = day_of(y, month + later, 1);

		at = first + (5 - first % 7 + 7) % 7 + 7;
		if (at >= day)
			return at;
	}
}

static void add(struct xb_strv *out, char *text)
{
	*XB_PUSH(out, v, n, cap) = text;
}

static void say_batch(const struct disclosures *d, const char *name, rule *when, struct xb_strv *out)
{
	size_t dates = 0, most = 0, here = 0;
	int64_t sum = 0, longest = 0, last = -1;

	for (size_t i = 0; i < d->n; i++) {
		int64_t at = when(d->v[i].day), wait = at - d->v[i].day;

		dates += at != last;
		here = at != last ? 1 : here + 1;
		most = here > most ? here : most;
		longest = wait > longest ? wait : longest;
		sum += wait;
		last = at;
	}
	add(out,
	    xb_asprintf(
		"Told %s instead: %zu dates, %.1f days later on average, %lld at most; the largest batch "
		"has %zu advisories.",
		name, dates, d->n ? (double)sum / (double)d->n : 0.0, (long long)longest, most));
}

static int by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void say_dates(const struct disclosures *d, struct xb_strv *out)
{
	size_t n = count_dates(d), gaps = 0, single = 0;
	XB_AUTOFREE int64_t *v = xb_calloc(n + 1, sizeof *v);
	double years;

	if (n < 2)
		return;
	for (size_t i = 1; i < d->n; i++)
		if (d->v[i].day != d->v[i - 1].day)
			v[gaps++] = d->v[i].day - d->v[i - 1].day;
	for (size_t i = 0; i < d->n; i++)
		single += (!i || d->v[i - 1].day != d->v[i].day) &&
			  (i + 1 == d->n || d->v[i + 1].day != d->v[i].day);
	qsort(v, gaps, sizeof *v, by_number);
	years = (double)(d->v[d->n - 1].day - d->v[0].day) / 365.25;
	add(out,
	    xb_asprintf("Disclosures can be planned for: %zu advisories came on %zu dates, %.1f a year; half "
			"of the gaps "
			"are of %lld days or less, the longest has %lld; %zu dates had one advisory alone.",
			d->n, n, years > 0 ? (double)n / years : 0.0, (long long)v[gaps / 2],
			(long long)v[gaps - 1], single));
	say_batch(d, "each second Tuesday", two_weeks, out);
	say_batch(d, "on the first of the next month", month_end, out);
	say_batch(d, "on the second Tuesday of a month", second_tuesday, out);
}

/* ---- the other claims ---- */

static const char *verdict(size_t part, size_t of)
{
	return 2 * part > of ? "holds" : "does not hold";
}

static void say_windows(const struct xb_report_count *c, struct xb_strv *out)
{
	add(out,
	    xb_asprintf(
		"Less than half of a point release is security: %s, for %zu of %zu windows; of all commits "
		"%.0f %% are.",
		verdict(c->minority, c->windows), c->minority, c->windows,
		xb_report_share(c->security, c->commits)));
	add(out,
	    xb_asprintf(
		"A branch needs at most %d prerequisites, which is bearable: %s, for %zu of %zu windows; "
		"%.2f an advisory.",
		XB_REPORT_BEARABLE, verdict(c->bearable, c->windows), c->bearable, c->windows,
		c->advisories ? (double)c->prerequisites / (double)c->advisories : 0.0));
	add(out,
	    xb_asprintf(
		"Who has the release can take an advisory as it is: %s, for %zu of %zu (%.0f %%); the others "
		"need or bring something beside.",
		verdict(c->alone, c->advisories), c->alone, c->advisories,
		xb_report_share(c->alone, c->advisories)));
	add(out, xb_asprintf("A branch of picks is code that was tested together: of %zu definitions that "
			     "picks touch, %zu "
			     "(%.1f %%) stand as the stable branch never had them.",
			     c->definitions, c->mixtures, xb_report_share(c->mixtures, c->definitions)));
}

static void say_lines(const struct disclosures *d, struct xb_strv *out)
{
	size_t lines = 0, commits = 0, needs = 0;

	for (size_t i = 0; i < d->n; i++) {
		lines += d->v[i].lines;
		commits += d->v[i].commits;
		needs += d->v[i].needs;
	}
	if (!lines)
		return;
	add(out,
	    xb_asprintf(
		"Each line that is supported costs: an advisory was fixed on %.1f lines, with %.1f commits a "
		"line and %.1f more on the branch.",
		(double)lines / (double)d->n, (double)commits / (double)lines,
		(double)needs / (double)lines));
}

static void say_metadata(const struct disclosures *d, struct xb_strv *out)
{
	size_t n = 0, again = 0;
	XB_AUTOFREE int64_t *v = xb_calloc(d->n + 1, sizeof *v);

	for (size_t i = 0; i < d->n; i++) {
		if (!d->v[i].public_time)
			continue;
		again += d->v[i].again;
		v[n] = (d->v[i].first_commit - d->v[i].public_time) / DAY;
		v[n] = v[n] < 0 ? 0 : v[n];
		n++;
	}
	if (!n) {
		add(out, xb_strdup("How often advisories were issued again, and how long after they were "
				   "public they were "
				   "on a stable branch, is not known without [rules] metadata."));
		return;
	}
	qsort(v, n, sizeof *v, by_number);
	add(out,
	    xb_asprintf("Advisories change after they are public: %zu of %zu (%.0f %%) were issued again.",
			again, n, xb_report_share(again, n)));
	add(out,
	    xb_asprintf(
		"From public to a stable branch: half within %lld days, the longest %lld; a branch follows "
		"its stable branch in minutes, where nothing holds it.",
		(long long)v[n / 2], (long long)v[n - 1]));
}

void xb_report_claims(const struct xb_report *r, struct xb_metadata *metadata, struct xb_strv *out)
{
	struct disclosures d = {0};

	if (!r->sum.windows)
		return;
	collect(r, metadata, &d);
	say_windows(&r->sum, out);
	say_dates(&d, out);
	say_lines(&d, out);
	say_metadata(&d, out);
	free(d.v);
}
