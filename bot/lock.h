/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One process at a time on a state directory. The lock is held by an open
 * file (flock) that children do not inherit; it ends with the process,
 * however that ends, and the file itself is never removed.
 */
#ifndef XB_LOCK_H
#define XB_LOCK_H

#include "util/err.h"

/*
 * Takes the lock STATE_DIR/lock, the directory being made if need be. *FD
 * holds it until it is closed. Held by another process: XB_E_TEMP, with its id.
 */
struct xb_err *xb_lock_acquire(const char *state_dir, int *fd) XB_MUST_CHECK;

#endif
