/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clock.h"

#include "util/alloc.h"

#include <sys/random.h>
#include <time.h>

int64_t xb_now_s(void)
{
	return (int64_t)time(NULL);
}

static int64_t milliseconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t xb_now_wall_ms(void)
{
	return milliseconds(CLOCK_REALTIME);
}

int64_t xb_now_ms(void)
{
	return milliseconds(CLOCK_MONOTONIC);
}

char *xb_time_text(int64_t t)
{
	char s[40] = "";
	time_t time = (time_t)t;
	struct tm tm;

	if (gmtime_r(&time, &tm))
		strftime(s, sizeof s, "%Y-%m-%d %H:%M UTC", &tm);
	return xb_strdup(s);
}

int64_t xb_backoff(int64_t first, int64_t most, unsigned failures, unsigned seed)
{
	int64_t wait = first;

	for (unsigned i = 1; i < failures && wait < most; i++)
		wait *= 2;
	wait = xb_min64(wait, most);
	return wait + seed % (wait / 4 + 1);
}

unsigned xb_backoff_seed(const char *name)
{
	unsigned seed = 0;

	if (!name && getrandom(&seed, sizeof seed, 0) != sizeof seed)
		seed = 0; /* then all come at once */
	for (; name && *name; name++)
		seed = seed * 31 + (unsigned char)*name;
	return seed;
}
