/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metafetch.h"

#include "advisories/metadata.h"
#include "config/config.h"
#include "mail/curl.h"
#include "util/alloc.h"
#include "util/bytes.h"
#include "util/clock.h"
#include "util/file.h"
#include "util/log.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	EVERY_S = 3600,
	FIRST_RETRY_S = 300,
	LAST_RETRY_S = 6 * 3600,
	CONNECT_S = 30,
	FILE_S = 120,
	ALL_S = 1800, /* for the first visit, which fetches some hundreds of files */
	MAX_LIST = 16 << 20,
	MAX_META = 1 << 20,
	MAX_RECORD = 4 << 20,
	MAX_TAG = 200,
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
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	json_t *o = NULL;
	const char *url;

	xb_err_free(xb_file_read(path, MAX_RECORD, &b));
	if (b.n)
		o = json_loadb(b.p, b.n, 0, NULL);
	url = json_string_value(json_object_get(o, "url"));
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

/* ---- one file ---- */

struct visit {
	const struct xb_config *c;
	CURL *curl;
	json_t *record;
	char error[CURL_ERROR_SIZE];
	/* of the request under way */
	struct xb_buf body;
	size_t max;
	bool too_large;
	char *tag, *modified; /* of the answer */
};

static size_t on_body(char *p, size_t size, size_t count, void *data)
{
	struct visit *v = data;
	size_t n = size * count;

	v->too_large = v->body.n + n > v->max;
	if (v->too_large)
		return 0;
	xb_buf_add(&v->body, p, n);
	return n;
}

/* The value of the header NAME in the line at P, where it is short and printable; owned. */
static void take_header(const char *p, size_t n, const char *name, char **out)
{
	size_t len = strlen(name);

	if (n <= len || strncasecmp(p, name, len) != 0)
		return;
	for (p += len, n -= len; n && (*p == ' ' || *p == '\t'); n--)
		p++;
	while (n && (unsigned char)p[n - 1] <= ' ')
		n--;
	for (size_t i = 0; i < n; i++)
		if (p[i] < ' ' || p[i] > '~')
			return;
	if (!n || n > MAX_TAG)
		return;
	free(*out);
	*out = xb_memdup0(p, n);
}

static size_t on_header(char *p, size_t size, size_t count, void *data)
{
	struct visit *v = data;

	take_header(p, size * count, "etag:", &v->tag);
	take_header(p, size * count, "last-modified:", &v->modified);
	return size * count;
}

