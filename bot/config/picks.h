/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The section [picks]: annotations by the configuration. A value's form is
 * checked where it stands; what it names only once the advisory's form is
 * known, which may stand further down.
 */
#ifndef XB_CONFIG_PICKS_H
#define XB_CONFIG_PICKS_H

#include "keys.h"

/* Reads "KEY = VALUE" into r->c->picks. */
void xb_config_pick_read(struct xb_config_reader *r, const char *key, const char *value, unsigned line);
/* Checks what they name, and that none is there twice; r->c has advisory and alias. */
void xb_config_picks_check(struct xb_config_reader *r);
/* Copies in an order of their own, not the file's: the array is the caller's (free), the texts are C's. */
struct xb_pick_conf *xb_config_picks_sorted(const struct xb_config *c);

#endif
