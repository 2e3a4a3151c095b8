/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mails that a publication would make, for people who want to see them first. */
#ifndef XB_MAIL_PREVIEW_H
#define XB_MAIL_PREVIEW_H

#include "notify.h"

/*
 * For a look ahead: collects as if nothing had been told before (FRESH), or as it
 * was, and appends each mail as people would get it, its body not encoded.
 */
struct xb_err *xb_preview(const struct xb_publish_facts *facts, bool fresh, struct xb_buf *out) XB_MUST_CHECK;

#endif
