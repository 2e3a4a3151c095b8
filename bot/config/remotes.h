/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other repositories that a configuration names: [mirror NAME] sections,
 * and [repository] upstream with its key. Checked here is what two keys say
 * together: an ssh URL needs a key and known-hosts, a path takes neither.
 */
#ifndef XB_CONFIG_REMOTES_H
#define XB_CONFIG_REMOTES_H

#include "text.h"

void xb_config_remotes_resolve(struct xb_config_reader *r);
void xb_config_remotes_release(struct xb_config *c);

#endif
