/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "known.h"

#include "os/file.h"
#include "os/log.h"
#include "outbox/outbox.h"
#include "text/json.h"
#include "util/alloc.h"

#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 64 << 20 };

/* ---- texts, by their names in the file ---- */

struct row {
	const char *key;
	size_t offset;
};

static const struct row known_rows[] = {{"thread", offsetof(struct xb_known, thread)},
					{"last", offsetof(struct xb_known, last)},
					{"to-root", offsetof(struct xb_known, to_root)},
					{"announce-root", offsetof(struct xb_known, announce_root)},
					{"announced", offsetof(struct xb_known, announced)},
					{"behind", offsetof(struct xb_known, behind)},
					{NULL, 0}};
static const struct row matter_rows[] = {{"key", offsetof(struct xb_known_matter, key)},
					 {"fingerprint", offsetof(struct xb_known_matter, fingerprint)},
					 {"what", offsetof(struct xb_known_matter, what)},
					 {"summary", offsetof(struct xb_known_matter, summary)},
					 {"first", offsetof(struct xb_known_matter, first)},
					 {"digest", offsetof(struct xb_known_matter, digest)},
					 {NULL, 0}};

static char **text_at(const void *of, const struct row *r)
{
	return (char **)((uintptr_t)of + r->offset);
}

void xb_known_put_text(char **to, const char *value)
{
	char *copy = xb_strdup(value ? value : "");

	free(*to);
	*to = copy;
}

/* From the object O; where it lacks one, or is NULL, the empty text. */
static void texts_get(void *of, const struct row *rows, const json_t *o)
{
	for (; rows->key; rows++)
		xb_known_put_text(text_at(of, rows), xb_json_str(o, rows->key));
}

static void texts_put(const void *of, const struct row *rows, json_t *o)
{
	for (; rows->key; rows++)
		json_object_set_new(o, rows->key, json_string(*text_at(of, rows)));
}

static void texts_release(void *of, const struct row *rows)
{
	for (; rows->key; rows++)
		free(*text_at(of, rows));
}

/* ---- what is known of one target ---- */

void xb_known_init(struct xb_known *k, const char *target)
{
	*k = (struct xb_known){.target = xb_strdup(target), .fresh = true};
	texts_get(k, known_rows, NULL);
}

void xb_known_release(struct xb_known *k)
{
	for (size_t i = 0; i < k->matters.n; i++)
		texts_release(&k->matters.v[i], matter_rows);
	free(k->matters.v);
	xb_strv_release(&k->found);
	free(k->target);
	texts_release(k, known_rows);
	json_decref(k->was);
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

	*m = (struct xb_known_matter){0};
	texts_get(m, matter_rows, NULL);
	xb_known_put_text(&m->key, key);
	return m;
}

void xb_known_remove(struct xb_known *k, const char *key)
{
	struct xb_known_matter *m = xb_known_find(k, key);

	if (!m)
		return;
	texts_release(m, matter_rows);
	memmove(m, m + 1, (size_t)(k->matters.v + k->matters.n - (m + 1)) * sizeof *m);
	k->matters.n--;
}

