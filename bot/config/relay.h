/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The section [relay]: from checked texts to fields. */
#ifndef XB_CONFIG_RELAY_H
#define XB_CONFIG_RELAY_H

#include "text.h"

/* Fills r->c->relay; a host without a key or known hosts is a mistake. */
void xb_config_relay(struct xb_config_reader *r);
void xb_relay_conf_release(struct xb_relay_conf *c);

#endif
