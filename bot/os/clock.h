/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The times of the bot: seconds since 1970 for what is kept and said, milliseconds
 * that nobody can set for what is waited for. And how long to wait before something
 * that failed is tried again, for all that is.
 */
#ifndef XB_OS_CLOCK_H
#define XB_OS_CLOCK_H

#include <stdint.h>

#define XB_NEVER INT64_MAX

/* Seconds since 1970; the same in milliseconds; milliseconds of CLOCK_MONOTONIC. */
int64_t xb_now_s(void);
int64_t xb_now_wall_ms(void);
int64_t xb_now_ms(void);

/* Of seconds since 1970, for people: "2026-11-24 03:15 UTC"; owned. */
char *xb_time_text(int64_t t);

/*
 * The wait after FAILURES in a row, from 1: FIRST, then twice as long each time, MOST
 * in the end; and up to a quarter more, by SEED, so that not all come at once. The
 * unit is the caller's.
 */
int64_t xb_backoff(int64_t first, int64_t most, unsigned failures, unsigned seed);
/* A seed for NAME; NULL: another each time. */
unsigned xb_backoff_seed(const char *name);

static inline int64_t xb_min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline int64_t xb_max64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

#endif
