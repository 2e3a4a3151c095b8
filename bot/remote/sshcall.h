/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands on another host by libssh2: the host's key is one of a known_hosts
 * file, or nothing is said to it; we are known by a private key, without an
 * agent, a password or a question. Each wait has its limit, but libssh2 can hang
 * all the same: to be used in a task's child.
 */
#ifndef XB_SSHCALL_H
#define XB_SSHCALL_H

#include "config/config.h"
#include "util/buf.h"
#include "util/err.h"

struct xb_ssh;

/*
 * Connects to the host of CONF and logs in. Not reached, or ended: XB_E_TEMP. A
 * key that is not known, or not taken: XB_E_CONFIG. *OUT is the caller's.
 */
struct xb_err *xb_ssh_open(const struct xb_relay_conf *conf, struct xb_ssh **out) XB_MUST_CHECK;
void xb_ssh_free(struct xb_ssh *s);
XB_HANDLE(xb_ssh)

enum { XB_SSH_MAX_ANSWER = 4096 };

/*
 * Runs COMMAND there with N bytes at P as its input. *STATUS is its exit status,
 * OUT and SAID what it wrote to standard output and standard error; of more than
 * XB_SSH_MAX_ANSWER bytes of one, the rest is lost.
 */
struct xb_err *xb_ssh_call(struct xb_ssh *s, const char *command, const void *p, size_t n, struct xb_buf *out,
			   struct xb_buf *said, int *status) XB_MUST_CHECK;

#endif
