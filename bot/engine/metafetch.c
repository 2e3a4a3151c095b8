/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metafetch.h"

#include "advisories/metadata.h"
#include "config/config.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/log.h"
#include "os/spawn.h"
#include "text/json.h"
#include "util/alloc.h"
#include "util/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	EVERY_S = 3600,
	FIRST_RETRY_S = 300,
	LAST_RETRY_S = 6 * 3600,
	ALL_S = 1800, /* for the first visit, which fetches some hundreds of files */
	MAX_LIST = 16 << 20,
	MAX_META = 1 << 20,
	MAX_RECORD = 4 << 20,
};

/* ---- the record ---- */

static char *record_path(const struct xb_config *c)
{
	return xb_asprintf("%s/record.json", c->metadata);
}

/* One that isn't there, or of another address, begins anew. The caller's. */
static json_t *read_record(const struct xb_config *c)
{
	XB_AUTOFREE char *path = record_path(c);
	json_t *o;
	const char *url;

	xb_err_free(xb_json_read(path, MAX_RECORD, XB_JSON_SILENT, &o));
	url = xb_json_str(o, "url");
	if (url && !strcmp(url, c->metadata_url) && json_is_object(json_object_get(o, "files")))
		return o;
	json_decref(o);
	o = json_object();
	json_object_set_new(o, "url", json_string(c->metadata_url));
	json_object_set_new(o, "files", json_object());
	return o;
}

static struct xb_err *write_record(const struct xb_config *c, const json_t *o)
{
	XB_AUTOFREE char *path = record_path(c), *text = json_dumps(o, JSON_INDENT(1));

	return text ? xb_file_write(path, text, strlen(text), 0644)
		    : xb_err_new(XB_E_INTERNAL, "cannot write %s", path);
}

/* ---- the program that fetches ---- */

struct visit {
	const struct xb_config *c;
	pid_t pid;
	FILE *ask, *said; /* see libexec/fetch.c */
	json_t *record;
	struct xb_buf body;   /* of the last file */
	char *tag, *modified; /* of the last answer */
};

static struct xb_err *start_program(struct visit *v)
{
	XB_AUTOFREE char *program = NULL;
	static const char *const names[] = {"http_proxy",   "https_proxy", "HTTPS_PROXY", "all_proxy",
					    "ALL_PROXY",    "no_proxy",    "NO_PROXY",    "SSL_CERT_FILE",
					    "SSL_CERT_DIR", NULL};
	XB_AUTOSTRV struct xb_strv env = {0};
	char *argv[2] = {NULL};
	int ask[2] = {-1, -1}, said[2] = {-1, -1};
	struct xb_err *err;

	XB_TRY(xb_program_find("xsabot-fetch", &program));
	argv[0] = program;
	xb_program_env(names, &env);
	if (pipe2(ask, O_CLOEXEC) || pipe2(said, O_CLOEXEC) || !(v->ask = fdopen(ask[1], "w")) ||
	    !(v->said = fdopen(said[0], "r")))
		err = xb_err_sys(XB_E_TEMP, errno, "cannot talk with %s", program);
	else
		err = xb_spawn(
		    &(struct xb_spawn){
			.argv = argv, .env = env.v, .in = ask[0], .out = said[1], .err = -1, .with_us = true},
		    &v->pid);
	xb_closep(&ask[0]);
	xb_closep(&said[1]);
	if (!v->ask)
		xb_closep(&ask[1]);
	if (!v->said)
		xb_closep(&said[0]);
	return err;
}

static void end_program(struct visit *v)
{
	if (v->ask)
		fclose(v->ask);
	if (v->said)
		fclose(v->said);
	if (v->pid > 0)
		xb_spawn_wait(v->pid);
}

/* The answer; NULL: there is none, the program has ended. */
static json_t *ask_program(struct visit *v, const json_t *request)
{
	char *line = NULL;
	size_t cap = 0;
	json_t *o = NULL;

	if (!json_dumpf(request, v->ask, JSON_COMPACT) && fputc('\n', v->ask) != EOF && !fflush(v->ask) &&
	    getline(&line, &cap, v->said) > 0)
		o = xb_json_parse(line, strlen(line), NULL);
	free(line);
	return o;
}

