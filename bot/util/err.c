/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "err.h"

#include "alloc.h"
#include "buf.h"
#include "vis.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 2, 0))) static struct xb_err *make(enum xb_code code, const char *fmt,
								 va_list ap, const char *tail)
{
	struct xb_err *err = xb_calloc(1, sizeof *err);
	struct xb_buf raw = XB_BUF_INIT, safe = XB_BUF_INIT;

	xb_buf_vaddf(&raw, fmt, ap);
	if (tail) {
		xb_buf_adds(&raw, ": ");
		xb_buf_adds(&raw, tail);
	}
	xb_vis(&safe, raw.p, raw.n, XB_VIS_LINES);
	xb_buf_release(&raw);
	err->code = code;
	err->msg = xb_buf_detach(&safe);
	return err;
}

struct xb_err *xb_err_new(enum xb_code code, const char *fmt, ...)
{
	struct xb_err *err;
	va_list ap;

	va_start(ap, fmt);
	err = make(code, fmt, ap, NULL);
	va_end(ap);
	return err;
}

struct xb_err *xb_err_sys(enum xb_code code, int errnum, const char *fmt, ...)
{
	struct xb_err *err;
	va_list ap;

	if (errnum == ENOSPC || errnum == EDQUOT || errnum == EMFILE || errnum == ENFILE || errnum == EROFS)
		code = XB_E_TEMP;
	va_start(ap, fmt);
	err = make(code, fmt, ap, strerror(errnum));
	va_end(ap);
	return err;
}

struct xb_err *xb_err_wrap(struct xb_err *cause, const char *fmt, ...)
{
	struct xb_err *err;
	va_list ap;

	va_start(ap, fmt);
	err = make(cause->code, fmt, ap, cause->msg);
	va_end(ap);
	xb_err_free(cause);
	return err;
}

void xb_err_free(struct xb_err *err)
{
	if (!err)
		return;
	XB_FREE(err->msg, err);
}

struct xb_err *xb_err_allow(struct xb_err *err, enum xb_code code)
{
	if (!err || err->code != code)
		return err;
	xb_err_free(err);
	return NULL;
}

int xb_err_exit_status(const struct xb_err *err)
{
	switch (err->code) {
	case XB_E_USAGE:
		return 64;
	case XB_E_CONFIG:
		return 78;
	case XB_E_TEMP:
	case XB_E_MOVED:
		return 75;
	case XB_E_INTERNAL:
	case XB_E_IO:
	case XB_E_NOTFOUND:
	case XB_E_HOSTILE:
		break;
	}
	return 70;
}
