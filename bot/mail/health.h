/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mirrors and the upstream, by what is known of the last visits, and the
 * configuration and the look at the refs, for the mail about what fails for long (notify.h): to be called
 * when such a chore has ended, and now and then, as what fails must have lasted.
 */
#ifndef XB_MAIL_HEALTH_H
#define XB_MAIL_HEALTH_H

#include "util/chore.h"

/*
 * MISCONFIGURED: why the configuration in force is not that of the file; NULL: it
 * is. BLIND: why the refs could not be looked at; NULL: they could. What goes wrong is logged. While another
 * process publishes, nothing is done: the next visit comes.
 */
void xb_health_check(const struct xb_chore_env *env, const char *misconfigured, const char *blind);

#endif
