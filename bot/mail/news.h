/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mails about what was published: prerequisites that were found, for review,
 * and what is new in a branch, for the announcement list.
 */
#ifndef XB_MAIL_NEWS_H
#define XB_MAIL_NEWS_H

#include "tell.h"

/* Those that are published and were not told; SILENT: they count as told. */
struct xb_err *xb_tell_found(struct xb_teller *w, bool silent) XB_MUST_CHECK;
/* Fixes are missing, and nothing that is published says so: once, until others are. */
struct xb_err *xb_tell_behind(struct xb_teller *w) XB_MUST_CHECK;
/* The line came to its end: once. */
struct xb_err *xb_tell_ended(struct xb_teller *w) XB_MUST_CHECK;
/* What changed since the last announcement. */
struct xb_err *xb_tell_published(struct xb_teller *w) XB_MUST_CHECK;

#endif
