/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the command gate says of one test: the result in words, and its log. The
 * log is there while the test runs, with the beginning of the output as it comes;
 * at the end it is replaced as a whole. cmdgate-run.c alone includes this.
 */
#ifndef XB_CMDGATE_LOG_H
#define XB_CMDGATE_LOG_H

#include "cmdgate-run.h"
#include "command.h"

#include <stdint.h>

/* Its verdict is none: as for git bisect, and where the candidate's author is not at fault. */
bool xb_cmdgate_cannot_tell(const struct xb_command_result *out);
/* That, as the shell says that a command is not there or can't be run. */
bool xb_cmdgate_cannot_start(const struct xb_command_result *out);
/* "pass", "fail", "can't tell" */
const char *xb_cmdgate_verdict(const struct xb_command_result *out);
/* Why it can't tell, in one line for people; owned, not safe to print. */
char *xb_cmdgate_explain(const struct xb_command_result *out);

/* In place of an earlier one of the same tree and test. *OUT: the caller's, to append output to. */
struct xb_err *xb_cmdgate_log_begin(const struct xb_cmdgate_run *r, int *out) XB_MUST_CHECK;
/* All of it, at the end. */
struct xb_err *xb_cmdgate_log_write(const struct xb_cmdgate_run *r, const struct xb_command_result *out,
				    int64_t seconds) XB_MUST_CHECK;

#endif
