/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "before.h"

#include "outbox/outbox.h"
#include "tell.h"
#include "util/alloc.h"
#include "util/file.h"
#include "util/log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define ASIDE "mail-known-"
enum { FILE_MAX = 64 << 20 };

/* ---- fingerprints ---- */

char *xb_before_held(const struct xb_whys *r)
{
	XB_AUTOFREE char *line = xb_whys_line(r);

	return xb_tell_hash(line ? line : "");
}

/* It was cut where logs and times began. */
char *xb_before_gate(const struct xb_whys *r, bool failed)
{
	XB_AUTOFREE char *line = xb_whys_line(r);
	XB_AUTOFREE char *head = line ? xb_memdup0(line, strcspn(line, failed ? ")" : ":")) : xb_strdup("");

	return xb_tell_hash(head);
}

/* ---- files ---- */

static char *journal_path(const char *state_dir)
{
	return xb_asprintf("%s/mail/batch.json", state_dir);
}

/* The files of known targets: the paths, and what each is about. Where there is no directory there is none. */
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

/* *OUT is the caller's; NULL where PATH is not there, or no JSON. */
static struct xb_err *load(const char *path, json_t **out)
{
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	struct xb_err *err = xb_file_read(path, FILE_MAX, &text);

	*out = err ? NULL : json_loadb(text.p ? text.p : "", text.n, 0, NULL);
	if (err && err->code == XB_E_NOTFOUND)
		xb_err_free(XB_STEAL(err));
	return err;
}

static struct xb_err *load_journal(const char *state_dir, json_t **out)
{
	XB_AUTOFREE char *path = journal_path(state_dir);

	XB_TRY(load(path, out));
	if (!*out && !access(path, F_OK))
		return xb_err_new(XB_E_IO, "%s is no JSON; remove it, and what it had is told again", path);
	return NULL;
}

struct xb_err *xb_before_known(const char *state_dir, json_t *targets)
{
	struct old_files files = {0};
	struct xb_err *err;
	json_t *journal, *one;

	XB_TRY(load_journal(state_dir, &journal));
	json_object_update_missing(targets, json_object_get(journal, "known"));
	json_decref(journal);
	find_files(state_dir, &files);
	for (size_t i = 0; i < files.paths.n; i++) {
		err = load(files.paths.v[i], &one);
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

static char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return xb_strdup(s ? s : "");
}

static struct xb_err *put_mail(const char *state_dir, const json_t *o)
{
	struct xb_outbox_entry e = {.name = text_of(o, "name"),
				    .from = text_of(o, "from"),
				    .to = text_of(o, "to"),
				    .id = text_of(o, "id"),
				    .subject = text_of(o, "subject"),
				    .error = xb_strdup(""),
				    .news = json_is_true(json_object_get(o, "news")),
				    .queued = json_integer_value(json_object_get(o, "queued"))};
	const char *message = json_string_value(json_object_get(o, "message"));
	struct xb_err *err;

	e.next = e.queued;
	xb_buf_adds(&e.message, message ? message : "");
	err = xb_outbox_put(state_dir, &e);
	xb_outbox_entry_release(&e);
	return err;
}

struct xb_err *xb_before_mails(const char *state_dir)
{
	struct xb_err *err = NULL;
	json_t *journal, *mails;

	XB_TRY(load_journal(state_dir, &journal));
	mails = json_object_get(journal, "mails");
	for (size_t i = 0; i < json_array_size(mails) && !err; i++)
		err = put_mail(state_dir, json_array_get(mails, i));
	json_decref(journal);
	return err;
}

bool xb_before_any(const char *state_dir)
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
struct xb_err *xb_before_remove(const char *state_dir)
{
	XB_AUTOFREE char *journal = journal_path(state_dir);
	XB_AUTOFREE char *known = xb_asprintf("%s/mail/known", state_dir);
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
