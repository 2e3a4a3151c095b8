/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file of C, of assembler or of a language with the same layout as blocks:
 * functions, macros, variables with what they begin as, types. They are found
 * by where lines begin and end, not by parsing: what begins at the margin, up
 * to the brace that closes it at the margin or to the semicolon. What is laid out
 * in another way is not seen, or seen as a larger block.
 */
#ifndef XB_BLOCKS_H
#define XB_BLOCKS_H

#include "lang.h"

#include <stdint.h>

enum xb_block_kind { XB_BLOCK_FUNCTION, XB_BLOCK_MACRO, XB_BLOCK_VARIABLE, XB_BLOCK_TYPE };

struct xb_block {
	enum xb_block_kind kind;
	const char *p; /* its name, borrowed from the text */
	size_t n;
	size_t line, last; /* from 1 */
	uint64_t text;     /* hash of it without blanks and comments */
	bool local;        /* static: not seen in other files */
};

typedef void (*xb_block_fn)(void *ctx, const struct xb_block *b);

/* Does xb_blocks know the language? */
bool xb_blocks_known(enum xb_lang lang);
/* All blocks in the order of the text. A name may be there more than once. */
void xb_blocks(enum xb_lang lang, const char *data, size_t len, xb_block_fn fn, void *ctx);

const char *xb_block_kind_name(enum xb_block_kind k);

#endif
