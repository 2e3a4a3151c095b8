/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files with secrets: a private key of ssh, a password. Nobody but us, or root, may be able to read one. */
#ifndef XB_LOGIN_H
#define XB_LOGIN_H

#include "util/err.h"

#include <git2.h>

/* What is wrong with the file is XB_E_CONFIG. */
struct xb_err *xb_login_check(const char *path) XB_MUST_CHECK;
/* Its first line is USER:PASSWORD. */
struct xb_err *xb_login_password(const char *path, git_credential **out) XB_MUST_CHECK;

#endif
