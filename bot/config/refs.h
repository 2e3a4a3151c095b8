/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The check across the ref patterns of a configuration: nothing that the bot
 * writes (derived, derived-release, chain) may be a ref that it reads (staging,
 * release, notes), another one that it writes, or in the way of one as git
 * stores refs (a/b beside a). Looked at are the patterns with any dotted number
 * for {line}, and each line that the file names, with that name.
 */
#ifndef XB_CONFIG_REFS_H
#define XB_CONFIG_REFS_H

#include "config.h"

/* A pattern's place: the key of that name of the line LINE, or of all lines when that is NULL. */
struct xb_ref_place {
	const char *line, *key;
};

/* Told for each clash: what is written at A with B, which may be A itself; WHY is an owned text. */
typedef void xb_ref_clash(void *ctx, const struct xb_ref_place *a, const struct xb_ref_place *b, char *why);

/* Every pattern of C must be good by itself. */
void xb_config_refs_check(const struct xb_config *c, xb_ref_clash *clash, void *ctx);

#endif
