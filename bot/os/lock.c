/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lock.h"

#include "file.h"
#include "log.h"
#include "util/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* Who holds it, by the file's text: digits and a line end. */
static struct xb_err *held(int fd, const char *path)
{
	char pid[24];
	ssize_t n = pread(fd, pid, sizeof pid - 1, 0);

	pid[n > 0 ? n : 0] = '\0';
	pid[strspn(pid, "0123456789")] = '\0';
	return xb_err_new(XB_E_TEMP, "another instance (pid %s) holds %s", *pid ? pid : "unknown", path);
}

static struct xb_err *note_pid(int fd, const char *path)
{
	XB_AUTOFREE char *pid = xb_asprintf("%ld\n", (long)getpid());

	if (ftruncate(fd, 0) || xb_write_all(fd, pid, strlen(pid)))
		return xb_err_sys(XB_E_IO, errno, "cannot write %s", path);
	return NULL;
}

enum { LOOK_MS = 20, SAID_MS = 50 * LOOK_MS };

static void say_waiting(int fd, const char *path)
{
	struct xb_err *who = held(fd, path);

	xb_log(XB_INFO, "%s; waiting", who->msg);
	xb_err_free(who);
}

static struct xb_err *take(int lock, const char *path, unsigned wait_ms)
{
	for (unsigned waited = 0;; waited += LOOK_MS) {
		if (!flock(lock, LOCK_EX | LOCK_NB))
			return note_pid(lock, path);
		if (errno != EWOULDBLOCK)
			return xb_err_sys(XB_E_IO, errno, "cannot lock %s", path);
		if (waited >= wait_ms)
			return held(lock, path);
		if (waited == SAID_MS)
			say_waiting(lock, path);
		poll(NULL, 0, LOOK_MS);
	}
}

struct xb_err *xb_lock_take(const char *state_dir, const char *name, unsigned wait_ms, int *fd)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s", state_dir, name);
	struct xb_err *err;
	int lock;

	XB_TRY(xb_mkdirs(state_dir, 0750));
	lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0640);
	if (lock < 0)
		return xb_err_sys(XB_E_IO, errno, "cannot open %s", path);
	err = take(lock, path, wait_ms);
	if (err)
		close(lock); /* not written to, or an error already */
	else
		*fd = lock;
	return err;
}

#define LIST_MAX (16u << 20)

long xb_lock_holder(const char *state_dir, const char *name)
{
	XB_AUTOFREE char *path = xb_asprintf("%s/%s", state_dir, name);
	XB_AUTOBUF struct xb_buf b = XB_BUF_INIT;
	XB_AUTOERR struct xb_err *unknown = xb_file_read("/proc/locks", LIST_MAX, &b);
	char *rest = NULL;
	struct stat st;

	if (unknown || stat(path, &st))
		return unknown || errno != ENOENT ? -1 : 0;
	for (char *line = b.n ? strtok_r(b.p, "\n", &rest) : NULL; line; line = strtok_r(NULL, "\n", &rest)) {
		unsigned long long inode;
		unsigned dev[2];
		long pid;

		/* "1: FLOCK  ADVISORY  WRITE 4711 fd:01:1234 0 EOF", see proc(5) */
		if (sscanf(line, "%*d: FLOCK %*s WRITE %ld %x:%x:%llu ", &pid, &dev[0], &dev[1], &inode) ==
			4 &&
		    inode == st.st_ino && makedev(dev[0], dev[1]) == st.st_dev)
			return pid;
	}
	return 0;
}

struct xb_err *xb_lock_acquire(const char *state_dir, int *fd)
{
	return xb_lock_take(state_dir, "lock", 0, fd);
}
