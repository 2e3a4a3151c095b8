/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * [rules] metadata by its address: xsa.json and, for each advisory in it, xsaN.meta
 * are kept in STATE/metadata, where everything else reads them. Once an hour the
 * list is asked for, with what is known of it, so that mostly nothing comes; an
 * advisory's file is fetched when its version in the list rises. Nothing that is no
 * such JSON, or too large, takes the place of what is there. All works without:
 * what can't be fetched is told and tried again.
 *
 *	STATE/metadata/record.json	when, with what result, and which version of each
 */
#ifndef XB_METAFETCH_H
#define XB_METAFETCH_H

#include "os/task.h"

struct xb_err *xb_metadata_tasks(const struct xb_task_env *env, struct xb_tasks *out) XB_MUST_CHECK;
/* The same, due now; what fails is the task's error. */
struct xb_err *xb_metadata_tasks_now(const struct xb_task_env *env, struct xb_tasks *out) XB_MUST_CHECK;

#endif
