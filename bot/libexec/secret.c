/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport.h"

#include "util/alloc.h"
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SECRET_MAX = 4096 };

static char *secret_path(const char *secret)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");

	if (*secret == '/')
		return xb_strdup(secret);
	return dir && *dir == '/' ? xb_asprintf("%s/%s", dir, secret + strlen("credential:")) : NULL;
}

/* The file that is looked at is the one that is read. */
static struct xb_err *read_private(const char *path, struct xb_buf *out)
{
	XB_AUTOCLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char text[SECRET_MAX];
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st))
		return xb_err_sys(XB_E_CONFIG, errno, "[mail] secret: %s", path);
	if (!S_ISREG(st.st_mode) || (st.st_mode & 077))
		return xb_err_new(
		    XB_E_CONFIG, "[mail] secret: %s must be a file that only its owner may read (chmod 0600)",
		    path);
	n = read(fd, text, sizeof text);
	if (n < 0)
		return xb_err_sys(XB_E_CONFIG, errno, "[mail] secret: %s", path);
	xb_buf_add(out, text, (size_t)n);
	explicit_bzero(text, sizeof text);
	return NULL;
}

struct xb_err *xb_secret_read(const struct xb_way *w, struct xb_buf *out)
{
	XB_AUTOFREE char *path = *w->secret ? secret_path(w->secret) : NULL;

	if (!*w->secret)
		return NULL;
	if (!path)
		return xb_err_new(XB_E_CONFIG, "[mail] secret: %s, but systemd gave no credentials",
				  w->secret);
	XB_TRY(read_private(path, out));
	while (out->n && (out->p[out->n - 1] == '\n' || out->p[out->n - 1] == '\r'))
		xb_buf_setlen(out, out->n - 1);
	if (!out->n || out->n == SECRET_MAX || memchr(out->p, '\n', out->n) || memchr(out->p, '\0', out->n))
		return xb_err_new(XB_E_CONFIG, "[mail] secret: %s must have one line", path);
	return NULL;
}

void xb_secret_wipe(struct xb_buf *secret)
{
	if (secret->p)
		explicit_bzero(secret->p, secret->cap);
	xb_buf_release(secret);
}
