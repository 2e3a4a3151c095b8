/* SPDX-License-Identifier: GPL-2.0-or-later */
/* [gate]: from its texts to its fields. */
#ifndef XB_CONFIG_GATE_H
#define XB_CONFIG_GATE_H

#include "text.h"

void xb_config_gate(struct xb_config_reader *r);

#endif