static CURLcode prepare(struct visit *v)
{
	CURLcode rc = curl_easy_setopt(v->curl, CURLOPT_PROTOCOLS_STR, "http,https");

	if (!rc)
		rc = curl_easy_setopt(v->curl, CURLOPT_FOLLOWLOCATION, 0L);
	if (!rc)
		rc = curl_easy_setopt(v->curl, CURLOPT_SSL_VERIFYPEER, 1L);
	if (!rc)
		rc = curl_easy_setopt(v->curl, CURLOPT_SSL_VERIFYHOST, 2L);
	if (!rc)
		rc = curl_easy_setopt(v->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	if (!rc)
		rc = curl_easy_setopt(v->curl, CURLOPT_TIMEOUT, (long)FILE_S);
	if (!rc)
		rc = curl_easy_setopt(v->curl, CURLOPT_NOSIGNAL, 1L);
	if (!rc)
		rc = curl_easy_setopt(v->curl, CURLOPT_USERAGENT, "xsabot/" XSABOT_VERSION);
	if (!rc)
		rc = curl_easy_setopt(v->curl, CURLOPT_WRITEFUNCTION, on_body);
	if (!rc)
		rc = curl_easy_setopt(v->curl, CURLOPT_WRITEDATA, v);
	if (!rc)
		rc = curl_easy_setopt(v->curl, CURLOPT_HEADERFUNCTION, on_header);
	if (!rc)
		rc = curl_easy_setopt(v->curl, CURLOPT_HEADERDATA, v);
	if (!rc)
		rc = curl_easy_setopt(v->curl, CURLOPT_ERRORBUFFER, v->error);
	return rc;
}

static void add_condition(const json_t *record, const char *key, const char *name, struct curl_slist **list)
{
	const char *value = json_string_value(json_object_get(record, key));
	XB_AUTOFREE char *line = value ? xb_asprintf("%s: %s", name, value) : NULL;
	struct curl_slist *more = line ? curl_slist_append(*list, line) : NULL;

	if (more)
		*list = more;
}

/* Gets NAME; CONDITIONS: none but what is new. *STATUS: that of HTTP. */
static struct xb_err *get(struct visit *v, const char *name, size_t max, bool conditions, long *status)
{
	XB_AUTOFREE char *url = xb_asprintf("%s%s", v->c->metadata_url, name);
	struct curl_slist *headers = NULL;
	CURLcode rc;

	xb_buf_setlen(&v->body, 0);
	v->max = max;
	v->too_large = false;
	v->error[0] = '\0';
	if (conditions) {
		add_condition(v->record, "tag", "If-None-Match", &headers);
		add_condition(v->record, "modified", "If-Modified-Since", &headers);
	}
	rc = curl_easy_setopt(v->curl, CURLOPT_URL, url);
	if (!rc)
		rc = curl_easy_setopt(v->curl, CURLOPT_HTTPHEADER, headers);
	if (!rc)
		rc = curl_easy_perform(v->curl);
	if (!rc)
		rc = curl_easy_getinfo(v->curl, CURLINFO_RESPONSE_CODE, status);
	curl_easy_setopt(v->curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	if (v->too_large)
		return xb_err_new(XB_E_HOSTILE, "%s: it has more than %zu bytes", url, max);
	if (rc)
		return xb_err_new(XB_E_TEMP, "%s: %s", url, v->error[0] ? v->error : curl_easy_strerror(rc));
	if (*status != 200 && *status != 304 && *status != 404)
		return xb_err_new(XB_E_TEMP, "%s: the server says %ld", url, *status);
	return NULL;
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
	list = status == 200 ? json_loadb(v->body.p ? v->body.p : "", v->body.n, 0, NULL) : NULL;
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
		o = json_loadb(v->body.p ? v->body.p : "", v->body.n, 0, NULL);
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
			xb_log(XB_WARN, "metadata: %s", err->msg);
			xb_err_free(XB_STEAL(err));
			json_object_set_new(json_object_get(v->record, "files"), name,
					    json_integer(a->issue));
		}
	}
	xb_metadata_free(m);
	return err;
}

static struct xb_err *visit_with(struct visit *v)
{
	CURLcode rc = prepare(v);

	if (rc)
		return xb_err_new(XB_E_INTERNAL, "libcurl: %s", curl_easy_strerror(rc));
	XB_TRY(fetch_list(v));
	return fetch_all(v);
}

static struct xb_err *visit(struct visit *v)
{
	struct xb_err *err;

	XB_TRY(xb_mkdirs(v->c->metadata, 0755));
	XB_TRY(xb_curl_load());
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return xb_err_new(XB_E_INTERNAL, "libcurl could not start");
	v->curl = curl_easy_init();
	if (!v->curl)
		return xb_err_new(XB_E_INTERNAL, "libcurl could not start");
	err = visit_with(v);
	curl_easy_cleanup(v->curl);
	return err;
}

/* ---- chores ---- */

struct chore {
	const struct xb_config *c;
	bool asked; /* by a person, who is told */
};

/* What was fetched before something failed is kept, and recorded. */
static struct xb_err *work(const void *data, bool *attention)
{
	const struct chore *o = data;
	struct visit v = {.c = o->c, .record = read_record(o->c)};
	struct xb_err *err = visit(&v), *lost;
	int64_t now = xb_now_s(), failures = json_integer_value(json_object_get(v.record, "failures"));

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
	free(v.tag);
	free(v.modified);
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

static void add(const struct xb_chore_env *env, int64_t due, bool asked, struct xb_chores *out)
{
	struct xb_chore *c = XB_PUSH(out, v, n, cap);
	struct chore *o = xb_calloc(1, sizeof *o);

	*o = (struct chore){env->config, asked};
	*c = (struct xb_chore){.name = xb_strdup("metadata"),
			       .kind = "metadata",
			       .due = due,
			       .seconds = ALL_S,
			       .work = work,
			       .data = o,
			       .free_data = free};
}

struct xb_err *xb_metadata_chores(const struct xb_chore_env *env, struct xb_chores *out)
{
	json_t *record;

	if (!*env->config->metadata_url)
		return NULL;
	record = read_record(env->config);
	add(env, json_integer_value(json_object_get(record, "next")), false, out);
	json_decref(record);
	return NULL;
}

struct xb_err *xb_metadata_chores_now(const struct xb_chore_env *env, struct xb_chores *out)
{
	if (*env->config->metadata_url)
		add(env, env->now, true, out);
	return NULL;
}
