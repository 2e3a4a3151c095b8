/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hooks/event.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

/* The number of lower-case hex digits at the start of the N bytes at P. */
static size_t hex_span(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && ((p[i] >= '0' && p[i] <= '9') || (p[i] >= 'a' && p[i] <= 'f')))
		i++;
	return i;
}

/* N: the bytes of the line without its LF. Gives the length of "<old> <new>", 0 when they are not that. */
static size_t oids_span(const char *p, size_t n)
{
	size_t len = hex_span(p, n);

	if ((len != 40 && len != 64) || n < 2 * len + 2 || p[len] != ' ' || p[2 * len + 1] != ' ')
		return 0;
	return hex_span(p + len + 1, n - len - 1) == len ? 2 * len + 1 : 0;
}

static bool ref_ok(const char *p, size_t n)
{
	if (n <= 5 || n > XB_EVENT_MAX_REF || memcmp(p, "refs/", 5) != 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c <= ' ' || c == 0x7f)
			return false;
	}
	return true;
}

bool xb_event_parse_line(const char *p, size_t n, struct xb_event_line *out)
{
	size_t oids;

	if (!n || p[n - 1] != '\n')
		return false;
	oids = oids_span(p, --n);
	if (!oids || !ref_ok(p + oids + 1, n - oids - 1))
		return false;
	out->oids = p;
	out->oids_len = oids;
	out->ref = p + oids + 1;
	out->ref_len = n - oids - 1;
	return true;
}

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