static bool read_body(struct visit *v, size_t n)
{
	char chunk[16384];

	xb_buf_setlen(&v->body, 0);
	while (n) {
		size_t got = fread(chunk, 1, n < sizeof chunk ? n : sizeof chunk, v->said);

		if (!got)
			return false;
		xb_buf_add(&v->body, chunk, got);
		n -= got;
	}
	return true;
}

static struct xb_err *judge_answer(struct visit *v, const char *url, size_t max, const json_t *o,
				   long *status)
{
	const char *error = xb_json_str(o, "error");
	json_int_t size = xb_json_num(o, "size");

	*status = (long)xb_json_num(o, "status");
	if (xb_json_yes(o, "large"))
		return xb_err_new(XB_E_HOSTILE, "%s: it has more than %zu bytes", url, max);
	if (error)
		return xb_err_new(XB_E_TEMP, "%s: %s", url, error);
	if (!o || size < 0 || (size_t)size > max || !read_body(v, (size_t)size))
		return xb_err_new(XB_E_TEMP, "%s: the program that fetches it has ended", url);
	if (*status != 200 && *status != 304 && *status != 404)
		return xb_err_new(XB_E_TEMP, "%s: the server says %ld", url, *status);
	xb_set_text(&v->tag, xb_json_str(o, "tag"));
	xb_set_text(&v->modified, xb_json_str(o, "modified"));
	return NULL;
}

/* ---- one file ---- */

/* Gets NAME; CONDITIONS: none but what is new. *STATUS: that of HTTP. */
static struct xb_err *get(struct visit *v, const char *name, size_t max, bool conditions, long *status)
{
	XB_AUTOFREE char *url = xb_asprintf("%s%s", v->c->metadata_url, name);
	XB_AUTOJSON json_t *request = json_pack("{s:s, s:I}", "url", url, "max", (json_int_t)max), *o = NULL;

	if (conditions) {
		json_object_set(request, "tag", json_object_get(v->record, "tag"));
		json_object_set(request, "modified", json_object_get(v->record, "modified"));
	}
	o = ask_program(v, request);
	return judge_answer(v, url, max, o, status);
}

static struct xb_err *keep(struct visit *v, const char *name)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s", v->c->metadata, name);

	return xb_file_write(path, v->body.p ? v->body.p : "", v->body.n, 0644);
}

/* ---- all of them ---- */

static struct xb_err *fetch_list(struct visit *v)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/xsa.json", v->c->metadata);
	XB_AUTOBUF struct xb_buf here = XB_BUF_INIT;
	XB_AUTOERR struct xb_err *none = xb_file_read(path, MAX_LIST, &here);
	long status = 0;
	json_t *list;
	bool good;

	XB_TRY(get(v, "xsa.json", MAX_LIST, !none, &status));
	if (status == 304)
		return NULL;
	list = status == 200 ? xb_json_parse(v->body.p, v->body.n, NULL) : NULL;
	good = json_is_array(list);
	json_decref(list);
	if (!good)
		return xb_err_new(XB_E_HOSTILE, "%sxsa.json is no list of advisories", v->c->metadata_url);
	XB_TRY(keep(v, "xsa.json"));
	json_object_set_new(v->record, "tag", v->tag ? json_string(v->tag) : json_null());
	json_object_set_new(v->record, "modified", v->modified ? json_string(v->modified) : json_null());
	return NULL;
}

/* That the server has none is an answer, too. */
static struct xb_err *fetch_one(struct visit *v, const char *name, int64_t issue)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s", v->c->metadata, name);
	json_t *files = json_object_get(v->record, "files"), *o;
	long status = 0;
	bool good;

	XB_TRY(get(v, name, MAX_META, false, &status));
	if (status == 200) {
		o = xb_json_parse(v->body.p, v->body.n, NULL);
		good = json_is_object(o);
		json_decref(o);
		if (!good)
			return xb_err_new(XB_E_HOSTILE, "%s%s is no JSON of an advisory", v->c->metadata_url,
					  name);
		XB_TRY(keep(v, name));
	} else {
		XB_TRY(xb_file_remove(path));
	}
	json_object_set_new(files, name, json_integer(issue));
	return NULL;
}

