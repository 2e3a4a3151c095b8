/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions that nothing of the bot may call, as each has led to wrong output somewhere: every file
 * includes this one first, by the compiler's -include.
 *	git_oid_tostr_s		a static buffer: a second id replaces the first; xb_hex gives a value
 *	strcpy and its like	write as much as they are given; see util/buf.h and xb_asprintf
 *	strtok, atoi ...	a hidden state; no way to tell a number from none
 * Some are macros already, where a compiler other than GCC checks the sizes of buffers (_FORTIFY_SOURCE).
 */
#ifndef XB_BANNED_H
#define XB_BANNED_H

#include <git2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef strcpy
#undef strcat
#undef sprintf
#undef vsprintf

#pragma GCC poison git_oid_tostr_s
#pragma GCC poison strcpy strcat sprintf vsprintf gets strtok atoi atol atoll

#endif
