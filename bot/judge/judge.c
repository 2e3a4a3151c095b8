/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge.h"

#include "pulse.h"
#include "status.h"
#include "os/file.h"
#include "os/lock.h"
#include "plan/plan-json.h"
#include "text/json.h"
#include "util/alloc.h"
#include "util/buf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

void xb_judge_trouble(struct xb_judge *j, const char *kind, const char *subject, int64_t since,
		      const char *fmt, ...)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	json_t *o = json_object();
	va_list ap;

	va_start(ap, fmt);
	xb_buf_vaddf(&text, fmt, ap);
	va_end(ap);
	xb_json_text(o, "kind", kind);
	xb_json_text(o, "subject", subject);
	json_object_set_new(o, "since", since > 0 ? json_integer(since) : json_null());
	xb_json_text(o, "text", text.p);
	json_array_append_new(json_object_get(j->report, "troubles"), o);
}

void xb_judge_unknown(struct xb_judge *j, const char *fmt, ...)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	xb_buf_vaddf(&text, fmt, ap);
	va_end(ap);
	json_array_append_new(json_object_get(j->report, "unknown"), json_string(text.p));
}

/* ---- the bot ---- */

static void judge_resident(struct xb_judge *j, long holder)
{
	int64_t beat = xb_json_num(j->pulse, "beat"), age = j->env.now - beat;
	long long pid = (long long)xb_json_num(j->pulse, "pid");
	XB_AUTOFREE char *at = xb_time_text(beat);

	if (xb_json_yes(j->pulse, "ended") && holder <= 0 && age > XB_JUDGE_GONE_S)
		xb_judge_trouble(j, "bot-gone", NULL, beat,
				 "no bot is at work: process %lld was told to end, at %s", pid, at);
	else if (!holder && age > XB_JUDGE_GONE_S)
		xb_judge_trouble(j, "bot-gone", NULL, beat,
				 "no bot is at work: process %lld is gone; its last sign of life was at %s",
				 pid, at);
	else if (age > XB_JUDGE_LATE_S)
		xb_judge_trouble(
		    j, "bot-silent", NULL, beat,
		    "the bot, process %lld, gave its last sign of life at %s: it hangs, or can't write "
		    "to %s",
		    pid, at, j->env.state_dir);
}

static void judge_look(struct xb_judge *j)
{
	int64_t looked = xb_json_num(j->pulse, "looked"), every = xb_json_num(j->pulse, "rescan");
	const char *error = xb_json_str(j->pulse, "error"), *wrong = xb_json_str(j->pulse, "misconfigured");
	XB_AUTOFREE char *at = looked ? xb_time_text(looked) : xb_strdup("no time");

	if (error)
		xb_judge_trouble(j, "look-fails", NULL, xb_json_num(j->pulse, "since"), "%s", error);
	if (j->env.now - looked > 2 * every)
		xb_judge_trouble(
		    j, "look-late", NULL, looked + 2 * every,
		    "the last complete look was at %s, and there should be one every %lld s (rescan)", at,
		    (long long)every);
	if (wrong)
		xb_judge_trouble(j, "configuration", NULL, 0, "the old configuration is in force: %s", wrong);
	if (looked > j->env.now + XB_JUDGE_LATE_S)
		xb_judge_trouble(
		    j, "clock", NULL, looked,
		    "the last complete look was at %s, which is still to come: is the clock right?", at);
}

static void judge_bot(struct xb_judge *j)
{
	static const char *const copied[] = {"beat",  "looked", "rescan", "resident",
					     "error", "since",  "retry"};
	long holder = xb_lock_holder(j->env.state_dir, XB_LOCK_INSTANCE);
	json_t *look = json_object();

	json_object_set_new(j->report, "bot", holder > 0 ? json_integer(holder) : json_null());
	json_object_set_new(j->report, "look", look);
	for (size_t i = 0; i < sizeof copied / sizeof *copied; i++) {
		json_t *v = json_object_get(j->pulse, copied[i]);

		json_object_set(look, copied[i], v ? v : json_null());
	}
	if (!j->pulse) {
		xb_judge_trouble(
		    j, "look-late", NULL, 0,
		    "nothing in %s says when the bot last looked: no run or watch of this version has "
		    "worked there",
		    j->env.state_dir);
		return;
	}
	if (holder < 0)
		xb_judge_unknown(j, "whether a process is at work");
	if (j->resident)
		judge_resident(j, holder);
	judge_look(j);
}

/* ---- the spool ---- */

struct events {
	size_t n;
	int64_t oldest;
	int error; /* errno */
};

static void count_events(const char *spool, const char *sub, struct events *e)
{
	XB_AUTOFREE char *dir = xb_asprintf("%s/%s", spool, sub);
	XB_AUTOSTRV struct xb_strv names = {0};
	XB_AUTOERR struct xb_err *err = NULL;
	struct stat st;

	if (access(dir, R_OK | X_OK)) {
		e->error = errno;
		return;
	}
	err = xb_dir_list(dir, &names);
	if (err)
		e->error = EIO;
	for (size_t i = 0; i < names.n; i++) {
		XB_AUTOFREE char *path = xb_asprintf("%s/%s", dir, names.v[i]);

		if (stat(path, &st))
			continue; /* taken just now */
		e->n++;
		e->oldest = xb_min64(e->oldest, st.st_mtime);
	}
}

