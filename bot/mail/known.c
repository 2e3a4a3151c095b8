/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "known.h"

#include "before.h"
#include "util/alloc.h"
#include "util/file.h"
#include "util/json.h"
#include "util/log.h"

#include <string.h>
#include <sys/stat.h>

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

static json_t *to_json(const struct xb_known *k)
{
	json_t *o = json_object(), *matters = json_array(), *found = json_array();

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

/* ---- the file ---- */

void xb_known_file_release(struct xb_known_file *f)
{
	free(f->state_dir);
	free(f->path);
	json_decref(f->targets);
	*f = (struct xb_known_file){0};
}

/* False: it is the one that was read, or there is none still. */
static bool is_another(struct xb_known_file *f)
{
	struct stat st = {0};
	int64_t stamp[3];

	if (stat(f->path, &st))
		st = (struct stat){0};
	stamp[0] = (int64_t)st.st_ino;
	stamp[1] = st.st_mtim.tv_sec;
	stamp[2] = st.st_mtim.tv_nsec;
	if (!memcmp(stamp, f->stamp, sizeof stamp))
		return false;
	memcpy(f->stamp, stamp, sizeof stamp);
	return true;
}

static struct xb_err *read_targets(struct xb_known_file *f)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	struct xb_err *err = xb_file_read(f->path, KNOWN_MAX, &text);
	json_error_t e;
	json_t *o;

	if (err && err->code == XB_E_NOTFOUND) {
		xb_err_free(err);
		return NULL;
	}
	if (err)
		return err;
	o = json_loadb(text.p ? text.p : "", text.n, 0, &e);
	if (json_is_object(json_object_get(o, "targets")))
		json_object_update(f->targets, json_object_get(o, "targets"));
	else
		xb_log(XB_WARN, "mail: %s can't be read (%s): what was mailed before is not known", f->path,
		       o ? "it has no targets" : e.text);
	json_decref(o);
	return NULL;
}

static struct xb_err *read_all(struct xb_known_file *f)
{
	struct xb_err *err;

	json_object_clear(f->targets);
	err = read_targets(f);
	if (!err)
		err = xb_before_known(f->state_dir, f->targets);
	if (err)
		f->stamp[0] = -1; /* is not the one that was read */
	return err;
}

struct xb_err *xb_known_open(const char *state_dir, struct xb_known_file *out)
{
	*out = (struct xb_known_file){.state_dir = xb_strdup(state_dir),
				      .path = xb_asprintf("%s/mail-known.json", state_dir),
				      .targets = json_object()};
	is_another(out);
	return read_all(out);
}

struct xb_err *xb_known_refresh(struct xb_known_file *f)
{
	return is_another(f) ? read_all(f) : NULL;
}

struct xb_err *xb_known_save(struct xb_known_file *f)
{
	json_t *o = json_pack("{s:i, s:O}", "version", 2, "targets", f->targets);
	XB_AUTOFREE char *text = xb_json_dump(o, JSON_INDENT(1) | JSON_SORT_KEYS);

	json_decref(o);
	XB_TRY(xb_file_write(f->path, text, strlen(text), 0640));
	is_another(f);
	return NULL;
}

void xb_known_get(const struct xb_known_file *f, const char *target, struct xb_known *out)
{
	const json_t *o = json_object_get(f->targets, target);

	xb_known_init(out, target);
	if (json_is_object(o))
		from_json(o, out);
}

bool xb_known_set(struct xb_known_file *f, const struct xb_known *k)
{
	json_t *o = to_json(k);
	bool changed = !json_equal(o, json_object_get(f->targets, k->target));

	json_object_set_new(f->targets, k->target, o);
	return changed;
}
