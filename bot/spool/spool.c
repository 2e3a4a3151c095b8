/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spool.h"

#include "hooks/event.h"
#include "os/clock.h"
#include "os/file.h"
#include "util/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TMP, NEW, CUR, N_DIRS };
static const char *const dir_names[N_DIRS] = {"tmp", "new", "cur"};

enum { TMP_SECONDS = 3600 };

struct xb_spool {
	char *path;
	int root, dirs[N_DIRS];
};

/* ---- making and opening ---- */

struct xb_err *xb_spool_make(const char *dir, mode_t mode, uid_t uid, gid_t gid)
{
	XB_TRY(xb_make_dir(dir, mode, uid, gid));
	for (int i = 0; i < N_DIRS; i++) {
		XB_AUTOFREE char *sub = xb_asprintf("%s/%s", dir, dir_names[i]);

		XB_TRY(xb_make_dir(sub, mode, uid, gid));
	}
	return NULL;
}

static struct xb_err *open_dirs(struct xb_spool *s)
{
	s->root = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->root < 0)
		return xb_err_sys(errno == ENOENT ? XB_E_NOTFOUND : XB_E_IO, errno, "cannot open spool %s",
				  s->path);
	for (int i = 0; i < N_DIRS; i++) {
		s->dirs[i] = openat(s->root, dir_names[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (s->dirs[i] < 0)
			return xb_err_sys(errno == ENOENT ? XB_E_NOTFOUND : XB_E_IO, errno,
					  "cannot open spool %s/%s", s->path, dir_names[i]);
	}
	return NULL;
}

struct xb_err *xb_spool_open(const char *dir, bool create, struct xb_spool **out)
{
	XB_AUTOPTR(xb_spool) *s = NULL;

	*out = NULL;
	if (create) {
		XB_AUTOFREE char *parent = xb_dirname(dir);

		XB_TRY(xb_mkdirs(parent, 0777));
		XB_TRY(xb_spool_make(dir, XB_SPOOL_MODE, (uid_t)-1, (gid_t)-1));
	}
	s = xb_calloc(1, sizeof *s);
	s->path = xb_strdup(dir);
	s->root = -1;
	for (int i = 0; i < N_DIRS; i++)
		s->dirs[i] = -1;
	XB_TRY(open_dirs(s));
	*out = XB_STEAL(s);
	return NULL;
}

void xb_spool_free(struct xb_spool *s)
{
	if (!s)
		return;
	for (int i = 0; i < N_DIRS; i++)
		xb_closep(&s->dirs[i]);
	xb_closep(&s->root);
	XB_FREE(s->path, s);
}

/* ---- draining ---- */

/* Adds the names in DIR to OUT, at most MAX; true when there are more. */
static struct xb_err *list_dir(const struct xb_spool *s, int which, size_t max, struct xb_strv *out,
			       bool *more)
{
	int fd = openat(s->dirs[which], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	int saved;

	if (!d) {
		saved = errno;
		xb_closep(&fd);
		return xb_err_sys(XB_E_IO, saved, "cannot read spool %s/%s", s->path, dir_names[which]);
	}
	*more = false;
	while (errno = 0, (e = readdir(d))) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (out->n >= max) {
			*more = true;
			break;
		}
		*XB_PUSH(out, v, n, cap) = xb_strdup(e->d_name);
	}
	saved = e ? 0 : errno;
	closedir(d);
	if (saved)
		return xb_err_sys(XB_E_IO, saved, "cannot read spool %s/%s", s->path, dir_names[which]);
	xb_strv_sort(out);
	return NULL;
}

/*
 * Moves events from new/ to cur/: a later `rescan.<uid>` of a hook then never
 * stands under a name that this batch is going to remove.
 */
static struct xb_err *take_new(struct xb_spool *s, struct xb_spool_batch *out)
{
	XB_AUTOSTRV struct xb_strv names = {0};

	XB_TRY(list_dir(s, NEW, XB_SPOOL_MAX_BATCH, &names, &out->more));
	for (size_t i = 0; i < names.n; i++)
		renameat(s->dirs[NEW], names.v[i], s->dirs[CUR], names.v[i]); /* else it is gone, or stays */
	return NULL;
}

/* A directory is of nobody's hook: it goes, or, with something in it, is left alone. */
static bool is_planted(struct xb_spool *s, const char *name)
{
	struct stat st;

	if (fstatat(s->dirs[CUR], name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISDIR(st.st_mode))
		return false;
	unlinkat(s->dirs[CUR], name, AT_REMOVEDIR);
	return true;
}

static struct xb_err *list_taken(struct xb_spool *s, struct xb_spool_batch *out)
{
	XB_AUTOSTRV struct xb_strv names = {0};
	bool more = false;

	XB_TRY(list_dir(s, CUR, XB_SPOOL_MAX_BATCH, &names, &more));
	out->more = out->more || more;
	for (size_t i = 0; i < names.n; i++)
		if (!is_planted(s, names.v[i]))
			xb_strv_add(&out->files, names.v[i]);
	return NULL;
}

/* Removes what hooks that were killed left behind. That it fails is no reason not to work. */
static void sweep(struct xb_spool *s)
{
	XB_AUTOSTRV struct xb_strv names = {0};
	time_t now = xb_now_s();
	struct stat st;
	bool more;

	xb_err_free(list_dir(s, TMP, XB_SPOOL_MAX_BATCH, &names, &more));
	for (size_t i = 0; i < names.n; i++) {
		if (fstatat(s->dirs[TMP], names.v[i], &st, AT_SYMLINK_NOFOLLOW) || S_ISDIR(st.st_mode))
			continue;
		/* A time to come is as good as an old one: the clock was moved, or someone plays. */
		if (st.st_mtime < now - TMP_SECONDS || st.st_mtime > now + TMP_SECONDS)
			unlinkat(s->dirs[TMP], names.v[i], 0);
	}
}

void xb_spool_batch_release(struct xb_spool_batch *batch)
{
	xb_strv_release(&batch->files);
	*batch = (struct xb_spool_batch){0};
}

struct xb_err *xb_spool_drain(struct xb_spool *s, struct xb_spool_batch *out)
{
	*out = (struct xb_spool_batch){0};
	XB_TRY(take_new(s, out));
	XB_TRY(list_taken(s, out));
	sweep(s);
	return NULL;
}

/* No fsync: an event that a power cut brings back is only taken once more. */
struct xb_err *xb_spool_done(struct xb_spool *s, const struct xb_spool_batch *batch)
{
	for (size_t i = 0; i < batch->files.n; i++) {
		if (unlinkat(s->dirs[CUR], batch->files.v[i], 0) && errno != ENOENT)
			return xb_err_sys(XB_E_IO, errno, "cannot remove event %s/cur/%s", s->path,
					  batch->files.v[i]);
	}
	return NULL;
}

static struct xb_err *has_any(const struct xb_spool *s, int which, bool *any)
{
	XB_AUTOSTRV struct xb_strv names = {0};
	bool more;

	XB_TRY(list_dir(s, which, 1, &names, &more));
	*any = *any || names.n;
	return NULL;
}

static struct xb_err *look_for(const char *dir, bool taken, bool *any)
{
	XB_AUTOPTR(xb_spool) *s = NULL;

	*any = false;
	XB_TRY(xb_spool_open(dir, false, &s));
	XB_TRY(has_any(s, NEW, any));
	if (taken)
		XB_TRY(has_any(s, CUR, any));
	return NULL;
}

struct xb_err *xb_spool_any(const char *dir, bool *any)
{
	return look_for(dir, true, any);
}

struct xb_err *xb_spool_any_new(const char *dir, bool *any)
{
	return look_for(dir, false, any);
}

/* ---- posting ---- */

static int write_event(int dir, const char *name)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0640), saved;

	if (fd < 0)
		return -1;
	if (!xb_write_all(fd, XB_EVENT, strlen(XB_EVENT)) && !fsync(fd))
		return close(fd);
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static struct xb_err *post(const struct xb_spool *s)
{
	XB_AUTOSTRV struct xb_strv there = {0};
	XB_AUTOFREE char *final = NULL;
	char tmp[XB_EVENT_NAME_SIZE];
	bool full = false;

	xb_event_name(tmp);
	XB_TRY(list_dir(s, NEW, XB_SPOOL_MAX_EVENTS, &there, &full));
	final = full ? xb_asprintf("rescan.%ld", (long)geteuid()) : xb_strdup(tmp);
	if (write_event(s->dirs[TMP], tmp) || renameat(s->dirs[TMP], tmp, s->dirs[NEW], final) ||
	    fsync(s->dirs[NEW])) {
		int saved = errno;

		unlinkat(s->dirs[TMP], tmp, 0); /* ours, if it is there */
		return xb_err_sys(XB_E_IO, saved, "cannot leave an event in %s", s->path);
	}
	return NULL;
}

struct xb_err *xb_spool_post(const char *dir)
{
	XB_AUTOPTR(xb_spool) *s = NULL;

	XB_TRY(xb_spool_open(dir, false, &s));
	return post(s);
}
