/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How all stands, judged from outside: reads only, takes no lock. */
#include "cmd.h"
#include "judge/judge.h"
#include "text/json.h"
#include "util/alloc.h"
#include "util/strv.h"
#include "util/vis.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

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
			again |= !strcmp(xb_json_str_or(json_array_get(troubles, k), "kind", ""),
					 xb_json_str_or(one, "kind", "")) &&
				 !strcmp(xb_json_str_or(json_array_get(troubles, k), "subject", ""),
					 xb_json_str_or(one, "subject", ""));
		if (again)
			continue;
		printf("xsabot_trouble");
		put_label("{", "kind", xb_json_str_or(one, "kind", ""));
		put_label(",", "subject", xb_json_str_or(one, "subject", ""));
		puts("} 1");
	}
}

/* For a file that a collector reads: all of it as OpenMetrics. */
static void print_metrics(const json_t *r)
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
		XB_AUTOFREE char *subject = plain(xb_json_str_or(one, "subject", "")),
				 *what = plain(xb_json_str_or(one, "text", ""));
		bool named = *subject && strncmp(what, subject, strlen(subject)) != 0;
		XB_AUTOFREE char *line = xb_asprintf("%s%s%s", named ? subject : "", named ? ": " : "", what);

		xb_strv_add(&all, line);
	}
	return xb_strv_join(&all, "; ");
}

/* One line, as plug-ins of Nagios give it. */
static void print_nagios(const json_t *r)
{
	const json_t *lines = json_object_get(r, "lines"), *troubles = json_object_get(r, "troubles");
	XB_AUTOFREE char *what = joined(troubles);

	if (xb_json_yes(r, "ok"))
		printf("XSABOT OK - %zu branches", json_array_size(lines));
	else
		printf("XSABOT WARNING - %s", what);
	printf(" | troubles=%zu branches=%zu", json_array_size(troubles), json_array_size(lines));
	if (json_is_integer(json_object_get(json_object_get(r, "mail"), "waiting")))
		printf(" mail=%lld", (long long)xb_json_num(json_object_get(r, "mail"), "waiting"));
	putchar('\n');
}

static bool wanted(const struct xb_options *o, const json_t *line)
{
	for (size_t i = 0; i < o->n_args; i++)
		if (!strcmp(o->args[i], xb_json_str_or(line, "name", "")) ||
		    !strcmp(o->args[i], xb_json_str_or(line, "line", "")))
			return true;
	return !o->n_args;
}

static json_t *choose(const struct xb_options *o, const json_t *lines)
{
	json_t *out = json_array(), *line;
	size_t i;

	json_array_foreach(lines, i, line) if (wanted(o, line)) json_array_append(out, line);
	return out;
}

static struct xb_err *check_names(const struct xb_options *o, const json_t *lines)
{
	for (size_t i = 0; i < o->n_args; i++) {
		struct xb_options one = {.args = &o->args[i], .n_args = 1};
		json_t *found = choose(&one, lines);
		size_t n = json_array_size(found);

		json_decref(found);
		if (!n)
			return xb_err_new(XB_E_USAGE, "no line %s in the last report", o->args[i]);
	}
	return NULL;
}

static bool is(const json_t *line, const char *state)
{
	return !strcmp(xb_json_str_or(line, "state", ""), state);
}

static void print_time(const char *before, const json_t *t)
{
	XB_AUTOFREE char *text = json_is_integer(t) ? xb_time_text(json_integer_value(t)) : NULL;

	if (text)
		printf("%s%s", before, text);
}

/* Texts of the report were made safe for JSON, and are made safe for terminals here. */
static void print_line(const json_t *line)
{
	const json_t *picks = json_object_get(line, "picks");
	XB_AUTOFREE char *why = xb_vis_dup(xb_json_str_or(line, "why", "")),
			 *name = xb_vis_dup(xb_json_str_or(line, "name", ""));
	XB_AUTOFREE char *tag = xb_vis_dup(xb_json_str_or(json_object_get(line, "base"), "tag", ""));
	XB_AUTOFREE char *ref = xb_vis_dup(xb_json_str_or(line, "derived_ref", ""));

	printf("%s: %s", name, is(line, "up-to-date") ? "up to date" : xb_json_str_or(line, "state", ""));
	if (*xb_json_str_or(line, "wait", ""))
		printf(" for the %s", !strcmp(xb_json_str_or(line, "wait", ""), "tested")
					  ? "test system"
					  : xb_json_str_or(line, "wait", ""));
	print_time(" since ", json_object_get(line, "since"));
	print_time(", until ", json_object_get(line, "until"));
	printf("; %s at %.12s", ref,
	       *xb_json_str_or(line, "derived", "") ? xb_json_str_or(line, "derived", "") : "none");
	if (*xb_json_str_or(line, "published", "") &&
	    strcmp(xb_json_str_or(line, "published", ""), xb_json_str_or(line, "derived", "")) != 0)
		printf(", published was %.12s", xb_json_str_or(line, "published", ""));
	if (*tag && json_is_integer(picks))
		printf(", %s, %lld pick%s", tag, (long long)json_integer_value(picks),
		       json_integer_value(picks) == 1 ? "" : "s");
	printf("%s%s\n", *why ? "; " : "", why);
}

