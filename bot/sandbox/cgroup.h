/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cgroup of its own for a command (version 2): the kernel bounds the memory of
 * all its processes together and their number, and ends all of them at once. It
 * can be had where systemd left our own cgroup to us (Delegate=memory pids), or
 * as root in the root of the hierarchy; elsewhere it belongs to somebody else.
 *
 * A cgroup with processes of its own can bound no others: ours move into one
 * called "bot" below it, once.
 *
 * Order of calls: xb_cgroup_make; xb_cgroup_enter in the child; xb_cgroup_is_full
 * once all has ended; xb_cgroup_end.
 */
#ifndef XB_CGROUP_H
#define XB_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

struct xb_cgroup;

/*
 * One for the command NAME, in the place of what a run that was killed left of
 * it: no more than MEMORY bytes, and nothing in swap. NULL where there can be
 * none, with the reason, owned, in *WHY: that is a result.
 */
struct xb_cgroup *xb_cgroup_make(const char *name, uint64_t memory, unsigned processes, char **why);
/* The process that calls, and all it starts from then on. False, with errno: it could not. */
bool xb_cgroup_enter(const struct xb_cgroup *g);
/* Processes in it were killed for its memory. */
bool xb_cgroup_is_full(const struct xb_cgroup *g);
/* Kills what is left in it, and removes it. Frees G, which may be NULL. */
void xb_cgroup_end(struct xb_cgroup *g);

#endif
