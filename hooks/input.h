/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The input of the push, read before anything is done: a memory file for the
 * chained hooks. Reading ends by itself after some seconds, should git never end
 * the input.
 */
#ifndef XB_HOOKS_INPUT_H
#define XB_HOOKS_INPUT_H

#include <stdbool.h>

struct xb_input {
	int fd;   /* -1: there is none */
	bool cut; /* not all of it */
};

/* Whatever fails here, IN can be used; at worst it has nothing and says that it was cut. */
void xb_input_read(struct xb_input *in);

#endif
