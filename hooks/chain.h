/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hooks that were there before: each program in hooks/post-receive.d of the
 * git directory, in the order of their names, one after the other, with the same
 * input. What becomes of one matters neither to the next nor to the push.
 */
#ifndef XB_HOOKS_CHAIN_H
#define XB_HOOKS_CHAIN_H

#include "hooks/input.h"

/*
 * Those in hooks/update.d, with the three arguments of ARGS after its first, until one refuses: its status,
 * or 0.
 */
int xb_chain_update(const char *git_dir, char **args);
/* True unless there are chained hooks that could not be run, as the input is not complete. */
bool xb_chain_run(const char *git_dir, const struct xb_input *in);

#endif
