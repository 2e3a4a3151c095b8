/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gitdir.h"

#include "os/file.h"
#include "util/alloc.h"
#include "util/buf.h"
#include "util/err.h"

#include <string.h>
#include <sys/stat.h>

enum { MAX = 4096 };

/* The path in the file DIR/NAME, after BEFORE, from DIR on; NULL: there is none. */
static char *path_in(const char *dir, const char *name, const char *before)
{
	XB_AUTOFREE char *file = xb_asprintf("%s/%s", dir, name);
	XB_AUTOBUF struct xb_buf text = XB_BUF_INIT;
	struct xb_err *err = xb_file_read(file, MAX, &text);
	const char *p = text.p;

	xb_err_free(err); /* then it isn't one that leads elsewhere */
	if (err || !text.n || strncmp(p, before, strlen(before)) != 0)
		return NULL;
	xb_buf_setlen(&text, strcspn(text.p, "\r\n"));
	p = text.p + strlen(before);
	return *p == '/' ? xb_strdup(p) : xb_asprintf("%s/%s", dir, p);
}

char *xb_git_dir_of(const char *path)
{
	XB_AUTOFREE char *inner = xb_asprintf("%s/.git", path);
	struct stat st;
	char *dir = NULL, *common;

	if (!stat(inner, &st))
		dir = S_ISDIR(st.st_mode) ? xb_strdup(inner) : path_in(path, ".git", "gitdir: ");
	if (!dir)
		dir = xb_strdup(path);
	common = path_in(dir, "commondir", "");
	if (!common)
		return dir;
	free(dir);
	return common;
}
