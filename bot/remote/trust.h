/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom we believe, and by what the other side knows us: the files that a mirror's
 * section names, checked, and laid out as the libraries look for them. What is wrong
 * with one is XB_E_CONFIG.
 */
#ifndef XB_TRUST_H
#define XB_TRUST_H

#include "config/config.h"
#include "config/url.h"
#include "util/err.h"

#include <git2.h>

/* The login that is in the file PATH: its first line is USER:PASSWORD. */
struct xb_err *xb_login_password(const char *path, git_credential **out) XB_MUST_CHECK;

/*
 * For a conversation with U, before it: known_hosts below HOME, a directory of ours that is made here, or
 * the certificates to trust, for the whole process, which talks to nobody else.
 */
struct xb_err *xb_trust_set(const struct xb_remote_conf *conf, const struct xb_url *u,
			    const char *home) XB_MUST_CHECK;
/* Are the files there and good? Changes nothing. */
struct xb_err *xb_trust_check(const struct xb_remote_conf *conf) XB_MUST_CHECK;

#endif
