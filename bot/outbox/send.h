/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sends what the outbox has, as a task: at least once, in order, each message
 * on its own. A message that is not taken waits 1, 2, 4 ... 60 minutes, and a
 * little more that differs from message to message; after five days, or when it
 * is refused for good, it is set aside. While nothing at all can be sent, the
 * whole queue waits in the same way. Before each try its outcome is written as
 * "cut short", so that what kills or hangs the sender isn't tried at once again. Each message is
 * sent by a process of its own: see sender.h.
 */
#ifndef XB_OUTBOX_SEND_H
#define XB_OUTBOX_SEND_H

#include "config/config.h"
#include "os/task.h"

/* Adds the task "mail" where mail is on and something waits. */
struct xb_err *xb_send_tasks(const struct xb_task_env *env, struct xb_tasks *out) XB_MUST_CHECK;
/* Nothing is in the way of the next try any more: for "outbox retry". */
struct xb_err *xb_send_wake(const char *state_dir) XB_MUST_CHECK;

/* Seconds since 1970 until which news wait, as many went in the last hour; 0: they don't. */
int64_t xb_send_capped_until(const char *state_dir, const struct xb_mail_conf *c);

#endif
