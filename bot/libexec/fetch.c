/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xsabot-fetch: gets files from the web, for engine/metafetch.c, one after the
 * other over one connection. A request is a line of JSON on standard input, an
 * answer one on standard output, with the bytes of the file after it:
 *
 *	{"url": "https://...", "max": 1000, "tag": "...", "modified": "..."}
 *	{"status": 200, "size": 17, "tag": "...", "modified": "..."}	and 17 bytes
 *	{"error": "..."}						or {"large": true}
 *
 * "tag" and "modified" of a request are those of an earlier answer: the file is to
 * come only if it is another one by now. It ends with its input.
 */
#include "curl-set.h"
#include "text/json.h"
#include "util/alloc.h"
#include "util/buf.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CONNECT_S = 30, FILE_S = 120, MAX_TAG = 200 };

struct visit {
	CURL *curl;
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
static void read_header(const char *p, size_t n, const char *name, char **out)
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

	read_header(p, size * count, "etag:", &v->tag);
	read_header(p, size * count, "last-modified:", &v->modified);
	return size * count;
}

static CURLcode prepare(struct visit *v)
{
	CURLcode rc = curl_easy_setopt(v->curl, CURLOPT_PROTOCOLS_STR, "http,https");

	XB_CURL_SET(rc, v->curl, CURLOPT_FOLLOWLOCATION, 0L);
	XB_CURL_SET(rc, v->curl, CURLOPT_SSL_VERIFYPEER, 1L);
	XB_CURL_SET(rc, v->curl, CURLOPT_SSL_VERIFYHOST, 2L);
	XB_CURL_SET(rc, v->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	XB_CURL_SET(rc, v->curl, CURLOPT_TIMEOUT, (long)FILE_S);
	XB_CURL_SET(rc, v->curl, CURLOPT_NOSIGNAL, 1L);
	XB_CURL_SET(rc, v->curl, CURLOPT_USERAGENT, "xsabot/" XSABOT_VERSION);
	XB_CURL_SET(rc, v->curl, CURLOPT_WRITEFUNCTION, on_body);
	XB_CURL_SET(rc, v->curl, CURLOPT_WRITEDATA, v);
	XB_CURL_SET(rc, v->curl, CURLOPT_HEADERFUNCTION, on_header);
	XB_CURL_SET(rc, v->curl, CURLOPT_HEADERDATA, v);
	XB_CURL_SET(rc, v->curl, CURLOPT_ERRORBUFFER, v->error);
	return rc;
}

static void add_condition(const json_t *request, const char *key, const char *name, struct curl_slist **list)
{
	const char *value = xb_json_str(request, key);
	XB_AUTOFREE char *line = value ? xb_asprintf("%s: %s", name, value) : NULL;
	struct curl_slist *more = line ? curl_slist_append(*list, line) : NULL;

	if (more)
		*list = more;
}

static CURLcode get_file(struct visit *v, const json_t *request, long *status)
{
	struct curl_slist *headers = NULL;
	CURLcode rc;

	xb_buf_setlen(&v->body, 0);
	v->max = (size_t)xb_json_num(request, "max");
	v->too_large = false;
	v->error[0] = '\0';
	free(XB_STEAL(v->tag));
	free(XB_STEAL(v->modified));
	add_condition(request, "tag", "If-None-Match", &headers);
	add_condition(request, "modified", "If-Modified-Since", &headers);
	rc = curl_easy_setopt(v->curl, CURLOPT_URL, xb_json_str_or(request, "url", ""));
	XB_CURL_SET(rc, v->curl, CURLOPT_HTTPHEADER, headers);
	if (!rc)
		rc = curl_easy_perform(v->curl);
	if (!rc)
		rc = curl_easy_getinfo(v->curl, CURLINFO_RESPONSE_CODE, status);
	curl_easy_setopt(v->curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	return rc;
}

static void set_text(json_t *o, const char *key, const char *value)
{
	if (value)
		json_object_set_new(o, key, json_string(value));
}

static bool answer(struct visit *v, const json_t *request)
{
	long status = 0;
	CURLcode rc = get_file(v, request, &status);
	json_t *o = json_object();
	bool good = !rc && !v->too_large, sent;

	if (v->too_large) {
		json_object_set_new(o, "large", json_true());
	} else if (rc) {
		set_text(o, "error", v->error[0] ? v->error : curl_easy_strerror(rc));
	} else {
		json_object_set_new(o, "status", json_integer(status));
		json_object_set_new(o, "size", json_integer((json_int_t)v->body.n));
		set_text(o, "tag", v->tag);
		set_text(o, "modified", v->modified);
	}
	sent = !json_dumpf(o, stdout, JSON_COMPACT) && putchar('\n') != EOF &&
	       (!good || !v->body.n || fwrite(v->body.p, 1, v->body.n, stdout) == v->body.n) &&
	       !fflush(stdout);
	json_decref(o);
	return sent;
}

int main(void)
{
	struct visit v = {.curl = curl_global_init(CURL_GLOBAL_DEFAULT) ? NULL : curl_easy_init()};
	char *line = NULL;
	size_t cap = 0;
	bool good = v.curl && !prepare(&v);

	while (good && getline(&line, &cap, stdin) > 0) {
		XB_AUTOJSON json_t *request = xb_json_parse(line, strlen(line), NULL);

		good = request && answer(&v, request);
	}
	free(line);
	free(v.tag);
	free(v.modified);
	xb_buf_release(&v.body);
	curl_easy_cleanup(v.curl);
	curl_global_cleanup();
	return good ? 0 : 70;
}
