/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host keys that a person vouched for, as ssh keeps them (sshd(8), "SSH_KNOWN_HOSTS
 * FILE FORMAT"), cut down to what libssh2 1.10 reads rightly: it looks at the
 * first line of a host alone, can't do RSA as servers have it today, and takes a
 * line without a port for any port.
 */
#ifndef XB_KNOWN_HOSTS_H
#define XB_KNOWN_HOSTS_H

#include "util/buf.h"
#include "util/err.h"

/*
 * Of the N bytes of TEXT, appends the lines for HOST at PORT with an Ed25519 key,
 * then those with an ECDSA key, each with the name written out alone (hashed
 * names are recognised). Keys marked @revoked, and marked lines, are left out.
 * The number of lines.
 */
size_t xb_known_hosts_filter(const char *text, size_t n, const char *host, unsigned port, struct xb_buf *out);

#endif
