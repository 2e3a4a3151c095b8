/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "schedule.h"

#include "os/file.h"
#include "os/task.h"
#include "repo/git.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX (1u << 20)
#define DAY INT64_C(86400)
#define WEEK (7 * DAY)
#define EPOCH_WEEKDAY 4 /* 1970-01-01 was a Thursday */

void xb_schedule_release(struct xb_schedule *b)
{
	free(b->v);
	*b = (struct xb_schedule){0};
}

struct xb_err *xb_schedule_read(const char *path, struct xb_schedule *out)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	struct xb_err *err = xb_file_read(path, FILE_MAX, &b);
	char *rest = NULL, hex[GIT_OID_HEXSZ + 1];
	struct xb_seen s;
	long long time;

	*out = (struct xb_schedule){0};
	if (err)
		return xb_err_allow(err, XB_E_NOTFOUND);
	for (char *line = b.p ? strtok_r(b.p, "\n", &rest) : NULL; line; line = strtok_r(NULL, "\n", &rest)) {
		bool since = sscanf(line, "%40s since %18lld", hex, &time) == 2;

		if ((!since && sscanf(line, "%40s %18lld", hex, &time) != 2) || git_oid_fromstr(&s.tip, hex))
			continue;
		s.time = time;
		if (since)
			out->since = s;
		else
			*XB_PUSH(out, v, n, cap) = s;
	}
	return NULL;
}

struct xb_err *xb_schedule_write(const char *path, const struct xb_schedule *b)
{
	XB_AUTOFREE char *dir = xb_dirname(path);
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;

	if (!b->n)
		return xb_file_remove(path);
	for (size_t i = 0; i < b->n; i++)
		xb_buf_addf(&text, "%s %lld\n", xb_hex(&b->v[i].tip).s, (long long)b->v[i].time);
	if (b->since.time)
		xb_buf_addf(&text, "%s since %lld\n", xb_hex(&b->since.tip).s, (long long)b->since.time);
	XB_TRY(xb_mkdirs(dir, 0700));
	return xb_file_write(path, text.p, text.n, 0600);
}

bool xb_schedule_note(struct xb_schedule *b, const git_oid *tip, int64_t now,
		      bool (*stands)(void *ctx, const git_oid *tip), void *ctx)
{
	bool changed = false, known = false;
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		if (!stands(ctx, &b->v[i].tip)) {
			changed = true;
			continue;
		}
		known |= git_oid_equal(&b->v[i].tip, tip);
		b->v[n] = b->v[i];
		if (b->v[n].time > now) { /* the clock was set back */
			b->v[n].time = now;
			changed = true;
		}
		n++;
	}
	b->n = n;
	if (!known)
		*XB_PUSH(b, v, n, cap) = (struct xb_seen){*tip, now};
	return changed || !known;
}

bool xb_schedule_since(struct xb_schedule *b, const git_oid *published, int64_t now)
{
	struct xb_seen was = b->since;

	if (!was.time || !git_oid_equal(&was.tip, published))
		b->since = (struct xb_seen){*published, b->n ? b->v[0].time : now};
	if (b->since.time > now) /* the clock was set back */
		b->since.time = now;
	return b->since.time != was.time || !git_oid_equal(&b->since.tip, &was.tip);
}

/* The last time, up to NOW, at which the week was where the rule says. */
static int64_t last_window(const struct xb_publish_rule *rule, int64_t now)
{
	int64_t first = ((int64_t)rule->weekday + 7 - EPOCH_WEEKDAY) % 7 * DAY + (int64_t)rule->minute * 60;

	return now - (((now - first) % WEEK) + WEEK) % WEEK;
}

size_t xb_schedule_due(const struct xb_publish_rule *rule, const struct xb_schedule *b, int64_t now,
		       int64_t *until)
{
	int64_t from, end;
	size_t n = 0;

	*until = XB_NEVER;
	switch (rule->when) {
	case XB_PUBLISH_NOW:
		return b->n;
	case XB_PUBLISH_QUIET:
		end = b->n ? b->v[b->n - 1].time + rule->quiet : now;
		if (b->since.time && end > b->since.time + rule->quiet_max)
			end = b->since.time + rule->quiet_max;
		if (now >= end)
			return b->n;
		*until = end;
		return 0;
	case XB_PUBLISH_AT:
		break;
	}
	from = last_window(rule, now);
	while (n < b->n && b->v[n].time <= from)
		n++;
	if (n < b->n)
		*until = from + WEEK;
	return n;
}
