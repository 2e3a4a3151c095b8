/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that only reads: from here on it, and all that it starts, can write below some directories and
 * nowhere else, and open no socket, so that what strangers pushed can at most make it give a wrong answer.
 * By Landlock (landlock(7)), Linux 5.13 and newer, and seccomp(2), by what the kernel has of both.
 */
#ifndef XB_CONFINE_H
#define XB_CONFINE_H

#include "util/strv.h"

#include <stdbool.h>

/*
 * Confines the calling process, which has one thread, for good. WRITABLE are directories; one that isn't
 * there is left out. False: the kernel can't do all of it, *WHY (static) says what; what it can is done.
 */
bool xb_confine(const struct xb_strv *writable, const char **why);

#endif
