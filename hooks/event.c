/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hooks/event.h"

#include <stdio.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

void xb_event_name(char *buf)
{
	struct timespec t = {0, 0};
	unsigned long long r = 0;

	clock_gettime(CLOCK_REALTIME, &t);
	if (getrandom(&r, sizeof r, GRND_NONBLOCK) != (ssize_t)sizeof r)
		r = 0;
	snprintf(buf, XB_EVENT_NAME_SIZE, "%lld.%09ld.%ld.%016llx", (long long)t.tv_sec, t.tv_nsec,
		 (long)getpid(), r);
}
