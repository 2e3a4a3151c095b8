/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs of ours that are no commands: installed in libexec/xsabot, beside the directory that we are in. */
#ifndef XB_UTIL_PROGRAMS_H
#define XB_UTIL_PROGRAMS_H

#include "err.h"
#include "strv.h"

/* The path of NAME, installed or in the build tree that we were started from; owned. NULL: it is not there.
 */
char *xb_program_path(const char *name);
/* The same, in *OUT; that it is not there is XB_E_CONFIG. */
struct xb_err *xb_program_find(const char *name, char **out) XB_MUST_CHECK;
/* Adds to ENV, for xb_spawn: PATH, LC_ALL, and of our environment those of NAMES (NULL ends them); and its
 * end. */
void xb_program_env(const char *const *names, struct xb_strv *env);

#endif
