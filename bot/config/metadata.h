/* SPDX-License-Identifier: GPL-2.0-or-later */
/* [rules] metadata: a directory, or an address from which one is kept in the state directory. */
#ifndef XB_CONFIG_METADATA_H
#define XB_CONFIG_METADATA_H

#include "config.h"

/* Takes TEXT, found good, apart. */
void xb_config_metadata_take(struct xb_config *c, const char *text);
/* The directory that follows from the address, once the state directory is known, or is another. */
void xb_config_metadata_place(struct xb_config *c);

#endif
