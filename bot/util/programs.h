/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs of ours that are no commands: installed in libexec/xsabot, beside the directory that we are in. */
#ifndef XB_UTIL_PROGRAMS_H
#define XB_UTIL_PROGRAMS_H

#include "strv.h"

/* The path of NAME, installed or in the build tree that we were started from; owned. NULL: it is not there.
 */
char *xb_program_path(const char *name);
/* Adds to ENV, for xb_spawn: PATH, LC_ALL, and of our environment those of NAMES (NULL ends them); and its
 * end. */
void xb_program_env(const char *const *names, struct xb_strv *env);

#endif
