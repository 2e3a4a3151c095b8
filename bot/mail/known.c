/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "known.h"

#include "config/text.h"
#include "util/alloc.h"
#include "util/file.h"
#include "util/json.h"
#include "util/log.h"

#include <string.h>
#include <unistd.h>

enum { KNOWN_MAX = 16 << 20 };

void xb_text_set(char **to, const char *value)
{
	char *copy = xb_strdup(value ? value : "");

	free(*to);
	*to = copy;
}

void xb_known_init(struct xb_known *k, const char *target)
{
	*k = (struct xb_known){.target = xb_strdup(target),
			       .fresh = true,
			       .thread = xb_strdup(""),
			       .last = xb_strdup(""),
			       .to_root = xb_strdup(""),
			       .announce_root = xb_strdup(""),
			       .announced = xb_strdup(""),
			       .behind = xb_strdup("")};
}

static void matter_release(struct xb_known_matter *m)
{
	free(m->key);
	free(m->fingerprint);
	free(m->what);
	free(m->summary);
	free(m->first);
	free(m->digest);
}

void xb_known_release(struct xb_known *k)
{
	for (size_t i = 0; i < k->matters.n; i++)
		matter_release(&k->matters.v[i]);
	free(k->matters.v);
	xb_strv_release(&k->found);
	free(k->target);
	free(k->thread);
	free(k->last);
	free(k->to_root);
	free(k->announce_root);
	free(k->announced);
	free(k->behind);
	*k = (struct xb_known){0};
}

struct xb_known_matter *xb_known_find(struct xb_known *k, const char *key)
{
	for (size_t i = 0; i < k->matters.n; i++)
		if (!strcmp(k->matters.v[i].key, key))
			return &k->matters.v[i];
	return NULL;
}

struct xb_known_matter *xb_known_add(struct xb_known *k, const char *key)
{
	struct xb_known_matter *m = XB_PUSH(&k->matters, v, n, cap);

	*m = (struct xb_known_matter){.key = xb_strdup(key),
				      .fingerprint = xb_strdup(""),
				      .what = xb_strdup(""),
				      .summary = xb_strdup(""),
				      .first = xb_strdup(""),
				      .digest = xb_strdup("")};
	return m;
}

void xb_known_remove(struct xb_known *k, const char *key)
{
	struct xb_known_matter *m = xb_known_find(k, key);

	if (!m)
		return;
	matter_release(m);
	memmove(m, m + 1, (size_t)(k->matters.v + k->matters.n - (m + 1)) * sizeof *m);
	k->matters.n--;
}

/* ---- JSON ---- */

static void put(json_t *o, const char *key, const char *value)
{
	json_object_set_new(o, key, json_string(value));
}

static void get(const json_t *o, const char *key, char **to)
{
	xb_text_set(to, json_string_value(json_object_get(o, key)));
}

json_t *xb_known_json(const struct xb_known *k)
{
	json_t *o = json_object(), *matters = json_array(), *found = json_array();

	json_object_set_new(o, "version", json_integer(1));
	json_object_set_new(o, "new", json_boolean(k->fresh));
	put(o, "thread", k->thread);
	put(o, "last", k->last);
	put(o, "to-root", k->to_root);
	put(o, "announce-root", k->announce_root);
	put(o, "announced", k->announced);
	put(o, "behind", k->behind);
	for (size_t i = 0; i < k->found.n; i++)
		json_array_append_new(found, json_string(k->found.v[i]));
	json_object_set_new(o, "found", found);
	for (size_t i = 0; i < k->matters.n; i++) {
		const struct xb_known_matter *m = &k->matters.v[i];
		json_t *one = json_object();

		put(one, "key", m->key);
		put(one, "fingerprint", m->fingerprint);
		put(one, "what", m->what);
		put(one, "summary", m->summary);
		put(one, "first", m->first);
		put(one, "digest", m->digest);
		json_object_set_new(one, "since", json_integer(m->since));
		json_object_set_new(one, "mailed", json_integer(m->mailed));
		json_object_set_new(one, "reminders", json_integer(m->reminders));
		json_array_append_new(matters, one);
	}
	json_object_set_new(o, "matters", matters);
	return o;
}

