/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One process at a time. A lock is held by an open file (flock) that children
 * do not inherit; it ends with the process, however that ends, and the file
 * itself is never removed. There are two in a state directory:
 *
 *	STATE/instance	the bot: `run` or `watch`, for as long as it lives
 *	STATE/lock	who reads and moves refs for it, while that is done: the
 *			bot, or a person's `publish` or `adopt` beside it
 *
 * Who takes both takes the first one first.
 */
#ifndef XB_LOCK_H
#define XB_LOCK_H

#include "util/err.h"

/*
 * Takes the lock STATE_DIR/lock, the directory being made if need be. *FD
 * holds it until it is closed. Held by another process: XB_E_TEMP, with its id.
 */
struct xb_err *xb_lock_acquire(const char *state_dir, int *fd) XB_MUST_CHECK;
/* The same for the lock STATE_DIR/NAME, tried again for WAIT_MS milliseconds while another process has it. */
struct xb_err *xb_lock_take(const char *state_dir, const char *name, unsigned wait_ms, int *fd) XB_MUST_CHECK;
/*
 * Who has the lock STATE_DIR/NAME, as the kernel lists it; it is not touched. 0: nobody; -1: that can't be
 * found out.
 */
long xb_lock_holder(const char *state_dir, const char *name);
#define XB_LOCK_INSTANCE "instance"

#endif