/* Of who can't read it the owner should: that is trouble. */
static void spool_closed(struct xb_judge *j, const char *spool, int error)
{
	struct stat st;

	if (error == EACCES && (stat(j->env.state_dir, &st) || st.st_uid != geteuid()))
		xb_judge_unknown(j, "the spool %s: this account may not read it", spool);
	else
		xb_judge_trouble(j, "spool", NULL, 0, "the spool %s: %s; xsabot doctor says what is wrong",
				 spool, strerror(error));
}

static void judge_spool(struct xb_judge *j)
{
	const char *spool = j->env.config->spool;
	struct events e = {.oldest = XB_NEVER};
	json_t *o = json_object();

	count_events(spool, "new", &e);
	if (!e.error)
		count_events(spool, "cur", &e);
	json_object_set_new(j->report, "events", o);
	json_object_set_new(o, "count", e.error ? json_null() : json_integer((json_int_t)e.n));
	json_object_set_new(o, "oldest", e.n ? json_integer(e.oldest) : json_null());
	if (e.error) {
		spool_closed(j, spool, e.error);
	} else if (e.n && j->env.now - e.oldest > j->grace) {
		XB_AUTOFREE char *at = xb_time_text(e.oldest);

		xb_judge_trouble(j, "spool", NULL, e.oldest,
				 "%zu event%s of pushes wait%s in %s, the oldest since %s", e.n,
				 e.n == 1 ? "" : "s", e.n == 1 ? "s" : "", spool, at);
	}
}

/* ---- the disk ---- */

enum { ROOM_KIB = 1024, ROOM_FILES = 16 };

/* Without room nothing is published, and the hook can't even leave an event. */
static bool judge_room(struct xb_judge *j, const char *dir)
{
	struct statvfs v;
	bool full;

	if (statvfs(dir, &v))
		return false; /* who opens it says more */
	full = (unsigned long long)v.f_bavail * v.f_frsize / 1024 < ROOM_KIB ||
	       (v.f_files && v.f_favail < ROOM_FILES);
	if (full)
		xb_judge_trouble(j, "disk", NULL, 0, "no space is left below %s", dir);
	return full;
}

static void judge_disk(struct xb_judge *j)
{
	if (!judge_room(j, j->env.state_dir))
		judge_room(j, git_repository_path(j->repo));
}

/* ---- the lines ---- */

/* What the rules may miss: nothing is wrong, but a person should look. */
static void judge_notices(struct xb_judge *j, const json_t *line)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(line, "notices"), i, one)
	    xb_judge_trouble(j, "notice", xb_json_str(line, "name"), 0, "%s: %s", xb_json_str(line, "name"),
			     json_string_value(one));
}

static void judge_lines(struct xb_judge *j)
{
	const json_t *line;
	size_t i;

	json_array_foreach(json_object_get(j->report, "lines"), i, line)
	{
		const char *state = xb_json_str(line, "state"), *why = xb_json_str(line, "why");
		const char *name = xb_json_str(line, "name");
		bool gate = xb_json_yes(line, "gate_failed");

		state = state ? state : "";
		if (gate || !strcmp(state, "held") || !strcmp(state, "blocked") || !strcmp(state, "failed"))
			xb_judge_trouble(j, gate && strcmp(state, "held") != 0 ? "gate-failed" : state, name,
					 xb_json_num(line, "since"), "%s", why ? why : "");
		judge_notices(j, line);
	}
}

/* ---- all ---- */

/* What the bot wrote; the whole of it, or at least that it lives. */
static struct xb_err *begin(struct xb_judge *j, json_t **pulse)
{
	XB_TRY(xb_status_read(j->env.state_dir, &j->report));
	XB_TRY(xb_pulse_read(j->env.state_dir, pulse));
	if (!j->report && !*pulse)
		return xb_err_new(XB_E_NOTFOUND, "no report in %s: neither run nor watch has worked there",
				  j->env.state_dir);
	if (!j->report)
		j->report = json_pack("{s:i, s:[]}", "version", 1, "lines");
	j->pulse = *pulse;
	j->resident = xb_json_yes(j->pulse, "resident");
	j->grace = j->resident ? XB_JUDGE_LATE_S : 2 * (int64_t)j->env.config->rescan;
	json_object_set_new(j->report, "judged", json_integer(j->env.now));
	json_object_set_new(j->report, "troubles", json_array());
	json_object_set_new(j->report, "unknown", json_array());
	return NULL;
}

struct xb_err *xb_judge(const struct xb_task_env *env, git_repository *repo, json_t **out)
{
	struct xb_judge j = {.env = *env, .repo = repo};
	XB_AUTOJSON json_t *pulse = NULL;
	struct xb_err *err = begin(&j, &pulse);

	*out = NULL;
	if (!err) {
		judge_bot(&j);
		judge_disk(&j);
		judge_spool(&j);
		judge_lines(&j);
		xb_judge_queues(&j);
		err = xb_judge_refs(&j);
	}
	if (err) {
		json_decref(j.report);
		return err;
	}
	json_object_set_new(j.report, "ok",
			    json_boolean(!json_array_size(json_object_get(j.report, "troubles"))));
	*out = j.report;
	return NULL;
}