static void from_json(const json_t *o, struct xb_known *k)
{
	const json_t *matters = json_object_get(o, "matters"), *found = json_object_get(o, "found");

	k->fresh = json_is_true(json_object_get(o, "new"));
	get(o, "thread", &k->thread);
	get(o, "last", &k->last);
	get(o, "to-root", &k->to_root);
	get(o, "announce-root", &k->announce_root);
	get(o, "announced", &k->announced);
	get(o, "behind", &k->behind);
	for (size_t i = 0; i < json_array_size(found); i++)
		if (json_is_string(json_array_get(found, i)))
			xb_strv_add(&k->found, json_string_value(json_array_get(found, i)));
	for (size_t i = 0; i < json_array_size(matters); i++) {
		const json_t *one = json_array_get(matters, i);
		const char *key = json_string_value(json_object_get(one, "key"));
		struct xb_known_matter *m = key ? xb_known_add(k, key) : NULL;

		if (!m)
			continue;
		get(one, "fingerprint", &m->fingerprint);
		get(one, "what", &m->what);
		get(one, "summary", &m->summary);
		get(one, "first", &m->first);
		get(one, "digest", &m->digest);
		m->since = json_integer_value(json_object_get(one, "since"));
		m->mailed = json_integer_value(json_object_get(one, "mailed"));
		m->reminders = (unsigned)json_integer_value(json_object_get(one, "reminders"));
	}
}

/* "" is the health. */
static char *path_of(const char *state_dir, const char *target)
{
	return *target ? xb_asprintf("%s/mail/known/%s.json", state_dir, target)
		       : xb_asprintf("%s/mail/health.json", state_dir);
}

static char *path_aside(const char *state_dir, const char *target)
{
	return xb_asprintf("%s/mail-known-%s.json", state_dir, target);
}

struct xb_err *xb_known_read(const char *state_dir, const char *target, struct xb_known *out)
{
	XB_AUTOFREE char *path = path_of(state_dir, target), *aside = path_aside(state_dir, target);
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	struct xb_err *err = xb_file_read(path, KNOWN_MAX, &text);
	json_error_t e;
	json_t *o;

	xb_known_init(out, target);
	if (err && err->code == XB_E_NOTFOUND) {
		xb_err_free(err);
		err = xb_file_read(aside, KNOWN_MAX, &text);
	}
	if (err && err->code == XB_E_NOTFOUND) {
		xb_err_free(err);
		return NULL;
	}
	if (err)
		return err;
	o = json_loadb(text.p ? text.p : "", text.n, 0, &e);
	if (json_is_object(o))
		from_json(o, out);
	else
		xb_log(XB_WARN, "mail: %s can't be read (%s): what was mailed before is not known", path,
		       e.text);
	json_decref(o);
	return NULL;
}

static struct xb_err *write_to(const char *path, const json_t *json)
{
	XB_AUTOFREE char *text = xb_json_dump(json, JSON_INDENT(1) | JSON_SORT_KEYS);

	return xb_file_write(path, text, strlen(text), 0640);
}

struct xb_err *xb_known_write(const char *state_dir, const char *target, const json_t *json)
{
	XB_AUTOFREE char *path = path_of(state_dir, target), *aside = path_aside(state_dir, target);

	XB_TRY(write_to(path, json));
	return *target && !access(aside, F_OK) ? xb_file_remove(aside) : NULL;
}

struct xb_err *xb_known_write_aside(const char *state_dir, const char *target, const json_t *json)
{
	XB_AUTOFREE char *aside = path_aside(state_dir, target);

	return write_to(aside, json);
}
