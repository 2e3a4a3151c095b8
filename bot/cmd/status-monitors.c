/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status.h"

#include "util/alloc.h"
#include "util/json.h"
#include "util/strv.h"
#include "util/vis.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* ---- OpenMetrics ---- */

static void head(const char *name, const char *unit, const char *help)
{
	printf("# TYPE xsabot_%s gauge\n", name);
	if (unit)
		printf("# UNIT xsabot_%s %s\n", name, unit);
	printf("# HELP xsabot_%s %s\n", name, help);
}

/* A label's value: what is no plain text was made visible before, so that only these need a sign. */
static void put_label(const char *before, const char *name, const char *value)
{
	XB_AUTOFREE char *plain = xb_vis_dup(value);

	printf("%s%s=\"", before, name);
	for (const char *p = plain; *p; p++)
		printf("%s%c", *p == '"' || *p == '\\' ? "\\" : "", *p);
	putchar('"');
}

/* A number of O; null and what isn't there are not said. */
static void put_number(const char *name, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	if (json_is_integer(v))
		printf("xsabot_%s %lld\n", name, (long long)json_integer_value(v));
}

static void one_number(const char *name, const char *unit, const char *help, const json_t *o, const char *key)
{
	head(name, unit, help);
	put_number(name, o, key);
}

/* A number of each in LIST, with the label LABEL. */
static void each_number(const char *name, const char *unit, const char *help, const json_t *list,
			const char *label, const char *key)
{
	const json_t *one;
	size_t i;

	head(name, unit, help);
	json_array_foreach(list, i, one)
	{
		if (!json_is_integer(json_object_get(one, key)))
			continue;
		printf("xsabot_%s", name);
		put_label("{", label, xb_json_str_or(one, "name", ""));
		printf("} %lld\n", (long long)xb_json_num(one, key));
	}
}

static void each_state(const char *name, const char *help, const json_t *list, const char *label)
{
	const json_t *one;
	size_t i;

	head(name, NULL, help);
	json_array_foreach(list, i, one)
	{
		printf("xsabot_%s", name);
		put_label("{", label, xb_json_str_or(one, "name", ""));
		put_label(",", "state", xb_json_str_or(one, "state", ""));
		puts("} 1");
	}
}

static void put_troubles(const json_t *troubles)
{
	const json_t *one;
	size_t i;

	head("trouble", NULL, "What a person should look at, by its kind and what it is about.");
	json_array_foreach(troubles, i, one)
	{
		bool again = false;

		for (size_t k = 0; k < i; k++)
			again |= !strcmp(xb_json_str_or(json_array_get(troubles, k), "kind", ""), xb_json_str_or(one, "kind", "")) &&
				 !strcmp(xb_json_str_or(json_array_get(troubles, k), "subject", ""), xb_json_str_or(one, "subject", ""));
		if (again)
			continue;
		printf("xsabot_trouble");
		put_label("{", "kind", xb_json_str_or(one, "kind", ""));
		put_label(",", "subject", xb_json_str_or(one, "subject", ""));
		puts("} 1");
	}
}

void xb_status_metrics(const json_t *r)
{
	const json_t *look = json_object_get(r, "look"), *events = json_object_get(r, "events");
	const json_t *lines = json_object_get(r, "lines"), *mirrors = json_object_get(r, "mirrors");
	const json_t *mail = json_object_get(r, "mail");

	head("ok", NULL, "1 where nobody need look.");
	printf("xsabot_ok %d\n", xb_json_yes(r, "ok"));
	put_troubles(json_object_get(r, "troubles"));
	head("bot_up", NULL, "1 where a process is at work.");
	printf("xsabot_bot_up %d\n", json_is_integer(json_object_get(r, "bot")));
	one_number("judged_timestamp_seconds", "seconds", "When all this was judged.", r, "judged");
	one_number("beat_timestamp_seconds", "seconds", "The bot's last sign of life.", look, "beat");
	one_number("looked_timestamp_seconds", "seconds", "When its last complete look ended.", look,
		   "looked");
	one_number("events", NULL, "Events of pushes that wait.", events, "count");
	one_number("events_oldest_timestamp_seconds", "seconds", "The oldest of them.", events, "oldest");
	each_state("line_state", "How each branch stands.", lines, "line");
	each_number("line_picks", NULL, "Picks that are published.", lines, "line", "picks");
	each_number("line_since_timestamp_seconds", "seconds", "Since when it stands so.", lines, "line",
		    "since");
	each_state("mirror_state", "How each mirror stands.", mirrors, "mirror");
	each_number("mirror_missing", NULL, "Refs that it lacks.", mirrors, "mirror", "missing");
	each_number("mirror_looked_timestamp_seconds", "seconds", "When it was seen last.", mirrors, "mirror",
		    "looked");
	one_number("mail_waiting", NULL, "Mails that wait.", mail, "waiting");
	one_number("mail_failed", NULL, "Mails that were given up.", mail, "failed");
	one_number("mail_oldest_timestamp_seconds", "seconds", "The oldest that waits.", mail, "oldest");
	puts("# EOF");
}

/* ---- Nagios ---- */

/* Without the bar, which begins its figures. */
static char *plain(const char *s)
{
	char *v = xb_vis_dup(s);

	for (char *p = v; *p; p++)
		if (*p == '|')
			*p = '/';
	return v;
}

static char *joined(const json_t *troubles)
{
	XB_AUTOSTRV struct xb_strv all = {0};
	const json_t *one;
	size_t i;

	json_array_foreach(troubles, i, one)
	{
		XB_AUTOFREE char *subject = plain(xb_json_str_or(one, "subject", "")), *what = plain(xb_json_str_or(one, "text", ""));
		bool named = *subject && strncmp(what, subject, strlen(subject)) != 0;
		XB_AUTOFREE char *line = xb_asprintf("%s%s%s", named ? subject : "", named ? ": " : "", what);

		xb_strv_add(&all, line);
	}
	return xb_strv_join(&all, "; ");
}

void xb_status_nagios(const json_t *r)
{
	const json_t *lines = json_object_get(r, "lines"), *troubles = json_object_get(r, "troubles");
	XB_AUTOFREE char *what = joined(troubles);

	if (xb_json_yes(r, "ok"))
		printf("XSABOT OK - %zu branches", json_array_size(lines));
	else
		printf("XSABOT WARNING - %s", what);
	printf(" | troubles=%zu branches=%zu", json_array_size(troubles), json_array_size(lines));
	if (json_is_integer(json_object_get(json_object_get(r, "mail"), "waiting")))
		printf(" mail=%lld",
		       (long long)xb_json_num(json_object_get(r, "mail"), "waiting"));
	putchar('\n');
}
