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
#include <string.h>

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

/* A comment of any number of lines. */
static inline void note(const char *title, const char *text)
{
	printf("# %s: ", title);
	for (; text && *text; text++)
		fputs(*text == '\n' ? "\n#   " : (char[]){*text, '\0'}, stdout);
	puts(text ? "" : "(none)");
}

/* A failure shows both; null pointers are texts of their own. */
static inline bool is_text(const char *got, const char *want, const char *title)
{
	bool same = got && want ? !strcmp(got, want) : got == want;

	if (!ok(same, "%s", title)) {
		note("got", got);
		note("want", want);
	}
	return same;
}

/* Prints the plan; gives main's exit status. */
static inline int done(void)
{
	printf("1..%d\n", tap_n);
	return tap_failed || !tap_n ? 1 : 0;
}

#endif
