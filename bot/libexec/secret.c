/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "transport.h"

#include "os/file.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

static char *secret_path(const char *secret)
{
	const char *dir = getenv("CREDENTIALS_DIRECTORY");

	if (*secret == '/')
		return xb_strdup(secret);
	return dir && *dir == '/' ? xb_asprintf("%s/%s", dir, secret + strlen("credential:")) : NULL;
}

struct xb_err *xb_secret_read(const struct xb_way *w, struct xb_buf *out)
{
	XB_AUTOFREE char *path = *w->secret ? secret_path(w->secret) : NULL;

	if (!*w->secret)
		return NULL;
	if (!path)
		return xb_err_new(XB_E_CONFIG, "[mail] secret: %s, but systemd gave no credentials",
				  w->secret);
	XB_TRY(xb_file_secret(path, "the secret", out));
	while (out->n && (out->p[out->n - 1] == '\n' || out->p[out->n - 1] == '\r'))
		xb_buf_setlen(out, out->n - 1);
	if (!out->n || memchr(out->p, '\n', out->n) || memchr(out->p, '\0', out->n))
		return xb_err_new(XB_E_CONFIG, "[mail] secret: %s must have one line", path);
	return NULL;
}

void xb_secret_wipe(struct xb_buf *secret)
{
	if (secret->p)
		explicit_bzero(secret->p, secret->cap);
	xb_buf_release(secret);
}
