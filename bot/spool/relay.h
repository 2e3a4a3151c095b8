/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events from the git host to a bot that runs elsewhere. There, `xsabot relay`
 * takes them out of the hook's spool, sends one for all of them to `xsabot receive-event`
 * on the bot's host, and removes them once that has said "ok": it is on disk there then.
 * An answer that got lost sends it twice, which does no harm.
 */
#ifndef XB_RELAY_H
#define XB_RELAY_H

#include "config/config.h"
#include "util/err.h"

#include <stddef.h>

enum { XB_RELAY_SECONDS = 15 * 60 };

/* Sends what is in the spool; *SENT counts the events that are gone from it. To be used in a child. */
struct xb_err *xb_relay_send(const struct xb_config *c, size_t *sent) XB_MUST_CHECK;

/*
 * The other end: reads one event from FD, at most so long as a minute lasts
 * without a byte of it, and leaves it in the spool of C, which is made if need
 * be. What is no event: XB_E_HOSTILE.
 */
struct xb_err *xb_relay_receive(const struct xb_config *c, int fd) XB_MUST_CHECK;

#endif
