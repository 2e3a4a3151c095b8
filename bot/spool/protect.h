/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps the list that the update hook reads, STATE/protected: hooks/protected.h says what is in it. */
#ifndef XB_PROTECT_H
#define XB_PROTECT_H

#include "lines/lines.h"

/* Writes it, where it is not as it should be: the refs of TARGETS, and what the configuration names. */
struct xb_err *xb_protect_write(const struct xb_config *c, const struct xb_targets *targets) XB_MUST_CHECK;

#endif
