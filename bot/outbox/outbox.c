/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "outbox.h"

#include "letter.h"
#include "os/file.h"
#include "os/log.h"
#include "os/task.h"
#include "repo/git.h"
#include "text/address.h"
#include "util/alloc.h"
#include "util/vis.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#define MAGIC "xsabot-outbox 2\n"
#define MAGIC_1 "xsabot-outbox 1\n" /* of an earlier version; as long */
enum { MESSAGE_MAX = 4 << 20, TMP_SECONDS = 3600 };

static char *path_of(const char *state_dir, bool failed, const char *name)
{
	return xb_asprintf("%s/outbox/%s/%s", state_dir, failed ? "failed" : "new", name);
}

struct xb_err *xb_outbox_make(const char *state_dir)
{
	XB_AUTOFREE char *fresh = xb_asprintf("%s/outbox/new", state_dir);
	XB_AUTOFREE char *failed = xb_asprintf("%s/outbox/failed", state_dir);

	XB_TRY(xb_mkdirs(fresh, 0750));
	return xb_mkdirs(failed, 0750);
}

/* Sender and administrator change entries under this lock; it is held for a moment only. */
static struct xb_err *lock(const char *state_dir, int *fd)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/outbox/lock", state_dir);

	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	while (*fd >= 0 && flock(*fd, LOCK_EX))
		if (errno != EINTR)
			return xb_err_sys(XB_E_IO, errno, "cannot lock %s", path);
	return *fd < 0 ? xb_err_sys(XB_E_IO, errno, "cannot open %s", path) : NULL;
}

void xb_outbox_entry_release(struct xb_outbox_entry *e)
{
	XB_FREE(e->name, e->from, e->to, e->id, e->subject, e->error);
	xb_buf_release(&e->message);
	*e = (struct xb_outbox_entry){0};
}

void xb_outbox_entries_release(struct xb_outbox_entries *e)
{
	for (size_t i = 0; i < e->n; i++)
		xb_outbox_entry_release(&e->v[i]);
	free(e->v);
	*e = (struct xb_outbox_entries){0};
}

/* ---- the files ---- */

static void add_line(struct xb_buf *b, const char *key, const char *value)
{
	XB_AUTOFREE char *shown = xb_vis_dup(value ? value : "");

	xb_buf_addf(b, "%s %s\n", key, shown);
}

static struct xb_err *write_entry(const char *path, const struct xb_outbox_entry *e)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	xb_buf_adds(&b, MAGIC);
	add_line(&b, "from", e->from);
	add_line(&b, "to", e->to);
	add_line(&b, "id", e->id);
	add_line(&b, "subject", e->subject);
	add_line(&b, "news", e->news ? "yes" : "no");
	xb_buf_addf(&b, "queued %" PRId64 "\norder %" PRId64 "\nnext %" PRId64 "\ntries %u\n", e->queued,
		    e->order, e->next, e->tries);
	add_line(&b, "error", e->error);
	xb_buf_addc(&b, '\n');
	xb_buf_add(&b, e->message.p, e->message.n);
	return xb_file_write(path, b.p, b.n, 0640);
}

/* By the message and who gets it; its end is what people type. */
static char *name_of(const struct xb_outbox_entry *e)
{
	XB_AUTOFREE char *text = xb_asprintf("%s %s", e->id, e->to);
	git_oid oid = {{0}};
	struct xb_hex hex;

	git_odb_hash(&oid, text, strlen(text), GIT_OBJECT_BLOB);
	hex = xb_hex(&oid);
	return xb_asprintf("%s-%.8s", hex.s + 8, hex.s);
}

struct xb_err *xb_outbox_put(const char *state_dir, const struct xb_outbox_entry *e)
{
	XB_AUTOFREE char *name = e->name ? xb_strdup(e->name) : name_of(e);
	XB_AUTOFREE char *path = path_of(state_dir, false, name), *failed = path_of(state_dir, true, name);

