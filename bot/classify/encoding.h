/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages that are not in UTF-8, which the commit's header `encoding` says. As git does for
 * people, what is read of them is in UTF-8; the chain's commits have the bytes as they were.
 * Encodings that are not common in commits are not converted: their tables are other people's
 * code, and the text is a stranger's.
 */
#ifndef XB_ENCODING_H
#define XB_ENCODING_H

#include "odb/commit.h"

/* The message of C in UTF-8 in *N bytes, the caller's; NULL: it is so already, or can't be converted. */
char *xb_message_recoded(const struct xb_commit *c, size_t *n);

#endif
