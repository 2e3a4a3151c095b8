/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hooks/input.h"

#include "hooks/event.h"
#include "hooks/io.h"

#include <poll.h>
#include <sys/mman.h>
#include <time.h>

enum { INPUT_SECONDS = 5 }; /* after that, input which has not ended is taken as cut off */

static long long now_ms(void)
{
	struct timespec t = {0, 0};

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Like read on standard input, but -1 too when DEADLINE passes. */
static ssize_t read_until(long long deadline, char *p, size_t n)
{
	for (;;) {
		struct pollfd pfd = {.fd = STDIN_FILENO, .events = POLLIN};
		long long left = deadline - now_ms();
		ssize_t r;

		if (left <= 0)
			return -1;
		r = poll(&pfd, 1, (int)left);
		if (r == 0)
			return -1;
		if (r > 0)
			r = read(STDIN_FILENO, p, n);
		if (r >= 0 || errno != EINTR)
			return r;
	}
}

/* Copies standard input to FD; false when that was not all of it. */
static bool copy_input(int fd)
{
	static char chunk[65536];
	long long deadline = now_ms() + INPUT_SECONDS * 1000LL;
	size_t total = 0;

	for (;;) {
		ssize_t r = read_until(deadline, chunk, sizeof chunk);

		if (r <= 0)
			return r == 0;
		total += (size_t)r;
		if (total > XB_HOOK_MAX_INPUT || !xb_write_whole(fd, chunk, (size_t)r))
			return false;
	}
}

void xb_input_read(struct xb_input *in)
{
	in->fd = memfd_create("xsabot-input", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	in->cut = in->fd < 0 || !copy_input(in->fd);
	if (in->fd < 0)
		return;
	/* No chained hook shall change what the next one reads; without the seal they only could. */
	fcntl(in->fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW);
}
