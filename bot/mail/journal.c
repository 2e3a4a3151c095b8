/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "journal.h"

#include "util/alloc.h"
#include "util/file.h"
#include "util/json.h"
#include "util/log.h"

#include <string.h>
#include <unistd.h>

void xb_journal_init(struct xb_journal *b)
{
	*b = (struct xb_journal){json_array(), json_object()};
}

void xb_journal_release(struct xb_journal *b)
{
	json_decref(b->mails);
	json_decref(b->known);
	*b = (struct xb_journal){NULL, NULL};
}

static void put(json_t *o, const char *key, const char *value)
{
	json_object_set_new(o, key, json_string(value));
}

void xb_journal_add_mail(struct xb_journal *b, const struct xb_outbox_entry *e)
{
	json_t *o = json_object();

	put(o, "name", e->name);
	put(o, "from", e->from);
	put(o, "to", e->to);
	put(o, "id", e->id);
	put(o, "subject", e->subject);
	put(o, "message", e->message.p); /* plain ASCII, by form.h */
	json_object_set_new(o, "news", json_boolean(e->news));
	json_object_set_new(o, "queued", json_integer(e->queued));
	json_array_append_new(b->mails, o);
}

void xb_journal_add_known(struct xb_journal *b, const struct xb_known *k)
{
	json_object_set_new(b->known, k->target, xb_known_json(k));
}

static char *path_of(const char *state_dir)
{
	return xb_asprintf("%s/mail/batch.json", state_dir);
}

struct xb_err *xb_journal_make_dirs(const char *state_dir)
{
	XB_AUTOFREE char *known = xb_asprintf("%s/mail/known", state_dir);

	XB_TRY(xb_mkdirs(known, 0750));
	return xb_outbox_make(state_dir);
}

static char *get(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return xb_strdup(s ? s : "");
}

static struct xb_err *put_mail(const char *state_dir, const json_t *o)
{
	struct xb_outbox_entry e = {.name = get(o, "name"),
				    .from = get(o, "from"),
				    .to = get(o, "to"),
				    .id = get(o, "id"),
				    .subject = get(o, "subject"),
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

static struct xb_err *apply(const char *state_dir, const json_t *o)
{
	XB_AUTOFREE char *path = path_of(state_dir);
	json_t *mails = json_object_get(o, "mails"), *known = json_object_get(o, "known"), *value;
	const char *target;

	for (size_t i = 0; i < json_array_size(mails); i++)
		XB_TRY(put_mail(state_dir, json_array_get(mails, i)));
	json_object_foreach(known, target, value) XB_TRY(xb_known_write(state_dir, target, value));
	return xb_file_remove(path);
}

struct xb_err *xb_journal_commit(const char *state_dir, const struct xb_journal *b)
{
	XB_AUTOFREE char *path = path_of(state_dir);
	json_t *o = json_pack("{s:O, s:O}", "mails", b->mails, "known", b->known);
	char *text = xb_json_dump(o, JSON_COMPACT);
	struct xb_err *err = xb_file_write(path, text, strlen(text), 0640);

	free(text);
	if (!err)
		err = apply(state_dir, o);
	json_decref(o);
	return err;
}

struct xb_err *xb_journal_recover(const char *state_dir)
{
	XB_AUTOFREE char *path = path_of(state_dir);
	struct xb_err *err = NULL;
	json_error_t e;
	json_t *o;

	if (access(path, F_OK))
		return NULL;
	o = json_load_file(path, 0, &e);
	if (o)
		err = apply(state_dir, o);
	else
		err = xb_err_new(XB_E_IO, "%s: %s; remove it, and what it had is told again", path, e.text);
	json_decref(o);
	return err;
}
