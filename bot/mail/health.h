/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mirrors and the upstream, by what is known of the last visits, for the mail
 * about what fails for long (notify.h): to be called when such a chore has ended.
 */
#ifndef XB_MAIL_HEALTH_H
#define XB_MAIL_HEALTH_H

#include "chore.h"

/* What goes wrong is logged. While another process publishes, nothing is done: the next visit comes. */
void xb_health_check(const struct xb_chore_env *env);

#endif
