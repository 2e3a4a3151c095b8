/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the hook share: files by descriptor, without anything but libc. */
#ifndef XB_HOOKS_IO_H
#define XB_HOOKS_IO_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

/* Writes all N bytes, through short writes and EINTR; false when that failed, errno says why. */
static inline bool xb_write_whole(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return false;
		p += w;
		n -= (size_t)w;
	}
	return true;
}

/* A directory below AT, or -1. */
static inline int xb_open_dir(int at, const char *name, int flags)
{
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
}

#endif
