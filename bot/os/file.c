/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file.h"

#include "clock.h"
#include "util/alloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int xb_write_all(int fd, const void *p, size_t n)
{
	const char *s = p;

	while (n) {
		ssize_t w = write(fd, s, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -1;
		s += w;
		n -= (size_t)w;
	}
	return 0;
}

char *xb_dirname(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xb_strdup(".");
	return xb_memdup0(path, slash == path ? 1 : (size_t)(slash - path));
}

struct xb_err *xb_fsync_dir(const char *path)
{
	XB_AUTOCLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return xb_err_sys(XB_E_IO, errno, "cannot open directory %s", path);
	if (fsync(fd))
		return xb_err_sys(XB_E_IO, errno, "cannot fsync directory %s", path);
	return NULL;
}

/* Fills, fsyncs and closes FD; 0, or -1 with errno. FD is closed in each case. */
static int fill(int fd, const void *p, size_t n, mode_t mode)
{
	int saved;

	if (xb_write_all(fd, p, n) || fchmod(fd, mode) || fsync(fd)) {
		saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	return close(fd);
}

struct xb_err *xb_file_write(const char *path, const void *p, size_t n, mode_t mode)
{
	XB_AUTOFREE char *tmp = xb_asprintf("%s.tmp-XXXXXX", path);
	XB_AUTOFREE char *dir = xb_dirname(path);
	int fd = mkostemp(tmp, O_CLOEXEC);
	int saved;

	if (fd < 0)
		return xb_err_sys(XB_E_IO, errno, "cannot create %s", tmp);
	if (fill(fd, p, n, mode) || rename(tmp, path)) {
		saved = errno;
		unlink(tmp); /* ours; a leftover is swept later */
		return xb_err_sys(XB_E_IO, saved, "cannot write %s", path);
	}
	return xb_fsync_dir(dir);
}

struct xb_err *xb_file_read(const char *path, size_t max, struct xb_buf *out)
{
	XB_AUTOCLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char chunk[16384];
	struct stat st;

	xb_buf_setlen(out, 0);
	if (fd < 0)
		return xb_err_sys(errno == ENOENT || errno == ENOTDIR ? XB_E_NOTFOUND : XB_E_IO, errno,
				  "cannot open %s", path);
	if (fstat(fd, &st))
		return xb_err_sys(XB_E_IO, errno, "cannot stat %s", path);
	if (!S_ISREG(st.st_mode))
		return xb_err_new(XB_E_IO, "%s is not a regular file", path);
	for (;;) {
		ssize_t r = read(fd, chunk, sizeof chunk);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return xb_err_sys(XB_E_IO, errno, "cannot read %s", path);
		if (!r)
			break;
		if ((size_t)r > max - out->n)
			return xb_err_new(XB_E_IO, "%s has more than %zu bytes", path, max);
		xb_buf_add(out, chunk, (size_t)r);
	}
	return NULL;
}

struct xb_err *xb_file_secret(const char *path, const char *what, struct xb_buf *out)
{
	XB_AUTOCLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char text[4096 + 1];
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st))
		return xb_err_sys(XB_E_CONFIG, errno, "cannot read %s %s", what, path);
	if (!S_ISREG(st.st_mode))
		return xb_err_new(XB_E_CONFIG, "%s %s is no file", what, path);
	if (st.st_uid != geteuid() && st.st_uid != 0 && geteuid() != 0)
		return xb_err_new(XB_E_CONFIG, "%s %s belongs to another user", what, path);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return xb_err_new(XB_E_CONFIG, "others can read %s %s: chmod 600 it", what, path);
	if (!out)
		return NULL;
	n = read(fd, text, sizeof text);
	if (n < 0)
		return xb_err_sys(XB_E_CONFIG, errno, "cannot read %s %s", what, path);
	if (n == sizeof text)
		return xb_err_new(XB_E_CONFIG, "%s %s is too large", what, path);
	xb_buf_setlen(out, 0);
	xb_buf_add(out, text, (size_t)n);
	explicit_bzero(text, sizeof text);
	return NULL;
}

struct xb_err *xb_file_remove(const char *path)
{
	XB_AUTOFREE char *dir = xb_dirname(path);

