/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Titles of advisories, from the xsa.json in the directory of metadata. They inform; without them nothing
 * fails. */
#ifndef XB_MAIL_TITLES_H
#define XB_MAIL_TITLES_H

#include "config/config.h"

/* The title of the advisory ID; owned, untrusted. NULL: not known. */
char *xb_advisory_title(const struct xb_config *c, const char *id);

#endif
