/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * STATE/status.json: how each target stands, for `xsabot status`, pages and
 * monitors. Written by whoever publishes, after each change, by rename: a reader
 * sees a whole file. It is a report and no record: nothing is decided by it, and
 * losing it loses nothing. xsabot(1) says what is in it.
 */
#ifndef XB_STATUS_H
#define XB_STATUS_H

#include "seen.h"

#include <jansson.h>

/*
 * Writes what changed. MERGE: SEEN has only some of the targets, the others
 * stay as they are in the file. Failing is logged: it must not stop work.
 */
void xb_status_write(const char *state_dir, const struct xb_seen *seen, bool merge);
/* *OUT: the file, owned by the caller; NULL when there is none, or none that can be read. */
struct xb_err *xb_status_read(const char *state_dir, json_t **out) XB_MUST_CHECK;

/*
 * The same for the report STATE/NAME. Reports are for whoever can pass the state directory, whatever the
 * umask; they are written by rename and not fsynced: whoever reads one after a power cut can wait for the
 * next.
 */
struct xb_err *xb_report_read(const char *state_dir, const char *name, json_t **out) XB_MUST_CHECK;
struct xb_err *xb_report_write(const char *state_dir, const char *name, const json_t *report) XB_MUST_CHECK;

#endif
