/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"

#include "clock.h"
#include "util/buf.h"
#include "util/vis.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

static enum xb_level limit = XB_INFO;
static bool line_open;

void xb_log_level(enum xb_level level)
{
	limit = level;
}

void xb_log(enum xb_level level, const char *fmt, ...)
{
	XB_AUTOBUF struct xb_buf raw = XB_BUF_INIT, safe = XB_BUF_INIT;
	va_list ap;

	if (level > limit)
		return;
	va_start(ap, fmt);
	xb_buf_vaddf(&raw, fmt, ap);
	va_end(ap);
	xb_vis(&safe, raw.p, raw.n, XB_VIS_LINES);
	xb_progress_end();
	fprintf(stderr, "xsabot: %s\n", safe.p ? safe.p : "");
}

void xb_progress(const char *what, unsigned long done, unsigned long total)
{
	static int64_t first, last;
	int64_t now;

	if (limit < XB_INFO || !isatty(STDERR_FILENO))
		return;
	now = xb_now_ms();
	if (!first)
		first = last = now;
	if (now - last < (line_open ? 100 : 500))
		return;
	last = now;
	line_open = true;
	if (total)
		fprintf(stderr, "\r\033[Kxsabot: %s: %lu of %lu", what, done, total);
	else
		fprintf(stderr, "\r\033[Kxsabot: %s: %lu", what, done);
}

void xb_progress_end(void)
{
	if (line_open)
		fputs("\r\033[K", stderr);
	line_open = false;
}

void xb_log_err(enum xb_level level, const char *what, struct xb_err *err)
{
	if (err)
		xb_log(level, "%s%s", what, err->msg);
	xb_err_free(err);
}

void xb_log_later(struct xb_err **first, struct xb_err *err)
{
	if (*first)
		xb_log_err(XB_ERROR, "", err);
	else
		*first = err;
}
