/* SPDX-License-Identifier: GPL-2.0-or-later */
/* [pages]: where what is made for people to look at will be found. */
#ifndef XB_CONFIG_PAGES_H
#define XB_CONFIG_PAGES_H

#include "text.h"

void xb_config_pages(struct xb_config_reader *r);
void xb_pages_conf_release(struct xb_pages_conf *c);

#endif