	return access(path, F_OK) && access(failed, F_OK) ? write_entry(path, e) : NULL;
}

static bool read_line(struct xb_outbox_entry *e, const char *key, const char *value)
{
	const struct {
		const char *key;
		char **to;
	} texts[] = {{"from", &e->from},
		     {"to", &e->to},
		     {"id", &e->id},
		     {"subject", &e->subject},
		     {"error", &e->error}};
	int64_t n;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!strcmp(key, texts[i].key)) {
			free(*texts[i].to);
			*texts[i].to = xb_strdup(value);
			return true;
		}
	if (!strcmp(key, "news")) {
		e->news = !strcmp(value, "yes");
		return true;
	}
	if (!xb_letter_number(value, &n))
		return false;
	if (!strcmp(key, "queued"))
		e->queued = n;
	else if (!strcmp(key, "order"))
		e->order = n;
	else if (!strcmp(key, "next"))
		e->next = n;
	else if (!strcmp(key, "tries"))
		e->tries = n > 1000000 ? 1000000 : (unsigned)n;
	return true;
}

/* Fills E from the N bytes at P, which end in NUL; false: they are no entry. */
static bool parse(char *p, size_t n, struct xb_outbox_entry *e)
{
	char *end = strstr(p, "\n\n"), *line = p + strlen(MAGIC), *next;

	if ((strncmp(p, MAGIC, strlen(MAGIC)) != 0 && strncmp(p, MAGIC_1, strlen(MAGIC_1)) != 0) || !end)
		return false;
	xb_buf_add(&e->message, end + 2, n - (size_t)(end + 2 - p));
	end[1] = '\0';
	e->news = strstr(line, " - PUSHED\n") || strstr(line, " - REVIEW\n"); /* an earlier version's */
	for (; *line; line = next) {
		char *eol = strchr(line, '\n'), *blank = strchr(line, ' ');

		next = eol + 1;
		*eol = '\0';
		if (!blank || blank > eol)
			return false;
		*blank = '\0';
		if (!read_line(e, line, blank + 1))
			return false;
	}
	/* They go into commands of the protocol: looked at where they are used, whoever wrote the file. */
	return e->from && e->to && e->id && e->subject && e->error &&
	       xb_address_ok(e->from, strlen(e->from)) && xb_address_ok(e->to, strlen(e->to));
}

static struct xb_err *read_entry(const char *path, struct xb_outbox_entry *e)
{
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;

	XB_TRY(xb_file_read(path, MESSAGE_MAX, &b));
	xb_buf_addc(&b, '\0');
	return parse(b.p, b.n - 1, e) ? NULL
				      : xb_err_new(XB_E_HOSTILE, "%s is no message of the outbox", path);
}

/* ---- lists ---- */

static int by_turn(const void *va, const void *vb)
{
	const struct xb_outbox_entry *a = va, *b = vb;

	if (a->queued != b->queued)
		return a->queued < b->queued ? -1 : 1;
	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return strcmp(a->name, b->name);
}

/* A temporary file is swept once it is surely nobody's any more; others are read. */
static void list_one(const char *state_dir, bool failed, const char *name, struct xb_outbox_entries *out)
{
	XB_AUTOFREE char *path = path_of(state_dir, failed, name);
	struct xb_outbox_entry e = {.failed = failed};
	struct xb_err *err;
	struct stat st;

	if (strstr(name, ".tmp-")) {
		if (!lstat(path, &st) && st.st_mtime + TMP_SECONDS < xb_now_s())
			unlink(path); /* that it stays does no harm */
		return;
	}
	err = read_entry(path, &e);
	if (!err) {
		e.name = xb_strdup(name);
		*XB_PUSH(out, v, n, cap) = e;
		return;
	}
	xb_log_err(XB_WARN, "outbox: ", xb_err_allow(err, XB_E_NOTFOUND)); /* sent or dropped just now */
	xb_outbox_entry_release(&e);
}

