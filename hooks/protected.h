/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of the refs that only the bot writes: what the bot keeps and the update
 * hook reads, text,
 *
 *	xsabot-protected 1
 *	uid <number>			who may push to them all the same
 *	env <NAME>=<value>		or in whose environment this stands
 *	ref <name>			one ref; any number of times
 *	below <prefix>			all refs that begin so
 *	numbers <prefix>		all that are this and a dotted number, as 4.17 or 4.17.1
 *	end
 *
 * Without the last line it was cut off. Words that a reader does not know are
 * skipped; a higher version can't be read.
 */
#ifndef XB_HOOKS_PROTECTED_H
#define XB_HOOKS_PROTECTED_H

#include <stddef.h>

#define XB_PROTECTED_MAGIC "xsabot-protected 1\n"

enum { XB_PROTECTED_MAX = 1 << 20 };

enum xb_protected {
	XB_PROTECTED_NO,
	XB_PROTECTED_YES,     /* the push is to be refused */
	XB_PROTECTED_UNKNOWN, /* that is no list */
};

/* May this process push to REF, by the list of N bytes at P? */
enum xb_protected xb_protected_judge(const char *p, size_t n, const char *ref);

#endif
