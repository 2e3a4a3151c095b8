/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The subject that a message quotes behind the id of a commit, as in
 * `Fixes: 1a2b3c4d ("x86: do that")`. People fold it, cut it, forget brackets and
 * quotes; what can be told apart is read, and the rest is no subject.
 */
#ifndef XB_QUOTED_H
#define XB_QUOTED_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The subject at P, of N bytes up to the message's end: in brackets, in quotes,
 * or, where the line has a COLON behind its key, bare to the end of the line. One
 * line, owned; NULL: there is none.
 */
char *xb_quoted_subject(const char *p, size_t n, bool colon);

#endif
