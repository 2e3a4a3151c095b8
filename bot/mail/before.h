/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fingerprints as they were kept until reasons were data, hashes of sentences: what
 * was told under such a one is not told again.
 */
#ifndef XB_MAIL_BEFORE_H
#define XB_MAIL_BEFORE_H

#include "words/reason.h"

#include <stdbool.h>

/* Of a branch that is held; of a gate's outcome. Owned. */
char *xb_before_held(const struct xb_whys *r);
char *xb_before_gate(const struct xb_whys *r, bool failed);

#endif