static void print_list(const json_t *report, const char *key, const char *name)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(report, key), i, one)
	{
		XB_AUTOFREE char *line =
		    xb_vis_dup(name ? xb_json_str_or(one, name, "") : json_string_value(one));

		printf("%s%s\n", !strcmp(key, "mirrors") ? "mirror " : "not judged: ", line);
	}
}

static void print_mail(const json_t *mail)
{
	long long waiting = xb_json_num(mail, "waiting");
	long long failed = xb_json_num(mail, "failed");
	XB_AUTOFREE char *error = xb_vis_dup(xb_json_str_or(mail, "error", ""));

	if (waiting + failed)
		printf("mail: %lld waiting, %lld given up%s%s; see xsabot outbox\n", waiting, failed,
		       *error ? ": " : "", error);
}

/* Without a bot at work, what is pushed waits for the next run: to be seen at once. */
static void print_bot(const json_t *report)
{
	const json_t *pid = json_object_get(report, "bot");
	const json_t *look = json_object_get(report, "look");

	if (json_is_integer(pid))
		printf("bot: process %lld is at work", (long long)json_integer_value(pid));
	else
		printf("bot: none is at work");
	print_time("; the last change was seen at ", json_object_get(report, "updated"));
	print_time("; the last complete look was at ", json_object_get(look, "looked"));
	putchar('\n');
	if (!*xb_json_str_or(look, "error", ""))
		return;
	print_time("bot: its looks fail since ", json_object_get(look, "since"));
	print_time("; next try at ", json_object_get(look, "retry"));
	putchar('\n');
}

/* Lines, mirrors and mail were shown as they are. */
static bool is_shown(const json_t *trouble)
{
	const char *const shown[] = {"held", "blocked", "failed", "gate-failed", "mirror", "mail"};

	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
		if (!strcmp(xb_json_str_or(trouble, "kind", ""), shown[i]))
			return true;
	return false;
}

static void print_troubles(const json_t *report)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(report, "troubles"), i, one)
	{
		XB_AUTOFREE char *line = xb_vis_dup(xb_json_str_or(one, "text", ""));

		if (!is_shown(one))
			printf("wrong: %s\n", line);
	}
}

static void print_ended(const json_t *report)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(report, "ended"), i, one)
	{
		XB_AUTOFREE char *name = xb_vis_dup(xb_json_str_or(one, "name", "")),
				 *why = xb_vis_dup(xb_json_str_or(one, "why", ""));
		XB_AUTOFREE char *ref = xb_vis_dup(xb_json_str_or(one, "derived_ref", ""));

		printf("%s: ended", name);
		print_time(" at ", json_object_get(one, "since"));
		printf("; %s stays; %s\n", ref, why);
	}
}

static void print_text(const json_t *report, bool all)
{
	const json_t *line;
	size_t i;

	json_array_foreach(json_object_get(report, "lines"), i, line) if (!is(line, "ended") || !all)
	    print_line(line);
	if (!all)
		return;
	print_ended(report);
	print_list(report, "mirrors", "text");
	print_mail(json_object_get(report, "mail"));
	print_bot(report);
	print_troubles(report);
	print_list(report, "unknown", NULL);
}

static struct xb_err *print_json(const json_t *report)
{
	XB_AUTOFREE char *text = xb_json_dump(report, JSON_INDENT(1) | JSON_PRESERVE_ORDER);

	if (!text)
		return xb_err_new(XB_E_TEMP, "cannot write the report");
	fputs(text, stdout);
	return NULL;
}

/* Of these lines alone. */
static void narrow(const struct xb_options *o, json_t *report)
{
	json_t *all = json_object_get(report, "troubles"), *some = json_array(), *one;
	json_t *lines = choose(o, json_object_get(report, "lines"));
	size_t i;

	json_array_foreach(all, i,
			   one) for (size_t k = 0; k < json_array_size(lines);
				     k++) if (!strcmp(xb_json_str_or(one, "subject", ""),
						      xb_json_str_or(json_array_get(lines, k), "name", "")))
	    json_array_append(some, one);
	json_object_set_new(report, "lines", lines);
	json_object_set_new(report, "troubles", some);
	json_object_set_new(report, "ok", json_boolean(!json_array_size(some)));
}

static struct xb_err *print(const struct xb_env *env, const json_t *report)
{
	switch (env->o.format) {
	case XB_FORMAT_JSON:
		return print_json(report);
	case XB_FORMAT_OPENMETRICS:
		print_metrics(report);
		return NULL;
	case XB_FORMAT_NAGIOS:
		print_nagios(report);
		return NULL;
	default:
		print_text(report, !env->o.n_args);
		return NULL;
	}
}

struct xb_err *xb_cmd_status(struct xb_env *env, bool *attention)
{
	struct xb_task_env ce = {.config = env->config,
				 .rules = env->rules,
				 .state_dir = env->config->state_dir,
				 .repo_path = env->config->repository,
				 .now = xb_now_s()};
	XB_AUTOJSON json_t *report = NULL;

	XB_TRY(xb_judge(&ce, env->repo, &report));
	XB_TRY(check_names(&env->o, json_object_get(report, "lines")));
	if (env->o.n_args)
		narrow(&env->o, report);
	*attention |= !xb_json_yes(report, "ok");
	return print(env, report);
}
