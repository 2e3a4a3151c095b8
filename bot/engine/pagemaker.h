/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * [pages] directory: made again when the lines, or what is known of advisories, are
 * others than when it was made last; at most once a minute. `xsabot pages` does it,
 * as a program of its own, so that one that fails, or takes long, keeps nothing else
 * from its turn. STATE/pages.json has what it was made of.
 */
#ifndef XB_PAGEMAKER_H
#define XB_PAGEMAKER_H

#include "os/task.h"

struct xb_err *xb_pages_tasks(const struct xb_task_env *env, struct xb_tasks *out) XB_MUST_CHECK;

#endif
