/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tempdir.h"

#include "alloc.h"
#include "clock.h"
#include "file.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

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
