/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How all stands, from the bot's last report and the files of mirrors and mail: reads only, takes no lock. */
#include "cmd.h"

#include "mail/outbox.h"
#include "plan/plan-json.h"
#include "remote/mirror.h"
#include "util/alloc.h"
#include "util/lock.h"
#include "util/log.h"
#include "util/vis.h"
#include "watch/status.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static bool wanted(const struct xb_options *o, const json_t *line)
{
	for (size_t i = 0; i < o->n_args; i++)
		if (!strcmp(o->args[i], text(line, "name")) || !strcmp(o->args[i], text(line, "line")))
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
	return !strcmp(text(line, "state"), state);
}

static bool needs_a_look(const json_t *line)
{
	return is(line, "held") || is(line, "blocked") || is(line, "failed") ||
	       json_is_true(json_object_get(line, "gate_failed"));
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
	XB_AUTOFREE char *why = xb_vis_dup(text(line, "why")), *name = xb_vis_dup(text(line, "name"));
	XB_AUTOFREE char *tag = xb_vis_dup(text(json_object_get(line, "base"), "tag"));
	XB_AUTOFREE char *ref = xb_vis_dup(text(line, "derived_ref"));

	printf("%s: %s", name, is(line, "up-to-date") ? "up to date" : text(line, "state"));
	if (*text(line, "wait"))
		printf(" for the %s",
		       !strcmp(text(line, "wait"), "tested") ? "test system" : text(line, "wait"));
	print_time(" since ", json_object_get(line, "since"));
	print_time(", until ", json_object_get(line, "until"));
	printf("; %s at %.12s", ref, *text(line, "derived") ? text(line, "derived") : "none");
	if (*tag && json_is_integer(picks))
		printf(", %s, %lld pick%s", tag, (long long)json_integer_value(picks),
		       json_integer_value(picks) == 1 ? "" : "s");
	printf("%s%s\n", *why ? "; " : "", why);
}

static void print_lines(const struct xb_env *env, const json_t *report, bool *attention)
{
	json_t *lines = choose(&env->o, json_object_get(report, "lines")), *line;
	size_t i;

	json_array_foreach(lines, i, line)
	{
		*attention |= needs_a_look(line);
		print_line(line);
	}
	json_decref(lines);
}

static struct xb_err *print_json(const struct xb_env *env, json_t *report, bool *attention)
{
	json_t *lines = choose(&env->o, json_object_get(report, "lines")), *line;
	size_t i;

	json_array_foreach(lines, i, line)
	{
		*attention |= needs_a_look(line);
	}
	json_object_set_new(report, "lines", lines);
	if (json_dumpf(report, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER))
		return xb_err_new(XB_E_TEMP, "cannot write the report");
	putchar('\n');
	return NULL;
}

static json_t *time_or_null(int64_t t)
{
	return t && t != XB_NEVER ? json_integer(t) : json_null();
}

static json_t *mirror(const struct xb_mirror_status *s)
{
	static const char *const states[] = {[XB_MIRROR_GOOD] = "good",
					     [XB_MIRROR_BEHIND] = "behind",
					     [XB_MIRROR_TROUBLE] = "trouble",
					     [XB_MIRROR_CLOSED] = "closed"};
	json_t *o = json_object();

	xb_json_text(o, "name", s->name);
	xb_json_text(o, "url", s->url);
	xb_json_text(o, "state", states[s->state]);
	json_object_set_new(o, "refs", json_integer((json_int_t)s->refs));
	json_object_set_new(o, "missing", json_integer((json_int_t)s->missing));
	json_object_set_new(o, "commits", json_integer((json_int_t)s->commits));
	json_object_set_new(o, "since", time_or_null(s->since));
	json_object_set_new(o, "looked", time_or_null(s->looked));
	json_object_set_new(o, "retry", time_or_null(s->retry));
	xb_json_text(o, "why", s->why);
	return o;
}

/* As far as is known here: none is asked. */
static struct xb_err *add_mirrors(const struct xb_env *env, json_t *report, bool *attention)
{
	struct xb_chore_env ce = {.config = env->config,
				  .rules = env->rules,
				  .state_dir = env->config->state_dir,
				  .repo_path = env->config->repository,
				  .now = xb_now_s()};
	struct xb_mirror_statuses all;
	json_t *list = json_array();

	json_object_set_new(report, "mirrors", list);
	XB_TRY(xb_mirror_summary(&ce, NULL, 0, &all));
	for (size_t i = 0; i < all.n; i++) {
		XB_AUTOFREE char *line = xb_mirror_line(&all.v[i], ce.now);

		json_array_append_new(list, mirror(&all.v[i]));
		*attention |= all.v[i].state == XB_MIRROR_TROUBLE;
		if (env->o.format != XB_FORMAT_JSON)
			printf("mirror %s\n", line);
	}
	xb_mirror_statuses_release(&all);
	return NULL;
}

/* Mail that waits or was given up; nothing to say where there is none. */
static struct xb_err *add_mail(const struct xb_env *env, json_t *report, bool *attention)
{
	struct xb_outbox_summary s = {0};
	struct xb_err *err = env->config->mail.on ? xb_outbox_summary(env->config->state_dir, &s) : NULL;

	if (!err && env->config->mail.on)
		json_object_set_new(report, "mail",
				    json_pack("{s:I, s:I, s:s}", "waiting", (json_int_t)s.waiting, "failed",
					      (json_int_t)s.failed, "error", s.error));
	*attention |= s.failed > 0;
	if (s.waiting + s.failed && env->o.format != XB_FORMAT_JSON) {
		XB_AUTOFREE char *error = xb_vis_dup(s.error);

		printf("mail: %zu waiting, %zu given up%s%s; see xsabot outbox\n", s.waiting, s.failed,
		       *error ? ": " : "", error);
	}
	xb_outbox_summary_release(&s);
	return err;
}

/* Without a bot at work, what is pushed waits for the next run: to be seen at once. */
static void add_bot(const struct xb_env *env, json_t *report)
{
	long pid = xb_lock_holder(env->config->state_dir, XB_LOCK_INSTANCE);

	json_object_set_new(report, "bot", pid > 0 ? json_integer(pid) : json_null());
	if (env->o.format == XB_FORMAT_JSON || pid < 0)
		return;
	if (pid)
		printf("bot: process %ld is at work", pid);
	else
		printf("bot: none is at work");
	print_time("; the last change was seen at ", json_object_get(report, "updated"));
	putchar('\n');
}

struct xb_err *xb_cmd_status(struct xb_env *env, bool *attention)
{
	json_t *report = NULL;
	struct xb_err *err;

	XB_TRY(xb_status_read(env->config->state_dir, &report));
	if (!report)
		return xb_err_new(XB_E_NOTFOUND, "no report in %s: neither run nor watch has worked there",
				  env->config->state_dir);
	err = check_names(&env->o, json_object_get(report, "lines"));
	if (!err && env->o.format != XB_FORMAT_JSON)
		print_lines(env, report, attention);
	if (!err && !env->o.n_args)
		err = add_mirrors(env, report, attention);
	if (!err && !env->o.n_args)
		err = add_mail(env, report, attention);
	if (!err && !env->o.n_args)
		add_bot(env, report);
	if (!err && env->o.format == XB_FORMAT_JSON)
		err = print_json(env, report, attention);
	json_decref(report);
	return err;
}