/* One that is bad is told, and keeps no other from its turn. */
static struct xb_err *fetch_all(struct visit *v)
{
	struct xb_metadata *m = xb_metadata_open(v->c);
	const json_t *files = json_object_get(v->record, "files");
	const struct xb_metadata_advisory *a;
	struct xb_err *err = NULL;

	for (size_t i = 0; !err && (a = xb_metadata_at(m, i)); i++) {
		XB_AUTOFREE char *path = xb_metadata_file(v->c, a->id);
		const char *name = xb_base_name(path);
		const json_t *known = json_object_get(files, name);

		if (known && json_integer_value(known) == a->issue)
			continue;
		err = fetch_one(v, name, a->issue);
		if (err && err->code == XB_E_HOSTILE) {
			xb_log_err(XB_WARN, "metadata: ", XB_STEAL(err));
			json_object_set_new(json_object_get(v->record, "files"), name,
					    json_integer(a->issue));
		}
	}
	xb_metadata_free(m);
	return err;
}

static struct xb_err *visit(struct visit *v)
{
	struct xb_err *err;

	XB_TRY(xb_mkdirs(v->c->metadata, 0755));
	err = start_program(v);
	if (!err)
		err = fetch_list(v);
	if (!err)
		err = fetch_all(v);
	end_program(v);
	return err;
}

/* ---- tasks ---- */

struct task {
	const struct xb_config *c;
	bool asked; /* by a person, who is told */
};

/* What was fetched before something failed is kept, and recorded. */
static struct xb_err *work(const void *data, bool *attention)
{
	const struct task *o = data;
	struct visit v = {.c = o->c, .record = read_record(o->c)};
	struct xb_err *err = visit(&v), *lost;
	int64_t now = xb_now_s(), failures = xb_json_num(v.record, "failures");

	(void)attention;
	failures = err ? failures + 1 : 0;
	json_object_set_new(v.record, "failures", json_integer(failures));
	json_object_set_new(
	    v.record, "next",
	    json_integer(now +
			 (err ? xb_backoff(FIRST_RETRY_S, LAST_RETRY_S, (unsigned)failures, 0) : EVERY_S)));
	json_object_set_new(v.record, "error", err ? json_string(err->msg) : json_null());
	lost = write_record(o->c, v.record);
	json_decref(v.record);
	xb_buf_release(&v.body);
	XB_FREE(v.tag, v.modified);
	if (err && lost)
		xb_err_free(lost);
	else if (lost)
		err = lost;
	if (!err || o->asked)
		return err;
	xb_log(XB_WARN, "metadata: %s; what is here is used, and it is tried again", err->msg);
	xb_err_free(err);
	return NULL;
}

static void add(const struct xb_task_env *env, int64_t due, bool asked, struct xb_tasks *out)
{
	struct xb_task *c = XB_PUSH(out, v, n, cap);
	struct task *o = xb_calloc(1, sizeof *o);

	*o = (struct task){env->config, asked};
	*c = (struct xb_task){.name = xb_strdup("metadata"),
			      .kind = "metadata",
			      .due = due,
			      .seconds = ALL_S,
			      .work = work,
			      .data = o,
			      .free_data = free};
}

struct xb_err *xb_metadata_tasks(const struct xb_task_env *env, struct xb_tasks *out)
{
	json_t *record;

	if (!*env->config->metadata_url)
		return NULL;
	record = read_record(env->config);
	add(env, xb_json_num(record, "next"), false, out);
	json_decref(record);
	return NULL;
}

struct xb_err *xb_metadata_tasks_now(const struct xb_task_env *env, struct xb_tasks *out)
{
	if (*env->config->metadata_url)
		add(env, env->now, true, out);
	return NULL;
}
