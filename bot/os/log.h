/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages for people, on standard error, one fact a line, each beginning with
 * "xsabot: ". Error: a person must act. Warn: worth a look, or will be retried.
 * Info: a step done. The text is made safe for terminals here.
 */
#ifndef XB_OS_LOG_H
#define XB_OS_LOG_H

#include "util/err.h"

enum xb_level { XB_QUIET, XB_ERROR, XB_WARN, XB_INFO, XB_DEBUG };

/* Messages above LEVEL are dropped; the initial level is XB_INFO. */
void xb_log_level(enum xb_level level);
void xb_log(enum xb_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/*
 * A progress line that overwrites itself, for work that lasts: shown only when
 * standard error is a terminal, the level is at least info and half a second
 * has passed. DONE of TOTAL (0: unknown). xb_log clears it first.
 */
void xb_progress(const char *what, unsigned long done, unsigned long total);
void xb_progress_end(void);

/* Says ERR, with WHAT ("mail: ") before it, and frees it; NULL: nothing. */
void xb_log_err(enum xb_level level, const char *what, struct xb_err *err);
/* Of several errors the first is given on, the others are said: ERR, if it is one, becomes *FIRST or is
 * logged. */
void xb_log_later(struct xb_err **first, struct xb_err *err);

#endif
