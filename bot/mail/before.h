/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What earlier versions left: what was told under it is not told again, and what
 * they had to send is sent.
 *
 * Fingerprints were hashes of sentences until reasons were data. What was known was
 * a file for each target, and mails and these files were written by a journal:
 *
 *	STATE/mail/batch.json		the journal, where a crash left it
 *	STATE/mail/known/TARGET.json	STATE/mail/health.json
 *	STATE/mail-known-TARGET.json	where the directory could not be written to
 */
#ifndef XB_MAIL_BEFORE_H
#define XB_MAIL_BEFORE_H

#include "util/err.h"
#include "words/reason.h"

#include <jansson.h>
#include <stdbool.h>

/* The fingerprint of a branch that is held; of a gate's outcome. Owned. */
char *xb_before_held(const struct xb_whys *r);
char *xb_before_gate(const struct xb_whys *r, bool failed);

/* Adds to TARGETS (known.h) what these files have of targets that it lacks. */
struct xb_err *xb_before_known(const char *state_dir, json_t *targets) XB_MUST_CHECK;
/* Puts the mails of a journal into the outbox. */
struct xb_err *xb_before_mails(const char *state_dir) XB_MUST_CHECK;
/* Is there any of it? */
bool xb_before_any(const char *state_dir);
/* Removes all of it, once it is elsewhere. */
struct xb_err *xb_before_remove(const char *state_dir) XB_MUST_CHECK;

#endif