	if (unlink(path)) {
		if (errno == ENOENT)
			return NULL;
		return xb_err_sys(XB_E_IO, errno, "cannot remove %s", path);
	}
	return xb_fsync_dir(dir);
}

struct xb_err *xb_dir_list(const char *path, struct xb_strv *out)
{
	DIR *d = opendir(path);
	const struct dirent *e;
	int saved;

	if (!d)
		return xb_err_sys(XB_E_IO, errno, "cannot read %s", path);
	while (errno = 0, (e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			xb_strv_add(out, e->d_name);
	saved = errno;
	closedir(d);
	return saved ? xb_err_sys(XB_E_IO, saved, "cannot read %s", path) : NULL;
}

static struct xb_err *make_one_dir(const char *path, mode_t mode)
{
	XB_AUTOFREE char *parent = xb_dirname(path);

	if (!mkdir(path, mode))
		return xb_fsync_dir(parent);
	return errno == EEXIST ? NULL : xb_err_sys(XB_E_IO, errno, "cannot make directory %s", path);
}

struct xb_err *xb_memory_file(const void *p, size_t n, int *fd)
{
	*fd = memfd_create("xsabot", MFD_CLOEXEC);
	return *fd >= 0 && !xb_write_all(*fd, p, n) && lseek(*fd, 0, SEEK_SET) == 0
		   ? NULL
		   : xb_err_sys(XB_E_TEMP, errno, "cannot make a file in memory");
}

struct xb_err *xb_mkdirs(const char *path, mode_t mode)
{
	XB_AUTOFREE char *p = xb_strdup(path);

	for (char *s = p + 1; *s; s++) {
		if (*s != '/')
			continue;
		*s = '\0';
		XB_TRY(make_one_dir(p, mode));
		*s = '/';
	}
	return make_one_dir(p, mode);
}

/* Gives the new directory TMP its owner and mode, then its name; 0, or -1 with errno. */
static int finish_dir(const char *tmp, const char *path, mode_t mode, uid_t uid, gid_t gid)
{
	/* By descriptor: root may be at work in a directory whose owner swaps names for links. */
	XB_AUTOCLOSE int fd = open(tmp, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	/* chown first: it may take set-group-id away. */
	if (fd < 0 || fchown(fd, uid, gid) || fchmod(fd, mode))
		return -1;
	return rename(tmp, path);
}

struct xb_err *xb_make_dir(const char *path, mode_t mode, uid_t uid, gid_t gid)
{
	XB_AUTOFREE char *tmp = xb_asprintf("%s.tmp-XXXXXX", path);
	XB_AUTOFREE char *parent = xb_dirname(path);
	struct stat st;

	if (stat(path, &st) == 0)
		return S_ISDIR(st.st_mode) ? NULL : xb_err_new(XB_E_IO, "%s is not a directory", path);
	if (!mkdtemp(tmp))
		return xb_err_sys(XB_E_IO, errno, "cannot make directory %s", path);
	if (finish_dir(tmp, path, mode, uid, gid)) {
		int saved = errno;

		rmdir(tmp); /* ours; a leftover is empty and harmless */
		if (saved == EEXIST || saved == ENOTEMPTY)
			return NULL; /* someone was faster */
		return xb_err_sys(XB_E_IO, saved, "cannot make directory %s", path);
	}
	return xb_fsync_dir(parent);
}

/* ---- directories for a while ---- */

enum { OLD = 600 }; /* seconds */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

void xb_tempdir_remove(const char *dir)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* What one of ours left that was killed: it is old, and no one holds it. */
static void sweep_one(const char *dir, const char *name)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s", dir, name);
	XB_AUTOCLOSE int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st) && st.st_uid == geteuid() && st.st_mtime + OLD < xb_now_s() &&
	    !flock(fd, LOCK_EX | LOCK_NB))
		xb_tempdir_remove(path);
}

void xb_tempdir_sweep(const char *dir, const char *prefix)
{
	struct xb_strv names = {0};

	xb_err_free(xb_dir_list(dir, &names)); /* then it isn't tidy, and no more */
	for (size_t i = 0; i < names.n; i++)
		if (!strncmp(names.v[i], prefix, strlen(prefix)))
			sweep_one(dir, names.v[i]);
	xb_strv_release(&names);
}