static struct xb_err *list_dir(const char *state_dir, bool failed, struct xb_outbox_entries *out)
{
	XB_AUTOFREE char *path = path_of(state_dir, failed, "");
	size_t from = out->n;
	DIR *d = opendir(path);
	struct dirent *e;

	if (!d)
		return errno == ENOENT ? NULL : xb_err_sys(XB_E_IO, errno, "cannot read %s", path);
	while ((e = readdir(d)))
		if (*e->d_name != '.')
			list_one(state_dir, failed, e->d_name, out);
	closedir(d);
	if (out->n > from)
		qsort(out->v + from, out->n - from, sizeof *out->v, by_turn);
	return NULL;
}

struct xb_err *xb_outbox_list(const char *state_dir, struct xb_outbox_entries *out)
{
	XB_TRY(list_dir(state_dir, false, out));
	return list_dir(state_dir, true, out);
}

const char *xb_outbox_short(const struct xb_outbox_entry *e)
{
	const char *dash = strrchr(e->name, '-');

	return dash ? dash + 1 : e->name;
}

/* ---- changes ---- */

struct xb_err *xb_outbox_remove(const char *state_dir, const struct xb_outbox_entry *e)
{
	XB_AUTOFREE char *path = path_of(state_dir, e->failed, e->name);
	XB_AUTOCLOSE int fd = -1;

	XB_TRY(lock(state_dir, &fd));
	return xb_file_remove(path);
}

struct xb_err *xb_outbox_update(const char *state_dir, const struct xb_outbox_entry *e)
{
	XB_AUTOFREE char *path = path_of(state_dir, e->failed, e->name);
	XB_AUTOCLOSE int fd = -1;

	XB_TRY(lock(state_dir, &fd));
	return access(path, F_OK) ? NULL : write_entry(path, e);
}

/* From one directory to the other; written there first, so that a crash leaves two and never none. */
static struct xb_err *move(const char *state_dir, const struct xb_outbox_entry *e, bool failed)
{
	XB_AUTOFREE char *from = path_of(state_dir, e->failed, e->name);
	XB_AUTOFREE char *to = path_of(state_dir, failed, e->name);
	XB_AUTOCLOSE int fd = -1;

	XB_TRY(lock(state_dir, &fd));
	if (access(from, F_OK))
		return NULL;
	XB_TRY(write_entry(to, e));
	return xb_file_remove(from);
}

struct xb_err *xb_outbox_give_up(const char *state_dir, const struct xb_outbox_entry *e)
{
	return move(state_dir, e, true);
}

struct xb_err *xb_outbox_retry(const char *state_dir, struct xb_outbox_entry *e, int64_t now)
{
	e->tries = 0;
	e->next = now;
	if (!e->failed)
		return xb_outbox_update(state_dir, e);
	e->queued = now; /* or its age would end it again */
	return move(state_dir, e, false);
}

struct xb_err *xb_outbox_summary(const char *state_dir, struct xb_outbox_summary *out)
{
	struct xb_outbox_entries all = {0};
	struct xb_err *err = xb_outbox_list(state_dir, &all);

	*out = (struct xb_outbox_summary){.oldest = XB_NEVER, .error = xb_strdup("")};
	for (size_t i = 0; i < all.n; i++) {
		const struct xb_outbox_entry *e = &all.v[i];

		*(e->failed ? &out->failed : &out->waiting) += 1;
		if (!e->failed && e->queued < out->oldest)
			out->oldest = e->queued;
		if (*e->error) {
			free(out->error);
			out->error = xb_strdup(e->error);
		}
	}
	xb_outbox_entries_release(&all);
	return err;
}

void xb_outbox_summary_release(struct xb_outbox_summary *s)
{
	free(s->error);
	*s = (struct xb_outbox_summary){0};
}