static json_t *to_json(const struct xb_known *k)
{
	json_t *o = json_object(), *matters = json_array(), *found = json_array();

	json_object_set_new(o, "new", json_boolean(k->fresh));
	texts_put(k, known_rows, o);
	for (size_t i = 0; i < k->found.n; i++)
		json_array_append_new(found, json_string(k->found.v[i]));
	json_object_set_new(o, "found", found);
	for (size_t i = 0; i < k->matters.n; i++) {
		const struct xb_known_matter *m = &k->matters.v[i];
		json_t *one = json_object();

		texts_put(m, matter_rows, one);
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
	const json_t *matters = json_object_get(o, "matters");

	k->fresh = xb_json_yes(o, "new");
	texts_get(k, known_rows, o);
	xb_json_list(o, "found", &k->found);
	for (size_t i = 0; i < json_array_size(matters); i++) {
		const json_t *one = json_array_get(matters, i);
		struct xb_known_matter *m;

		if (!xb_json_str(one, "key"))
			continue;
		m = xb_known_add(k, "");
		texts_get(m, matter_rows, one);
		m->since = xb_json_num(one, "since");
		m->mailed = xb_json_num(one, "mailed");
		m->reminders = (unsigned)xb_json_num(one, "reminders");
	}
}

/* ---- what earlier versions left ---- */

#define ASIDE "mail-known-"

static char *journal_path(const char *state_dir)
{
	return xb_asprintf("%s/mail/batch.json", state_dir);
}

/* The files of known targets: the paths, and what each is about. Where there is no directory there is none.
 */
struct old_files {
	struct xb_strv paths, targets;
};

static void old_files_release(struct old_files *f)
{
	xb_strv_release(&f->paths);
	xb_strv_release(&f->targets);
}

static void add_files(const char *dir, const char *prefix, struct old_files *out)
{
	XB_AUTOSTRV struct xb_strv names = {0};
	const size_t skip = strlen(prefix), ext = strlen(".json");

	xb_err_free(xb_dir_list(dir, &names));
	for (size_t i = 0; i < names.n; i++) {
		const char *name = names.v[i];
		size_t n = strlen(name);
		XB_AUTOFREE char *path = xb_asprintf("%s/%s", dir, name), *target = NULL;

		if (n <= skip + ext || strncmp(name, prefix, skip) != 0 ||
		    strcmp(name + n - ext, ".json") != 0)
			continue;
		target = xb_memdup0(name + skip, n - skip - ext);
		xb_strv_add(&out->paths, path);
		xb_strv_add(&out->targets, target);
	}
}

static void find_files(const char *state_dir, struct old_files *out)
{
	XB_AUTOFREE char *known = xb_asprintf("%s/mail/known", state_dir);
	XB_AUTOFREE char *health = xb_asprintf("%s/mail/health.json", state_dir);

	add_files(known, "", out);
	add_files(state_dir, ASIDE, out);
	if (!access(health, F_OK)) {
		xb_strv_add(&out->paths, health);
		xb_strv_add(&out->targets, "");
	}
}

/* What an earlier version wrote, and did not sweep yet. */
static struct xb_err *load_journal(const char *state_dir, json_t **out)
{
	XB_AUTOFREE char *path = journal_path(state_dir);
	struct xb_err *err = xb_json_read(path, FILE_MAX, XB_JSON_STOPS, out);

	if (err && err->code == XB_E_HOSTILE)
		return xb_err_wrap(err, "remove it, and what it had is told again");
	return err;
}

/* Adds to TARGETS what these files have of targets that it lacks. */
static struct xb_err *read_old(const char *state_dir, json_t *targets)
{
	struct old_files files = {0};
	struct xb_err *err;
	json_t *journal, *one;

	XB_TRY(load_journal(state_dir, &journal));
	json_object_update_missing(targets, json_object_get(journal, "known"));
	json_decref(journal);
	find_files(state_dir, &files);
	for (size_t i = 0; i < files.paths.n; i++) {
		err = xb_json_read(files.paths.v[i], FILE_MAX, XB_JSON_SILENT, &one);
		if (err) {
			old_files_release(&files);
			return err;
		}
		if (!json_is_object(one))
			xb_log(XB_WARN, "mail: %s is no JSON: what was mailed before is not known",
			       files.paths.v[i]);
		else if (!json_object_get(targets, files.targets.v[i]))
			json_object_set(targets, files.targets.v[i], one);
		json_decref(one);
	}
	old_files_release(&files);
	return NULL;
}

static struct xb_err *put_mail(const char *state_dir, const json_t *o)
{
	XB_AUTO(xb_outbox_entry_release)
	struct xb_outbox_entry e = {.name = xb_strdup(xb_json_str_or(o, "name", "")),
				    .from = xb_strdup(xb_json_str_or(o, "from", "")),
				    .to = xb_strdup(xb_json_str_or(o, "to", "")),
				    .id = xb_strdup(xb_json_str_or(o, "id", "")),
				    .subject = xb_strdup(xb_json_str_or(o, "subject", "")),
				    .error = xb_strdup(""),
				    .news = xb_json_yes(o, "news"),
				    .queued = xb_json_num(o, "queued")};
	const char *message = xb_json_str(o, "message");

	e.next = e.queued;
	xb_buf_adds(&e.message, message ? message : "");
	return xb_outbox_put(state_dir, &e);
}

/* Puts the mails of a journal into the outbox. */
static struct xb_err *put_old_mails(const char *state_dir)
{
	json_t *mails;
	XB_AUTOJSON json_t *journal = NULL;

	XB_TRY(load_journal(state_dir, &journal));
	mails = json_object_get(journal, "mails");
	for (size_t i = 0; i < json_array_size(mails); i++)
		XB_TRY(put_mail(state_dir, json_array_get(mails, i)));
	return NULL;
}

static bool is_any_old(const char *state_dir)
{
	XB_AUTOFREE char *journal = journal_path(state_dir);
	struct old_files files = {0};
	bool any;

	find_files(state_dir, &files);
	any = files.paths.n || !access(journal, F_OK);
	old_files_release(&files);
	return any;
}

/* The journal first: its mails need not be put there again. */
static struct xb_err *remove_old(const char *state_dir)
{
	XB_AUTOFREE char *journal = journal_path(state_dir), *known = xb_asprintf("%s/mail/known", state_dir);
	XB_AUTOFREE char *mail = xb_asprintf("%s/mail", state_dir);
	struct old_files files = {0};
	struct xb_err *err = access(journal, F_OK) ? NULL : xb_file_remove(journal);

	find_files(state_dir, &files);
	for (size_t i = 0; i < files.paths.n && !err; i++)
		err = xb_file_remove(files.paths.v[i]);
	old_files_release(&files);
	rmdir(known); /* others' files keep them there, which is fine */
	rmdir(mail);
	return err;
}

/* ---- the file ---- */

void xb_known_file_release(struct xb_known_file *f)
{
	XB_FREE(f->state_dir, f->path);
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
	struct xb_err *err = xb_file_read(f->path, FILE_MAX, &text);
	json_error_t e;
	json_t *o;

	if (err)
		return xb_err_allow(err, XB_E_NOTFOUND);
	o = xb_json_parse(text.p, text.n, &e);
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
		err = read_old(f->state_dir, f->targets);
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
	struct xb_err *err = xb_file_write(f->path, text, strlen(text), 0640);

	json_decref(o);
	is_another(f);
	if (err)
		f->stamp[0] = -1; /* what is in here is not what is there */
	return err;
}

void xb_known_get(const struct xb_known_file *f, const char *target, struct xb_known *out)
{
	const json_t *o = json_object_get(f->targets, target);

	xb_known_init(out, target);
	if (json_is_object(o))
		from_json(o, out);
	out->was = to_json(out);
}

/* What another process told meanwhile of a target of which there is nothing new stays. */
bool xb_known_set(struct xb_known_file *f, const struct xb_known *k)
{
	json_t *o = to_json(k);

	if (json_equal(o, k->was)) {
		json_decref(o);
		return false;
	}
	json_object_set_new(f->targets, k->target, o);
	return true;
}

struct xb_err *xb_known_take_over(struct xb_known_file *f)
{
	if (is_any_old(f->state_dir)) {
		XB_TRY(put_old_mails(f->state_dir));
		XB_TRY(xb_known_save(f));
	}
	return remove_old(f->state_dir);
}
