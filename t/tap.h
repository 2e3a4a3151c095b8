/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TAP for unit tests: a line for each check, the plan at the end. A test
 * program that checks nothing fails.
 */
#ifndef XB_T_TAP_H
#define XB_T_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static int tap_n, tap_failed;

__attribute__((format(printf, 4, 5))) static inline bool tap_ok(bool good, const char *file, int line,
								const char *fmt, ...)
{
	va_list ap;

	printf("%sok %d - ", good ? "" : "not ", ++tap_n);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	if (!good) {
		tap_failed++;
		printf("# failed at %s:%d\n", file, line);
	}
	fflush(stdout);
	return good;
}
#define ok(cond, ...) tap_ok((cond), __FILE__, __LINE__, __VA_ARGS__)

static inline void tap_diag(const char *what)
{
	printf("# %s\n", what);
}

/* Prints the plan; gives main's exit status. */
static inline int tap_done(void)
{
	printf("1..%d\n", tap_n);
	return tap_failed || !tap_n ? 1 : 0;
}

#endif
