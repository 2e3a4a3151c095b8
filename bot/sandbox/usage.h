/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much memory processes use together, for where no cgroup bounds it
 * (cgroup.h). It is what they have resident: neither what is in swap, nor a file
 * in memory that none of them has mapped, nor the kernel's own for them.
 */
#ifndef XB_USAGE_H
#define XB_USAGE_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Bytes, of all descendants of PID. What several share is counted for each of
 * them, and only where that gives more than ENOUGH, once.
 */
uint64_t xb_usage_below(pid_t pid, uint64_t enough);

#endif
