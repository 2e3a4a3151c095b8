/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json.h"

#include "os/file.h"
#include "os/log.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <string.h>
#include <sys/stat.h>

void xb_json_freep(json_t **o)
{
	json_decref(*o);
}

/* ---- files ---- */

json_t *xb_json_parse(const char *text, size_t n, json_error_t *where)
{
	json_error_t none = {0};

	where = where ? where : &none;
	where->line = 1;
	return json_loadb(text ? text : "", n, 0, where);
}

json_t *xb_json_own(const void *text, size_t n)
{
	return json_loadb(text ? text : "", n, JSON_REJECT_DUPLICATES, NULL);
}

static bool is_larger(const char *path, size_t max)
{
	struct stat st;

	return !stat(path, &st) && st.st_size > (off_t)max;
}

struct xb_err *xb_json_read(const char *path, size_t max, enum xb_json_damage damage, json_t **out)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	bool larger = is_larger(path, max); /* than anything that the bot writes: no fault of the system */
	XB_AUTOERR struct xb_err *err = larger ? NULL : xb_file_read(path, max, &text);
	json_error_t where = {.line = 1, .text = "it is too large"};

	*out = NULL;
	if (err && err->code == XB_E_NOTFOUND)
		return NULL;
	if (err)
		return XB_STEAL(err);
	if (!larger)
		*out = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES, &where);
	if (!*out && damage == XB_JSON_STOPS)
		return xb_err_new(XB_E_HOSTILE, "%s is no JSON (line %d: %s)", path, where.line, where.text);
	if (!*out && damage == XB_JSON_TOLD)
		xb_log(XB_WARN, "%s can't be understood (line %d: %s): made anew", path, where.line,
		       where.text);
	return NULL;
}

/* ---- values ---- */

const char *xb_json_str(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

const char *xb_json_str_or(const json_t *o, const char *key, const char *other)
{
	const char *s = xb_json_str(o, key);

	return s ? s : other;
}

int64_t xb_json_num(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

bool xb_json_yes(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

char *xb_json_dup(const json_t *o, const char *key)
{
	const char *s = xb_json_str(o, key);

	return s ? xb_strdup(s) : NULL;
}

void xb_json_list(const json_t *o, const char *key, struct xb_strv *out)
{
	const json_t *list = json_object_get(o, key);

	for (size_t i = 0; i < json_array_size(list); i++)
		if (json_is_string(json_array_get(list, i)))
			xb_strv_add_new(out, json_string_value(json_array_get(list, i)));
}

char *xb_json_number_text(const json_t *v)
{
	if (json_is_integer(v))
		return xb_asprintf("%lld", (long long)json_integer_value(v));
	return json_is_string(v) ? xb_strdup(json_string_value(v)) : NULL;
}

void xb_json_wrong(struct xb_json_must *m, const char *key, const char *what)
{
	if (!m->wrong)
		m->wrong = xb_asprintf("%s is %s", key, what);
}

void xb_json_must_release(struct xb_json_must *m)
{
	free(m->wrong);
}

/* V, the value of KEY, if it is RIGHT, or what must be said of it. */
static const json_t *must(struct xb_json_must *m, const char *key, const json_t *v, bool right,
			  const char *what)
{
	if (!right)
		xb_json_wrong(m, key, v ? what : "missing");
	return right ? v : NULL;
}

const char *xb_json_must_str(struct xb_json_must *m, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return must(m, key, v, json_is_string(v), "no text") ? json_string_value(v) : "";
}

int64_t xb_json_must_num(struct xb_json_must *m, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_integer_value(must(m, key, v, json_is_integer(v), "no number"));
}

bool xb_json_must_yes(struct xb_json_must *m, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_true(must(m, key, v, json_is_boolean(v), "neither true nor false"));
}

const json_t *xb_json_must_list(struct xb_json_must *m, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return must(m, key, v, json_is_array(v), "no list");
}

/* ---- as text ---- */

char *xb_json_dump(const json_t *value, size_t flags)
{
	XB_AUTOFREE char *text = json_dumps(value, flags);
	struct xb_buf b = XB_BUF_INIT;

	if (!text)
		return NULL;
	xb_vis(&b, text, strlen(text), XB_VIS_LINES | XB_VIS_JSON);
	xb_buf_addc(&b, '\n');
	return xb_buf_detach(&b);
}
